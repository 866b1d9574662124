"""What is known of an article besides its words, from all who say something about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields as fields_of_class
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from app.errors import InvalidInputError
from app.services.articles import LONGEST, ArticleFields, problem_of

_NAMES = tuple(field.name for field in fields_of_class(ArticleFields))


def merge_fields(
    named: Mapping[str, str], given: ArticleFields, seen: Mapping[str, str]
) -> ArticleFields:
    """Put together what a row says, what holds for all files, and what a page seems to say.

    Args:
        named: fields given with this article; they go before all others.
        given: what was said about all of them.
        seen: what was read out of its page; it only fills what nobody said.

    Raises:
        InvalidInputError: a field cannot be used; the message begins with its name.
    """
    words: dict[str, Any] = {name: named.get(name) or getattr(given, name) for name in _NAMES}
    words |= {name: value for name, value in _usable(seen).items() if not words.get(name)}
    said = named.get("date", "")
    words["published_at"] = (
        read_date(said) if said else given.published_at or _date_or_none(seen.get("date", ""))
    )
    merged = ArticleFields(**words)
    if problem := problem_of(merged):
        raise InvalidInputError(problem)
    return merged


def read_date(value: str) -> datetime:
    """Read a date as people and feeds write it; without a zone it is UTC.

    Raises:
        InvalidInputError: it is no date.
    """
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            at = read(value.strip())
            return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
        except (ValueError, OverflowError, TypeError):
            continue
    raise InvalidInputError(f"{value[:200]!r} is not a date (write 2026-11-01).")


def _date_or_none(value: str) -> datetime | None:
    try:
        return read_date(value) if value else None
    except InvalidInputError:
        return None


def _usable(seen: Mapping[str, str]) -> dict[str, str]:
    """What a page says, less what has no place here: nobody asked for it."""
    return {
        name: value
        for name, value in seen.items()
        if name in LONGEST and not problem_of(ArticleFields(**{name: value}))  # type: ignore[arg-type]
    }
