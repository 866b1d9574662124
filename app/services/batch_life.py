"""A batch's life after the deal: who looks after it, until when, and its end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import ConflictError, InvalidInputError
from app.models.batches import Batch, BatchState
from app.models.jobs import ACTIVE_STATES, Job
from app.services import audit
from app.services.batches import get_batch
from app.services.connections import normal_email


@dataclass(frozen=True, slots=True)
class BatchNotes:
    """What people keep with a batch for each other; all of it is written anew."""

    owner: str = ""
    due: date | None = None
    note: str = ""


def edit_batch(session: Session, slug: str, notes: BatchNotes, *, actor: str) -> Batch:
    """Change who looks after a batch, when it is due, and the note.

    Raises:
        NotFoundError, InvalidInputError: nothing is changed.
    """
    batch = get_batch(session, slug)
    batch.owner = normal_email(notes.owner) if notes.owner.strip() else ""
    batch.due_on, batch.note = notes.due, notes.note.strip()
    audit.record(
        session,
        actor=actor,
        action="batch_edited",
        object=f"batch:{slug}",
        detail={"owner": batch.owner, "due": notes.due.isoformat() if notes.due else None},
    )
    return batch


def close_batch(session: Session, slug: str, *, typed: str, actor: str) -> Batch:
    """End a batch: nothing more is pushed, sent back or synced by the schedule.

    Label Studio keeps its projects open; what annotators still do there is kept by a sync that
    somebody asks for.

    Args:
        session: a transaction.
        slug: the batch.
        typed: its name once more, as the person typed it.
        actor: who does it.

    Raises:
        NotFoundError: there is no such batch.
        InvalidInputError: another name was typed.
        ConflictError: it is closed already, or a push is under way.
    """
    batch = get_batch(session, slug)
    _check_typed(slug, typed)
    if batch.state in (BatchState.CLOSED, BatchState.ARCHIVED):
        raise ConflictError(
            f"Batch {slug!r} is {batch.state} already.",
            remedy=f"See it with: flask batches show {slug}",
        )
    job = session.scalar(
        select(Job.id).where(Job.key == f"push:{batch.id}", Job.state.in_(ACTIVE_STATES))
    )
    if job is not None:
        raise ConflictError(
            f"Batch {slug!r} is being pushed by job {job}.",
            remedy=f"Wait for its end, or cancel it first: flask jobs cancel {job}",
        )
    batch.state, batch.closed_at = BatchState.CLOSED, datetime.now(UTC)
    undone = sum(lane.tasks - lane.annotated for lane in batch.lanes)
    _record(session, slug, "batch_closed", actor, undone=undone)
    return batch


def reopen_batch(session: Session, slug: str, *, actor: str) -> Batch:
    """Take up a closed batch again where it stood.

    Raises:
        NotFoundError: there is no such batch.
        ConflictError: it is not closed.
    """
    batch = get_batch(session, slug)
    if batch.state != BatchState.CLOSED:
        raise ConflictError(
            f"Batch {slug!r} is {batch.state}; only a closed one can be reopened.",
            remedy="An archived batch stays as it is; create a new one for more work."
            if batch.state == BatchState.ARCHIVED
            else "It needs no reopening.",
        )
    pushed = any(lane.ls_project_id is not None for lane in batch.lanes)
    batch.state, batch.closed_at = (BatchState.OPEN if pushed else BatchState.DRAFT), None
    _record(session, slug, "batch_reopened", actor)
    return batch


def archive_batch(session: Session, slug: str, *, typed: str, actor: str) -> Batch:
    """Put a closed batch away for good: not even a sync changes it any more.

    Raises:
        NotFoundError: there is no such batch.
        InvalidInputError: another name was typed.
        ConflictError: it is not closed.
    """
    batch = get_batch(session, slug)
    _check_typed(slug, typed)
    if batch.state != BatchState.CLOSED:
        raise ConflictError(
            f"Batch {slug!r} is {batch.state}; only a closed one can be archived.",
            remedy=f"Close it first: flask batches close {slug}"
            if batch.state != BatchState.ARCHIVED
            else "It is put away already.",
        )
    batch.state = BatchState.ARCHIVED
    _record(session, slug, "batch_archived", actor)
    return batch


def _check_typed(slug: str, typed: str) -> None:
    if typed.strip() != slug:
        raise InvalidInputError(
            f"The name typed is not {slug!r}; nothing was done.",
            remedy=f"Type {slug} to say that this batch is meant.",
        )


def _record(session: Session, slug: str, action: str, actor: str, **detail: int) -> None:
    audit.record(session, actor=actor, action=action, object=f"batch:{slug}", detail=detail)
