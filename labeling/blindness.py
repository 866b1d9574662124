"""Signs that an annotation was not made blind: evidence, not proof.

Lanes keep work apart, but Label Studio Community lets every member open every project. What
leaves a trace is looked for here. Who only looks leaves none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations

STRANGER = "stranger"
PARENT = "parent_annotation"
COPIED = "copied_regions"

# Label Studio's page names a region by ten characters of chance. A program that posts answers
# may name regions as it likes ("r1", "region-001"), and every such program alike.
_BY_CHANCE = re.compile(r"(?![A-Za-z]?[a-z]*[-_]?[0-9]*$)[A-Za-z0-9_-]{10}")

# Two people may well draw one border through the same word; hardly two.
CUTS = 2


@dataclass(frozen=True, slots=True)
class Region:
    """A marked stretch as Label Studio names it.

    Two annotations hold the same ``id`` only when it went from one to the other, where Label
    Studio's page made it: then it is ten characters of chance. ``since`` is when its annotation
    first had it, by the server's clock. ``suggested``: it came from our own suggestion, which
    every lane may have taken up.
    """

    id: str
    layer: str
    label: str
    start: int
    end: int
    since: str
    suggested: bool = False


@dataclass(frozen=True, slots=True)
class Witness:
    """An annotation as far as it tells something.

    Args:
        key: tells annotations apart.
        lane: the number of the lane it was found in.
        by: who made it; None when nobody knows.
        has_parent: Label Studio says it was begun as a copy of another annotation.
        regions: all it ever held.
    """

    key: int
    lane: int
    by: int | None
    has_parent: bool
    regions: tuple[Region, ...]


@dataclass(frozen=True, slots=True)
class Sign:
    """One sign against an annotation, with its reason for people."""

    kind: str
    reason: str


def find_signs(
    text: str, members: Mapping[int, frozenset[int]], witnesses: Sequence[Witness]
) -> dict[int, tuple[Sign, ...]]:
    """Look for signs in all annotations of one passage in a batch.

    Args:
        text: the passage.
        members: by lane, who it is for.
        witnesses: the annotations, of all lanes.

    Returns:
        The signs by annotation; a clean one is not named.
    """
    found: dict[int, list[Sign]] = {}
    for witness in witnesses:
        if witness.by not in members[witness.lane]:
            reason = "It was made by somebody else than the annotator of this lane."
            found.setdefault(witness.key, []).append(Sign(STRANGER, reason))
        if witness.has_parent:
            reason = "It was begun as a copy of another annotation."
            found.setdefault(witness.key, []).append(Sign(PARENT, reason))
    for one, other in permutations(witnesses, 2):
        if one.lane != other.lane:
            for reason in _copied(text, one, other):
                found.setdefault(one.key, []).append(Sign(COPIED, reason))
    return {key: tuple(signs) for key, signs in found.items()}


def _copied(text: str, one: Witness, other: Witness) -> Iterator[str]:
    """Why ``one`` seems to hold what ``other`` held before, or at the same moment."""
    theirs = {
        region.id: region
        for region in other.regions
        if not region.suggested and _BY_CHANCE.fullmatch(region.id)
    }
    same = [
        region
        for region in one.regions
        if not region.suggested and region.id in theirs and region.since >= theirs[region.id].since
    ]
    if same:
        many = "A region carries" if len(same) == 1 else f"{len(same)} regions carry"
        yield f"{many} the same id as in lane {other.lane}."
        return
    drawn = {_place(region): region for region in other.regions if not region.suggested}
    alike = {
        _place(region)
        for region in one.regions
        if not region.suggested
        and _place(region) in drawn
        and region.since >= drawn[_place(region)].since
    }
    cuts = sum(_cuts_a_word(text, border) for *_, start, end in alike for border in (start, end))
    if cuts >= CUTS:
        yield f"{cuts} borders in the middle of a word are the same as in lane {other.lane}."


def _place(region: Region) -> tuple[str, str, int, int]:
    return region.layer, region.label, region.start, region.end


def _cuts_a_word(text: str, border: int) -> bool:
    return 0 < border < len(text) and text[border - 1].isalnum() and text[border].isalnum()
