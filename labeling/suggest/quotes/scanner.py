"""Where quotation marks open and close: regions of one paragraph, by the marks alone.

A mark is judged by its glyph, its neighbours and what is open, never by what the words mean.
Single marks are quotation marks only where they can be no apostrophes. Every step is one pass
over the marks of the paragraph, and nesting is bounded, so the work grows with the text alone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

DEEPEST = 4
_MARK = re.compile("[\"“”„‟«»‘’'`]")
_DOUBLED = {"‘": "“", "’": "”", "'": '"', "`": "“"}
_OPENS = frozenset("“„‟«")
_CLOSES = frozenset("”»")
_SINGLE = frozenset("‘’'")
_BEFORE_OPENING = frozenset("([{—–-―/“‘\"'«„:…")
_AFTER_CLOSING = frozenset(".,;:!?)]}—–-―/”’\"'»…")
_ELISION = re.compile(
    r"(?:\d\d(?:s|\b)|(?:tis|twas|em|til|till|cause|bout|round|n|neath|cos|cuz|nuff|fraid)\b)",
    re.IGNORECASE,
)
_FEET_AND_INCHES = re.compile(r"\d ?['’′] ?\d{1,2}\Z")
_WORD = re.compile(r"\w")
_LONGEST_DOUBTFUL = 60


@dataclass(slots=True, eq=False)
class Region:
    """A quotation, marks included; ``depth`` counts the quotations around it.

    ``unclosed`` says that no mark closes it, so that its end is a guess.
    """

    start: int
    end: int
    depth: int
    single: bool
    unclosed: bool = False


@dataclass(slots=True)
class _Mark:
    """A mark that may be a quotation mark, and what its neighbours let it be."""

    at: int
    end: int
    glyph: str
    single: bool
    can_open: bool
    can_close: bool
    possessive: bool = False


def scan(text: str, start: int, end: int) -> list[Region]:
    """Find the quotations of one paragraph.

    Args:
        text: the article's text.
        start: where the paragraph starts.
        end: where it ends.

    Returns:
        Regions in the order of their starts; any two are disjoint or one holds the other.
    """
    marks = _marks(text, start, end)
    if not marks:
        return []
    while end > start and text[end - 1].isspace():
        end -= 1
    return _Pairing(text, start, end).of(marks)


def _marks(text: str, start: int, end: int) -> list[_Mark]:
    marks: list[_Mark] = []
    skip_to = start
    for found in _MARK.finditer(text, start, end):
        at = found.start()
        if at < skip_to:
            continue
        glyph = text[at]
        after_at = at + 1
        if glyph in _DOUBLED and after_at < end and text[after_at] == glyph:
            glyph, after_at = _DOUBLED[glyph], at + 2
        elif glyph == "`":
            continue
        skip_to = after_at
        before = text[at - 1] if at > start else " "
        after = text[after_at] if after_at < end else " "
        mark = _judged(text, glyph, (at, after_at), before, after)
        if mark is not None:
            marks.append(mark)
    return marks


def _judged(text: str, glyph: str, place: tuple[int, int], before: str, after: str) -> _Mark | None:
    at, end = place
    single = glyph in _SINGLE
    if single and before.isalnum() and after.isalnum():
        return None
    can_open = (before.isspace() or before in _BEFORE_OPENING) and not after.isspace()
    can_close = (after.isspace() or after in _AFTER_CLOSING) and not before.isspace()
    if single:
        return _judged_single(text, glyph, place, can_open, can_close, before)
    if glyph == '"' and before.isdigit() and _FEET_AND_INCHES.search(text, max(0, at - 6), at):
        return None
    return _Mark(at, end, glyph, False, can_open, can_close)


def _judged_single(
    text: str, glyph: str, place: tuple[int, int], can_open: bool, can_close: bool, before: str
) -> _Mark | None:
    at, end = place
    if glyph == "’":
        can_open = False
    elif can_open and _ELISION.match(text, end):
        return None
    if glyph == "‘":
        can_close = False
    if not can_open and not can_close:
        return None
    follows = text[end : end + 2]
    possessive = can_close and before in "sSxz" and follows[:1].isspace() and follows[1:].isalnum()
    return _Mark(at, end, glyph, True, can_open, can_close, possessive)


class _Pairing:
    """Pairs the marks of one paragraph with a stack of what is open."""

    def __init__(self, text: str, start: int, end: int) -> None:
        self._text, self._start, self._end = text, start, end
        self._regions: list[Region] = []
        self._open: list[Region] = []
        self._next_close: list[int] = []
        self._next_open: list[int] = []

    def of(self, marks: list[_Mark]) -> list[Region]:
        """Return the regions that the marks bound."""
        self._look_ahead(marks)
        for index, mark in enumerate(marks):
            if mark.single:
                self._single(mark, index)
            else:
                self._double(mark)
        self._end_of_paragraph()
        return _with_depths([r for r in self._regions if self._has_words(r)])

    def _has_words(self, region: Region) -> bool:
        return _WORD.search(self._text, region.start, region.end) is not None

    def _look_ahead(self, marks: list[_Mark]) -> None:
        """Note for each mark where the next single one that closes, or opens, stands."""
        closes = opens = self._end + 1
        nowhere = closes
        self._next_close, self._next_open = [nowhere] * len(marks), [nowhere] * len(marks)
        for index in range(len(marks) - 1, -1, -1):
            self._next_close[index], self._next_open[index] = closes, opens
            mark = marks[index]
            if mark.single and mark.can_close:
                closes = mark.at
            if mark.single and mark.can_open:
                opens = mark.at

    def _double(self, mark: _Mark) -> None:
        within = self._innermost_double()
        if self._is_closing(mark, within is not None):
            if within is not None:
                self._close(within, mark)
        elif within is not None and mark.glyph == '"' and not mark.can_open:
            self._close(within, mark)
        else:
            self._begin(mark)

    @staticmethod
    def _is_closing(mark: _Mark, is_open: bool) -> bool:
        if mark.glyph in _OPENS:
            return is_open and mark.can_close and not mark.can_open
        if mark.glyph in _CLOSES:
            return is_open or not (mark.can_open and not mark.can_close)
        return mark.can_close and (is_open or not mark.can_open)

    def _single(self, mark: _Mark, index: int) -> None:
        top = self._open[-1] if self._open else None
        if top is not None and top.single:
            if mark.can_close and not self._is_possessive(mark, index):
                self._close(top, mark)
        elif mark.can_open and self._will_close(mark, index):
            self._begin(mark)

    def _is_possessive(self, mark: _Mark, index: int) -> bool:
        """Say whether a mark after a plural is an apostrophe: another one closes, later."""
        closes = self._next_close[index]
        return mark.possessive and closes <= self._end and closes < self._next_open[index]

    def _will_close(self, mark: _Mark, index: int) -> bool:
        closes = self._next_close[index]
        if mark.glyph == "‘":
            return closes <= self._end or bool(self._open) or self._introduced(mark)
        return closes <= self._end and (
            closes < self._next_open[index] or closes - mark.at <= _LONGEST_DOUBTFUL
        )

    def _introduced(self, mark: _Mark) -> bool:
        """Say whether a paragraph, a comma or a colon leads up to the mark."""
        before = self._text[max(self._start, mark.at - 2) : mark.at].strip()
        return before in {",", ":"} or (not before and mark.at <= self._start + 2)

    def _innermost_double(self) -> Region | None:
        return next((region for region in reversed(self._open) if not region.single), None)

    def _begin(self, mark: _Mark) -> None:
        if len(self._open) < DEEPEST:
            region = Region(mark.at, self._end, len(self._open), mark.single)
            self._regions.append(region)
            self._open.append(region)

    def _close(self, region: Region, mark: _Mark) -> None:
        """Close a region, and before its mark whatever was left open inside."""
        while (inner := self._open.pop()) is not region:
            inner.end, inner.unclosed = mark.at, True
        region.end = mark.end

    def _end_of_paragraph(self) -> None:
        """Close at the paragraph's end what is open, or where the next quotation opens."""
        for region in self._open:
            region.unclosed, region.end = True, self._end
        for region in self._open:
            later = self._regions[self._regions.index(region) + 1 :]
            inner = next((r for r in later if not r.single), None)
            if inner is not None and not region.single:
                self._cut(region, later, inner.start)

    def _cut(self, region: Region, later: list[Region], end: int) -> None:
        """End an unclosed region before the quotation that opens within it."""
        while self._text[end - 1].isspace():
            end -= 1
        region.end = end
        for other in later:
            if other.start < end:
                other.end = min(other.end, end)


def _with_depths(regions: list[Region]) -> list[Region]:
    around: list[int] = []
    for region in regions:
        while around and around[-1] <= region.start:
            around.pop()
        region.depth = len(around)
        around.append(region.end)
    return regions
