"""A deal is balanced, mixed, and the same for the same seed."""

from collections import Counter
from itertools import combinations
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labeling.deal import Deal, DealPassage, deal
from labeling.errors import DealError

ANA, BO, CY = "ana@example.org", "bo@example.org", "cy@example.org"


@st.composite
def blind_deals(draw: st.DrawFn) -> tuple[list[DealPassage], list[str], int, int]:
    uids = draw(st.lists(st.text("abc0", min_size=1), unique=True, min_size=1, max_size=30))
    strata = st.sampled_from(["", "north", "south"])
    passages = [DealPassage(uid, draw(strata)) for uid in uids]
    annotators = draw(st.lists(st.text("xyz", min_size=1), unique=True, min_size=1, max_size=6))
    return passages, annotators, draw(st.integers(1, len(annotators))), draw(st.integers())


def dealt(passages: list[DealPassage], annotators: list[str], overlap: int, seed: int) -> Deal:
    return deal(passages, annotators, mode="blind", overlap=overlap, seed=seed)


def some(count: int, strata: int = 1) -> list[DealPassage]:
    return [DealPassage(f"p{n}", f"s{n % strata}") for n in range(count)]


@given(blind_deals())
def test_every_passage_goes_to_exactly_as_many_annotators_as_asked(
    asked: tuple[list[DealPassage], list[str], int, int],
) -> None:
    passages, annotators, overlap, _ = asked
    lanes = dealt(*asked).lanes
    assert [lane.annotators for lane in lanes] == [(name,) for name in annotators]
    counts = Counter(uid for lane in lanes for uid in lane.passages)
    assert counts == {passage.uid: overlap for passage in passages}
    assert all(len(set(lane.passages)) == len(lane.passages) for lane in lanes)


@given(blind_deals())
def test_loads_differ_by_one_at_most_over_all_and_within_each_stratum(
    asked: tuple[list[DealPassage], list[str], int, int],
) -> None:
    lanes = dealt(*asked).lanes
    stratum_of = {passage.uid: passage.stratum for passage in asked[0]}
    loads = [len(lane.passages) for lane in lanes]
    assert max(loads) - min(loads) <= 1
    for stratum in stratum_of.values():
        parts = [sum(stratum_of[uid] == stratum for uid in lane.passages) for lane in lanes]
        assert max(parts) - min(parts) <= 1


@given(blind_deals(), st.randoms())
def test_the_same_seed_gives_the_same_deal_whatever_the_order_of_the_passages(
    asked: tuple[list[DealPassage], list[str], int, int], chance: Random
) -> None:
    passages, *rest = asked
    shuffled = list(passages)
    chance.shuffle(shuffled)
    one, other = dealt(passages, *rest), dealt(shuffled, *rest)
    assert [set(lane.passages) for lane in one.lanes] == [
        set(lane.passages) for lane in other.lanes
    ]
    assert one == dealt(passages, *rest)


def test_different_seeds_give_different_deals() -> None:
    deals = {dealt(some(20), [ANA, BO, CY], 2, seed) for seed in range(20)}
    assert len(deals) == 20


def test_a_deal_never_changes_between_versions() -> None:
    lanes = dealt(some(6, 2), [ANA, BO, CY], 2, 7).lanes
    assert [lane.passages for lane in lanes] == [
        ("p0", "p1", "p4", "p5"),
        ("p0", "p2", "p3", "p5"),
        ("p1", "p2", "p3", "p4"),
    ]


def test_a_lane_keeps_the_order_in_which_its_passages_were_given() -> None:
    passages = some(40)
    for lane in dealt(passages, [ANA, BO, CY], 2, 1).lanes:
        given_order = [passage.uid for passage in passages if passage.uid in lane.passages]
        assert list(lane.passages) == given_order


def test_every_pair_of_annotators_meets_about_equally_often() -> None:
    names = ["a", "b", "c", "d"]
    found = dealt(some(60, 3), names, 2, 5).lanes
    lanes = {lane.annotators[0]: set(lane.passages) for lane in found}
    met = [len(lanes[one] & lanes[other]) for one, other in combinations(names, 2)]
    assert met == [10] * 6


def test_a_shared_deal_is_one_lane_of_all_annotators() -> None:
    found = deal(some(3), [ANA, BO], mode="shared", overlap=2, seed=0)
    (lane,) = found.lanes
    assert lane.annotators == (ANA, BO)
    assert lane.passages == ("p0", "p1", "p2")
    assert found.annotations_per_task == 2


def test_a_lane_of_a_blind_deal_asks_for_one_annotation_a_task() -> None:
    assert dealt(some(3), [ANA, BO], 2, 0).annotations_per_task == 1


@pytest.mark.parametrize(
    ("passages", "annotators", "mode", "overlap", "says"),
    [
        (some(2), [ANA], "open", 1, "there is no deal 'open'"),
        ([], [ANA], "blind", 1, "no passage to deal"),
        (some(2), [], "shared", 1, "no annotator to deal to"),
        (some(2) + some(1), [ANA], "blind", 1, "the passage p0 is there 2 times"),
        (some(2), [ANA, ANA], "blind", 1, "the annotator ana@example.org is there 2 times"),
        (some(2), [ANA, BO], "blind", 3, "2 annotators cannot annotate every passage 3 times"),
        (some(2), [ANA, BO], "shared", 0, "every passage 0 times"),
    ],
)
def test_a_batch_that_cannot_be_dealt_is_refused_with_a_remedy(
    passages: list[DealPassage], annotators: list[str], mode: str, overlap: int, says: str
) -> None:
    with pytest.raises(DealError) as caught:
        deal(passages, annotators, mode=mode, overlap=overlap, seed=0)
    assert says in caught.value.message
    assert caught.value.remedy
