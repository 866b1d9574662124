"""A deal as people look at it, before it is made and ever after."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

STRATA_SHOWN = 12
SHARED = "shared"
"""What the one lane of a shared deal is called where it stands beside names."""


@dataclass(frozen=True, slots=True)
class DealtTo:
    """A lane: whose it is, how many tasks it has, and how many of them without suggestions."""

    name: str
    tasks: int
    control: int


@dataclass(frozen=True, slots=True)
class Stratum:
    """Passages that are alike in outlet and section, and the tasks made of them by lane."""

    name: str
    passages: int
    control: int
    tasks: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Pair:
    """Two lanes and how many passages they share."""

    one: str
    other: str
    passages: int


@dataclass(frozen=True, slots=True)
class DealView:
    """A deal in figures. ``strata`` are the largest ones; ``more`` is what is not shown."""

    lanes: tuple[DealtTo, ...]
    strata: tuple[Stratum, ...]
    more: int
    pairs: tuple[Pair, ...]
    doubled: int
    control: int
    passages: int


def view_deal(figures: Mapping[str, Any] | None, names: Sequence[str]) -> DealView | None:
    """A deal for people.

    Args:
        figures: as they are kept with a batch; a batch that was not dealt here has none.
        names: whose lanes they are, in order, or ``SHARED``.
    """
    if not figures:
        return None
    strata = sorted(
        (_stratum(one) for one in figures["strata"]), key=lambda one: (-one.passages, one.name)
    )
    return DealView(
        lanes=tuple(
            DealtTo(*lane) for lane in zip(names, figures["tasks"], figures["control"], strict=True)
        ),
        strata=tuple(strata[:STRATA_SHOWN]),
        more=len(strata[STRATA_SHOWN:]),
        pairs=tuple(Pair(names[one], names[other], n) for one, other, n in figures["pairs"]),
        doubled=figures["doubled_passages"],
        control=figures["control_passages"],
        passages=sum(one.passages for one in strata),
    )


def deal_json(view: DealView) -> dict[str, Any]:
    """A deal for programs."""
    return {
        "doubled": view.doubled,
        "control": view.control,
        "lanes": [
            {"annotator": lane.name, "tasks": lane.tasks, "control": lane.control}
            for lane in view.lanes
        ],
        "pairs": [
            {"annotators": [pair.one, pair.other], "passages": pair.passages} for pair in view.pairs
        ],
        "strata": [
            {
                "stratum": one.name,
                "passages": one.passages,
                "control": one.control,
                "tasks": {lane.name: n for lane, n in zip(view.lanes, one.tasks, strict=True)},
            }
            for one in view.strata
        ],
    }


def _stratum(kept: Mapping[str, Any]) -> Stratum:
    names = [name for name in kept["names"] if name]
    return Stratum(
        name=" · ".join(names) or "no outlet named",
        passages=kept["passages"],
        control=kept["control"],
        tasks=tuple(kept["tasks"]),
    )
