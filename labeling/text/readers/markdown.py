"""Markdown: its words without its marks, and the fields that stand above it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from labeling.text.readers.found import NAMES

if TYPE_CHECKING:
    from markdown_it.token import Token

_FENCE = "---\n"
_LONGEST_FRONT = 10_000
_FIELD = re.compile(r"([A-Za-z_]{1,30}):[ \t]*(.*)")
_MARKED = "took the marks of Markdown away (headings, emphasis, links, lists)"
_FRONT = "read the fields that stand above the text (front matter)"


def read_markdown(text: str) -> tuple[str, dict[str, str], tuple[str, ...]]:
    r"""Take the words out of a Markdown text.

    Headings, paragraphs, list items and the lines of code become paragraphs. Marks of emphasis
    and the addresses of links and pictures go; so does raw HTML.

    Args:
        text: decoded text with ``\\n`` line ends.

    Returns:
        The words, the fields of its front matter by the names of ``NAMES``, and what was done.
    """
    from markdown_it import MarkdownIt

    fields, body = _front_matter(text)
    parser = MarkdownIt("commonmark")
    words = "\n\n".join(filter(None, map(str.strip, _paragraphs(parser.parse(body)))))
    fixes = [_FRONT] if body != text else []
    if _without_breaks(words) != _without_breaks(body):
        fixes.append(_MARKED)
    return words, fields, tuple(fixes)


def _front_matter(text: str) -> tuple[dict[str, str], str]:
    """Part simple ``name: value`` lines between two lines of three dashes from the text."""
    end = text.find("\n" + _FENCE, 0, _LONGEST_FRONT)
    if not text.startswith(_FENCE) or end < 0:
        return {}, text
    fields = {}
    for line in text[len(_FENCE) : end].split("\n"):
        found = _FIELD.fullmatch(line)
        name = found[1].lower() if found else ""
        field = next((field for field, names in NAMES.items() if name in names), None)
        if found and field not in {None, "text", "html"}:
            fields[str(field)] = found[2].strip().strip("\"'")
    return {field: value for field, value in fields.items() if value}, text[end + 1 + len(_FENCE) :]


def _paragraphs(tokens: list[Token]) -> Iterator[str]:
    for token in tokens:
        if token.type == "inline":
            yield "".join(_words(token.children or []))
        elif token.type in {"code_block", "fence"}:
            yield token.content


def _words(tokens: list[Token]) -> Iterator[str]:
    for token in tokens:
        if token.type in {"text", "code_inline"}:
            yield token.content
        elif token.type == "softbreak":
            yield " "
        elif token.type == "hardbreak":
            yield "\n"


def _without_breaks(text: str) -> str:
    return "".join(text.split())
