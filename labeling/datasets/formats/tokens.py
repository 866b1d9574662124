"""Spans on tokens: which tokens a span covers, and whether its ends are theirs."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from labeling.datasets.formats.base import Losses, Record, where

Tokens = Sequence[tuple[int, int]]
_MISALIGNED = "The span's ends are inside a token; it was widened to whole tokens."
_BLANK = "The span covers no token, only white space."
_OVERLAP = "Spans of one layer overlap here; this format holds one label a token and layer."


@dataclass(frozen=True, slots=True)
class Covered:
    """The tokens ``[first, last]`` of a span, both included."""

    first: int
    last: int


def covered(
    span: Mapping[str, Any], tokens: Tokens, losses: Losses, record: Record
) -> Covered | None:
    """Find a span's tokens; count it as a loss where it does not fit them.

    Args:
        span: with start and end in code points.
        tokens: of the same text, disjoint and in order.
        losses: gets ``misaligned`` or ``no_token``.
        record: the record it is of, for the report.

    Returns:
        All tokens it touches; None where it touches none.
    """
    start, end = span["start"], span["end"]
    first = bisect_right(tokens, start, key=_end_of)
    last = bisect_left(tokens, end, key=_start_of) - 1
    if first > last:
        losses.add("no_token", _BLANK, where(record, span))
        return None
    if (tokens[first][0], tokens[last][1]) != (start, end):
        losses.add("misaligned", _MISALIGNED, where(record, span))
    return Covered(first, last)


def disjoint(
    spans: Iterable[tuple[Mapping[str, Any], Covered]], losses: Losses, record: Record
) -> list[tuple[Mapping[str, Any], Covered]]:
    """Keep the longest of spans that overlap; the others are counted as ``overlap``."""
    kept: list[tuple[Mapping[str, Any], Covered]] = []
    for span, cover in sorted(spans, key=_longest_first):
        if any(cover.first <= other.last and other.first <= cover.last for _, other in kept):
            losses.add("overlap", _OVERLAP, where(record, span))
        else:
            kept.append((span, cover))
    return sorted(kept, key=lambda pair: pair[1].first)


def _longest_first(pair: tuple[Mapping[str, Any], Covered]) -> tuple[int, int, str]:
    span, cover = pair
    return (cover.first - cover.last, cover.first, str(span["label"]))


def _start_of(token: tuple[int, int]) -> int:
    return token[0]


def _end_of(token: tuple[int, int]) -> int:
    return token[1]
