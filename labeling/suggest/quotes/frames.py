"""A paragraph (or the inside of a quotation) with its quotations masked, cut into sentences."""

from __future__ import annotations

import itertools
import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from labeling.suggest.quotes.cues import SPOKEN, Cue
from labeling.suggest.quotes.words import ABBREVIATIONS

# What a masked quotation is made of: its last character tells how its words end.
_BODY, ENDS_SENTENCE, ENDS_LOUD, ENDS_OPEN = "\x02", "\x03", "\x04", "\x05"
MASKS = "\x02-\x05"
_BOUNDARY = re.compile(r"(?:[.!?…][)\]’']?\s+(?=[^a-z\s,;])|[\x03\x04]\s+(?=[^a-z\s,;―—–-]))")
_LAST_WORD = re.compile(r"(\w+)\.\Z")
_NAME_SPEAKS = re.compile(rf"(?:[A-Z][\w.’'-]{{0,30}}\s+){{1,4}}(?:{'|'.join(sorted(SPOKEN))})\b")


class Place(Protocol):
    """Anything with a start and an end."""

    start: int
    end: int


_MARKS_BEHIND = "”\"’'»“`"


@dataclass(slots=True)
class Sentence:
    """A stretch of a frame: its quotations by their index, and the cues outside them."""

    start: int
    end: int
    quotes: list[int] = field(default_factory=list)
    cues: list[Cue] = field(default_factory=list)
    cue_starts: list[int] = field(default_factory=list)


class Frame:
    """A stretch of text with its quotations masked; offsets are the article's.

    ``masked`` has the length of the stretch, so that ``masked[i - start]`` stands for ``text[i]``.
    """

    def __init__(
        self, text: str, stretch: tuple[int, int], quotes: Sequence[Place], cues: Sequence[Cue]
    ) -> None:
        self.text = text
        self.start, self.end = stretch
        self.quotes = quotes
        self.masked = masked(text, self.start, self.end, quotes)
        self.sentences = [
            Sentence(self.start + first, self.start + last)
            for first, last in sentences_of(self.masked)
        ]
        self._starts = [quote.start for quote in quotes]
        self._fill(cues)

    def start_of(self, index: int, otherwise: int) -> int:
        """Return where a quotation starts, or ``otherwise`` when there are not so many."""
        return self._starts[index] if index < len(self._starts) else otherwise

    def masked_before(self, end: int, start: int, longest: int) -> str:
        """Return the masked text that leads up to ``end``, and begins at ``start`` at most."""
        return self.masked[max(start, end - longest) - self.start : end - self.start]

    def _fill(self, cues: Sequence[Cue]) -> None:
        at = 0
        for index, quote in enumerate(self.quotes):
            while self.sentences[at].end <= quote.start:
                at += 1
            self.sentences[at].quotes.append(index)
        at = 0
        for cue in cues:
            before = bisect_right(self._starts, cue.start) - 1
            if before >= 0 and self.quotes[before].end > cue.start:
                continue
            while self.sentences[at].end <= cue.start:
                at += 1
            self.sentences[at].cues.append(cue)
            self.sentences[at].cue_starts.append(cue.start)


def last_inner(text: str, start: int, end: int) -> str:
    """Return the last character of a quotation's words, its marks and spaces left out."""
    at = end - 1
    while at > start and (text[at] in _MARKS_BEHIND or text[at].isspace()):
        at -= 1
    return text[at]


def masked(text: str, start: int, end: int, quotes: Sequence[Place]) -> str:
    """Return ``text[start:end]`` with each quotation replaced by masks of the same length."""
    if not quotes:
        return text[start:end]
    pieces, at = [], start
    for quote in quotes:
        first, last = quote.start, quote.end
        ending = last_inner(text, first, last)
        tail = ENDS_OPEN
        if ending in ".…":
            tail = ENDS_SENTENCE
        elif ending in "!?":
            tail = ENDS_LOUD
        pieces += [text[at:first], _BODY * (last - first - 1), tail]
        at = last
    pieces.append(text[at:end])
    return "".join(pieces)


def sentences_of(mask: str) -> list[tuple[int, int]]:
    """Cut masked text into sentences that tile it."""
    cuts = [
        found.end()
        for found in _BOUNDARY.finditer(mask)
        if _is_boundary(mask, found.start(), found.end())
    ]
    return list(itertools.pairwise([0, *cuts, len(mask)]))


def _is_boundary(mask: str, at: int, behind: int) -> bool:
    first = mask[at]
    if first == ENDS_LOUD:
        return _NAME_SPEAKS.match(mask, behind) is None
    if first != ".":
        return True
    word = _LAST_WORD.search(mask, max(0, at - 20), at + 1)
    if word is None:
        return True
    known = word[1]
    return not (known.lower() in ABBREVIATIONS and known[0].isupper()) and not (
        len(known) == 1 and known.isupper()
    )
