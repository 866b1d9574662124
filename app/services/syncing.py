"""Asking for a sync: plan the job that pulls a batch's annotations."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.models.jobs import Job
from app.queue import SYNC, Queue
from app.services import audit
from app.services.batches import get_batch


def request_sync(
    session: Session, queue: Queue, slug: str, *, actor: str, full: bool = False
) -> Job:
    """Plan the pull of a batch's annotations.

    Args:
        full: read every task again instead of those that changed.

    Raises:
        NotFoundError: no such batch.
    """
    batch = get_batch(session, slug)
    audit.record(session, actor=actor, action="sync_requested", object=f"batch:{slug}")
    return queue.plan(
        session,
        SYNC,
        key=f"sync:{batch.id}" + (":full" if full else ""),
        actor=actor,
        partition=f"sync:{batch.id}",
        args={"batch": batch.id, "full": full},
        total=sum(lane.tasks for lane in batch.lanes),
    )
