"""How fast passages are settled, when the queue will be done, and the queues somebody keeps."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from statistics import median

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.models.accounts import User
from app.models.review import Review, ReviewState, ReviewView
from app.queries.pace import DAYS, ENOUGH, Pace, reckon

_LAST = 50


@dataclass(frozen=True, slots=True)
class ReviewPace:
    """What was settled lately, one by one; what was settled in bulk counts for nothing.

    ``mine`` is how many the reader settled today; ``seconds`` how long a passage takes them
    (the median of the last fifty), None while they have settled too few to tell.
    """

    mine: int
    today: int
    desk: Pace
    seconds: float | None

    def work(self, left: int) -> float | None:
        """How many seconds of this reader's work are left."""
        return None if self.seconds is None else self.seconds * left


@dataclass(frozen=True, slots=True)
class View:
    """A queue that was kept: its name and the address that shows it."""

    name: str
    query: dict[str, str]


def get_review_pace(session: Session, reader: str, left: int, today: date) -> ReviewPace:
    """The pace of all reviewers together, and of one of them.

    Args:
        session: a session for reading.
        reader: whose own figures are told.
        left: how many passages wait.
        today: the last day that counts (UTC).
    """
    since = datetime.combine(today - timedelta(DAYS - 1), time(), UTC)
    # By reviewer and time, as the index has it.
    rows = session.execute(
        select(Review.reviewer, func.date(Review.submitted_at), func.count())
        .where(Review.reviewer.in_(select(User.email)), Review.submitted_at >= since)
        .where(Review.state == ReviewState.SUBMITTED, Review.bulk.is_(False))
        .group_by(Review.reviewer, func.date(Review.submitted_at))
        .order_by(Review.reviewer, func.date(Review.submitted_at))
    )
    days: defaultdict[date, int] = defaultdict(int)
    mine = 0
    for who, day, count in rows:
        on = date.fromisoformat(str(day))
        days[on] += count
        mine += count if who == reader and on == today else 0
    return ReviewPace(mine, days[today], reckon(days, left, today), _seconds(session, reader))


def list_views(session: Session, owner: str) -> list[View]:
    """The queues somebody keeps, by their names."""
    rows = session.execute(
        select(ReviewView.name, ReviewView.query)
        .where(ReviewView.owner == owner)
        .order_by(ReviewView.name)
    )
    return [View(row[0], row[1]) for row in rows]


def _seconds(session: Session, reader: str) -> float | None:
    rows = session.execute(
        select(Review.opened_at, Review.submitted_at)
        .where(Review.reviewer == reader, Review.submitted_at.is_not(None))
        .where(Review.bulk.is_(False))
        .order_by(Review.submitted_at.desc())
        .limit(_LAST)
    ).all()
    if len(rows) < ENOUGH:
        return None
    return median((row[1] - row[0]).total_seconds() for row in rows if row[1] is not None)
