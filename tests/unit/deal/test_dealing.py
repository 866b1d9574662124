"""A deal is balanced, mixed, and the same for the same seed."""

from collections import Counter
from collections.abc import Callable
from itertools import combinations
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labeling.deal.dealing import deal
from labeling.deal.terms import Deal, DealPassage, DealTerms
from labeling.errors import DealError

ANA, BO, CY = "ana@example.org", "bo@example.org", "cy@example.org"
Asked = tuple[list[DealPassage], list[str], DealTerms]


@st.composite
def blind_deals(draw: st.DrawFn) -> Asked:
    """Whatever can be dealt without quotas."""
    uids = draw(st.lists(st.text("abc0", min_size=1), unique=True, min_size=1, max_size=30))
    strata = st.sampled_from([(), ("north", "news"), ("north", ""), ("south", "news")])
    passages = [DealPassage(uid, draw(strata)) for uid in uids]
    annotators = draw(st.lists(st.text("xyz", min_size=1), unique=True, min_size=1, max_size=6))
    doubled = draw(st.none() | st.floats(0, 100)) if len(annotators) > 1 else None
    terms = DealTerms(
        mode="blind",
        overlap=1 if doubled is not None else draw(st.integers(1, len(annotators))),
        seed=draw(st.integers()),
        doubled=doubled,
        control=draw(st.floats(0, 100)),
    )
    return passages, annotators, terms


@st.composite
def quota_deals(draw: st.DrawFn) -> Asked:
    """Deals with quotas that come out: they are read off a deal that somebody made up."""
    passages, annotators, terms = draw(blind_deals())
    probe = deal(passages, annotators, terms)
    copies = {p.uid: terms.overlap + (p.uid in probe.doubled) for p in passages}
    loads = Counter(
        name
        for uid, many in copies.items()
        for name in draw(st.permutations(annotators), label=uid)[:many]
    )
    names = [name for name in annotators if loads[name]]
    doubled = terms.doubled if len(names) > 1 else None
    # Those without a quota share evenly, which made-up loads need not do: none or one of them.
    spared = draw(st.none() | st.sampled_from(names))
    quotas = {name: loads[name] for name in names if name != spared}
    return passages, names, DealTerms("blind", terms.overlap, terms.seed, doubled, 20, quotas)


def some(count: int, strata: int = 1) -> list[DealPassage]:
    return [DealPassage(f"p{n}", (f"s{n % strata}",)) for n in range(count)]


def blind(
    passages: list[DealPassage],
    annotators: list[str],
    overlap: int = 1,
    seed: int = 0,
    **more: object,
) -> Deal:
    return deal(passages, annotators, DealTerms("blind", overlap, seed, **more))  # type: ignore[arg-type]


def parts(asked: Asked, found: Deal, chosen: Callable[[DealPassage], bool]) -> list[int]:
    """How many of the chosen passages each lane has."""
    uids = {passage.uid for passage in asked[0] if chosen(passage)}
    return [len(uids.intersection(lane.passages)) for lane in found.lanes]


@given(blind_deals() | quota_deals())
def test_every_passage_goes_to_exactly_as_many_annotators_as_asked(asked: Asked) -> None:
    passages, annotators, terms = asked
    found = deal(*asked)
    assert [lane.annotators for lane in found.lanes] == [(name,) for name in annotators]
    counts = Counter(uid for lane in found.lanes for uid in lane.passages)
    assert counts == {p.uid: terms.overlap + (p.uid in found.doubled) for p in passages}
    assert all(len(set(lane.passages)) == len(lane.passages) for lane in found.lanes)


