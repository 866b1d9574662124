"""The list of articles: its rows, how many there are, and the filters beside it."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from dataclasses import dataclass
from datetime import datetime
from operator import neg

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.models.articles import Article, ArticleVersion
from app.models.passages import Placement
from app.queries.paging import Page, make_page
from app.queries.remembered import remembered

_PASSAGES = (
    select(func.count())
    .select_from(Placement)
    .join(ArticleVersion, ArticleVersion.id == Placement.version_id)
    .where(ArticleVersion.article_id == Article.id, ArticleVersion.n == Article.current_version)
    .correlate(Article)
    .scalar_subquery()
    .label("passages")
)
# More articles than this are not kept as what a search found; they are counted and read anew.
_MOST_FOUND = 100_000

# By the names of the fields of `ArticleRow`.
_COLUMNS = (
    Article.id,
    Article.uid,
    Article.title,
    Article.outlet,
    Article.section,
    Article.byline,
    Article.published_at,
    Article.imported_at,
    Article.retracted_at.is_not(None).label("retracted"),
    Article.cluster,
    _PASSAGES,
)


@dataclass(frozen=True, slots=True)
class ArticleRow:
    """One line of the list of articles."""

    id: int
    uid: str
    title: str
    outlet: str
    section: str
    byline: str
    published_at: datetime | None
    imported_at: datetime
    retracted: bool
    cluster: str | None
    passages: int

    @property
    def duplicate_of(self) -> str | None:
        """The uid of the first article that says nearly the same; None for that one itself."""
        return self.cluster if self.cluster != self.uid else None


def list_articles(
    session: Session,
    *,
    outlet: str | None = None,
    section: str | None = None,
    q: str | None = None,
    duplicates: bool = False,
    after: int | None = None,
    limit: int = 50,
) -> Page[ArticleRow]:
    """Articles, newest import first.

    Args:
        session: a session for reading.
        outlet: only articles of this outlet.
        section: only articles of this section.
        q: only articles with these words in the title, upper or lower case.
        duplicates: only articles that say nearly the same as another one.
        after: the ``next`` of the page before.
        limit: how many rows a page holds.
    """
    query = select(*_COLUMNS)
    found_ids = _search(session, outlet, section, q, duplicates=duplicates) if q else None
    if found_ids is None:
        query = query.where(*_chosen(outlet, section, q, duplicates=duplicates))
    else:
        begin = 0 if after is None else bisect_right(found_ids, -after, key=neg)
        query = query.where(Article.id.in_(found_ids[begin : begin + limit + 1]))
    if after is not None:
        query = query.where(Article.id < after)
    found = session.execute(query.order_by(Article.id.desc()).limit(limit + 1)).mappings()
    return make_page([ArticleRow(**row) for row in found], limit, lambda row: row.id)


def count_articles(
    session: Session,
    *,
    outlet: str | None = None,
    section: str | None = None,
    q: str | None = None,
    duplicates: bool = False,
) -> int:
    """How many articles a choice holds."""
    found_ids = _search(session, outlet, section, q, duplicates=duplicates) if q else None
    if found_ids is not None:
        return len(found_ids)
    query = (
        select(func.count())
        .select_from(Article)
        .where(*_chosen(outlet, section, q, duplicates=duplicates))
    )
    question = ("count", outlet, section, q, duplicates)
    return remembered(session, question, lambda: session.scalar(query)) or 0


def list_outlets(session: Session) -> tuple[tuple[str, int], ...]:
    """Every outlet with its number of articles, the largest first."""
    return _counted(session, Article.outlet)


def list_sections(session: Session) -> tuple[tuple[str, int], ...]:
    """Every section with its number of articles, the largest first."""
    return _counted(session, Article.section)


def _chosen(
    outlet: str | None, section: str | None, q: str | None, *, duplicates: bool
) -> list[ColumnElement[bool]]:
    chosen: list[ColumnElement[bool]] = []
    if outlet is not None:
        chosen.append(Article.outlet == outlet)
    if section is not None:
        chosen.append(Article.section == section)
    if q:
        chosen.append(Article.title.icontains(q, autoescape=True))
    if duplicates:
        chosen.append(Article.cluster.is_not(None))
    return chosen


def _search(
    session: Session, outlet: str | None, section: str | None, q: str | None, *, duplicates: bool
) -> array[int] | None:
    """The row ids of all articles that a search finds, newest first; None for too many.

    Every title is read for it, once for the list, its number and its further pages.
    """
    query = (
        select(Article.id)
        .where(*_chosen(outlet, section, q, duplicates=duplicates))
        .order_by(Article.id.desc())
        .limit(_MOST_FOUND + 1)
    )
    question = ("search", outlet, section, q, duplicates)
    found = remembered(session, question, lambda: array("q", session.scalars(query)))
    return found if len(found) <= _MOST_FOUND else None


def _counted(session: Session, column: InstrumentedAttribute[str]) -> tuple[tuple[str, int], ...]:
    n = func.count()
    query = select(column, n).group_by(column).order_by(n.desc(), column)

    def ask() -> tuple[tuple[str, int], ...]:
        return tuple((name, count) for name, count in session.execute(query))

    return remembered(session, ("by", column.key), ask)
