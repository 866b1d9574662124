"""Words, marks and masked quotations of a frame, and the noun phrases that they make."""

from __future__ import annotations

import re
from typing import NamedTuple

from labeling.suggest.quotes.frames import MASKS

_TOKEN = re.compile(
    rf"[{MASKS}]+|(?:[^\W\d_]\.){{2,}}|[@#$]?\w+(?:[.’'&/-]\w+)*(?:[’']|\.(?!\Z))?|[^\w\s]"
)
# How far from a verb its subject is looked for.
WINDOW = 240


class Token(NamedTuple):
    """A word, a mark or a masked quotation of a frame; ``low`` is it in lower case."""

    word: str
    low: str
    start: int
    end: int

    @property
    def is_name(self) -> bool:
        """Whether it has a capital, or is a handle."""
        first = self.word[0]
        return first.isupper() or (first == "@" and len(self.word) > 1)

    @property
    def is_mark(self) -> bool:
        """Whether it is punctuation or a masked quotation."""
        first = self.word[0]
        return not (first.isalnum() or first in "@#$")


class Phrase(NamedTuple):
    """A noun phrase: where it stands, and whether it is a name, a pronoun or a role."""

    start: int
    end: int
    form: str


def tokens_of(mask: str, start: int, end: int) -> list[Token]:
    """Cut a stretch into tokens."""
    return [
        Token(word := found.group(), word.lower(), found.start(), found.end())
        for found in _TOKEN.finditer(mask, start, end)
    ]


def tokens_from(mask: str, start: int, end: int) -> list[Token]:
    """Cut the first part of a stretch into tokens."""
    return tokens_of(mask, start, min(end, start + WINDOW))
