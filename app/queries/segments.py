"""Cut a text at the borders of its spans, so that a page can draw overlaps. Pure.

A page draws each annotator's spans as lines under the text. Two spans of one annotator may
overlap (a loaded term inside a quote), so each annotator gets as many *tracks* as their
spans are deep; no two spans that overlap share a track.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from labeling.types import Span


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of text under the same spans all along.

    ``covering`` are the indices of these spans, ``ending`` those that end where it ends; both
    in the order of the list that was given.
    """

    start: int
    end: int
    text: str
    covering: tuple[int, ...] = ()
    ending: tuple[int, ...] = ()


def cut(text: str, bounds: Sequence[tuple[int, int]]) -> tuple[Segment, ...]:
    """Cut a text at every border of ``bounds``.

    Args:
        text: the whole text.
        bounds: half-open ``(start, end)`` in code points of ``text``, in any order.

    Returns:
        Segments whose texts, one after the other, are ``text``; none is empty.
    """
    borders = sorted({0, len(text)}.union(*((start, end) for start, end in bounds)))
    opened: dict[int, list[int]] = {}
    closed: dict[int, list[int]] = {}
    for index, (start, end) in enumerate(bounds):
        opened.setdefault(start, []).append(index)
        closed.setdefault(end, []).append(index)
    segments = []
    now: set[int] = set()
    for start, end in pairwise(borders):
        now = (now - set(closed.get(start, ()))) | set(opened.get(start, ()))
        segments.append(
            Segment(start, end, text[start:end], tuple(sorted(now)), tuple(closed.get(end, ())))
        )
    return tuple(segments)


def lay_tracks(spans: Sequence[Span]) -> tuple[int, ...]:
    """Give every span of one annotator a track (0, 1, …), the longest of a nest on top.

    Returns:
        One track a span, in the order given; spans that overlap are on different tracks, and
        there are no more tracks than the deepest overlap needs.
    """
    order = sorted(range(len(spans)), key=lambda i: (spans[i].start, -spans[i].end, i))
    ends: list[int] = []
    tracks = [0] * len(spans)
    for index in order:
        span = spans[index]
        free = next((t for t, end in enumerate(ends) if end <= span.start), len(ends))
        if free == len(ends):
            ends.append(0)
        ends[free] = span.end
        tracks[index] = free
    return tuple(tracks)
