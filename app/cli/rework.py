"""`flask batches rework`: send a passage back to an annotator."""

from __future__ import annotations

import click
from flask import current_app
from flask.cli import with_appcontext

from app.cli.actors import as_option
from app.cli.output import Answer, answers
from app.cli.waiting import warn_without_worker
from app.extensions import get_store
from app.services.rework import request_rework


@click.command()
@click.argument("name")
@click.argument("passage")
@click.option("--annotator", required=True, metavar="EMAIL", help="Who shall look again.")
@click.option("--reason", required=True, help="What they read on top of the page.")
@with_appcontext
@as_option
@answers
def rework(name: str, passage: str, annotator: str, reason: str, actor: str) -> Answer:
    """Send PASSAGE of batch NAME back to its annotator as a new round."""
    store = get_store()
    with store.transaction() as session:
        planned = request_rework(
            session,
            current_app.extensions["queue"],
            name,
            passage,
            annotator=annotator,
            reason=reason,
            actor=actor,
        )
        data = planned.as_json()
    warn_without_worker(store)
    text = (
        f"Passage {passage} goes back to {data['annotator']} as round {data['round']}, "
        f"with job {data['job']}."
    )
    return Answer(data, text)
