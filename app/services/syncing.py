"""Asking for a sync: plan the job that pulls a batch's annotations."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.errors import ConflictError
from app.models.batches import Batch, BatchState
from app.models.jobs import Job
from app.queue import SYNC, Queue
from app.services import audit
from app.services.batches import get_batch


def request_sync(
    session: Session, queue: Queue, slug: str, *, actor: str, full: bool = False
) -> Job:
    """Plan the pull of a batch's annotations.

    Args:
        full: list every task again instead of those that changed.

    Raises:
        NotFoundError: no such batch.
        ConflictError: it is archived.
    """
    batch = get_batch(session, slug)
    if batch.state == BatchState.ARCHIVED:
        raise ConflictError(
            f"Batch {slug!r} is archived; nothing changes it any more.",
            remedy="What Label Studio still holds of it stays there.",
        )
    audit.record(session, actor=actor, action="sync_requested", object=f"batch:{slug}")
    return plan_sync(session, queue, batch, actor=actor, full=full)


def plan_sync(session: Session, queue: Queue, batch: Batch, *, actor: str, full: bool) -> Job:
    """Plan the job; the schedule does so without an audit line, for the job's row is one."""
    incremental, everything = sync_keys(batch.id)
    return queue.plan(
        session,
        SYNC,
        key=everything if full else incremental,
        actor=actor,
        partition=incremental,
        args={"batch": batch.id, "full": full},
        total=sum(lane.tasks for lane in batch.lanes),
    )


def sync_keys(batch_id: int) -> tuple[str, str]:
    """The keys of a batch's syncs: of what changed, and of everything."""
    return f"sync:{batch_id}", f"sync:{batch_id}:full"
