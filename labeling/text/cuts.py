"""Where passages begin and end: at paragraphs, with very short ones joined and long ones cut.

A paragraph is a passage. One of fewer than ``TINY`` characters (some six words: "He paused.")
says too little alone and is joined with the one below, or with the one above when that leads
in to it with a colon or there is none below; never across a block of another role, and never
beyond ``LONGEST``. One of more than ``LONGEST`` characters is cut between sentences and outside
quotations. Where it has no such place for ``FARTHEST`` characters it is cut all the same, at
the best place there is, and the reason says so: no task may be as long as a file.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from labeling.text.openquotes import OpenQuotes
from labeling.types import PASSAGE_ROLES, Block, Role

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

TINY = 40
LONGEST = 1_500
FARTHEST = 6_000
_SHORTEST_PART = 300
_LEADS_IN = ":"
_SENTENCE_END = re.compile(r"[.!?…]['\"”’»)\]]{0,4}\s+(?=[^\W_a-z]|['\"“‘«„(\[¿¡–—-])")
_SPACE = re.compile(r"\s+")
# syntok sees this much around a place, and is asked about so few that the work stays linear.
_SEEN_BEFORE, _SEEN_AFTER, _MOST_ASKED = 300, 150, 4

JOINED = "short paragraphs joined"
BETWEEN_SENTENCES = "part of a long paragraph, cut between sentences"
IN_QUOTATION = "part of a long paragraph, cut within a quotation that goes on for very long"
BETWEEN_WORDS = "part of a long paragraph, cut between words: no sentence ends for very long"
WHOLE = "long, and without a place between sentences and outside quotations to cut it at"
ANYWHERE = "part of a long paragraph, cut anywhere: no word ends for very long"


@dataclass(frozen=True, slots=True)
class Cut:
    """A passage to be: ``[start, end)`` without outer whitespace, and why it ends there."""

    start: int
    end: int
    role: Role
    reason: str = ""


def cuts_of(text: str, blocks: Sequence[Block]) -> Iterator[Cut]:
    """Say where the passages of an article stand, in order.

    Args:
        text: the frozen text.
        blocks: the blocks that tile it, or a run of them.
    """
    run: list[Cut] = []
    for block in blocks:
        start, end = trimmed(text, block.start, block.end)
        if start == end:
            continue
        if run and run[-1].role is not block.role:
            yield from _finished(text, run)
            run = []
        if block.role in PASSAGE_ROLES:
            run.append(Cut(start, end, block.role))
    yield from _finished(text, run)


def trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """Leave out the whitespace at both ends of ``[start, end)``."""
    within = text[start:end]
    first = start + len(within) - len(within.lstrip())
    return first, max(first, start + len(within.rstrip()))


def sentence_starts(text: str) -> list[int]:
    """Give the places within a text where a sentence seems to begin, the first one left out."""
    return [found.end() for found in _SENTENCE_END.finditer(text)]


def _finished(text: str, run: Iterable[Cut]) -> Iterator[Cut]:
    for cut in _joined(text, run):
        if cut.end - cut.start > LONGEST:
            yield from _parts(text, cut)
        else:
            yield cut


def _joined(text: str, run: Iterable[Cut]) -> list[Cut]:
    """Join the short paragraphs of neighbouring blocks of one role."""
    joined: list[Cut] = []
    for cut in run:
        above = joined[-1] if joined else None
        led = above is not None and _is_tiny(cut) and text[above.end - 1] in _LEADS_IN
        if above is not None and (_is_tiny(above) or led) and _fit(above, cut):
            joined[-1] = replace(above, end=cut.end, reason=JOINED)
        else:
            joined.append(cut)
    if len(joined) > 1 and _is_tiny(joined[-1]) and _fit(joined[-2], joined[-1]):
        last = joined.pop()
        joined[-1] = replace(joined[-1], end=last.end, reason=JOINED)
    return joined


def _is_tiny(cut: Cut) -> bool:
    return cut.end - cut.start < TINY


def _fit(above: Cut, below: Cut) -> bool:
    return below.end - above.start <= LONGEST


def _parts(text: str, cut: Cut) -> Iterator[Cut]:
    """Cut a long paragraph into parts of like length; linear in its length."""
    ends = [found.end() for found in _SENTENCE_END.finditer(text, cut.start, cut.end)]
    quotes = OpenQuotes(text, cut.start, cut.end)
    safe = [at for at in ends if not quotes.hold(at)]
    start, reason = cut.start, ""
    while cut.end - start > LONGEST:
        at, reason = _next_cut(text, start, cut.end, safe, ends)
        yield Cut(start, trimmed(text, start, at)[1], cut.role, reason)
        start = at
    if start < cut.end:
        yield Cut(start, cut.end, cut.role, reason)


def _next_cut(text: str, start: int, end: int, safe: list[int], ends: list[int]) -> tuple[int, str]:
    left = end - start
    aim = start + left // -(-left // LONGEST)
    near = _between(safe, start + _SHORTEST_PART, min(start + LONGEST, end - _SHORTEST_PART))
    if near:
        return _confirmed(text, sorted(near, key=lambda at: abs(at - aim))), BETWEEN_SENTENCES
    farther = _between(safe, start + LONGEST, start + FARTHEST)
    if farther:
        return farther[0], BETWEEN_SENTENCES
    if left <= FARTHEST:
        return end, WHOLE
    within = _between(ends, start + _SHORTEST_PART, start + LONGEST)
    if within:
        return within[-1], IN_QUOTATION
    spaces = [found.end() for found in _SPACE.finditer(text, start + 1, start + LONGEST)]
    if spaces:
        return spaces[-1], BETWEEN_WORDS
    return _whole_character(text, start + LONGEST), ANYWHERE


def _between(places: list[int], low: int, high: int) -> list[int]:
    """Give the places above ``low`` and up to ``high``."""
    return places[bisect_right(places, low) : bisect_right(places, high)]


def _confirmed(text: str, places: list[int]) -> int:
    """Give the first place where syntok sees a sentence begin too; it knows abbreviations."""
    for at in places[:_MOST_ASKED]:
        if _begins_sentence(text[max(0, at - _SEEN_BEFORE) : at + _SEEN_AFTER], at):
            return at
    return places[0]


def _begins_sentence(window: str, at: int) -> bool:
    from syntok import segmenter

    wanted = min(at, _SEEN_BEFORE)
    return any(
        sentence[0].offset == wanted
        for paragraph in segmenter.analyze(window)
        for sentence in paragraph
        if sentence
    )


def _whole_character(text: str, at: int) -> int:
    """Step back from within a letter and its marks, or an emoji made of several."""
    for back in range(at, at - 50, -1):
        if not _belongs_to_the_one_before(text[back]) and text[back - 1] != "\u200d":
            return back
    return at


def _belongs_to_the_one_before(char: str) -> bool:
    return unicodedata.category(char) in ("Mn", "Me", "Cf") or "\U0001f3fb" <= char <= "\U0001f3ff"
