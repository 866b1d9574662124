"""Batches: choose passages, deal them to annotators, plan a task for each."""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from app.errors import ConflictError, InvalidInputError, NotFoundError
from app.models.articles import Article, ArticleVersion
from app.models.batches import Batch, BatchState, Lane, LaneAnnotator
from app.models.connections import Annotator, Connection
from app.models.passages import Passage, Placement
from app.models.tasks import Task
from app.services import audit
from app.services.connections import ensure_annotator, get_connection, normal_email
from app.services.schemes import newest_version
from labeling.deal import Deal, DealPassage, deal
from labeling.tasks import task_uid

SLUG = re.compile(r"[a-z0-9][a-z0-9._-]{0,79}")
SELECTABLE = ("outlet", "section", "language", "story", "since")


@dataclass(frozen=True, slots=True)
class BatchPlan:
    """What an admin asks for.

    Args:
        overlap: how many annotators see each passage (k).
        deal: "blind" (a lane each), "shared" (one lane), or None: blind when overlap ≥ 2.
        articles: selectors: an article uid or ``field=value``; several of one field are
            alternatives, different fields must all hold.
    """

    slug: str
    scheme: str
    annotators: tuple[str, ...]
    overlap: int = 1
    deal: str | None = None
    seed: int = 0
    articles: tuple[str, ...] = ()
    connection: str | None = None

    @property
    def mode(self) -> str:
        """The deal in force."""
        return self.deal or ("blind" if self.overlap >= 2 else "shared")


def create_batch(session: Session, plan: BatchPlan, *, actor: str) -> Batch:
    """Plan a batch with its lanes and tasks; nothing is sent yet.

    Raises:
        InvalidInputError, NotFoundError, ConflictError, DealError: nothing is changed.
    """
    _check_name(session, plan.slug)
    emails = _distinct_emails(plan.annotators)
    scheme = newest_version(session, plan.scheme)
    connection = get_connection(session, plan.connection)
    wanted = _wanted(plan.articles)
    _check_articles(session, wanted.get("uid", []))
    chosen = session.execute(_selection(wanted)).all()
    if not chosen:
        raise InvalidInputError(
            "No passage matches the selection.",
            remedy="See what there is: flask articles list; import: flask articles import PATH",
        )
    dealt = deal(
        [DealPassage(uid=row.uid, stratum=row.outlet) for row in chosen],
        emails,
        mode=plan.mode,
        overlap=plan.overlap,
        seed=plan.seed,
    )
    batch = Batch(
        uid=f"b-{secrets.token_hex(10)}",
        slug=plan.slug,
        scheme_version=scheme,
        deal=plan.mode,
        overlap=plan.overlap,
        seed=plan.seed,
        selection=list(plan.articles),
        passages=len(chosen),
        state=BatchState.DRAFT,
        created_at=datetime.now(UTC),
    )
    session.add(batch)
    session.flush()
    people = {email: ensure_annotator(session, email) for email in emails}
    _plan_lanes(session, batch, dealt, people, connection, {row.uid: row for row in chosen})
    audit.record(
        session,
        actor=actor,
        action="batch_created",
        object=f"batch:{plan.slug}",
        detail={"passages": len(chosen), "deal": plan.mode, "overlap": plan.overlap},
    )
    session.flush()
    return batch


def get_batch(session: Session, slug: str) -> Batch:
    """A batch by name.

    Raises:
        NotFoundError: there is none.
    """
    batch = session.scalar(select(Batch).where(Batch.slug == slug))
    if batch is None:
        raise NotFoundError(
            f"There is no batch {slug!r}.", remedy="See them with: flask batches list"
        )
    return batch


def _plan_lanes(
    session: Session,
    batch: Batch,
    dealt: Deal,
    people: dict[str, Annotator],
    connection: Connection,
    chosen: dict[str, Any],
) -> None:
    for n, lane_deal in enumerate(dealt.lanes, start=1):
        names = lane_deal.annotators
        lane = Lane(
            uid=f"l-{secrets.token_hex(10)}",
            batch=batch,
            n=n,
            connection=connection,
            annotator=people[names[0]] if len(names) == 1 else None,
            tasks=len(lane_deal.passages),
        )
        session.add(lane)
        session.flush()
        if len(names) > 1:
            session.add_all(
                LaneAnnotator(lane_id=lane.id, annotator_id=people[name].id) for name in names
            )
        rows = [
            {
                "uid": task_uid(batch.uid, n, uid, 1),
                "lane_id": lane.id,
                "passage_id": chosen[uid].id,
                "ordinal": ordinal,
                "round": 1,
                "text_sha": chosen[uid].text_sha,
            }
            for ordinal, uid in enumerate(lane_deal.passages)
        ]
        if rows:
            session.execute(insert(Task), rows)


def _check_name(session: Session, slug: str) -> None:
    if not SLUG.fullmatch(slug):
        raise InvalidInputError(
            f"{slug!r} cannot name a batch.",
            remedy="Use lower-case letters, digits, dots, dashes and underscores, at most 80.",
        )
    if session.scalar(select(Batch.id).where(Batch.slug == slug)) is not None:
        raise ConflictError(
            f"There is already a batch {slug!r}.", remedy="Choose another name for the new one."
        )


def _distinct_emails(annotators: Sequence[str]) -> list[str]:
    emails = list(dict.fromkeys(normal_email(email) for email in annotators))
    if not emails:
        raise InvalidInputError(
            "A batch needs annotators.", remedy="Name each with --annotator EMAIL"
        )
    return emails


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
        select(Passage.id, Passage.uid, Passage.text_sha, Article.outlet)
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
