"""`flask terms evenness`, `outlets`, `lean`: how evenly terms are labeled, and among whom."""

from __future__ import annotations

from typing import Any

import click
from flask.cli import with_appcontext

from app.cli.actors import as_option
from app.cli.output import Answer, answers, table
from app.extensions import get_store
from app.queries.evenness import iter_counted, list_outlets
from app.services.evenness import OUTLET_LEANS, keep_report, state_lean

_FORGET = "not-stated"


@click.command()
@with_appcontext
@as_option
@answers
def evenness(actor: str) -> Answer:
    """Count how often terms are labeled where somebody looked, and keep the count."""
    store = get_store()
    *_, (_, tally) = iter_counted(store)
    report = tally.report()
    with store.transaction() as session:
        keep_report(session, report, actor=actor)
    rows = [
        (name, row["value"], row["who"], row["labeled"], row["rate"]["n"], _in_words(row["rate"]))
        for name, found in report["rates"].items()
        for row in found
    ]
    headers = ("by", "which", "who looked", "labeled", "places", "rate (95 %)")
    empty = "Nobody has looked at a place of a term yet."
    return Answer(report, table(headers, rows, empty=empty))


@click.command()
@with_appcontext
@answers
def outlets() -> Answer:
    """List outlets with what they state about themselves."""
    with get_store().reading() as session:
        found = list_outlets(session)
    data = [
        {"outlet": row.name, "articles": row.articles, "lean": row.lean, "source": row.source}
        for row in found
    ]
    rows = [(row.name, row.articles, row.lean or "not stated", row.source) for row in found]
    headers = ("outlet", "articles", "states", "where")
    return Answer({"outlets": data}, table(headers, rows, empty="No article names an outlet yet."))


@click.command()
@with_appcontext
@click.argument("outlet")
@click.argument("lean", type=click.Choice([*OUTLET_LEANS, _FORGET]))
@click.option("--source", default="", help="Where the outlet states it.")
@as_option
@answers
def lean(outlet: str, lean: str, source: str, actor: str) -> Answer:
    """Keep what OUTLET states about itself; it is never guessed."""
    stated = None if lean == _FORGET else lean
    with get_store().transaction() as session:
        state_lean(session, outlet, stated, source=source, actor=actor)
    data = {"outlet": outlet.strip(), "lean": stated, "source": source.strip()}
    return Answer(data, f"{outlet.strip()}: {stated or 'not stated'}.")


def _in_words(rate: dict[str, Any]) -> str:
    if rate["value"] is None:
        return str(rate["reason"])
    low, high = rate["ci95"]
    return f"{rate['value']:.2f} ({low:.2f}-{high:.2f})"
