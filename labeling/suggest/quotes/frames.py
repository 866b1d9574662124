"""A paragraph (or the inside of a quotation) with its quotations masked, cut into sentences."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass, field

from labeling.suggest.quotes.cues import SPOKEN, Cue
from labeling.suggest.quotes.words import ABBREVIATIONS

# What a masked quotation is made of: its last character tells how its words end.
_BODY, ENDS_SENTENCE, ENDS_LOUD, ENDS_OPEN = "\x02", "\x03", "\x04", "\x05"
MASKS = "\x02-\x05"
_BOUNDARY = re.compile(r"(?:[.!?…]+[)\]’']?|[\x03\x04])\s+(?=[^a-z\s,;])")
_LAST_WORD = re.compile(r"(\w+)\.\Z")
_NAME_SPEAKS = re.compile(rf"(?:[A-Z][\w.’'-]{{0,30}}\s+){{1,4}}(?:{'|'.join(sorted(SPOKEN))})\b")
_MARKS_BEHIND = "”\"’'»“`"


@dataclass(slots=True)
class Quoted:
    """A quotation within a frame: offsets are the article's."""

    start: int
    end: int
    unclosed: bool = False
    single: bool = False
    depth: int = 0


@dataclass(slots=True)
class Sentence:
    """A stretch of a frame with the quotations and cues that stand in it."""

    start: int
    end: int
    quotes: list[int] = field(default_factory=list)
    cues: list[Cue] = field(default_factory=list)


@dataclass(slots=True)
class Frame:
    """A stretch of text in which quotations are masked; ``at(i)`` of the mask is ``base + i``."""

    base: int
    masked: str
    sentences: list[Sentence]


def last_inner(text: str, start: int, end: int) -> str:
    """Return the last character of a quotation's words, its marks and spaces left out."""
    at = end - 1
    while at > start and (text[at] in _MARKS_BEHIND or text[at].isspace()):
        at -= 1
    return text[at]


def masked(text: str, start: int, end: int, quotes: list[tuple[int, int]]) -> str:
    """Return ``text[start:end]`` with each quotation replaced by masks of the same length."""
    if not quotes:
        return text[start:end]
    pieces, at = [], start
    for first, last in quotes:
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
