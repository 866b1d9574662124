"""Two annotators' spans, one to one; scipy on the whole matrix is the oracle."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linear_sum_assignment

from labeling.agreement.matching import Edge, assign, iou, match, pair, score, worth
from labeling.agreement.rules import Rules

KEYS = st.lists(
    st.tuples(st.integers(0, 30), st.integers(1, 12), st.sampled_from("AB")).map(
        lambda span: (span[0], span[0] + span[1], span[2])
    ),
    max_size=8,
).map(sorted)


@pytest.mark.parametrize(
    ("one", "two", "value"),
    [
        ((0, 10), (0, 10), 1),
        ((0, 10), (10, 20), 0),
        ((0, 10), (5, 15), 1 / 3),
        ((0, 4), (1, 2), 0.25),
    ],
)
def test_iou_is_what_is_shared_of_what_is_covered(one, two, value):
    assert iou(one, two) == iou(two, one) == pytest.approx(value)


@given(KEYS, KEYS)
def test_beside_the_twins_the_sum_is_the_best_there_is(a, b):
    rules = Rules()
    twins, _ = pair(a, b)
    rest_a = [key for i, key in enumerate(a) if i not in {i for i, _ in twins}]
    rest_b = [key for j, key in enumerate(b) if j not in {j for _, j in twins}]
    best = 0.0
    if rest_a and rest_b:
        worths = np.array(
            [
                [worth(iou(x, y), same_label=x[2] == y[2], rules=rules) for y in rest_b]
                for x in rest_a
            ]
        )
        best = worths[linear_sum_assignment(worths, maximize=True)].sum()
    found = match(a, b, rules)
    assert sum(edge.worth for edge in found) == pytest.approx(best + 1.5 * len(twins))
    assert len({edge.a for edge in found}) == len({edge.b for edge in found}) == len(found)


@given(KEYS, KEYS)
def test_which_side_is_which_makes_no_difference(a, b):
    there = sorted((edge.a, edge.b) for edge in match(a, b, Rules()))
    back = sorted((edge.b, edge.a) for edge in match(b, a, Rules()))
    assert there == back
    one, two = score(a, b), score(b, a)
    assert one == two


@given(KEYS)
def test_the_same_spans_agree_wholly(a):
    found = score(a, a)
    assert found.partial == len(a) == sum(found.exact.values()) == sum(found.good.values())


@given(KEYS, KEYS)
def test_a_stricter_score_is_never_higher(a, b):
    found = score(a, b)
    for label, exact in found.exact.items():
        assert exact <= found.good[label]
        assert exact <= found.partial_same[label]
    assert sum(found.partial_same.values()) <= found.partial + 1e-9
    assert found.partial <= min(len(a), len(b))


def test_an_empty_side_matches_nothing():
    assert match([], [(0, 3, "A")], Rules()) == []
    assert score([(0, 3, "A")], []).partial == 0


def test_a_tie_goes_to_what_comes_first():
    found = assign([Edge(0, 0, 0.5), Edge(0, 1, 0.5)])
    assert found == [Edge(0, 0, 0.5)]
