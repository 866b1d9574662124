"""A deal in figures, to be looked at before it is made and kept with the batch."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from labeling.deal.terms import Deal, DealPassage


@dataclass(frozen=True, slots=True)
class StratumFigures:
    """One stratum: its passages, those of them in the control slice, and the tasks by lane."""

    stratum: tuple[str, ...]
    passages: int
    control: int
    tasks: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class DealFigures:
    """What a deal comes to.

    Args:
        tasks: how many tasks each lane has, and ``control`` how many of them go without
            suggestions; both in the order of the lanes.
        strata: the same by stratum, in order of name.
        pairs: by two lanes' places, how many passages they share; lanes that share none too.
        doubled_passages: how many passages two annotators get where the rest goes to one.
        control_passages: how many passages go without suggestions.
    """

    tasks: tuple[int, ...]
    control: tuple[int, ...]
    strata: tuple[StratumFigures, ...]
    pairs: tuple[tuple[int, int, int], ...]
    doubled_passages: int
    control_passages: int


def figures_of(passages: Sequence[DealPassage], dealt: Deal) -> DealFigures:
    """Count a deal.

    Args:
        passages: what was dealt.
        dealt: how.

    Returns:
        Its figures.
    """
    lanes = [frozenset(lane.passages) for lane in dealt.lanes]
    strata: dict[tuple[str, ...], list[str]] = {}
    for passage in passages:
        strata.setdefault(passage.stratum, []).append(passage.uid)
    return DealFigures(
        tasks=tuple(map(len, lanes)),
        control=tuple(len(lane & dealt.control) for lane in lanes),
        strata=tuple(_of_stratum(name, strata[name], lanes, dealt) for name in sorted(strata)),
        pairs=_pairs(lanes),
        doubled_passages=len(dealt.doubled),
        control_passages=len(dealt.control),
    )


def _of_stratum(
    name: tuple[str, ...], uids: Sequence[str], lanes: Sequence[frozenset[str]], dealt: Deal
) -> StratumFigures:
    counts = Counter(n for uid in uids for n, lane in enumerate(lanes) if uid in lane)
    return StratumFigures(
        stratum=name,
        passages=len(uids),
        control=sum(uid in dealt.control for uid in uids),
        tasks=tuple(counts[n] for n in range(len(lanes))),
    )


def _pairs(lanes: Sequence[frozenset[str]]) -> tuple[tuple[int, int, int], ...]:
    return tuple(
        (one, other, len(lanes[one] & lanes[other]))
        for one, other in combinations(range(len(lanes)), 2)
    )
