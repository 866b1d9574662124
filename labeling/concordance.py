"""A term in its contexts: every place where it stands in a text, aligned for reading."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from labeling.errors import LabelingError

LONGEST_TERM = 200
CONTEXT_CHARS = 60


class TermError(LabelingError):
    """A term cannot be looked for."""

    kind = "bad_term"


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One place of a term; ``left`` and ``right`` are what stands around it, on one line."""

    start: int
    end: int
    left: str
    match: str
    right: str


def find_term(text: str, term: str) -> list[Occurrence]:
    """Find every occurrence of a term, ignoring case.

    A word ends where a letter, a digit or an underscore ends: ``attack`` is found in
    ``attack-ready`` and in ``attack's`` (without the ``'s``), not in ``attacked``. Occurrences
    that overlap are all found.

    Args:
        text: any text.
        term: one word or several, as written in the text but for case.

    Returns:
        The occurrences in order, ``[start, end)`` in code points of the text.

    Raises:
        TermError: the term is blank or too long.
    """
    found = []
    for place in _pattern(term).finditer(text):
        start, end = place.span(1)
        left = text[max(0, start - CONTEXT_CHARS) : start]
        right = text[end : end + CONTEXT_CHARS]
        found.append(Occurrence(start, end, _line(left), text[start:end], _line(right)))
    return found


def find_forms(text: str, forms: Sequence[str]) -> list[tuple[Occurrence, str]]:
    """Find every occurrence of a term in any of its forms, each with the form that stands there.

    Where several forms begin at the same character, the longest is told.
    """
    found: dict[int, tuple[Occurrence, str]] = {}
    for form in forms:
        for one in find_term(text, form):
            if one.start not in found or one.end > found[one.start][0].end:
                found[one.start] = (one, form)
    return [found[start] for start in sorted(found)]


@lru_cache(maxsize=512)
def _pattern(term: str) -> re.Pattern[str]:
    if not term.strip():
        raise TermError("A blank term cannot be looked for.", remedy="Name a word or several.")
    if len(term) > LONGEST_TERM:
        raise TermError(
            f"A term of {len(term)} characters is too long.",
            remedy=f"Use at most {LONGEST_TERM} characters.",
        )
    before = r"(?<!\w)" if re.match(r"\w", term) else ""
    after = r"(?!\w)" if re.search(r"\w\Z", term) else ""
    return re.compile(f"{before}(?=({re.escape(term)}){after})", re.IGNORECASE)


def _line(context: str) -> str:
    """One line of the same length: a line end is shown as a blank."""
    return re.sub(r"\s", " ", context)
