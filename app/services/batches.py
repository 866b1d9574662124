"""Batches: choose passages, deal them to annotators, plan a task for each."""

from __future__ import annotations

import re
import secrets
from datetime import UTC, datetime

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from app.errors import ConflictError, InvalidInputError, NotFoundError
from app.models.batches import Batch, BatchState, Lane, LaneAnnotator
from app.models.tasks import Task
from app.services import audit
from app.services.connections import ensure_annotator
from app.services.dealing import BatchPlan, PlannedDeal, figures_json, plan_deal
from labeling.tasks import task_uid

__all__ = ["BatchPlan", "create_batch", "get_batch"]

SLUG = re.compile(r"[a-z0-9][a-z0-9._-]{0,79}")


def create_batch(session: Session, plan: BatchPlan, *, actor: str) -> Batch:
    """Plan a batch with its lanes and tasks; nothing is sent yet.

    Raises:
        InvalidInputError, NotFoundError, ConflictError, DealError: nothing is changed.
    """
    check_name(session, plan.slug)
    planned = plan_deal(session, plan)
    batch = Batch(
        uid=f"b-{secrets.token_hex(10)}",
        slug=plan.slug,
        scheme_version=planned.scheme,
        deal=plan.mode,
        overlap=2 if plan.doubled else plan.overlap,
        doubled=plan.doubled,
        control=plan.control,
        seed=plan.seed,
        selection=list(plan.articles),
        passages=len(planned.chosen),
        articles=planned.articles,
        dealt=figures_json(planned.figures),
        state=BatchState.DRAFT,
        created_at=datetime.now(UTC),
        owner=planned.owner,
        due_on=plan.due,
        note=plan.note.strip(),
        policy=plan.review.as_json(),
    )
    session.add(batch)
    session.flush()
    _plan_lanes(session, batch, planned)
    audit.record(
        session,
        actor=actor,
        action="batch_created",
        object=f"batch:{plan.slug}",
        detail={"passages": batch.passages, "deal": plan.mode, "overlap": batch.overlap},
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


def _plan_lanes(session: Session, batch: Batch, planned: PlannedDeal) -> None:
    people = {email: ensure_annotator(session, email) for email in planned.emails}
    chosen = {row.uid: row for row in planned.chosen}
    lanes = zip(planned.dealt.lanes, planned.connections, strict=True)
    for n, (dealt, connection) in enumerate(lanes, start=1):
        names = dealt.annotators
        lane = Lane(
            uid=f"l-{secrets.token_hex(10)}",
            batch=batch,
            n=n,
            connection=connection,
            annotator=people[names[0]] if len(names) == 1 else None,
            quota=planned.quotas.get(names[0]) if len(names) == 1 else None,
            tasks=len(dealt.passages),
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
                "suggested": uid not in planned.dealt.control,
            }
            for ordinal, uid in enumerate(dealt.passages)
        ]
        if rows:
            session.execute(insert(Task), rows)


def check_name(session: Session, slug: str) -> None:
    """Refuse a name that cannot be used, or is.

    Raises:
        InvalidInputError, ConflictError: why.
    """
    if not SLUG.fullmatch(slug):
        raise InvalidInputError(
            f"{slug!r} cannot name a batch.",
            remedy="Use lower-case letters, digits, dots, dashes and underscores, at most 80.",
        )
    if session.scalar(select(Batch.id).where(Batch.slug == slug)) is not None:
        raise ConflictError(
            f"There is already a batch {slug!r}.", remedy="Choose another name for the new one."
        )