@given(blind_deals())
def test_loads_differ_by_one_at_most_in_all_in_each_stratum_and_in_its_slices(asked: Asked) -> None:
    found = deal(*asked)
    sets: list[Callable[[DealPassage], bool]] = [lambda _: True]
    for stratum in {passage.stratum for passage in asked[0]}:
        sets += [
            lambda p, s=stratum: p.stratum == s,  # type: ignore[misc]
            lambda p, s=stratum: p.stratum == s and p.uid in found.doubled,  # type: ignore[misc]
        ]
        for doubled in (True, False):
            sets.append(
                lambda p, s=stratum, d=doubled: (  # type: ignore[misc]
                    p.stratum == s and (p.uid in found.doubled) == d and p.uid in found.control
                )
            )
    for chosen in sets:
        loads = parts(asked, found, chosen)
        assert max(loads) - min(loads) <= 1


@given(quota_deals())
def test_a_quota_is_met_to_the_task(asked: Asked) -> None:
    found = deal(*asked)
    loads = {lane.annotators[0]: len(lane.passages) for lane in found.lanes}
    assert {name: loads[name] for name in asked[2].quotas} == dict(asked[2].quotas)
    others = [load for name, load in loads.items() if name not in asked[2].quotas]
    assert not others or max(others) - min(others) <= 1


def test_a_quota_is_spread_over_the_strata_like_everything_else() -> None:
    passages = some(90, 3)
    found = blind(passages, [ANA, BO, CY], 2, quotas={ANA: 31})
    asked = (passages, [ANA, BO, CY], DealTerms("blind"))
    for stratum in ("s0", "s1", "s2"):
        of_ana, of_bo, of_cy = parts(asked, found, lambda p, s=stratum: p.stratum == (s,))  # type: ignore[misc]
        assert of_ana in (10, 11)
        assert {of_bo, of_cy} <= {24, 25}


@given(blind_deals(), st.randoms())
def test_the_same_seed_gives_the_same_deal_whatever_the_order_of_the_passages(
    asked: Asked, chance: Random
) -> None:
    passages, *rest = asked
    shuffled = list(passages)
    chance.shuffle(shuffled)
    one, other = deal(passages, *rest), deal(shuffled, *rest)
    assert [set(lane.passages) for lane in one.lanes] == [
        set(lane.passages) for lane in other.lanes
    ]
    assert (one.control, one.doubled) == (other.control, other.doubled)
    assert one == deal(passages, *rest)


@given(blind_deals())
def test_the_slices_are_as_large_as_asked_in_all_and_in_each_stratum(asked: Asked) -> None:
    passages, _, terms = asked
    found = deal(*asked)
    for chosen, percentage in ((found.doubled, terms.doubled or 0), (found.control, terms.control)):
        assert abs(len(chosen) - len(passages) * percentage / 100) <= 0.5 + 1e-9
    for stratum in {passage.stratum for passage in passages}:
        uids = {passage.uid for passage in passages if passage.stratum == stratum}
        assert abs(len(uids & found.doubled) - len(uids) * (terms.doubled or 0) / 100) <= 1
        # It is drawn from the doubled and from the single ones: each may be one off.
        assert abs(len(uids & found.control) - len(uids) * terms.control / 100) <= 2


def test_different_seeds_give_different_deals_and_slices() -> None:
    deals = [blind(some(20), [ANA, BO, CY], 2, seed, control=50) for seed in range(20)]
    assert len({found.lanes for found in deals}) == 20
    assert len({found.control for found in deals}) == 20


def test_a_deal_never_changes_between_versions() -> None:
    found = blind(some(6, 2), [ANA, BO, CY], 1, 7, doubled=50, control=34, quotas={ANA: 2})
    assert [lane.passages for lane in found.lanes] == [
        ("p1", "p5"),
        ("p2", "p3", "p4", "p5"),
        ("p0", "p3", "p4"),
    ]
    assert sorted(found.doubled) == ["p3", "p4", "p5"]
    assert sorted(found.control) == ["p0", "p3"]


def test_a_lane_keeps_the_order_in_which_its_passages_were_given() -> None:
    passages = some(40)
    for lane in blind(passages, [ANA, BO, CY], 2, 1).lanes:
        given_order = [passage.uid for passage in passages if passage.uid in lane.passages]
        assert list(lane.passages) == given_order


