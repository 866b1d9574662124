"""Enqueue a job from the command line, and wait for its end where that was asked."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
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
    """The job that was waited for failed; kind, message and remedy are the job's own."""

    def __init__(self, error: dict[str, Any]) -> None:
        super().__init__(error["message"], remedy=error["remedy"])
        self.kind = error["kind"]


def answer_of_job(store: Store, request: Callable[[Session], Job], *, wait: bool) -> Answer:
    """Plan a job, and answer with it, or with its result once it has ended.

    A job that is queued already serves as well; one that runs began before this command and
    does not, so another is planned behind it.

    Raises:
        JobFailedError: the job failed.
        SetupError: no worker came up to carry it out; it stays queued.
    """
    with store.transaction() as session:
        job_id = request(session).id
    if wait:
        return _finished(store, job_id)
    if not _worker_lives(store):
        click.echo("No worker is up; the job waits for one: flask worker", err=True)
    return Answer({"job": job_id}, f"Job {job_id} is queued. Follow it: flask jobs show {job_id}")


def _finished(store: Store, job_id: int) -> Answer:
    alone_since = time.monotonic()
    told = ""
    while True:
        with store.reading() as session:
            job = session.get_one(Job, job_id)
        if job.ended_at is not None:
            return _result(job)
        if _worker_lives(store):
            alone_since = time.monotonic()
        elif time.monotonic() - alone_since > NO_WORKER_AFTER_S:
            raise SetupError(
                f"Job {job_id} is queued, but no worker is up to carry it out.",
                remedy="Start one: flask worker (or make run)",
            )
        told = _tell(job, told)
        time.sleep(POLL_S)


def _result(job: Job) -> Answer:
    if job.state == JobState.SUCCEEDED:
        result = {"job": job.id, **(job.result or {})}
        counts = ", ".join(f"{key} {value}" for key, value in result.items() if key != "job")
        return Answer(result, f"Done: {counts}")
    raise JobFailedError(
        job.error
        or {
            "kind": "cancelled",
            "message": f"Job {job.id} was cancelled; what was done is kept.",
            "remedy": f"Go on with: flask jobs retry {job.id}",
        }
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
