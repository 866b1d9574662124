"""Which passages a batch is made of: selectors, as people write them, to rows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import InvalidInputError, NotFoundError
from app.models.articles import Article, ArticleVersion
from app.models.passages import Passage, Placement

SELECTABLE = ("outlet", "section", "language", "story", "since")


def select_passages(session: Session, selectors: Sequence[str]) -> Sequence[Any]:
    """The passages that these selectors choose, in the order of their articles.

    Args:
        session: a session.
        selectors: an article uid or ``field=value`` each; several of one field are
            alternatives, different fields must all hold; none choose every passage.

    Returns:
        Rows of ``id, uid, text_sha, article_id, outlet, section``.

    Raises:
        InvalidInputError: a selector makes no sense, or nothing is chosen.
        NotFoundError: an article named does not exist.
    """
    wanted = _wanted(selectors)
    _check_articles(session, wanted.get("uid", []))
    chosen = session.execute(_selection(wanted)).all()
    if not chosen:
        raise InvalidInputError(
            "No passage matches the selection.",
            remedy="See what there is: flask articles list; import: flask articles import PATH",
        )
    return chosen


def _wanted(selectors: Sequence[str]) -> dict[str, list[str]]:
    """The selectors by field; an article uid stands without one."""
    wanted: dict[str, list[str]] = {}
    for selector in selectors:
        field, separator, value = selector.partition("=")
        wanted.setdefault(field if separator else "uid", []).append(
            value if separator else selector
        )
    return wanted


def _check_articles(session: Session, uids: Sequence[str]) -> None:
    """Refuse uids of no article: a batch made without them would be smaller than asked for."""
    known = set(session.scalars(select(Article.uid).where(Article.uid.in_(uids))))
    unknown = [uid for uid in dict.fromkeys(uids) if uid not in known]
    if unknown:
        raise NotFoundError(
            "There is no article " + ", ".join(repr(uid) for uid in unknown) + ".",
            remedy="See what there is: flask articles list",
        )


def _selection(wanted: dict[str, list[str]]) -> Any:
    query: Any = (
        select(
            Passage.id,
            Passage.uid,
            Passage.text_sha,
            Passage.article_id,
            Article.outlet,
            Article.section,
        )
        .join(Placement, Placement.passage_id == Passage.id)
        .join(ArticleVersion, ArticleVersion.id == Placement.version_id)
        .join(Article, Article.id == ArticleVersion.article_id)
        .where(
            Article.retracted_at.is_(None),
            Article.kind == "imported",
            ArticleVersion.n == Article.current_version,
        )
        .order_by(Article.id, Placement.start)
    )
    for field, values in wanted.items():
        query = query.where(_condition(field, values))
    return query


def _condition(field: str, values: list[str]) -> Any:
    if field == "uid":
        return Article.uid.in_(values)
    if field == "since":
        # Alternatives, as several values of any field: the earliest holds the others.
        return Article.published_at >= min(_date(value) for value in values)
    if field not in SELECTABLE:
        raise InvalidInputError(
            f"Articles cannot be selected by {field!r}.",
            remedy="Use an article uid or one of: " + ", ".join(f"{f}=…" for f in SELECTABLE),
        )
    return getattr(Article, field).in_(values)


def _date(value: str) -> datetime:
    try:
        date = datetime.fromisoformat(value)
        return date.astimezone(UTC) if date.tzinfo else date.replace(tzinfo=UTC)
    except (ValueError, OverflowError) as err:
        raise InvalidInputError(
            f"since={value!r} is not a date.", remedy="Write it as since=2026-11-01"
        ) from err
