"""Corrections by hand: roles and bounds of passages, moved by somebody who read the article.

All of it works on blocks and cuts, changes no text, and leaves what it does not touch as it
was. ``carry_roles`` and ``carry_bounds`` bring what was done by hand into a corrected version.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from labeling.errors import EditError
from labeling.text.cuts import FARTHEST, Cut, cuts_of, trimmed
from labeling.types import PASSAGE_ROLES, Block, Role

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from collections.abc import Set as AbstractSet

GIVEN = "given by hand"
BOUNDS = "bounds chosen by hand"
# A correction changes little: more than this is another text, and not worth the search.
_MOST_CARRIED, _MOST_PLACES = 500, 20
_GAP = 50


@dataclass(frozen=True, slots=True)
class Layout:
    """How an article's text is cut: the blocks that tile it, and its passages in order."""

    blocks: tuple[Block, ...]
    cuts: tuple[Cut, ...]


def set_role(text: str, layout: Layout, index: int, role: Role) -> Layout:
    """Give a block another role; the passages it is in are cut anew, and no others.

    Args:
        text: the frozen text.
        layout: how it is cut.
        index: which block.
        role: its role from now on.
    """
    blocks = list(layout.blocks)
    blocks[index] = replace(blocks[index], role=role, reason=GIVEN)
    start, end = _whole(blocks[index].start, blocks[index].end, [*blocks, *layout.cuts])
    within = [block for block in blocks if block.start < end and start < block.end]
    others = [cut for cut in layout.cuts if cut.end <= start or end <= cut.start]
    return Layout(tuple(blocks), _ordered([*others, *cuts_of(text, within)]))


def _whole(start: int, end: int, pieces: Sequence[Block | Cut]) -> tuple[int, int]:
    """Widen ``[start, end)`` until it ends within no block and no passage."""
    touched = [piece for piece in pieces if piece.start < end and start < piece.end]
    wider = min(piece.start for piece in touched), max(piece.end for piece in touched)
    return wider if wider == (start, end) else _whole(*wider, pieces)


def merge_with_next(text: str, layout: Layout, index: int) -> Layout:
    """Make one passage of a passage and the next one.

    Raises:
        EditError: there is none, it has another role, or something stands between them.
    """
    if index + 1 >= len(layout.cuts):
        raise EditError("There is no passage below this one.", remedy="Merge it from above.")
    above, below = layout.cuts[index], layout.cuts[index + 1]
    if above.role is not below.role or text[above.end : below.start].strip():
        raise EditError(
            "A passage is merged only with the next one of the same role, with nothing between "
            "them.",
            remedy="Give the blocks the same role first.",
        )
    if below.end - above.start > FARTHEST:
        raise EditError(
            f"Together they would have {below.end - above.start:,} characters; a passage has at "
            f"most {FARTHEST:,}.",
            remedy="Split one of them first.",
        )
    merged = Cut(above.start, below.end, above.role, BOUNDS)
    return replace(layout, cuts=(*layout.cuts[:index], merged, *layout.cuts[index + 2 :]))


def split_at(text: str, layout: Layout, index: int, at: int) -> Layout:
    """Make two passages of one.

    Args:
        text: the frozen text.
        layout: how it is cut.
        index: which passage.
        at: before which of its characters, counted from its start.

    Raises:
        EditError: one of the two would be empty.
    """
    cut = layout.cuts[index]
    middle = cut.start + at
    first = (cut.start, trimmed(text, cut.start, max(middle, cut.start))[1])
    second = (trimmed(text, min(middle, cut.end), cut.end)[0], cut.end)
    if not cut.start < middle < cut.end or first[0] == first[1]:
        raise EditError(
            f"There are not two parts when it is cut before character {at:,}.",
            remedy=f"Choose a place between 1 and {cut.end - cut.start - 1:,}.",
        )
    parts = (Cut(*first, cut.role, BOUNDS), Cut(*second, cut.role, BOUNDS))
    return replace(layout, cuts=(*layout.cuts[:index], *parts, *layout.cuts[index + 1 :]))


