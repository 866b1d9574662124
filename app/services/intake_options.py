"""What somebody says about the files they give: checked once, before any of them is read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any

from app.errors import InvalidInputError
from app.services.article_fields import read_date
from app.services.article_files import FileToRead
from app.services.articles import ArticleFields, problem_of
from labeling.errors import TextError
from labeling.text.charset import required_codec
from labeling.text.readers import Limits, ReadOptions, suffix_of
from labeling.text.readers.files import ONE_ARTICLE
from labeling.text.readers.found import NAMES, unknown_columns

# What can only be true of one article.
_OF_ONE = ("title", "url")


def given_fields(said: Mapping[str, str]) -> ArticleFields:
    """The fields that hold for all files.

    Args:
        said: by option: outlet, section, byline, date, language, story, title, url.

    Raises:
        InvalidInputError: one of them cannot be used; the message begins with its name.
    """
    words: dict[str, Any] = {name: text.strip() for name, text in said.items() if name != "date"}
    words |= {name: words.get(name) or None for name in ("story", "external_id")}
    try:
        at = read_date(said["date"]) if said.get("date") else None
    except InvalidInputError as err:
        raise InvalidInputError(f"date: {err.message}", remedy="Give another value.") from None
    fields = ArticleFields(published_at=at, **words)
    if problem := problem_of(fields):
        raise InvalidInputError(problem, remedy="Give another value.")
    return fields


def read_options(columns: Iterable[str], encoding: str, article_bytes: int) -> ReadOptions:
    """How files are read.

    Args:
        columns: ``FIELD=COLUMN`` pairs.
        encoding: an encoding's name, or blank.
        article_bytes: how large one article may be.

    Raises:
        InvalidInputError: there is no such encoding or field, or a pair is none.
    """
    pairs = dict(_pair(one) for one in columns)
    if unknown := unknown_columns(pairs):
        raise InvalidInputError(
            f"map: {unknown[0]!r} is not a field.", remedy="Fields: " + ", ".join(NAMES)
        )
    try:
        codec = required_codec(encoding) if encoding.strip() else None
    except TextError as err:
        raise InvalidInputError(f"encoding: {err.message}", remedy=err.remedy) from None
    remedy = "Split the file, or raise COPYDESK_MAX_ARTICLE_BYTES."
    return ReadOptions(codec, pairs, Limits(article_bytes=article_bytes, remedy=remedy))


def _pair(one: str) -> tuple[str, str]:
    field, sign, column = one.partition("=")
    if not sign or not column.strip():
        raise InvalidInputError(
            f"map: {one[:200]!r} does not say which column holds a field.",
            remedy="Write FIELD=COLUMN, such as text=body.",
        )
    return field.strip().lower(), column.strip()


def check_single(said: Mapping[str, str], files: Iterable[FileToRead]) -> None:
    """See that what can only be true of one article is said of one.

    Raises:
        InvalidInputError: it is said of several.
    """
    of_one = [name for name in _OF_ONE if said.get(name)]
    if not of_one:
        return
    few = list(islice(files, 2))
    if len(few) == 1 and suffix_of(few[0].path.name) in ONE_ARTICLE:
        return
    raise InvalidInputError(
        f"{of_one[0]} is said of one article, but there may be several.",
        remedy="Use --index FILE.csv to give each file its own.",
    )
