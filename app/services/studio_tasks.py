"""What each task in Label Studio was when it was last read, a page at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from app.models.drift import SeenAs, StudioTask


class Sighting(NamedTuple):
    """A task in Label Studio: whose it is, when it last changed, and what it is to us."""

    task_id: int | None
    updated_at: str
    state: str
    missing: int = 0


def load(session: Session, lane_id: int, ls_task_ids: Sequence[int]) -> dict[int, Sighting]:
    """What these tasks were when they were last read, by Label Studio's ids."""
    rows = session.execute(_columns(lane_id).where(StudioTask.ls_task_id.in_(ls_task_ids)))
    return {row[0]: Sighting(*row[1:]) for row in rows}


def load_all(session: Session, lane_id: int) -> dict[int, Sighting]:
    """All tasks of a lane that were ever read."""
    return {row[0]: Sighting(*row[1:]) for row in session.execute(_columns(lane_id))}


def save(
    session: Session,
    lane_id: int,
    before: Mapping[int, Sighting],
    now: Mapping[int, Sighting],
) -> None:
    """Remember what these tasks are now; what did not change is not written."""
    new = [_row(lane_id, key, one) for key, one in now.items() if key not in before]
    changed = [_row(lane_id, key, one) for key, one in now.items() if before.get(key, one) != one]
    if new:
        session.connection().execute(insert(StudioTask), new)
    if changed:
        session.execute(update(StudioTask), changed)


def _row(lane_id: int, ls_task_id: int, one: Sighting) -> dict[str, Any]:
    return {"lane_id": lane_id, "ls_task_id": ls_task_id, **one._asdict(), "state": str(one.state)}


def _columns(lane_id: int) -> Any:
    return select(
        StudioTask.ls_task_id,
        StudioTask.task_id,
        StudioTask.updated_at,
        StudioTask.state,
        StudioTask.missing,
    ).where(StudioTask.lane_id == lane_id)


__all__ = ["SeenAs", "Sighting", "load", "load_all", "save"]
