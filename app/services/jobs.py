"""Stopping a job and running it again: on the page and on the command line alike."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.errors import NotFoundError
from app.extensions import LARGEST_ID
from app.models.jobs import Job, JobState
from app.queue import RELEASE, Queue
from app.services import audit, releases


def cancel_job(session: Session, queue: Queue, job_id: int, *, actor: str) -> Job:
    """Stop a job at its next safe point; what it did is kept.

    Raises:
        NotFoundError: there is no such job.
        ConflictError: it has ended already.
    """
    _check_number(job_id)
    job = queue.cancel(session, job_id)
    if job.name == RELEASE and job.state == JobState.CANCELLED:
        releases.fail_release(session, job.args["release"], f"Cancelled by {actor}.")
    audit.record(session, actor=actor, action="job_cancelled", object=f"job:{job_id}")
    return job


def retry_job(session: Session, queue: Queue, job_id: int, *, actor: str) -> Job:
    """Run a failed or cancelled job again; nothing is done twice.

    Raises:
        NotFoundError: there is no such job.
        ConflictError: it has not failed, or the same work is queued already.
    """
    _check_number(job_id)
    job = queue.retry(session, job_id)
    audit.record(session, actor=actor, action="job_retried", object=f"job:{job_id}")
    return job


def _check_number(job_id: int) -> None:
    # The store could not even look for such a number.
    if not 0 < job_id <= LARGEST_ID:
        raise NotFoundError(f"There is no job {job_id}.", remedy="See them with: flask jobs list")
