"""What is asked of a deal, what a deal is, and which of them cannot be."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from labeling.errors import DealError

BLIND = "blind"
SHARED = "shared"
PERCENT = 100


@dataclass(frozen=True, slots=True)
class DealPassage:
    """A passage to deal. Every annotator gets an equal part of each ``stratum``."""

    uid: str
    stratum: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DealTerms:
    """What is asked of a deal.

    Args:
        mode: ``blind`` for a lane an annotator, ``shared`` for one lane of all.
        overlap: by how many annotators each passage is to be annotated.
        seed: the same seed, passages, annotators and terms give the same deal.
        doubled: instead of an overlap, the percentage of the passages that two annotators get
            while one gets each of the rest.
        control: the percentage of the passages that go out without suggestions.
        quotas: how many tasks these annotators get; the others share the rest evenly.
    """

    mode: str
    overlap: int = 1
    seed: int = 0
    doubled: float | None = None
    control: float = 0
    quotas: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DealtLane:
    """A lane to make: whose it is, and its passages in the order they were given to the deal."""

    annotators: tuple[str, ...]
    passages: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Deal:
    """What a batch will be.

    ``annotations_per_task`` is the overlap inside a single lane. ``doubled`` and ``control``
    are the uids chosen for the slices of these names.
    """

    lanes: tuple[DealtLane, ...]
    annotations_per_task: int
    doubled: frozenset[str] = frozenset()
    control: frozenset[str] = frozenset()


def check_terms(
    passages: Sequence[DealPassage], annotators: Sequence[str], terms: DealTerms
) -> None:
    """Refuse what makes no sense whatever the numbers.

    Raises:
        DealError: with what to ask for instead.
    """
    if terms.mode not in (BLIND, SHARED):
        raise DealError(f"there is no deal {terms.mode!r}", remedy=f"use {BLIND} or {SHARED}")
    if not passages:
        raise DealError(
            "there is no passage to deal", remedy="import articles, or select other ones"
        )
    if not annotators:
        raise DealError("there is no annotator to deal to", remedy="name at least one annotator")
    _check_once("passage", Counter(passage.uid for passage in passages))
    _check_once("annotator", Counter(annotators))
    _check_percentage("control slice", terms.control)
    if terms.mode == SHARED and (terms.doubled is not None or terms.quotas):
        raise DealError(
            "a shared lane has neither quotas nor a doubled part: whoever comes takes what is next",
            remedy=f"deal {BLIND}, a lane for each annotator",
        )
    _check_overlap(len(annotators), terms)


def _check_overlap(annotators: int, terms: DealTerms) -> None:
    if terms.doubled is not None:
        _check_percentage("doubled part", terms.doubled)
        if terms.overlap != 1:
            raise DealError(
                "a doubled part and an overlap cannot both be asked for",
                remedy="leave one of them out",
            )
    copies = 2 if terms.doubled else terms.overlap
    if not 1 <= copies <= annotators:
        raise DealError(
            f"{annotators} annotators cannot annotate "
            f"{'a passage' if terms.doubled else 'every passage'} {copies} times",
            remedy="name at least two annotators"
            if terms.doubled
            else f"choose an overlap from 1 to {annotators}",
        )


def _check_percentage(what: str, percentage: float) -> None:
    if not 0 <= percentage <= PERCENT:
        raise DealError(
            f"a {what} of {percentage:g} % is none", remedy=f"choose from 0 to {PERCENT}"
        )


def _check_once(what: str, counts: Mapping[str, int]) -> None:
    for name, count in counts.items():
        if count > 1:
            raise DealError(
                f"the {what} {name} is there {count} times", remedy=f"name each {what} once"
            )
