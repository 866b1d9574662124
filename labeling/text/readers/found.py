"""What readers find, what they may be told, and how much they will read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

# A field of an article, and the names files give it, the most telling first.
NAMES = {
    "external_id": ("external_id", "id", "guid", "article_id"),
    "text": ("text", "body", "content", "article", "maintext"),
    "html": ("html", "body_html", "content_html"),
    "title": ("title", "headline"),
    "outlet": ("outlet", "source", "publisher", "publication"),
    "section": ("section", "category"),
    "byline": ("byline", "author", "authors", "creator"),
    "date": ("date", "published_at", "published", "publish_date", "pub_date"),
    "url": ("url", "link", "canonical_url"),
    "language": ("language", "lang"),
    "story": ("story", "story_id"),
}


class Form(StrEnum):
    """In which form an article's words stand."""

    TEXT = "text"
    MARKDOWN = "markdown"
    HTML = "html"


@dataclass(frozen=True, slots=True)
class Limits:
    """How much is read before a file, a row or an archive is set aside.

    Args:
        article_bytes: of one article, and of one row.
        markdown_bytes: of one Markdown article: its reader takes seconds for a megabyte of marks.
        html_bytes: of one page, for the same reason.
        columns: of a CSV.
        entries: of an archive.
        directory_bytes: of an archive's own list of entries, which is read as a whole.
        archive_bytes: of all that an archive unpacks to.
        remedy: what to do about an article that is too long.
        ratio: how many times larger than packed an entry may be, once it is past a megabyte.
    """

    article_bytes: int = 20_000_000
    remedy: str = "Split the file."
    markdown_bytes: int = 500_000
    html_bytes: int = 5_000_000
    columns: int = 200
    entries: int = 100_000
    directory_bytes: int = 32_000_000
    archive_bytes: int = 1_000_000_000
    ratio: int = 100


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """What whoever gives the files says about them.

    Args:
        encoding: the codec of all of them (``required_codec``); None: as each one shows.
        columns: which column or key holds a field, where that is not plain from its name.
        limits: how much is read.
    """

    encoding: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    limits: Limits = Limits()


@dataclass(frozen=True, slots=True)
class Found:
    """An article as it stands in a file.

    Args:
        source: the file's name, with the entry's behind it for an archive.
        row: its row, counted from 1 with the header, where the file has rows.
        data: its bytes; empty where ``words`` holds it.
        words: the article of a row, decoded already; None for a file of its own.
        form: in which form the words stand.
        declared: the codec that was asked for, if any.
        fields: what stands beside the words, by the names of ``NAMES``; never blank.
    """

    source: str
    row: int | None
    form: Form
    data: bytes = b""
    words: str | None = None
    declared: str | None = None
    fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Refused:
    """A file, a row or an entry that was set aside, and why, for people."""

    source: str
    row: int | None
    reason: str


Item: TypeAlias = Found | Refused


def unknown_columns(columns: Mapping[str, str]) -> list[str]:
    """Return the fields of a mapping that there are not."""
    return sorted(set(columns) - set(NAMES))
