"""Tokens: words, numbers and single marks, for formats and figures that count in tokens.

One rule for every language that parts words by spaces; it needs no model, so a token means
the same on every machine.
"""

from __future__ import annotations

import re

# A word keeps its apostrophes and hyphens; every other visible character stands alone.
_TOKEN = re.compile(r"\w+(?:['’‑-]\w+)*|[^\w\s]")


def tokens_of(text: str) -> list[tuple[int, int]]:
    """Cut a text into tokens.

    Args:
        text: any text.

    Returns:
        ``[start, end)`` of each token in code points, in order; what is between them is white
        space. Linear in the text.
    """
    return [match.span() for match in _TOKEN.finditer(text)]
