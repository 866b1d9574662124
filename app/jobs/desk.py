"""Desk: look at every article anew that rests on other policies than those that count now."""

from __future__ import annotations

from typing import Any

from sqlalchemy import update

from app.jobs.runtime import JobContext
from app.models.jobs import Job
from app.services.desk import count_outdated, recount, renew_some


def renew_desk(ctx: JobContext) -> dict[str, Any]:
    """Renew, a few articles in each transaction; what is renewed already is not done again.

    Returns:
        ``{"articles"}``: how many were renewed.
    """
    with ctx.transaction() as session:
        outdated = count_outdated(session)
        session.execute(update(Job).where(Job.id == ctx.job_id).values(total=outdated))
    renewed, after = 0, 0
    while True:
        ctx.checkpoint(done=min(renewed, outdated), message="Looking at articles by the policies")
        with ctx.transaction() as session:
            step = renew_some(session, after)
            if step is None:
                recount(session)
        if step is None:
            return {"articles": renewed}
        after, renewed = step[0], renewed + step[1]
