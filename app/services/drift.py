"""Where a lane differs from what we pushed: one line a kind, kept up by each sync.

What each kind means, and what to do about it, stands in ``app.queries.drift``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.models.drift import Drift, DriftState, SeenAs, StudioTask

LOST_PROJECT = "lost_project"
CONFIG_CHANGED = "config_changed"
TEXT_CHANGED = "text_changed"
DATA_CHANGED = "data_changed"
OVERWRITTEN = "overwritten"
FOREIGN_TASK = "foreign_task"
TASK_GONE = "task_gone"
TWIN = "twin"
MASS_WITHDRAWAL = "mass_withdrawal"
MOVED = "moved"
REUSED_ID = "reused_id"

EXAMPLES = 20
GONE_AFTER = 2
_BY_STATE = {
    SeenAs.TEXT_CHANGED: TEXT_CHANGED,
    SeenAs.DATA_CHANGED: DATA_CHANGED,
    SeenAs.OVERWRITTEN: OVERWRITTEN,
    SeenAs.FOREIGN: FOREIGN_TASK,
}


def note(
    session: Session,
    lane_id: int,
    kind: str,
    count: int,
    examples: Sequence[int | str],
    now: datetime,
) -> None:
    """Say how things stand with one kind: open while ``count`` is not zero, else closed."""
    line = _line(session, lane_id, kind)
    if line is None and not count:
        return
    if line is None:
        line = Drift(lane_id=lane_id, kind=kind, first_at=now, count=0, examples=[], state="closed")
        line.last_at = now
        session.add(line)
    shown = list(examples[:EXAMPLES])
    state = DriftState.OPEN if count else DriftState.CLOSED
    if line.state == DriftState.ANSWERED and state == DriftState.CLOSED:
        return
    if (line.count, line.state, line.examples) != (count, state, shown):
        # What is over keeps its figure: it says what it was about.
        if count:
            line.count, line.examples = count, shown
        if line.state != DriftState.OPEN and state == DriftState.OPEN:
            line.first_at, line.actor = now, ""
        line.state, line.last_at = state, now
    session.flush()


def note_event(session: Session, lane_id: int, kind: str, times: int, now: datetime) -> None:
    """Count what happened and left no state behind; it stays until a person has seen it."""
    if not times:
        return
    line = _line(session, lane_id, kind)
    before = line.count if line is not None and line.state == DriftState.OPEN else 0
    note(session, lane_id, kind, before + times, (), now)


def is_open(session: Session, lane_id: int, kind: str) -> bool:
    """Whether a lane's line of this kind is open."""
    line = _line(session, lane_id, kind)
    return line is not None and line.state == DriftState.OPEN


def refresh(session: Session, lane_id: int, now: datetime) -> None:
    """Bring the lines about a lane's tasks up to date with what was seen of them."""
    odd = session.execute(
        select(StudioTask.ls_task_id, StudioTask.state, StudioTask.missing)
        .where(
            StudioTask.lane_id == lane_id,
            (StudioTask.state != SeenAs.OURS) | (StudioTask.missing > 0),
        )
        .order_by(StudioTask.ls_task_id)
    ).all()
    found: dict[str, list[int]] = {kind: [] for kind in (*_BY_STATE.values(), TASK_GONE)}
    for ls_task_id, state, missing in odd:
        if missing >= GONE_AFTER:
            kind = None if state == SeenAs.FOREIGN else TASK_GONE
        else:
            kind = _BY_STATE.get(SeenAs(state))
        if kind is not None:
            found[kind].append(ls_task_id)
    for kind, tasks in found.items():
        note(session, lane_id, kind, len(tasks), tasks, now)


def refresh_twins(session: Session, lane_id: int, now: datetime) -> None:
    """Bring the line about tasks that stand in Label Studio twice up to date."""
    twins = twins_of(session, lane_id)
    tasks = [ls_task_id for ids in twins.values() for ls_task_id in ids]
    note(session, lane_id, TWIN, len(twins), tasks, now)


def twins_of(session: Session, lane_id: int) -> Mapping[int, list[int]]:
    """Label Studio's ids of each task of ours that stands there more than once."""
    here = (StudioTask.lane_id == lane_id, StudioTask.missing == 0, StudioTask.task_id.is_not(None))
    doubled = (
        select(StudioTask.task_id)
        .where(*here)
        .group_by(StudioTask.task_id)
        .having(func.count() > 1)
    )
    rows = session.execute(
        select(StudioTask.task_id, StudioTask.ls_task_id)
        .where(*here, StudioTask.task_id.in_(doubled))
        .order_by(StudioTask.task_id, StudioTask.ls_task_id)
    )
    found: dict[int, list[int]] = {}
    for task_id, ls_task_id in rows:
        found.setdefault(task_id or 0, []).append(ls_task_id)
    return found


def _line(session: Session, lane_id: int, kind: str) -> Drift | None:
    return session.scalar(select(Drift).where(Drift.lane_id == lane_id, Drift.kind == kind))
