"""Which passages a batch is made of: selectors, as people write them, to rows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.errors import InvalidInputError, NotFoundError
from app.models.articles import Article, ArticleVersion
from app.models.passages import Passage, Placement
from app.services.duplicates import first_of_each_cluster

SELECTABLE = ("outlet", "section", "language", "story", "since")


def select_passages(
    session: Session, selectors: Sequence[str], *, duplicates: bool = False
) -> Sequence[Any]:
    """The passages that these selectors choose, in the order of their articles.

    Of near-duplicates the first that is chosen stands for the others, unless articles are named
    by their uids.

    Args:
        session: a session.
        selectors: an article uid or ``field=value`` each; several of one field are
            alternatives, different fields must all hold; none choose every passage.
        duplicates: take near-duplicates too.

    Returns:
        Rows of ``id, uid, text_sha, article_id, outlet, section``.

    Raises:
        InvalidInputError: a selector makes no sense, or nothing is chosen.
        NotFoundError: an article named does not exist.
    """
    wanted = _wanted(selectors)
    _check_articles(session, wanted.get("uid", []))
    query = _selection(wanted)
    if not duplicates and "uid" not in wanted:
        query = first_of_each_cluster(query)
    chosen = session.execute(query).all()
    if not chosen:
        raise InvalidInputError(
            "No passage matches the selection.",
            remedy="See what there is: flask articles list; import: flask articles import PATH",
        )
    return chosen


def count_left_out(session: Session, selectors: Sequence[str]) -> int:
    """How many articles these selectors choose that are left to a near-duplicate of theirs."""
    wanted = _wanted(selectors)
    if "uid" in wanted:
        return 0
    articles = _selection(wanted).with_only_columns(Article.id).distinct().order_by(None)
    counted = [
        session.scalar(select(func.count()).select_from(query.subquery())) or 0
        for query in (articles, first_of_each_cluster(articles))
    ]
    return counted[0] - counted[1]


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
