"""Tokens: words, numbers and single marks, for formats and figures that count in tokens.

A token is a word (letters, digits and marks, with apostrophes, hyphens, points and commas
inside it), or one sign of punctuation, or one character of a script that puts no spaces
between words. It needs no model, so a token means the same on every machine.
"""

from __future__ import annotations

import re

_UNSPACED = r"\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\u0e00-\u0e7f"
_WORD = r"(?:['’.,\-‐‑]\w+)*|[^\w\s]"
_TOKEN = re.compile(r"\w+" + _WORD)
_UNSPACED_SCRIPT = re.compile(f"[{_UNSPACED}]")
_TOKEN_OF_ANY_SCRIPT = re.compile(rf"[{_UNSPACED}]|[^\W{_UNSPACED}]+" + _WORD)


def tokens_of(text: str) -> list[tuple[int, int]]:
    """Cut a text into tokens.

    Args:
        text: any text.

    Returns:
        ``[start, end)`` of each token in code points, in order; what is between them is white
        space. Linear in the text.
    """
    unspaced = not text.isascii() and _UNSPACED_SCRIPT.search(text)
    pattern = _TOKEN_OF_ANY_SCRIPT if unspaced else _TOKEN
    return [match.span() for match in pattern.finditer(text)]
