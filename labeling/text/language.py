"""Which language a text is in: a flag for people, never a gate."""

from __future__ import annotations

# Enough to be sure of, little enough to cost nothing; fewer letters than this say nothing.
_LOOKED_AT = 3000
_FEWEST_LETTERS = 40


def language_of(text: str) -> str:
    """Return the language of a text as a code such as ``en``; empty when it is too short to say.

    Args:
        text: frozen text; only its beginning is looked at.
    """
    head = text[:_LOOKED_AT]
    if sum(map(str.isalpha, head)) < _FEWEST_LETTERS:
        return ""
    from py3langid import classify

    return str(classify(head)[0])
