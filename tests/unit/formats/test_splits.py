"""Splits keep together what belongs together, and stay put as the data grows."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labeling.datasets.splits import (
    METHODS,
    SPLITS,
    Moved,
    SplitArticle,
    SplitError,
    SplitPlan,
    find_leaks,
    group_articles,
    split_articles,
)


def plain(n: int) -> list[SplitArticle]:
    return [SplitArticle(f"a-{i:04}", outlet=f"o{i % 7}", stratum="ab"[i % 2]) for i in range(n)]


articles = st.lists(
    st.builds(
        SplitArticle,
        uid=st.integers(0, 60).map(lambda n: f"a-{n}"),
        story=st.sampled_from([None, None, "flood", "vote"]),
        cluster=st.sampled_from([None, None, "c1", "c2", "c3"]),
        outlet=st.sampled_from([None, "Gull", "Tern"]),
        published_at=st.sampled_from([None, "2026-01-01", "2026-05-01", "2026-09-01"]),
        stratum=st.sampled_from(["", "a", "b"]),
    ),
    unique_by=lambda article: article.uid,
    max_size=30,
)


@pytest.mark.parametrize("method", METHODS)
@given(ones=articles, seed=st.integers(0, 5))
def test_no_split_ever_leaks(method: str, ones: list[SplitArticle], seed: int) -> None:
    splits = split_articles(ones, SplitPlan(method, seed=seed))
    keys = [(one.uid, one.story, one.cluster, splits.of[one.uid]) for one in ones]
    assert find_leaks(keys) == []
    assert set(splits.of) == {one.uid for one in ones}
    assert splits.moved == ()


@given(ones=articles, seed=st.integers(0, 3), order=st.randoms())
def test_the_order_of_the_articles_changes_nothing(ones, seed, order) -> None:
    plan = SplitPlan(seed=seed)
    expected = split_articles(ones, plan)
    shuffled = list(ones)
    order.shuffle(shuffled)
    assert split_articles(shuffled, plan) == expected


def test_more_articles_do_not_move_those_that_were_there() -> None:
    few, many = plain(200), plain(400)
    before, after = (split_articles(ones, SplitPlan()).of for ones in (few, many))
    assert {uid: after[uid] for uid in before} == before


def test_the_shares_are_about_what_was_asked_and_another_seed_draws_anew() -> None:
    one, two = (split_articles(plain(4000), SplitPlan(seed=seed)).of for seed in (1, 2))
    counts = Counter(one.values())
    assert 3100 < counts["train"] < 3300
    assert 330 < counts["dev"] < 470
    assert one != two


def test_a_chain_of_stories_and_copies_is_one_group() -> None:
    ones = [
        SplitArticle("a-3", story="flood"),
        SplitArticle("a-1", story="flood", cluster="c"),
        SplitArticle("a-2", cluster="c"),
        SplitArticle("a-4"),
    ]
    assert group_articles(ones) == {"a-3": "a-1", "a-1": "a-1", "a-2": "a-1", "a-4": "a-4"}


def test_a_split_by_outlet_keeps_each_outlet_whole() -> None:
    ones = plain(300)
    splits = split_articles(ones, SplitPlan("outlet", (40, 30, 30))).of
    where = {(one.outlet, splits[one.uid]) for one in ones}
    assert len(where) == 7


def test_a_split_by_time_tests_on_what_is_newest() -> None:
    ones = [SplitArticle(f"a-{n}", published_at=f"2026-{n + 1:02}-01") for n in range(10)]
    splits = split_articles(ones, SplitPlan("time", (60, 20, 20))).of
    assert [splits[one.uid] for one in ones] == ["train"] * 6 + ["dev"] * 2 + ["test"] * 2


@pytest.mark.parametrize("shares", [(80, 10, 10), (60, 20, 20), (100, 0, 0), (50, 0, 50)])
def test_a_stratified_split_keeps_the_strata_in_balance(shares: tuple[int, int, int]) -> None:
    ones = plain(200)
    splits = split_articles(ones, SplitPlan("stratified", shares)).of
    counts = Counter((splits[one.uid], one.stratum) for one in ones)
    for split, share in zip(SPLITS, shares, strict=True):
        assert counts[split, "a"] + counts[split, "b"] == 2 * share
        assert abs(counts[split, "a"] - counts[split, "b"]) <= 1


def test_strata_too_small_to_balance_are_dealt_all_the_same() -> None:
    ones = [SplitArticle(f"a-{n}", stratum=f"s{n // 2}") for n in range(10)]
    splits = split_articles(ones, SplitPlan("stratified", (60, 20, 20)))
    assert Counter(splits.of.values()) == {"train": 6, "dev": 2, "test": 2}
    assert split_articles(ones[::-1], SplitPlan("stratified", (60, 20, 20))).of == splits.of


def test_what_was_released_stays_where_it_was() -> None:
    ones = plain(50)
    before = {one.uid: "dev" for one in ones[:20]}
    splits = split_articles(ones, SplitPlan(), before=before)
    assert {splits.of[one.uid] for one in ones[:20]} == {"dev"}
    assert splits.moved == ()


def test_groups_that_grew_together_go_towards_test_and_are_reported() -> None:
    ones = [SplitArticle("a-1", story="s"), SplitArticle("a-2", story="s"), SplitArticle("a-3")]
    before = {"a-1": "train", "a-2": "test", "a-3": "train"}
    splits = split_articles(ones, SplitPlan(), before=before)
    assert splits.of == {"a-1": "test", "a-2": "test", "a-3": "train"}
    assert splits.moved == (Moved("a-1", ("train", "test"), "test", ("a-1", "a-2")),)


def test_a_leak_is_found_and_the_pair_named() -> None:
    leaks = find_leaks(
        [
            ("a-1", "flood", None, "train"),
            ("a-2", "flood", "c", "test"),
            ("a-3", None, "c", "dev"),
            ("a-3", None, "c", "dev"),
        ]
    )
    assert leaks == [
        ("story flood", "a-1 (train)", "a-2 (test)"),
        ("near-duplicates c", "a-2 (test)", "a-3 (dev)"),
    ]


@pytest.mark.parametrize(
    "plan", [SplitPlan("luck"), SplitPlan(shares=(80, 10, 20)), SplitPlan(shares=(120, -10, -10))]
)
def test_a_plan_that_makes_no_sense_is_refused(plan: SplitPlan) -> None:
    with pytest.raises(SplitError) as caught:
        split_articles(plain(3), plan)
    assert caught.value.remedy
