"""`flask batches`: deal passages to annotators, push them, see how far they are."""

from __future__ import annotations

from typing import Any

import click
from flask import current_app
from flask.cli import AppGroup

from app.cli.actors import as_option
from app.cli.adopt import adopt
from app.cli.batch_create import create
from app.cli.batch_life import archive, close, edit, reopen
from app.cli.drift import drift
from app.cli.output import Answer, answers, table
from app.cli.rework import rework
from app.cli.waiting import answer_of_job
from app.extensions import get_store
from app.queries.batches import list_batches, show_batch
from app.services.pushing import request_push

group = AppGroup("batches", help="Batches of passages for annotators.")
group.add_command(adopt)
for command in (create, close, reopen, archive, edit, rework, drift):
    group.add_command(command)


@group.command()
@click.argument("name")
@click.option("--wait", is_flag=True, help="Wait for the end and print the counts.")
@as_option
@answers
def push(name: str, wait: bool, actor: str) -> Answer:
    """Send a batch to Label Studio; what is there already is never sent twice."""
    queue = current_app.extensions["queue"]

    def request(session: Any) -> Any:
        return request_push(session, queue, name, actor=actor)

    return answer_of_job(get_store(), request, wait=wait)


@group.command()
@click.argument("name")
@answers
def show(name: str) -> Answer:
    """Show a batch and its lanes."""
    with get_store().reading() as session:
        data = show_batch(session, name)
    rows = [
        (lane["annotator"] or "shared", lane["pushed"], lane["annotated"], lane["url"] or "")
        for lane in data["lanes"]
    ]
    text = (
        f"{data['batch']}: {data['state']}. {data['passages']} passages, {data['tasks']} tasks, "
        f"{data['pushed']} pushed, {data['annotated']} annotated, "
        f"{data['quarantined']} set aside.\n"
    )
    return Answer(data, text + table(("lane", "pushed", "annotated", "project"), rows, empty=""))


@group.command("list")
@answers
def list_() -> Answer:
    """List all batches."""
    with get_store().reading() as session:
        data = list_batches(session)
    rows = [(batch["batch"], batch["state"]) for batch in data["batches"]]
    empty = "No batches yet. Create one: flask batches create NAME --annotator EMAIL"
    return Answer(data, table(("batch", "state"), rows, empty=empty))
