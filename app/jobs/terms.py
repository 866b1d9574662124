"""Terms: take the passages that wait into the index, however many there are."""

from __future__ import annotations

from typing import Any

from sqlalchemy import update

from app.jobs.runtime import JobContext
from app.models.jobs import Job
from app.services.term_index import count_waiting, take_in


def index_terms(ctx: JobContext) -> dict[str, Any]:
    """Take passages in, some thousands in each transaction; what is in is not taken in again.

    Returns:
        ``{"passages"}``: how many were taken in.
    """
    with ctx.transaction() as session:
        waiting = count_waiting(session)
        session.execute(update(Job).where(Job.id == ctx.job_id).values(total=waiting))
    done = 0
    while True:
        ctx.checkpoint(done=min(done, waiting), message="Taking passages into the index of terms")
        with ctx.transaction() as session:
            step = take_in(session)
        if not step:
            return {"passages": done}
        done += step
