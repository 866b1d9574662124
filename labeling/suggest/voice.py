"""In whose voice words stand: the outlet's own, quoted, paraphrased, or the headline's.

Computed from the quotations around the words and from the role of their block, alike for
suggestions (offsets in the article) and for annotations (offsets in the passage).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Any, Protocol

from labeling.types import Block, Role

QUOTE = "QUOTE"
PARAPHRASE = "paraphrase"


class Voice(StrEnum):
    """Whose words they are, as the scheme's aliases say it."""

    OUTLET = "outlet"
    QUOTED = "quoted"
    PARAPHRASED = "paraphrased"
    HEADLINE = "headline"


class Marked(Protocol):
    """A labeled stretch: a ``Suggestion`` and a ``Span`` both are one."""

    @property
    def label(self) -> str:
        """Only QUOTE counts here."""
        ...

    @property
    def start(self) -> int:
        """First character."""
        ...

    @property
    def end(self) -> int:
        """One past the last character."""
        ...

    @property
    def attrs(self) -> Mapping[str, Any]:
        """``kind`` says how it is quoted."""
        ...


def voice_of(start: int, end: int, spans: Iterable[Marked], blocks: Sequence[Block]) -> Voice:
    """Say in whose voice ``[start, end)`` stands.

    Words wholly inside quotation marks are *quoted*, whatever the kind: also in scare quotes, in
    a title and in a pull quote, for there too the marks tell the reader that the outlet does not
    choose the word as its own. (The kind stays on the quote, so that a desk can count them
    apart.) Otherwise words in a headline have the *headline*'s voice, and words wholly inside a
    paraphrase are *paraphrased*. All else is the *outlet*'s own, also words that only reach into
    a quotation: part of them is the outlet's choice.

    Args:
        start: first character of the words.
        end: one past the last.
        spans: the quotations, with offsets that count from the same place as ``start``; spans
            with other labels do not matter.
        blocks: the blocks with their roles, likewise. For a passage this is one block.

    Returns:
        The voice. Use ``Voices`` to ask for many stretches of one text.
    """
    return Voices(spans, blocks).of(start, end)


class Voices:
    """The voices of one text, made once and asked for any number of stretches."""

    def __init__(self, spans: Iterable[Marked], blocks: Sequence[Block]) -> None:
        quotes = [span for span in spans if span.label == QUOTE]
        self._quoted = _Cover((q.start, q.end) for q in quotes if _kind(q) != PARAPHRASE)
        self._paraphrased = _Cover((q.start, q.end) for q in quotes if _kind(q) == PARAPHRASE)
        self._headlines = _Cover((b.start, b.end) for b in blocks if b.role is Role.HEADLINE)

    def of(self, start: int, end: int) -> Voice:
        """Say in whose voice ``[start, end)`` stands; see ``voice_of``."""
        if self._quoted.holds(start, end):
            return Voice.QUOTED
        if self._headlines.holds(start, end):
            return Voice.HEADLINE
        if self._paraphrased.holds(start, end):
            return Voice.PARAPHRASED
        return Voice.OUTLET


def _kind(span: Marked) -> object:
    """Return the kind of a quotation; an answer of Label Studio may come as a list."""
    kind = span.attrs.get("kind")
    return kind[0] if isinstance(kind, list | tuple) and kind else kind


class _Cover:
    """Stretches of which the outermost are kept, to ask whether one of them holds another."""

    def __init__(self, stretches: Iterable[tuple[int, int]]) -> None:
        self._starts: list[int] = []
        self._ends: list[int] = []
        for start, end in sorted(stretches, key=lambda s: (s[0], -s[1])):
            if not self._ends or end > self._ends[-1]:
                self._starts.append(start)
                self._ends.append(end)

    def holds(self, start: int, end: int) -> bool:
        """Say whether one stretch holds ``[start, end)``."""
        at = bisect_right(self._starts, start) - 1
        return at >= 0 and end <= self._ends[at]
