"""`flask batches drift`: where Label Studio differs from what was pushed, and what to do."""

from __future__ import annotations

import click
from flask import current_app
from flask.cli import with_appcontext

from app.cli.actors import as_option
from app.cli.output import Answer, answers, table
from app.errors import InvalidInputError
from app.extensions import LARGEST_ID, get_store
from app.queries.drift import show_drift
from app.services import withdrawals

NUMBER = click.IntRange(1, LARGEST_ID)


@click.command()
@click.argument("name")
@click.option("--accept", type=NUMBER, help="Withdraw the vanished answers of this line.")
@click.option("--keep", type=NUMBER, help="Keep the vanished answers of this line.")
@with_appcontext
@as_option
@answers
def drift(name: str, accept: int | None, keep: int | None, actor: str) -> Answer:
    """Show where a batch drifted, or decide on answers that vanished in great number."""
    if accept is not None and keep is not None:
        raise InvalidInputError("Give either --accept or --keep.", remedy="One line at a time.")
    decided = accept if accept is not None else keep
    store = get_store()
    if decided is not None:
        with store.transaction() as session:
            queue = current_app.extensions["queue"]
            count = withdrawals.answer(
                session, queue, name, decided, withdraw=accept is not None, actor=actor
            )
    with store.reading() as session:
        data = show_drift(session, name)
    if decided is not None:
        data["withdrawn" if accept is not None else "kept"] = count
    rows = [(line["id"], line["lane"], line["count"], line["title"]) for line in data["open"]]
    text = table(("line", "lane", "count", "what"), rows, empty="Nothing differs.")
    remedies = [f"  {line['title']}: {line['remedy']}" for line in data["open"]]
    return Answer(data, "\n".join([text, *remedies]))
