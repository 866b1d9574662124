"""The lanes' counters: the one place that changes them, and the recount that proves them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import case, func, select, update
from sqlalchemy.orm import Session

from app.models.annotations import Annotation, Quarantine, Revision, RevisionState
from app.models.batches import Lane, LaneDay
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
    """Bring ``annotated`` and ``answered_on`` of these tasks, and the lane's counts, up to date."""
    if not task_ids:
        return
    answered = set(session.scalars(_answered().where(Annotation.task_id.in_(task_ids))))
    rows = session.execute(select(Task.id, Task.annotated).where(Task.id.in_(task_ids)))
    was = {row[0]: row[1] for row in rows}
    now_on = [task_id for task_id, on in was.items() if task_id in answered and not on]
    now_off = [task_id for task_id, on in was.items() if task_id not in answered and on]
    _note_days(session, lane_id, now_on, now_off)
    for ids, value in ((now_on, True), (now_off, False)):
        if ids:
            session.execute(update(Task).where(Task.id.in_(ids)).values(annotated=value))
    add(session, lane_id, annotated=len(now_on) - len(now_off))


def _note_days(
    session: Session, lane_id: int, now_on: Sequence[int], now_off: Sequence[int]
) -> None:
    """Keep on which day of the server's clock each task was answered, and how many each day."""
    changes: Counter[date] = Counter()
    if now_off:
        rows = session.execute(select(Task.id, Task.answered_on).where(Task.id.in_(now_off)))
        changes.subtract(day for _, day in rows if day is not None)
        session.execute(update(Task).where(Task.id.in_(now_off)).values(answered_on=None))
    by_day: defaultdict[date, list[int]] = defaultdict(list)
    first = select(Annotation.task_id, func.min(Annotation.ls_created_at))
    for task_id, at in session.execute(
        first.where(Annotation.task_id.in_(now_on)).group_by(Annotation.task_id)
    ):
        by_day[_day(at)].append(task_id)
    for day, ids in by_day.items():
        session.execute(update(Task).where(Task.id.in_(ids)).values(answered_on=day))
        changes[day] += len(ids)
    for day, more in changes.items():
        _add_to_day(session, lane_id, day, more)


def _day(at: str) -> date:
    """The day of a server's time; of one that cannot be read, the day of the reading."""
    try:
        return date.fromisoformat(at[:10])
    except ValueError:
        return datetime.now(UTC).date()


def _add_to_day(session: Session, lane_id: int, day: date, more: int) -> None:
    kept = session.get(LaneDay, (lane_id, day))
    if kept is None:
        session.add(LaneDay(lane_id=lane_id, day=day, answered=more))
        session.flush()
    else:
        kept.answered += more


def recount_days(session: Session, lane_id: int) -> dict[date, int]:
    """Count a lane's answers by day anew from the rows; days without any are left out."""
    rows = session.execute(
        select(Task.answered_on, func.count(Task.id))
        .where(Task.lane_id == lane_id, Task.answered_on.is_not(None))
        .group_by(Task.answered_on)
    )
    return {day: answered for day, answered in rows if day is not None}


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
