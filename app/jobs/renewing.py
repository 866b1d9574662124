"""Renew what is kept of articles, a few in each transaction."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import update
from sqlalchemy.orm import Session

from app.jobs.runtime import JobContext
from app.models.jobs import Job

Step = Callable[[Session, int], tuple[int, int] | None]


def renew(
    ctx: JobContext, count_outdated: Callable[[Session], int], step: Step, message: str
) -> int:
    """Renew until nothing is outdated; what is renewed already is not done again.

    Args:
        ctx: the job.
        count_outdated: how many articles there are to do.
        step: renews the next few after an article's row id, and gives the last one's id and how
            many they were; None when there was none left.
        message: what the job's page says meanwhile.

    Returns:
        How many were renewed.
    """
    with ctx.transaction() as session:
        outdated = count_outdated(session)
        session.execute(update(Job).where(Job.id == ctx.job_id).values(total=outdated))
    renewed, after = 0, 0
    while True:
        ctx.checkpoint(done=min(renewed, outdated), message=message)
        with ctx.transaction() as session:
            done = step(session, after)
        if done is None:
            return renewed
        after, renewed = done[0], renewed + done[1]
