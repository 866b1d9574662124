"""A deal in figures adds up."""

from itertools import combinations

from hypothesis import given

from labeling.deal.dealing import deal
from labeling.deal.figures import figures_of
from labeling.deal.terms import DealTerms
from tests.unit.deal.test_dealing import ANA, BO, CY, Asked, blind, blind_deals, some


@given(blind_deals())
def test_the_figures_are_those_of_the_deal(asked: Asked) -> None:
    passages, _, terms = asked
    found = deal(*asked)
    figures = figures_of(passages, found)
    assert figures.tasks == tuple(len(lane.passages) for lane in found.lanes)
    assert (
        tuple(map(sum, zip(*(one.tasks for one in figures.strata), strict=True))) == figures.tasks
    )
    assert sum(one.passages for one in figures.strata) == len(passages)
    assert sum(one.control for one in figures.strata) == figures.control_passages
    if terms.overlap > 1 or terms.doubled:
        shared = sum(count for _, _, count in figures.pairs)
        each = terms.overlap * (terms.overlap - 1) // 2
        assert shared == len(passages) * each + len(found.doubled)


def test_pairs_that_share_nothing_are_told_too() -> None:
    figures = figures_of(some(4), deal := blind(some(4), [ANA, BO, CY]))
    assert len(deal.lanes) == 3
    assert figures.pairs == tuple((*pair, 0) for pair in combinations(range(3), 2))


def test_the_control_slice_is_told_by_lane_and_by_stratum() -> None:
    passages = some(40, 2)
    figures = figures_of(passages, blind(passages, [ANA, BO], 2, control=10))
    assert figures.control == (4, 4)
    assert figures.control_passages == 4
    assert [(one.stratum, one.control) for one in figures.strata] == [(("s0",), 2), (("s1",), 2)]


def test_a_shared_lane_has_no_pairs() -> None:
    passages = some(3)
    figures = figures_of(passages, deal(passages, [ANA, BO], DealTerms("shared", 2)))
    assert (figures.tasks, figures.pairs) == ((3,), ())
