"""A guideline read into blocks that a page can draw: headings, paragraphs, lists, tables.

What is not among these (links, images, HTML) stays as it was written. The whole of CommonMark,
as Label Studio's page shows it, is ``labeling.scheme.guideline_html``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

_HEADING = re.compile(r"(#{1,6})\s+(.+?)\s*#*$")
_ITEM = re.compile(r"(?:[-*+]|(\d+)[.)])\s+(.*)$")
_RULE = re.compile(r"\|?[\s:|-]*-[\s:|-]*$")
_INLINE = re.compile(r"\*\*(?P<strong>.+?)\*\*|\*(?P<em>[^*\s][^*]*?)\*|`(?P<code>[^`]+)`")


class Words(NamedTuple):
    """A stretch of text; ``kind`` is empty, strong, em or code."""

    kind: str
    text: str


Line = tuple[Words, ...]


@dataclass(frozen=True, slots=True)
class GuidelineBlock:
    """One block. ``kind`` is heading, paragraph, quote, list, numbers or table.

    ``lines`` are the paragraph or the items, ``rows`` a table's cells (its head first).
    """

    kind: str
    lines: tuple[Line, ...] = ()
    level: int = 0
    rows: tuple[tuple[Line, ...], ...] = field(default=())


def read_guideline(markdown: str) -> tuple[GuidelineBlock, ...]:
    """Read a guideline.

    Args:
        markdown: as it was written.

    Returns:
        Its blocks in order; no word is left out.
    """
    blocks: list[GuidelineBlock] = []
    paragraph: list[str] = []
    for line in [*markdown.splitlines(), ""]:
        if line.strip() and not _starts_anew(line, paragraph):
            paragraph.append(line)
            continue
        if paragraph:
            blocks.append(_block(paragraph))
        paragraph = [line] if line.strip() else []
        if line.startswith("#") and _HEADING.match(line):
            blocks.append(_block([line]))
            paragraph = []
    return tuple(blocks)


def inline(text: str) -> Line:
    """Read the marks within a line: strong, em and code."""
    found: list[Words] = []
    at = 0
    for match in _INLINE.finditer(text):
        if match.start() > at:
            found.append(Words("", text[at : match.start()]))
        found.append(Words(match.lastgroup or "", match[match.lastgroup or 0]))
        at = match.end()
    if at < len(text):
        found.append(Words("", text[at:]))
    return tuple(found)


def _starts_anew(line: str, before: Sequence[str]) -> bool:
    """Whether a line begins another block than the lines before it."""
    if not before:
        return bool(_HEADING.match(line))
    return _sort_of(line) != _sort_of(before[0]) and not (
        _sort_of(before[0]) in ("list", "numbers") and line.startswith("  ")
    )


def _sort_of(line: str) -> str:
    if _HEADING.match(line):
        return "heading"
    if line.startswith("|"):
        return "table"
    if line.startswith(">"):
        return "quote"
    item = _ITEM.match(line)
    if item:
        return "numbers" if item[1] else "list"
    return "paragraph"


def _block(lines: Sequence[str]) -> GuidelineBlock:
    sort = _sort_of(lines[0])
    if sort == "heading":
        match = _HEADING.match(lines[0])
        assert match is not None  # noqa: S101 - what _sort_of has just seen
        return GuidelineBlock("heading", (inline(match[2]),), len(match[1]))
    if sort == "table":
        rows = [line for line in lines if not _RULE.match(line.strip())]
        return GuidelineBlock("table", rows=tuple(_cells(row) for row in rows))
    if sort == "quote":
        return GuidelineBlock("quote", (inline(" ".join(x.lstrip("> ") for x in lines)),))
    if sort == "paragraph":
        return GuidelineBlock("paragraph", (inline(" ".join(line.strip() for line in lines)),))
    items: list[str] = []
    for line in lines:
        item = _ITEM.match(line)
        if item:
            items.append(item[2])
        else:
            items[-1] += " " + line.strip()
    return GuidelineBlock(sort, tuple(inline(item) for item in items))


def _cells(row: str) -> tuple[Line, ...]:
    return tuple(inline(cell.strip()) for cell in row.strip().strip("|").split("|"))