def carry_roles(
    old: str, old_blocks: Sequence[Block], new: str, blocks: Sequence[Block]
) -> tuple[Block, ...]:
    """Keep roles given by hand where the same words stand in a new text.

    Args:
        old: the text of the version before.
        old_blocks: its blocks; the reason of those whose role was given by hand is ``GIVEN``.
        new: the new text.
        blocks: its blocks, by rule.
    """
    wanted = {key: block.role for key, block in _numbered(old, old_blocks) if block.reason == GIVEN}
    return tuple(
        replace(block, role=wanted[key], reason=GIVEN) if key in wanted else block
        for key, block in _numbered(new, blocks)
    )


def carry_bounds(old: str, given: Iterable[Cut], new: str, blocks: Sequence[Block]) -> Layout:
    """Cut a new text by the rules, but keep the bounds of these passages of the text before.

    Args:
        old: the text of the version before.
        given: its passages whose bounds shall stay where their words are unchanged.
        new: the new text.
        blocks: its blocks, roles by hand and all.
    """
    cuts = tuple(cuts_of(new, blocks))
    stand = {new[cut.start : cut.end] for cut in cuts}
    edges = _edges(new, blocks)
    kept: list[Cut] = []
    lost = [cut for cut in given if old[cut.start : cut.end] not in stand]
    for cut in lost[:_MOST_CARRIED]:
        start = _place(new, old[cut.start : cut.end], edges, kept)
        if start is not None:
            end = start + cut.end - cut.start
            if role := _common_role(blocks, start, end):
                kept.append(Cut(start, end, role, cut.reason))
                # The next part of the same paragraph begins here.
                edges.add(trimmed(new, end, end + _GAP)[0])
    for cut in kept:
        cuts = (*_without(new, cuts, cut.start, cut.end), cut)
    return Layout(tuple(blocks), _ordered(cuts))


def _edges(text: str, blocks: Iterable[Block]) -> set[int]:
    """Give the places where a block's words begin or end."""
    return {at for block in blocks for at in trimmed(text, block.start, block.end)}


def _place(text: str, words: str, edges: AbstractSet[int], taken: Sequence[Cut]) -> int | None:
    """Find words that begin or end where a block does and touch nothing that is taken."""
    start = text.find(words)
    for _ in range(_MOST_PLACES):
        if start < 0:
            return None
        end = start + len(words)
        at_an_edge = start in edges or end in edges
        if at_an_edge and not any(cut.start < end and start < cut.end for cut in taken):
            return start
        start = text.find(words, start + 1)
    return None


def _numbered(text: str, blocks: Iterable[Block]) -> Iterator[tuple[tuple[str, int], Block]]:
    """Give every block with its words and which of several equal ones it is."""
    seen: Counter[str] = Counter()
    for block in blocks:
        words = text[block.start : block.end].strip()
        yield (words, seen[words]), block
        seen[words] += 1


def _common_role(blocks: Sequence[Block], start: int, end: int) -> Role | None:
    """Give the one passage role of all blocks that ``[start, end)`` touches; None otherwise."""
    roles = {block.role for block in blocks if block.start < end and start < block.end}
    role = roles.pop() if len(roles) == 1 else None
    return role if role in PASSAGE_ROLES else None


def _without(text: str, cuts: Iterable[Cut], start: int, end: int) -> Iterator[Cut]:
    """Take ``[start, end)`` out of the cuts; what is left of one on either side stays."""
    for cut in cuts:
        if cut.end <= start or end <= cut.start:
            yield cut
            continue
        for low, high in ((cut.start, start), (end, cut.end)):
            left = trimmed(text, low, max(low, high))
            if left[0] < left[1]:
                yield replace(cut, start=left[0], end=left[1])


def _ordered(cuts: Iterable[Cut]) -> tuple[Cut, ...]:
    return tuple(sorted(cuts, key=lambda cut: cut.start))
