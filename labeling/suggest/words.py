"""Finding many wordings in a text at once: whole words only, the longest first."""

from __future__ import annotations

import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

from labeling.types import PASSAGE_ROLES, Block

M = TypeVar("M", bound=tuple[Any, ...])


def is_whole(text: str, start: int, end: int) -> bool:
    """Whether ``[start, end)`` begins and ends where words do.

    A letter goes on through the marks that combine with it, and through an apostrophe between
    two letters: ``can`` is no word of ``can't``, but ``council`` is one of ``council's``.
    Before a word an apostrophe is a quotation mark, or an elision.

    Args:
        text: folded and in lower case.
        start: where the word begins.
        end: where it ends.
    """
    if start and _goes_on(text[start - 1]) and _goes_on(text[start]):
        return False
    if end == len(text):
        return True
    after = text[end]
    if _goes_on(after):
        return not _goes_on(text[end - 1])
    if after != "'" or end + 1 == len(text) or not text[end + 1].isalnum():
        return True
    return text[end + 1] == "s" and not (end + 2 < len(text) and _goes_on(text[end + 2]))


def longest_first(matches: Iterable[M]) -> list[M]:
    """Of matches that overlap, keep the longest, and of equally long ones the first.

    Args:
        matches: ``(start, end, …)``, in any order.

    Returns:
        Disjoint matches in the order of the text.
    """
    kept: list[M] = []
    starts: list[int] = []
    ordered = sorted(matches, key=lambda match: (match[0] - match[1], match[0]))
    for match in ordered:
        place = bisect_left(starts, match[0])
        before_ends = kept[place - 1][1] if place else 0
        if before_ends <= match[0] and (place == len(starts) or match[1] <= starts[place]):
            starts.insert(place, match[0])
            kept.insert(place, match)
    return kept


class Grounds:
    """The stretches of an article in which suggestions are made: its future passages' blocks."""

    def __init__(self, text: str, blocks: Sequence[Block]) -> None:
        self._blocks = [block for block in blocks if block.role in PASSAGE_ROLES]
        if not blocks:
            self._starts, self._ends = [0], [len(text)]
        else:
            self._starts = [block.start for block in self._blocks]
            self._ends = [block.end for block in self._blocks]

    def hold(self, start: int, end: int) -> bool:
        """Whether ``[start, end)`` lies in one of them."""
        place = bisect_right(self._starts, start) - 1
        return place >= 0 and end <= self._ends[place]


def _goes_on(char: str) -> bool:
    return char.isalnum() or (char > "\u02ff" and unicodedata.combining(char) != 0)
