"""How fast a lane goes, and when it will be done: said only where there is enough to say it by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from math import ceil
from statistics import median

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models.batches import Lane, LaneDay

ENOUGH = 20
DAYS = 7


@dataclass(frozen=True, slots=True)
class Pace:
    """Tasks a day, the median of the last week, and the day it would be done at that pace.

    ``a_day`` is None while fewer than ``ENOUGH`` tasks are answered; ``done_on`` is None also
    when the lane stands still or is done.
    """

    a_day: float | None = None
    done_on: date | None = None


def reckon(days: Mapping[date, int], left: int, today: date) -> Pace:
    """The pace of a lane.

    Args:
        days: how many tasks were answered on which day.
        left: how many are left.
        today: the last day that counts.

    Returns:
        Its pace; days before its first answer count for nothing, days without one count.
    """
    if sum(days.values()) < ENOUGH:
        return Pace()
    first = max(min(day for day, answered in days.items() if answered), today - timedelta(DAYS - 1))
    week = [first + timedelta(n) for n in range((today - first).days + 1)]
    a_day = float(median(days.get(day, 0) for day in week)) if week else 0.0
    if a_day <= 0 or left <= 0:
        return Pace(a_day)
    return Pace(a_day, today + timedelta(ceil(left / a_day)))


def list_paces(session: Session, batch_id: int, today: date) -> dict[int, Pace]:
    """The pace of every lane of a batch, by the lane's number."""
    rows = session.execute(
        select(Lane.n, Lane.tasks - Lane.annotated, LaneDay.day, LaneDay.answered)
        .outerjoin(LaneDay, LaneDay.lane_id == Lane.id)
        .where(Lane.batch_id == batch_id)
    )
    lanes: dict[int, tuple[int, dict[date, int]]] = {}
    for n, left, day, answered in rows:
        _, days = lanes.setdefault(n, (left, {}))
        if day is not None:
            days[day] = answered
    return {n: reckon(days, left, today) for n, (left, days) in lanes.items()}
