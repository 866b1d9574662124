"""`flask batches close | reopen | archive | edit`: the end of a batch, and what is kept with it."""

from __future__ import annotations

from datetime import datetime

import click
from flask.cli import with_appcontext

from app.cli.actors import as_option
from app.cli.output import Answer, answers, table
from app.extensions import get_store
from app.queries.batches import get_batch
from app.services import batch_life


@click.command()
@click.argument("name")
@with_appcontext
@as_option
@answers
def close(name: str, actor: str) -> Answer:
    """End a batch: no more work goes out. Says what is undone."""
    with get_store().transaction() as session:
        batch_life.close_batch(session, name, typed=name, actor=actor)
    with get_store().reading() as session:
        batch = get_batch(session, name)
    lanes = [
        {
            "annotator": lane.annotator,
            "tasks": lane.tasks,
            "annotated": lane.annotated,
            "undone": lane.tasks - lane.annotated,
        }
        for lane in batch.lanes
    ]
    data = {"batch": name, "state": batch.state, "undone": batch.undone, "lanes": lanes}
    rows = [(lane["annotator"] or "shared", lane["annotated"], lane["undone"]) for lane in lanes]
    text = (
        f"Batch {name} is closed; {batch.undone} of {batch.tasks} tasks are undone.\n"
        + table(("lane", "annotated", "undone"), rows, empty="")
        + "\nLabel Studio keeps the projects open: tell the annotators to stop."
        + f"\nWhat they still do is kept by: flask sync {name} --wait"
    )
    return Answer(data, text)


@click.command()
@click.argument("name")
@with_appcontext
@as_option
@answers
def reopen(name: str, actor: str) -> Answer:
    """Take up a closed batch again."""
    with get_store().transaction() as session:
        state = batch_life.reopen_batch(session, name, actor=actor).state
    return Answer({"batch": name, "state": state}, f"Batch {name} is {state} again.")


@click.command()
@click.argument("name")
@with_appcontext
@as_option
@answers
def archive(name: str, actor: str) -> Answer:
    """Put a closed batch away for good."""
    with get_store().transaction() as session:
        state = batch_life.archive_batch(session, name, typed=name, actor=actor).state
    return Answer({"batch": name, "state": state}, f"Batch {name} is archived.")


@click.command()
@click.argument("name")
@click.option("--owner", metavar="EMAIL", help="Who looks after it; '' for nobody.")
@click.option("--due", type=click.DateTime(["%Y-%m-%d"]), metavar="DATE", help="As 2026-12-31.")
@click.option("--no-due", is_flag=True, help="Take the date away.")
@click.option("--note", metavar="TEXT", help="For those who look after it; '' for none.")
@with_appcontext
@as_option
@answers
def edit(
    name: str,
    *,
    owner: str | None,
    due: datetime | None,
    no_due: bool,
    note: str | None,
    actor: str,
) -> Answer:
    """Change who looks after a batch, when it is due, and the note. What is not given stays."""
    with get_store().transaction() as session:
        now = get_batch(session, name)
        notes = batch_life.BatchNotes(
            owner=now.owner if owner is None else owner,
            due=None if no_due else (due.date() if due else now.due_on),
            note=now.note if note is None else note,
        )
        batch = batch_life.edit_batch(session, name, notes, actor=actor)
        data = {
            "batch": name,
            "owner": batch.owner,
            "due": batch.due_on.isoformat() if batch.due_on else None,
            "note": batch.note,
        }
    return Answer(data, f"Batch {name} is noted as asked.")
