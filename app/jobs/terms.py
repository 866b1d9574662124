"""Terms: take the passages that wait into the index, and count how evenly terms are labeled."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select, update

from app.jobs.runtime import JobContext
from app.models.jobs import Job
from app.queries.evenness import iter_counted
from app.services.evenness import keep_report
from app.services.term_index import count_waiting, take_in
from labeling.evenness import Tally


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


def count_evenness(ctx: JobContext) -> dict[str, Any]:
    """Count every place of a term that somebody looked at, and keep the figures.

    Returns:
        ``{"passages"}``: how many were gone through.
    """
    passages, tally = 0, Tally()
    for passages, tally in iter_counted(ctx.store):  # noqa: B007 -- the last ones are used
        ctx.checkpoint(done=passages, message="Counting places of terms")
    with ctx.transaction() as session:
        actor = session.scalar(select(Job.actor).where(Job.id == ctx.job_id)) or "system"
        keep_report(session, tally.report(), actor=actor)
    return {"passages": passages}
