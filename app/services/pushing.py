"""Asking for a push: plan the chunks and the job, in one transaction."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import ConflictError
from app.models.adoption import Adoption
from app.models.batches import Batch, BatchState, Chunk, Lane
from app.models.jobs import Job
from app.queue import PUSH, Queue
from app.services import audit
from app.services.batches import get_batch


def request_push(session: Session, queue: Queue, slug: str, *, actor: str) -> Job:
    """Plan the push of a batch; a batch that is there already is only counted again.

    Raises:
        NotFoundError: no such batch.
        ConflictError: the batch is closed, or was adopted.
    """
    batch = get_batch(session, slug)
    if session.get(Adoption, batch.id) is not None:
        raise ConflictError(
            f"Batch {slug!r} was adopted; Copydesk never writes where it came from.",
            remedy="Create a batch of its articles' passages for new work.",
        )
    if batch.state in (BatchState.CLOSED, BatchState.ARCHIVED):
        raise ConflictError(
            f"Batch {slug!r} is {batch.state}; nothing more is pushed.",
            remedy="Create a new batch for more work.",
        )
    if batch.state == BatchState.DRAFT:
        batch.state = BatchState.PUSHING
    for lane in batch.lanes:
        _plan_chunks(session, lane, queue.settings.push_chunk)
    audit.record(session, actor=actor, action="push_requested", object=f"batch:{slug}")
    return queue.plan(
        session,
        PUSH,
        key=f"push:{batch.id}",
        actor=actor,
        partition=_partition(batch),
        args={"batch": batch.id},
        total=sum(lane.tasks for lane in batch.lanes),
    )


def _plan_chunks(session: Session, lane: Lane, chunk_size: int) -> None:
    planned = session.scalar(
        select(Chunk.last).where(Chunk.lane_id == lane.id).order_by(Chunk.n.desc()).limit(1)
    )
    if planned is not None:
        return
    for n, first in enumerate(range(0, lane.tasks, chunk_size)):
        last = min(first + chunk_size, lane.tasks) - 1
        session.add(Chunk(lane_id=lane.id, n=n, first=first, last=last))


def _partition(batch: Batch) -> str:
    # Imports into a server that stores in SQLite must not run side by side: each would wait
    # for the other's lock for seconds to minutes. One connection, one push at a time.
    return f"push:{batch.lanes[0].connection_id}"
