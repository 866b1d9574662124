"""Stopping a job and running it again: on the page and on the command line alike."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.models.jobs import Job
from app.queue import Queue
from app.services import audit


def cancel_job(session: Session, queue: Queue, job_id: int, *, actor: str) -> Job:
    """Stop a job at its next safe point; what it did is kept.

    Raises:
        NotFoundError: there is no such job.
        ConflictError: it has ended already.
    """
    job = queue.cancel(session, job_id)
    audit.record(session, actor=actor, action="job_cancelled", object=f"job:{job_id}")
    return job


def retry_job(session: Session, queue: Queue, job_id: int, *, actor: str) -> Job:
    """Run a failed or cancelled job again; nothing is done twice.

    Raises:
        NotFoundError: there is no such job.
        ConflictError: it has not failed, or the same work is queued already.
    """
    job = queue.retry(session, job_id)
    audit.record(session, actor=actor, action="job_retried", object=f"job:{job_id}")
    return job
