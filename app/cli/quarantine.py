"""`flask quarantine`: what was set aside, and how it is settled."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click
from flask import current_app
from flask.cli import AppGroup

from app.cli.actors import as_option
from app.cli.output import Answer, answers, table
from app.cli.waiting import warn_without_worker
from app.extensions import LARGEST_ID, get_store
from app.queries.quarantine import STATES, Sieve, list_quarantined
from app.services.quarantine import accept_item, ask_again, ignore_item

group = AppGroup("quarantine", help="What came back and was set aside.")
_NOTE = click.option("--note", default="", help="Why, for those who look later.")


@group.command("list")
@click.option("--batch", help="Only of this batch.")
@click.option("--kind", help="Only of this kind, such as unknown_label.")
@click.option("--annotator", metavar="EMAIL", help="Only of this annotator.")
@click.option("--state", type=click.Choice([*STATES, "any"]), default="open", show_default=True)
@click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True)
@click.option("--after", type=click.IntRange(0, LARGEST_ID), help="The `next` of the page before.")
@answers
def list_(
    batch: str | None,
    kind: str | None,
    annotator: str | None,
    state: str,
    limit: int,
    after: int | None,
) -> Answer:
    """List items, the newest first."""
    sieve = Sieve(batch, kind, None if state == "any" else state, annotator)
    with get_store().reading() as session:
        page = list_quarantined(session, sieve, after=after, limit=limit)
    items = [
        {
            "item": row.id,
            "batch": row.batch,
            "kind": row.kind,
            "reason": row.reason,
            "state": row.state,
            "annotator": row.annotator,
            "passage": row.passage,
            "since": row.created_at.isoformat(),
            "decided_by": row.decided_by,
            "note": row.note,
        }
        for row in page.rows
    ]
    rows = [(i["item"], i["batch"], i["state"], i["kind"], i["reason"]) for i in items]
    text = table(("item", "batch", "state", "kind", "reason"), rows, empty="Nothing is set aside.")
    return Answer({"items": items, "next": page.next}, text)


@group.command()
@click.argument("item", type=int)
@_NOTE
@as_option
@answers
def accept(item: int, note: str, actor: str) -> Answer:
    """Take ITEM as it is; what waited for it is taken along."""
    queue = current_app.extensions["queue"]
    return _settled(
        item,
        "accepted",
        lambda session: accept_item(session, queue, item, note=note, actor=actor),
    )


@group.command()
@click.argument("item", type=int)
@_NOTE
@as_option
@answers
def ignore(item: int, note: str, actor: str) -> Answer:
    """Leave ITEM out for good; it stays listed as ignored."""
    return _settled(
        item, "ignored", lambda session: ignore_item(session, item, note=note, actor=actor)
    )


@group.command()
@click.argument("item", type=int)
@click.option("--reason", required=True, help="What the annotator reads on top of the page.")
@as_option
@answers
def ask(item: int, reason: str, actor: str) -> Answer:
    """Send the passage of ITEM back to its annotator."""
    store = get_store()
    queue = current_app.extensions["queue"]
    with store.transaction() as session:
        _, rework = ask_again(session, queue, item, reason=reason, actor=actor)
        told = rework.as_json()
    warn_without_worker(store)
    data = {"item": item, "state": "asked", **told}
    return Answer(data, f"{told['annotator']} is asked again, as round {told['round']}.")


def _settled(item: int, state: str, settle: Callable[[Any], Any]) -> Answer:
    with get_store().transaction() as session:
        settle(session)
    return Answer({"item": item, "state": state}, f"Item {item} is {state}.")