def test_every_pair_of_annotators_meets_about_equally_often() -> None:
    names = ["a", "b", "c", "d"]
    found = blind(some(60, 3), names, 2, 5)
    lanes = {lane.annotators[0]: set(lane.passages) for lane in found.lanes}
    met = [len(lanes[one] & lanes[other]) for one, other in combinations(names, 2)]
    assert met == [10] * 6


def test_a_tenth_doubled_goes_to_two_and_the_rest_to_one() -> None:
    found = blind(some(100, 4), [ANA, BO, CY], doubled=10)
    assert len(found.doubled) == 10
    assert sorted(len(lane.passages) for lane in found.lanes) == [36, 37, 37]


def test_who_takes_nearly_all_still_never_gets_a_passage_twice() -> None:
    quotas = {ANA: 90, BO: 60}
    found = blind(some(100, 37), [ANA, BO], doubled=50, quotas=quotas)
    assert [len(lane.passages) for lane in found.lanes] == [90, 60]


def test_a_shared_deal_is_one_lane_of_all_annotators_with_its_control_slice() -> None:
    found = deal(some(4), [ANA, BO], DealTerms("shared", 2, control=50))
    (lane,) = found.lanes
    assert lane.annotators == (ANA, BO)
    assert lane.passages == ("p0", "p1", "p2", "p3")
    assert found.annotations_per_task == 2
    assert len(found.control) == 2


def test_a_lane_of_a_blind_deal_asks_for_one_annotation_a_task() -> None:
    assert blind(some(3), [ANA, BO], 2).annotations_per_task == 1


@pytest.mark.parametrize(
    ("passages", "annotators", "terms", "says"),
    [
        (some(2), [ANA], DealTerms("open"), "there is no deal 'open'"),
        ([], [ANA], DealTerms("blind"), "no passage to deal"),
        (some(2), [], DealTerms("shared"), "no annotator to deal to"),
        (some(2) + some(1), [ANA], DealTerms("blind"), "the passage p0 is there 2 times"),
        (some(2), [ANA, ANA], DealTerms("blind"), "annotator ana@example.org is there 2 times"),
        (some(2), [ANA, BO], DealTerms("blind", 3), "annotate every passage 3 times"),
        (some(2), [ANA, BO], DealTerms("shared", 0), "every passage 0 times"),
        (some(2), [ANA], DealTerms("blind", doubled=50), "annotate a passage 2 times"),
        (some(2), [ANA, BO], DealTerms("blind", 2, doubled=50), "cannot both be asked for"),
        (some(2), [ANA, BO], DealTerms("blind", doubled=101), "a doubled part of 101 %"),
        (some(2), [ANA, BO], DealTerms("blind", control=-1), "a control slice of -1 %"),
        (some(2), [ANA, BO], DealTerms("shared", doubled=50), "a shared lane has neither"),
        (some(2), [ANA, BO], DealTerms("shared", quotas={ANA: 1}), "a shared lane has neither"),
        (some(2), [ANA, BO], DealTerms("blind", quotas={CY: 1}), "quota for cy@example.org"),
        (some(2), [ANA, BO], DealTerms("blind", quotas={ANA: 3}), "cannot get 3 tasks"),
        (some(2), [ANA, BO], DealTerms("blind", quotas={ANA: 0}), "cannot get 0 tasks"),
        (some(2), [ANA, BO], DealTerms("blind", quotas={ANA: 2, BO: 1}), "come to 3 tasks"),
        (some(2), [ANA, BO], DealTerms("blind", quotas={ANA: 1}, overlap=2), "3 tasks are left"),
        (some(5), [ANA, BO], DealTerms("blind", quotas={ANA: 2, BO: 2}), "nobody is left"),
    ],
)
def test_a_batch_that_cannot_be_dealt_is_refused_with_a_remedy(
    passages: list[DealPassage], annotators: list[str], terms: DealTerms, says: str
) -> None:
    with pytest.raises(DealError) as caught:
        deal(passages, annotators, terms)
    assert says in caught.value.message
    assert caught.value.remedy
