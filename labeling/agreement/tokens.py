"""Tokens: the units on which token-level agreement counts.

A span covers a token when they share a character, so it does not matter whether the blank
behind a word was marked with it.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from labeling.agreement.matching import SpanKey
from labeling.text.tokens import tokens_of

NO_SPAN = ""
JOINED = "+"


def token_bounds(text: str) -> tuple[list[int], list[int]]:
    """Where the tokens of a text start and end, in code points."""
    found = tokens_of(text)
    return [start for start, _ in found], [end for _, end in found]


def token_labels(
    bounds: tuple[Sequence[int], Sequence[int]], spans: Sequence[SpanKey]
) -> list[str]:
    """The value of each token for one annotator in one layer.

    Args:
        bounds: what ``token_bounds`` gave.
        spans: the annotator's spans of the layer.

    Returns:
        The label over the token; several, where spans lie in each other, joined by ``+`` in
        alphabetical order; empty for none.
    """
    starts, ends = bounds
    values = [NO_SPAN] * len(starts)
    for start, end, label in spans:
        for at in range(bisect_right(ends, start), bisect_left(starts, end)):
            held = values[at]
            if not held:
                values[at] = label
            elif label not in (parts := held.split(JOINED)):
                values[at] = JOINED.join(sorted([*parts, label]))
    return values
