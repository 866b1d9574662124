"""Where the paragraphs of a plain text file stand.

News files part paragraphs by blank lines or by single line ends, and some do both, so every
line that is not blank is a paragraph. The exception is text wrapped at a fixed width, where a
line runs on into the next: there, a line is *full* when the next line's first word would not
have fitted behind it, and a full line is joined with the one below.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_WIDEST_WRAP = 120
_FEWEST_FULL_LINES = 3
_SHARE_OF_FULL_LINES = 0.6
_SENTENCE_END = (".", "!", "?", "…", ":", ".”", ".’", '."', ".'", "?”", "!”", '?"', '!"')


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A stretch of text with the blank lines after it; ``close`` when none precede it."""

    start: int
    end: int
    close: bool


@dataclass(frozen=True, slots=True)
class _Line:
    start: int
    text: str


def paragraphs_of(text: str) -> tuple[Paragraph, ...]:
    r"""Cut a text into paragraphs that tile it.

    Args:
        text: frozen text with ``\\n`` line ends.

    Returns:
        The first starts at 0 (blank lines at the top are its own), each begins where the one
        before ends, the last ends at ``len(text)``. Empty for an empty text.
    """
    if not text:
        return ()
    lines = list(_lines_of(text))
    starts = _paragraph_starts(lines, _wrap_width(lines))
    if not starts:
        return (Paragraph(0, len(text), close=False),)
    starts[0] = (0, False)
    ends = [start for start, _ in starts[1:]] + [len(text)]
    return tuple(
        Paragraph(start, end, close) for (start, close), end in zip(starts, ends, strict=True)
    )


def _lines_of(text: str) -> Iterator[_Line]:
    at = 0
    for line in text.split("\n"):
        yield _Line(at, line.strip())
        at += len(line) + 1


def _paragraph_starts(lines: list[_Line], width: int) -> list[tuple[int, bool]]:
    starts: list[tuple[int, bool]] = []
    above = ""
    for line in lines:
        if line.text and not (width and above and _is_full(above, line.text, width)):
            starts.append((line.start, bool(above)))
        above = line.text
    return starts


def _is_full(line: str, below: str, width: int) -> bool:
    return len(line) + 1 + len(below.split(None, 1)[0]) > width


def _wrap_width(lines: list[_Line]) -> int:
    """Return the width the text was wrapped at, 0 where its lines are paragraphs."""
    width = max(len(line.text) for line in lines)
    if width > _WIDEST_WRAP:
        return 0
    pairs = [
        (line.text, below.text)
        for line, below in itertools.pairwise(lines)
        if line.text and below.text
    ]
    full = [line for line, below in pairs if _is_full(line, below, width)]
    running_on = sum(not line.endswith(_SENTENCE_END) for line in full)
    wrapped = (
        len(full) >= _FEWEST_FULL_LINES
        and len(full) >= _SHARE_OF_FULL_LINES * len(pairs)
        and 2 * running_on > len(full)
    )
    return width if wrapped else 0
