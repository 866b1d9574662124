"""Rates of labeled places: their intervals, when there is none, and what they count."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labeling.evenness import EVERYBODY, EXAMPLES, REVIEWERS, Tally, Unit, rate_of


def test_the_interval_is_wilsons_where_every_article_has_one_place() -> None:
    figure = rate_of([(1, 1)] * 10 + [(0, 1)] * 30)
    assert figure.value == 0.25
    assert figure.n == 40
    # Wilson's interval of 10 in 40, from the formula with n - a hair for the sample variance.
    assert figure.ci95 == pytest.approx((0.1419, 0.4019), abs=0.004)


def test_places_in_few_articles_tell_less_than_in_many() -> None:
    apart = rate_of([(1, 1), (0, 1)] * 50)
    together = rate_of([(10, 10), (0, 10)] * 5)
    assert apart.value == together.value == 0.5
    assert apart.ci95 is not None
    assert together.ci95 is not None
    assert together.ci95[1] - together.ci95[0] > 2 * (apart.ci95[1] - apart.ci95[0])


@pytest.mark.parametrize("labeled", [0, 5])
def test_where_nothing_varies_each_article_counts_as_one_place(labeled) -> None:
    alike, apart = rate_of([(labeled, 5)] * 40), rate_of([(labeled // 5, 1)] * 40)
    assert alike.value == apart.value
    assert alike.ci95 == apart.ci95
    assert alike.n == 200


@pytest.mark.parametrize(
    ("articles", "n", "reason"),
    [
        ([], 0, "nobody looked"),
        ([(0, 0)], 0, "nobody looked"),
        ([(1, 2)] * 14 + [(1, 1)], 29, "too few"),
        ([(20, 40)], 40, "one article, no interval"),
    ],
)
def test_a_figure_that_is_not_to_be_trusted_is_not_given(articles, n, reason) -> None:
    figure = rate_of(articles)
    assert figure.as_json() == {"value": None, "ci95": None, "n": n, "reason": reason}


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=2, max_size=60))
def test_the_value_lies_in_its_interval_and_that_between_0_and_1(pairs) -> None:
    figure = rate_of([(min(k, n), n) for k, n in pairs])
    if figure.value is not None and figure.ci95 is not None:
        low, high = figure.ci95
        assert 0 <= low <= figure.value <= high <= 1
        assert low < high


def test_the_interval_covers_the_truth_about_as_often_as_it_says() -> None:
    chance = random.Random(11)
    covered = 0
    for _ in range(400):
        articles = []
        for _ in range(40):
            own = chance.betavariate(2, 6)
            articles.append((sum(chance.random() < own for _ in range(5)), 5))
        low, high = rate_of(articles).ci95 or (2.0, 2.0)
        covered += low <= 0.25 <= high
    assert 0.92 <= covered / 400 <= 0.985


def unit(who: str, labeled: bool, n: int = 0, **values: str) -> Unit:
    place = {"article": f"a{n}", "passage": f"p{n}", "match": "zeal"}
    return Unit(who, labeled, f"a{n}", place, values or {"leans": "left"})


def test_units_are_counted_for_each_annotator_for_all_and_for_reviewers_apart() -> None:
    tally = Tally()
    tally.add([unit("A", True, 1), unit("B", False, 1), unit(REVIEWERS, True, 1)])
    rows = {row["who"]: row for row in tally.report()["rates"]["leans"]}
    assert {who: (row["labeled"], row["rate"]["n"]) for who, row in rows.items()} == {
        "A": (1, 1), "B": (0, 1), EVERYBODY: (1, 2), REVIEWERS: (1, 1),
    }  # fmt: skip
    assert tally.report()["rates"]["voice"] == []


def test_passages_of_both_kinds_are_kept_and_none_twice() -> None:
    tally = Tally()
    tally.add(unit("A", n % 2 == 0, n) for n in range(30))
    tally.add([unit("A", True, 0)])
    row = tally.report()["rates"]["leans"][0]
    assert sum(one["labeled"] for one in row["passages"]) == EXAMPLES
    assert len({one["passage"] for one in row["passages"]}) == 2 * EXAMPLES
