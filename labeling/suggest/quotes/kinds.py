"""What kind a quotation is: direct, partial, scare quotes or a title, or a pull quote."""

from __future__ import annotations

import re
from enum import StrEnum

_WORD = re.compile(r"\w+(?:[’'.-]\w+)*")
FEWEST_WORDS = 4


class Kind(StrEnum):
    """How it is quoted, as the scheme's aliases say it."""

    DIRECT = "direct"
    PARTIAL = "partial"
    PARAPHRASE = "paraphrase"
    SCARE = "scare"
    PULL_QUOTE = "pull_quote"


def kind_of(text: str, start: int, end: int, *, cued: bool, stands_alone: bool) -> Kind:
    """Decide between direct, partial and scare.

    Args:
        text: the article's text.
        start: where the quotation starts, its mark included.
        end: where it ends.
        cued: whether a cue belongs to it.
        stands_alone: whether no words of the outlet share its sentence.
    """
    words = _count(text, start, end)
    if words < FEWEST_WORDS and not cued and not stands_alone:
        return Kind.SCARE
    first = _WORD.search(text, start, end)
    capital = first is not None and not text[first.start()].islower()
    inner = text[start:end].rstrip("”\"’'»“` \u00a0")
    ended = inner[-1:] in {".", ",", "!", "?", "…", "—", "–", "-"}
    if stands_alone or (capital and (ended or words > FEWEST_WORDS)):
        return Kind.DIRECT
    return Kind.PARTIAL


def _count(text: str, start: int, end: int) -> int:
    count = 0
    for _ in _WORD.finditer(text, start, end):
        count += 1
        if count >= FEWEST_WORDS + 1:
            break
    return count
