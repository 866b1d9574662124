"""`flask sync`: pull finished annotations back into SQL."""

from __future__ import annotations

from typing import Any

import click
from flask import current_app
from flask.cli import with_appcontext

from app.cli.actors import as_option
from app.cli.output import Answer, answers
from app.cli.waiting import answer_of_job
from app.errors import NotFoundError
from app.extensions import get_store
from app.models.batches import BatchState
from app.queries.batches import list_batches
from app.services.syncing import request_sync

COUNTS = ("tasks_seen", "revisions_new", "revisions_total", "unchanged", "withdrawn", "quarantined")


@click.command()
@click.argument("name", required=False)
@click.option("--full", is_flag=True, help="Read every task again and notice what is gone.")
@click.option("--wait", is_flag=True, help="Wait for the end and print the counts.")
@with_appcontext
@as_option
@answers
def sync(name: str | None, full: bool, wait: bool, actor: str) -> Answer:
    """Pull the annotations of a batch, or of every open one."""
    if name is not None:
        return _sync(name, full=full, wait=wait, actor=actor)
    with get_store().reading() as session:
        every = list_batches(session)["batches"]
    names = [b["batch"] for b in every if b["state"] in (BatchState.OPEN, BatchState.PUSHING)]
    if not names:
        raise NotFoundError(
            "No batch is open, so there is nothing to pull.",
            remedy="Push one: flask batches push NAME --wait",
        )
    each = [_sync(each, full=full, wait=wait, actor=actor).data for each in names]
    data: dict[str, Any] = {"batches": each}
    if wait:
        data |= {count: sum(one[count] for one in each) for count in COUNTS}
    return Answer(data, f"{len(each)} batches " + ("synced." if wait else "queued for sync."))


def _sync(name: str, *, full: bool, wait: bool, actor: str) -> Answer:
    queue = current_app.extensions["queue"]

    def request(session: Any) -> Any:
        return request_sync(session, queue, name, actor=actor, full=full)

    return answer_of_job(get_store(), request, wait=wait)
