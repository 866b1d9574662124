"""`flask sync`: pull finished annotations back into SQL."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import click
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy.orm import Session

from app.cli.actors import as_option
from app.cli.output import Answer, answers
from app.cli.waiting import (
    JobFailedError,
    answer_of_job,
    plan_job,
    wait_for_jobs,
    warn_without_worker,
)
from app.errors import AppError, NotFoundError
from app.extensions import Store, get_store
from app.models.batches import BatchState
from app.models.jobs import Job
from app.queries.batches import list_batches
from app.services.syncing import request_sync

COUNTS = (
    "tasks_seen",
    "revisions_new",
    "revisions_total",
    "unchanged",
    "withdrawn",
    "quarantined",
    "requests",
    "lost_projects",
)

Request: TypeAlias = Callable[[Session], Job]
# By the batch's name: what its job gave, or why it gave nothing.
Outcomes: TypeAlias = dict[str, dict[str, Any] | AppError]


@click.command()
@click.argument("name", required=False)
@click.option("--full", is_flag=True, help="Read every task again and notice what is gone.")
@click.option("--wait", is_flag=True, help="Wait for the end and print the counts.")
@with_appcontext
@as_option
@answers
def sync(name: str | None, full: bool, wait: bool, actor: str) -> Answer:
    """Pull the annotations of a batch, or of every open one."""
    store = get_store()
    if name is not None:
        return answer_of_job(store, _request(name, full=full, actor=actor), wait=wait)
    with store.reading() as session:
        every = list_batches(session)["batches"]
    names = [b["batch"] for b in every if b["state"] in (BatchState.OPEN, BatchState.PUSHING)]
    if not names:
        raise NotFoundError(
            "No batch is open, so there is nothing to pull.",
            remedy="Push one: flask batches push NAME --wait",
        )
    each = _sync_all(store, {n: _request(n, full=full, actor=actor) for n in names}, wait=wait)
    return _report(each, wait=wait)


def _request(name: str, *, full: bool, actor: str) -> Request:
    queue = current_app.extensions["queue"]
    return lambda session: request_sync(session, queue, name, actor=actor, full=full)


def _sync_all(store: Store, requests: dict[str, Request], *, wait: bool) -> Outcomes:
    """Plan every sync before waiting for any, so that they run side by side."""
    planned: dict[str, int] = {}
    each: Outcomes = {}
    for name, request in requests.items():
        try:
            planned[name] = plan_job(store, request)
            each[name] = {"job": planned[name]}
        except AppError as err:
            each[name] = err
    if wait:
        ends = wait_for_jobs(store, list(planned.values()))
        each |= {name: ends[job_id] for name, job_id in planned.items()}
    else:
        warn_without_worker(store)
    return each


def _report(each: Outcomes, *, wait: bool) -> Answer:
    failed = {name: end for name, end in each.items() if isinstance(end, AppError)}
    done = {name: end for name, end in each.items() if not isinstance(end, AppError)}
    data: dict[str, Any] = {
        "batches": [
            {"batch": name, "error": _in_json(end)}
            if isinstance(end, AppError)
            else {"batch": name, **end}
            for name, end in each.items()
        ]
    }
    if wait:
        ends = [end.result if isinstance(end, JobFailedError) else end for end in each.values()]
        counted = [end for end in ends if isinstance(end, dict)]
        data |= {count: sum(end.get(count, 0) for end in counted) for count in COUNTS}
    text = f"{len(done)} batches " + ("synced." if wait else "queued for sync.")
    if not failed:
        return Answer(data, text)
    lines = [f"  {name}: {end.message} {end.remedy}".rstrip() for name, end in failed.items()]
    text = "\n".join([text, f"{len(failed)} failed:", *lines])
    return Answer({"error": _together(failed, len(each))} | data, text, exit_code=1)


def _together(failed: dict[str, AppError], total: int) -> dict[str, str]:
    """One error for all: its kind is theirs where they agree."""
    kinds = {end.kind for end in failed.values()}
    reasons = "; ".join(f"{name}: {end.message}" for name, end in failed.items())
    remedies = dict.fromkeys(end.remedy for end in failed.values() if end.remedy)
    return {
        "kind": kinds.pop() if len(kinds) == 1 else AppError.kind,
        "message": f"{len(failed)} of {total} batches failed. {reasons}",
        "remedy": " ".join(remedies),
    }


def _in_json(err: AppError) -> dict[str, str]:
    return {"kind": err.kind, "message": err.message, "remedy": err.remedy}
