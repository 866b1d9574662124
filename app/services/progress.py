"""The lanes' counters: the one place that changes them, and the recount that proves them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import case, func, select, update
from sqlalchemy.orm import Session

from app.models.annotations import Annotation, Quarantine, Revision, RevisionState
from app.models.batches import Lane
from app.models.tasks import Task, TaskState


def add(
    session: Session,
    lane_id: int,
    *,
    tasks: int = 0,
    pushed: int = 0,
    annotated: int = 0,
    quarantined: int = 0,
    flagged: int = 0,
) -> None:
    """Add to a lane's counters, in the transaction of the change they count."""
    if tasks or pushed or annotated or quarantined or flagged:
        session.execute(
            update(Lane)
            .where(Lane.id == lane_id)
            .values(
                tasks=Lane.tasks + tasks,
                pushed=Lane.pushed + pushed,
                annotated=Lane.annotated + annotated,
                quarantined=Lane.quarantined + quarantined,
                flagged=Lane.flagged + flagged,
            )
        )


def refresh_annotated(session: Session, lane_id: int, task_ids: list[int]) -> None:
    """Bring ``task.annotated`` of these tasks, and the lane's counter, up to date."""
    if not task_ids:
        return
    answered = set(session.scalars(_answered().where(Annotation.task_id.in_(task_ids))))
    rows = session.execute(select(Task.id, Task.annotated).where(Task.id.in_(task_ids)))
    was = {row[0]: row[1] for row in rows}
    now_on = [task_id for task_id, on in was.items() if task_id in answered and not on]
    now_off = [task_id for task_id, on in was.items() if task_id not in answered and on]
    for ids, value in ((now_on, True), (now_off, False)):
        if ids:
            session.execute(update(Task).where(Task.id.in_(ids)).values(annotated=value))
    add(session, lane_id, annotated=len(now_on) - len(now_off))


def recount(session: Session, lane_id: int) -> dict[str, int]:
    """Count a lane anew from the rows.

    Returns:
        The five counters as they should stand; equal to the lane's own unless there is a bug.
    """
    tasks, pushed = session.execute(
        select(
            func.count(Task.id),
            func.coalesce(func.sum(case((Task.state == TaskState.PUSHED, 1), else_=0)), 0),
        ).where(Task.lane_id == lane_id)
    ).one()
    answered = _answered().join(Task, Task.id == Annotation.task_id).where(Task.lane_id == lane_id)
    annotated = session.scalar(select(func.count()).select_from(answered.distinct().subquery()))
    quarantined = session.scalar(
        select(func.count(Quarantine.id)).where(
            Quarantine.lane_id == lane_id, Quarantine.state == "open"
        )
    )
    flagged = session.scalar(
        select(func.count(Annotation.id))
        .join(Task, Task.id == Annotation.task_id)
        .where(Task.lane_id == lane_id, Annotation.flag != "")
    )
    return {
        "tasks": tasks,
        "pushed": pushed,
        "annotated": annotated or 0,
        "quarantined": quarantined or 0,
        "flagged": flagged or 0,
    }


def _answered() -> Any:
    """The tasks that have a current revision which is an answer."""
    return (
        select(Annotation.task_id)
        .join(
            Revision,
            (Revision.annotation_id == Annotation.id) & (Revision.n == Annotation.current),
        )
        .where(Revision.state == RevisionState.SUBMITTED)
    )
