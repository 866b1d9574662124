"""Asking for a push: plan the chunks and the job, in one transaction."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from app.errors import ConflictError
from app.models.adoption import Adoption
from app.models.batches import Batch, BatchState, Chunk, Lane
from app.models.jobs import Job
from app.models.tasks import Task, TaskState
from app.queue import PUSH, Queue
from app.services import audit
from app.services.batches import get_batch
from app.services.turns import server_of


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
        partition=_partition(session, batch),
        args={"batch": batch.id},
        total=sum(lane.tasks for lane in batch.lanes),
    )


def _partition(session: Session, batch: Batch) -> str:
    """Pushes to one server run one after the other, by the server of the first lane."""
    first = next((lane.connection_id for lane in batch.lanes if lane.connection_id), None)
    return "push" if first is None else f"push:{server_of(session, first)}"


def _plan_chunks(session: Session, lane: Lane, chunk_size: int) -> None:
    planned = session.scalar(
        select(Chunk.last).where(Chunk.lane_id == lane.id).order_by(Chunk.n.desc()).limit(1)
    )
    if planned is not None:
        return
    for n, first in enumerate(range(0, lane.tasks, chunk_size)):
        last = min(first + chunk_size, lane.tasks) - 1
        session.add(Chunk(lane_id=lane.id, n=n, first=first, last=last))


def mark_pushed(session: Session, places: Sequence[tuple[str, int | None]]) -> None:
    """Record that these tasks are in Label Studio, with their ids there where they are known.

    Args:
        session: a transaction.
        places: the uid of each task, and Label Studio's id of it.
    """
    session.connection().execute(
        update(Task)
        .where(Task.uid == bindparam("of"))
        .values(state=TaskState.PUSHED, ls_task_id=bindparam("place")),
        [{"of": uid, "place": ls_task_id} for uid, ls_task_id in places],
    )
