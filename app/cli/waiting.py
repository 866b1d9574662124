"""Enqueue a job from the command line, and wait for its end where that was asked."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.cli.output import Answer
from app.errors import AppError, SetupError
from app.extensions import Store
from app.models.jobs import Job, JobState, Worker

POLL_S = 0.2
# A worker beats every two seconds; one that restarts is away for a few.
NO_WORKER_AFTER_S = 30.0
LIVE_WITHIN = timedelta(seconds=10)


class JobFailedError(AppError):
    """The job that was waited for failed; kind, message and remedy are the job's own.

    ``result`` is what it did before: a sync that lost one lane's project did the others.
    """

    def __init__(self, error: dict[str, Any], result: dict[str, Any] | None = None) -> None:
        super().__init__(error["message"], remedy=error["remedy"])
        self.kind = error["kind"]
        self.result = result or {}


def answer_of_job(store: Store, request: Callable[[Session], Job], *, wait: bool) -> Answer:
    """Plan a job, and answer with it, or with its result once it has ended.

    A job that is queued already serves as well; one that runs began before this command and
    does not, so another is planned behind it.

    Raises:
        JobFailedError: the job failed.
        SetupError: no worker came up to carry it out; it stays queued.
    """
    job_id = plan_job(store, request)
    if wait:
        end = wait_for_jobs(store, [job_id])[job_id]
        if isinstance(end, AppError):
            raise end
        counts = ", ".join(f"{key} {value}" for key, value in end.items() if key != "job")
        return Answer(end, f"Done: {counts}")
    warn_without_worker(store)
    return Answer({"job": job_id}, f"Job {job_id} is queued. Follow it: flask jobs show {job_id}")


def plan_job(store: Store, request: Callable[[Session], Job]) -> int:
    """Plan a job in a transaction of its own, and give its number."""
    with store.transaction() as session:
        return request(session).id


def warn_without_worker(store: Store) -> None:
    """Say so when nobody is there to carry out what was queued."""
    if not _worker_lives(store):
        click.echo("No worker is up; the job waits for one: flask worker", err=True)


def wait_for_jobs(store: Store, job_ids: Sequence[int]) -> dict[int, dict[str, Any] | AppError]:
    """Wait until all of these jobs have ended; one that fails keeps nobody from the others.

    Returns:
        For each job its result, or why there is none: `JobFailedError`, or `SetupError` when
        no worker came up to carry it out (it stays queued).
    """
    ends: dict[int, dict[str, Any] | AppError] = {}
    alone_since = time.monotonic()
    told = ""
    while True:
        with store.reading() as session:
            jobs = [session.get_one(Job, job_id) for job_id in job_ids if job_id not in ends]
        ends |= {job.id: _result(job) for job in jobs if job.ended_at is not None}
        waiting = [job for job in jobs if job.ended_at is None]
        if not waiting:
            return ends
        if _worker_lives(store):
            alone_since = time.monotonic()
        elif time.monotonic() - alone_since > NO_WORKER_AFTER_S:
            return ends | {job.id: _nobody_came(job) for job in waiting}
        told = _tell(waiting[0], told)
        time.sleep(POLL_S)


def _nobody_came(job: Job) -> SetupError:
    return SetupError(
        f"Job {job.id} is queued, but no worker is up to carry it out.",
        remedy="Start one: flask worker (or make run)",
    )


def _result(job: Job) -> dict[str, Any] | JobFailedError:
    if job.state == JobState.SUCCEEDED:
        return {"job": job.id, **(job.result or {})}
    return JobFailedError(
        job.error
        or {
            "kind": "cancelled",
            "message": f"Job {job.id} was cancelled; what was done is kept.",
            "remedy": f"Go on with: flask jobs retry {job.id}",
        },
        job.result,
    )


def _tell(job: Job, told: str) -> str:
    line = f"{job.message or job.state} {job.done}/{job.total or '?'}"
    if line != told and sys.stderr.isatty():
        click.echo(line, err=True)
    return line


def _worker_lives(store: Store) -> bool:
    with store.reading() as session:
        seen = session.scalar(select(Worker.seen_at).order_by(Worker.seen_at.desc()).limit(1))
    return seen is not None and seen > datetime.now(UTC) - LIVE_WITHIN
