"""Where quotations are open in a text, so that none is cut in two.

This is not the scanner of suggestions, which knows speakers and kinds: it only says which
stretches lie inside quotation marks, errs on the side of "inside", and reads each mark once.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_MARKS = re.compile("[“”„\"«»‘’']")
_CLOSES = {"”": "“„", "»": "«", "’": "‘"}
_STRAIGHT = "\"'"


class OpenQuotes:
    """The stretches of a text that lie within quotation marks.

    Args:
        text: any text.
        start: where to begin; marks before it are not seen.
        end: where to stop. A double mark that is still open there is open to the end; a single
            one that never closes was an apostrophe.
    """

    def __init__(self, text: str, start: int, end: int) -> None:
        merged: list[list[int]] = []
        for first, last in sorted(_stretches(text, start, end)):
            if merged and first < merged[-1][1]:
                merged[-1][1] = max(merged[-1][1], last)
            else:
                merged.append([first, last])
        self._starts = [first for first, _ in merged]
        self._ends = [last for _, last in merged]

    def hold(self, at: int) -> bool:
        """Tell whether a cut before the character ``at`` would part a quotation."""
        index = bisect_right(self._starts, at - 1) - 1
        return index >= 0 and at < self._ends[index]


def _stretches(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Give ``(first, last)`` of every quotation: its opening mark, and where it has ended."""
    opened: list[tuple[str, int]] = []
    for found in _MARKS.finditer(text, start, end):
        mark, at = found[0], found.start()
        partners = mark if mark in _STRAIGHT else _CLOSES.get(mark, "")
        if partners and _may_close(text, at, end, mark):
            index = _partner(opened, partners)
            if index is not None:
                # What was opened inside and never closed ends here as well.
                yield opened[index][1], at + 1
                del opened[index:]
                continue
        if mark not in _CLOSES and _may_open(text, at, start, end, mark):
            again = _partner(opened, mark) if mark in _STRAIGHT else None
            if again is not None:
                # Straight marks do not nest in themselves: the one before was left open.
                yield opened[again][1], at
                del opened[again:]
            opened.append((mark, at))
    for mark, at in opened:
        if mark not in "‘'":
            yield at, end


# No news nests deeper; a mark that looks further back costs time with every one that is open.
_DEEPEST = 8


def _partner(opened: Sequence[tuple[str, int]], partners: str) -> int | None:
    for index in range(len(opened) - 1, max(-1, len(opened) - 1 - _DEEPEST), -1):
        if opened[index][0] in partners:
            return index
    return None


def _may_close(text: str, at: int, end: int, mark: str) -> bool:
    if mark in "’'":
        # An apostrophe stands between letters, or before them.
        return at + 1 >= end or not text[at + 1].isalnum()
    if mark == '"':
        return at + 1 >= end or not text[at + 1].isalnum() or not text[at - 1 : at].isspace()
    return True


def _may_open(text: str, at: int, start: int, end: int, mark: str) -> bool:
    if mark not in _STRAIGHT:
        return True
    before, after = text[max(start, at - 1) : at], text[at + 1 : min(end, at + 2)]
    return bool(after) and not after.isspace() and not before.isalnum()
