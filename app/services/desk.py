"""The desk's queue: a row an article, what rules match in it, which loaded terms it holds.

Kept by what changed: at import, when suggestions are made anew, when gold changes, when a
policy is imported. Nothing here decides anything; where an article stands is told by its
events alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import delete, func, insert, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.models.articles import Article
from app.models.jobs import Job
from app.models.moderation import DeskArticle, DeskCount, DeskMatch, DeskTerm
from app.models.passages import Passage
from app.queries.desk_counts import FACETS, count_live
from app.queries.findings import ArticleFindings, basis_of, findings_of, matches_of
from app.queries.moderation_events import events_of
from app.queries.policies import Policies, current_policies
from app.queue import DESK, Queue
from labeling.moderation.history import OPEN, Event, State, where
from labeling.moderation.matching import Finding, Match, proposal, severity
from labeling.suggest.lexicon import LABEL as LOADED

RENEWED_AT_ONCE = 50
_IN_SESSION = "copydesk_policies"
_LONGEST_TERM = 80
_ROWS = "rows"


def refresh(session: Session, article_ids: Sequence[int]) -> None:
    """Bring the desk's rows of these articles up to date, in the caller's transaction.

    Args:
        session: a transaction in which texts, suggestions and gold are up to date.
        article_ids: the articles; a few dozen at a time.
    """
    rows = _locked(session, sorted(set(article_ids)))
    policies = policies_in(session)
    found = findings_of(session, sorted(rows), policies.labels)
    for article_id in sorted(found):
        _refresh_one(session, rows[article_id], found[article_id], policies)
    session.flush()


def refresh_passage(session: Session, passage_id: int) -> None:
    """Bring the row of the article of a passage up to date: its gold has changed."""
    article_id = session.scalar(select(Passage.article_id).where(Passage.id == passage_id))
    if article_id is not None:
        refresh(session, [article_id])


def policies_in(session: Session) -> Policies:
    """The policies that count, read once a transaction."""
    known: Policies | None = session.info.get(_IN_SESSION)
    if known is None:
        known = session.info[_IN_SESSION] = current_policies(session)
    return known


def forget_policies(session: Session) -> None:
    """Look again at what counts: this transaction has changed it."""
    session.info.pop(_IN_SESSION, None)


def count_outdated(session: Session) -> int:
    """How many articles have no row, or one that rests on other policies than those now."""
    outdated = _outdated(session).subquery()
    return session.scalar(select(func.count()).select_from(outdated)) or 0


def is_behind(session: Session) -> bool:
    """Whether there is an article that nobody looked at by the policies that count now."""
    return session.scalar(select(_outdated(session).exists())) is True


def renew_some(session: Session, after: int) -> tuple[int, int] | None:
    """Renew the rows of the next few articles that need it.

    Args:
        session: a transaction.
        after: the last article's row id of the call before; 0 at first.

    Returns:
        The last article's row id and how many were renewed; None when there was none left.
    """
    ids = session.scalars(
        _outdated(session).where(Article.id > after).order_by(Article.id).limit(RENEWED_AT_ONCE)
    ).all()
    if not ids:
        return None
    refresh(session, ids)
    return ids[-1], len(ids)


def recount(session: Session) -> None:
    """Keep the counts of the facets that are too large to be counted for each page."""
    session.execute(delete(DeskCount))
    rows = [
        {"facet": facet, "value": value, "n": n}
        for facet in FACETS
        for value, n in count_live(session, facet, limit=None)
    ]
    rows.append({"facet": _ROWS, "value": "", "n": _rows(session)})
    session.execute(insert(DeskCount), rows)


def is_stale(session: Session) -> bool:
    """Whether terms came or went since the facets were counted."""
    kept = session.scalar(select(DeskCount.n).where(DeskCount.facet == _ROWS))
    return (kept or 0) != _rows(session)


def _rows(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(DeskTerm)) or 0


def request_renewal(session: Session, queue: Queue, *, actor: str) -> Job:
    """Plan the job that looks at every article anew."""
    return queue.plan(session, DESK, key="desk", actor=actor, partition="desk")


def renew_if_outdated(session: Session, queue: Queue, *, actor: str) -> Job | None:
    """Plan that job when articles came before the desk did."""
    if not count_outdated(session):
        return None
    return request_renewal(session, queue, actor=actor)


def settle_state(row: DeskArticle, events: Iterable[Event], now: datetime) -> None:
    """Write where its events leave an article, and since when."""
    events = tuple(events)
    stands = where(events)
    state = stands.state
    if state is State.WAITING and row.proposed is None and not events:
        state = State.QUIET
    if state != row.state:
        row.since = None if state is State.QUIET else now
        row.decided_at = now if state is State.DECIDED else None
        row.state = state.value
    if state is not State.QUIET and row.arrived_at is None:
        row.arrived_at = now
    row.open = state in OPEN
    row.verdict = stands.verdict.value if stands.verdict is not None else None
    row.by = stands.by


def _outdated(session: Session) -> Any:
    sha = policies_in(session).sha
    return (
        select(Article.id)
        .outerjoin(DeskArticle, DeskArticle.article_id == Article.id)
        .where(or_(DeskArticle.policies.is_(None), DeskArticle.policies != sha))
    )


def _locked(session: Session, article_ids: Sequence[int]) -> dict[int, DeskArticle]:
    """The articles' rows, made where they are missing, and held until the transaction ends."""
    known = set(
        session.scalars(
            select(DeskArticle.article_id).where(DeskArticle.article_id.in_(article_ids))
        )
    )
    for article_id in article_ids:
        if article_id not in known:
            try:
                with session.begin_nested():
                    session.execute(insert(DeskArticle).values(article_id=article_id))
            except IntegrityError:
                # Another transaction met the article for the first time at the same moment.
                continue
    rows = session.scalars(
        select(DeskArticle)
        .where(DeskArticle.article_id.in_(article_ids))
        .order_by(DeskArticle.article_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return {row.article_id: row for row in rows}


def _refresh_one(
    session: Session, row: DeskArticle, article: ArticleFindings, policies: Policies
) -> None:
    day = article.published_at.date().isoformat() if article.published_at else ""
    row.outlet, row.section, row.published_on = article.outlet, article.section, day
    new = basis_of(article, policies)
    if new == row.basis:
        return
    matches = matches_of(article, policies)
    heaviest = proposal(matches)
    row.basis, row.policies = new, policies.sha
    row.proposed = heaviest.value if heaviest is not None else None
    row.severity = severity(matches)
    settle_state(row, events_of(session, row.article_id), datetime.now(UTC))
    row.changed = row.verdict is not None and row.seen != new
    _keep(session, row.article_id, article, matches)


def _keep(
    session: Session, article_id: int, article: ArticleFindings, matches: Sequence[Match]
) -> None:
    session.execute(delete(DeskMatch).where(DeskMatch.article_id == article_id))
    session.execute(delete(DeskTerm).where(DeskTerm.article_id == article_id))
    found = [
        {
            "article_id": article_id,
            "policy": one.policy,
            "rule": one.rule.name,
            "verdict": one.rule.verdict.value,
            "reason": one.rule.reason,
            "spans": len(one.findings),
        }
        for one in matches
    ]
    if found:
        session.execute(insert(DeskMatch), found)
    terms = _terms(article_id, article.findings) if found else []
    if terms:
        session.execute(insert(DeskTerm), terms)


def _terms(article_id: int, findings: Iterable[Finding]) -> list[dict[str, Any]]:
    counted: Counter[tuple[str, str]] = Counter()
    decided: Counter[tuple[str, str]] = Counter()
    for one in findings:
        if one.label == LOADED:
            words = " ".join(one.text.lower().split())
            key = (one.term or words[:_LONGEST_TERM], one.voice)
            counted[key] += 1
            decided[key] += one.decided
    return [
        {"article_id": article_id, "term": term, "voice": voice, "n": n, "decided": decided[key]}
        for key, n in sorted(counted.items())
        for term, voice in [key]
    ]
