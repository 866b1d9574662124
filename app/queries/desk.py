"""The desk's queue: which articles, and in which order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, false, func, literal_column, or_, select, true
from sqlalchemy.orm import Session, aliased

from app.models.articles import Article
from app.models.moderation import DeskArticle, DeskMatch, DeskTerm
from app.queries.paging import Page, make_page
from labeling.moderation.history import OPEN, State

ORDERS = ("severity", "age")
# By name: how old at least and less than how old, in days.
AGES: dict[str, tuple[int, int | None]] = {
    "day": (0, 1),
    "week": (1, 7),
    "month": (7, 30),
    "older": (30, None),
}
STATES = tuple(state.value for state in State if state is not State.QUIET)


@dataclass(frozen=True, slots=True)
class DeskChoice:
    """Which articles of the desk; what is None asks for nothing.

    ``state`` None: all that somebody has to look at; ``all``: the decided ones too. ``day`` is
    when it was published, ``age`` one of ``AGES``.
    """

    state: str | None = None
    outlet: str | None = None
    section: str | None = None
    day: str | None = None
    policy: str | None = None
    term: str | None = None
    voice: str | None = None
    age: str | None = None


@dataclass(frozen=True, slots=True)
class DeskRow:
    """One article in the queue. ``rules`` are those that match: policy, rule, verdict, spans."""

    id: int
    uid: str
    title: str
    outlet: str
    section: str
    published_at: datetime | None
    state: str
    verdict: str | None
    proposed: str | None
    severity: int
    changed: bool
    by: str
    since: datetime | None
    held_by: str
    held_until: datetime | None
    rules: tuple[tuple[str, str, str, int], ...] = ()


def list_desk(
    session: Session,
    choice: DeskChoice,
    *,
    now: datetime,
    order: str = "severity",
    after: int | None = None,
    limit: int = 30,
) -> Page[DeskRow]:
    """Articles of the desk, the most serious or the longest waiting first.

    Args:
        session: a session for reading.
        choice: which articles.
        now: the time, for the ages.
        order: one of ``ORDERS``.
        after: the ``next`` of the page before: the row id of its last article.
        limit: how many rows a page holds.
    """
    query = (
        select(DeskArticle, Article.uid, Article.title, Article.published_at)
        .join(Article, Article.id == DeskArticle.article_id)
        .where(*fits(choice, now, order))
        .order_by(*desk_order(order))
        .limit(limit + 1)
    )
    if after is not None:
        query = query.where(_behind(session, order, after))
    found = session.execute(query).all()
    rules = _rules(session, [row[0].article_id for row in found])
    rows = [_row(row, now, rules.get(row[0].article_id, ())) for row in found]
    return make_page(rows, limit, lambda row: row.id)


def row_json(row: DeskRow) -> dict[str, Any]:
    """One line of ``moderation list``."""
    return {
        "article": row.uid,
        "title": row.title,
        "outlet": row.outlet,
        "section": row.section,
        "published_at": row.published_at.isoformat() if row.published_at else None,
        "state": row.state,
        "verdict": row.verdict,
        "by": row.by or None,
        "proposed": row.proposed,
        "severity": row.severity,
        "changed": row.changed,
        "since": row.since.isoformat() if row.since else None,
        "held_by": row.held_by or None,
        "matches": [
            {"policy": policy, "rule": rule, "verdict": verdict, "spans": spans}
            for policy, rule, verdict, spans in row.rules
        ],
    }


def count_desk(session: Session, choice: DeskChoice, *, now: datetime) -> int:
    """How many articles a choice holds.

    By their states: the indexes that the facets are counted by tell it without the rows.
    """
    counted = (DeskArticle.state.in_(states_of(choice)), *_chosen(choice, now, DeskArticle.since))
    return session.scalar(select(func.count()).select_from(DeskArticle).where(*counted)) or 0


def states_of(choice: DeskChoice) -> list[str]:
    """The states of the articles that a choice may hold."""
    if choice.state is None:
        return [state.value for state in OPEN]
    return list(STATES) if choice.state == "all" else [choice.state]


def desk_order(order: str) -> tuple[Any, ...]:
    """The columns that order the desk; each ends with the key."""
    if order == "age":
        return (DeskArticle.since.asc(), DeskArticle.article_id.asc())
    return (DeskArticle.severity.desc(), DeskArticle.article_id.desc())


def fits(choice: DeskChoice, now: datetime, order: str) -> list[ColumnElement[bool]]:
    """The conditions of a choice, to be read in an order.

    By severity, an index of ages would be no help: all that fits would have to be sorted.
    """
    since = DeskArticle.since
    age = since if order == "age" else func.coalesce(since, since)
    return [_in_state(choice.state), *_chosen(choice, now, age)]


def _chosen(choice: DeskChoice, now: datetime, since: Any) -> list[ColumnElement[bool]]:
    chosen: list[ColumnElement[bool]] = []
    for column, value in (
        (DeskArticle.outlet, choice.outlet),
        (DeskArticle.section, choice.section),
        (DeskArticle.published_on, choice.day),
    ):
        if value is not None:
            chosen.append(column == value)
    if choice.policy is not None:
        matched = select(DeskMatch.article_id).where(DeskMatch.policy == choice.policy)
        chosen.append(DeskArticle.article_id.in_(matched))
    if choice.term is not None or choice.voice is not None:
        chosen.append(DeskArticle.article_id.in_(_holding(choice.term, choice.voice)))
    if choice.age is not None:
        chosen.append(_of_age(choice.age, now, since))
    return chosen


def _row(found: Any, now: datetime, rules: tuple[tuple[str, str, str, int], ...]) -> DeskRow:
    desk, uid, title, published_at = found
    return DeskRow(
        id=desk.article_id,
        uid=uid,
        title=title,
        outlet=desk.outlet,
        section=desk.section,
        published_at=published_at,
        state=desk.state,
        verdict=desk.verdict,
        proposed=desk.proposed,
        severity=desk.severity,
        changed=desk.changed,
        by=desk.by,
        since=desk.since,
        held_by=desk.held_by if desk.held_until and desk.held_until > now else "",
        held_until=desk.held_until,
        rules=rules,
    )


def _in_state(state: str | None) -> ColumnElement[bool]:
    if state is None:
        return DeskArticle.open.is_(True)
    if state == "all":
        return DeskArticle.state != literal_column(repr(State.QUIET.value))
    return DeskArticle.state == state if state in STATES else false()


def _holding(term: str | None, voice: str | None) -> Any:
    query = select(DeskTerm.article_id)
    if term is not None:
        query = query.where(DeskTerm.term == term)
    return query.where(DeskTerm.voice == voice) if voice is not None else query


def _of_age(name: str, now: datetime, since: Any) -> ColumnElement[bool]:
    if name not in AGES:
        return false()
    least, most = AGES[name]
    older: ColumnElement[bool] = since <= now - timedelta(days=least)
    return older if most is None else older & (since > now - timedelta(days=most))


def _behind(session: Session, order: str, after: int) -> ColumnElement[bool]:
    """What comes behind an article in the order; behind one that is gone, everything."""
    last = aliased(DeskArticle)
    row = session.execute(
        select(last.severity, last.since).where(last.article_id == after)
    ).one_or_none()
    if row is None or (order == "age" and row.since is None):
        return true()
    key = DeskArticle.article_id
    if order == "age":
        return or_(DeskArticle.since > row.since, and_(DeskArticle.since == row.since, key > after))
    less = DeskArticle.severity < row.severity
    return or_(less, and_(DeskArticle.severity == row.severity, key < after))


def _rules(
    session: Session, ids: Sequence[int]
) -> dict[int, tuple[tuple[str, str, str, int], ...]]:
    rows = session.execute(
        select(
            DeskMatch.article_id,
            DeskMatch.policy,
            DeskMatch.rule,
            DeskMatch.verdict,
            DeskMatch.spans,
        )
        .where(DeskMatch.article_id.in_(ids))
        .order_by(DeskMatch.article_id, DeskMatch.policy, DeskMatch.rule)
    )
    found: dict[int, tuple[tuple[str, str, str, int], ...]] = {}
    for article_id, policy, rule, verdict, spans in rows:
        found[article_id] = (*found.get(article_id, ()), (policy, rule, verdict, spans))
    return found
