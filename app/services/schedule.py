"""When each open batch is synced: claimed by one worker at a time, slower while it fails."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, or_, select, update
from sqlalchemy.orm import Session

from app.models.batches import Batch, BatchState, Lane
from app.models.jobs import ACTIVE_STATES, Job, JobState
from app.queue import Queue
from app.services.syncing import plan_sync, sync_keys
from config import Settings

SYNCED_STATES = (BatchState.PUSHING, BatchState.OPEN)
# A sync may take a fifth of the time, so that a slow server has time for its annotators.
REST = 4
LONGEST_BACKOFF = timedelta(minutes=15)
SCHEDULE = "system"
_FOUND_SOMETHING = ("revisions_new", "withdrawn", "quarantined_new")


def due_batches(session: Session, settings: Settings, now: datetime) -> list[int]:
    """The batches whose time has come: open, with a project, and due."""
    if not settings.sync_every_s:
        return []
    return list(
        session.scalars(
            select(Batch.id)
            .where(Batch.state.in_(SYNCED_STATES), _is_due(now))
            .where(Batch.lanes.any(Lane.ls_project_id.is_not(None)))
            .order_by(Batch.id)
        )
    )


def claim(
    session: Session, queue: Queue, settings: Settings, batch_id: int, now: datetime
) -> Job | None:
    """Plan a batch's sync, in the transaction that takes its turn; None where it was taken.

    However many workers ask at once, one of them plans it.
    """
    taken = session.execute(
        update(Batch)
        .where(Batch.id == batch_id, _is_due(now))
        .values(next_sync_at=now + timedelta(seconds=settings.sync_every_s))
        .returning(Batch.id)
    ).one_or_none()
    if taken is None or _is_at_work(session, batch_id):
        return None
    batch = session.get_one(Batch, batch_id)
    full = _full_is_due(batch, settings, now)
    job = plan_sync(session, queue, batch, actor=SCHEDULE, full=full)
    # Only now, when a newer row stands: SQLite would give a deleted newest id out again, and
    # the engine would take the new job for the one that it had carried out.
    _forget_idle(session, batch_id, before=job.id)
    return job


def note_end(
    session: Session,
    batch_id: int,
    settings: Settings,
    *,
    began: datetime,
    problem: str,
    full: bool,
) -> None:
    """Record how a sync ended, and when the next one shall be.

    Args:
        problem: why it failed; empty when all of it was done.
        full: whether everything was listed.
    """
    batch = session.get_one(Batch, batch_id)
    now = datetime.now(began.tzinfo)
    batch.sync_problem = problem
    batch.sync_failures = batch.sync_failures + 1 if problem else 0
    if not problem:
        batch.synced_at = now
        batch.full_synced_at = now if full else batch.full_synced_at
    every = timedelta(seconds=settings.sync_every_s)
    pause = max(every, REST * (now - began))
    if problem:
        pause = max(pause, min(every * 2 ** min(batch.sync_failures, 10), LONGEST_BACKOFF))
    batch.next_sync_at = now + pause


def _is_due(now: datetime) -> ColumnElement[bool]:
    return or_(Batch.next_sync_at.is_(None), Batch.next_sync_at <= now)


def _is_at_work(session: Session, batch_id: int) -> bool:
    active = select(Job.id).where(Job.key.in_(sync_keys(batch_id)), Job.state.in_(ACTIVE_STATES))
    return session.scalar(active.limit(1)) is not None


def _full_is_due(batch: Batch, settings: Settings, now: datetime) -> bool:
    since = batch.full_synced_at or batch.created_at
    return now - since >= timedelta(seconds=settings.sync_full_every_s)


def _forget_idle(session: Session, batch_id: int, *, before: int) -> None:
    """Delete the schedule's own jobs that found nothing: one a half minute would bury the rest."""
    rows = session.execute(
        select(Job.id, Job.result).where(
            Job.key.in_(sync_keys(batch_id)),
            Job.actor == SCHEDULE,
            Job.id < before,
            Job.state == JobState.SUCCEEDED,
        )
    )
    idle = [
        row[0] for row in rows if not any((row[1] or {}).get(name) for name in _FOUND_SOMETHING)
    ]
    if idle:
        session.execute(delete(Job).where(Job.id.in_(idle)))
