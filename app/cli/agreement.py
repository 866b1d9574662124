"""`flask agreement`: how far annotators agree, in a batch or in any Label Studio export."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
from flask.cli import AppGroup

from app.cli.figures import figure_cells
from app.cli.files import read_object, read_text
from app.cli.output import Answer, answers, table
from app.extensions import get_store
from app.queries.agreement import get_report, list_names
from app.queries.batches import get_batch

group = AppGroup("agreement", help="How far annotators agree.")
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@group.command()
@click.argument("name")
@answers
def show(name: str) -> Answer:
    """Show the agreement of a batch, up to what was synced last."""
    from app.jobs.agreement import refresh
    from labeling.agreement.report import contract

    store = get_store()
    with store.reading() as session:
        batch = get_batch(session, name)
    refresh(store, batch.id)
    with store.reading() as session:
        report = get_report(session, batch.id).report or {}
        data = contract(report, list_names(session, report))
    return Answer(data, _in_words(data))


@group.command(with_appcontext=False)
@click.argument("export", type=_FILE)
@click.option("--config", "config_file", type=_FILE, required=True, help="Its label config, XML.")
@click.option("--rules", "rules_file", type=_FILE, help="Rules of comparison, JSON.")
@click.option("--strict", is_flag=True, help="Exit with 3 when items were set aside.")
@answers
def file(export: Path, config_file: Path, rules_file: Path | None, strict: bool) -> Answer:
    """Show the agreement in a Label Studio export. Needs no store."""
    from labeling.agreement.exported import compare_export

    rules = read_object(rules_file) if rules_file else None
    found = compare_export(read_text(export), read_text(config_file), rules)
    data = {**found.answer, "set_aside": found.set_aside, "unreadable": found.unreadable}
    text = _in_words(data)
    if found.set_aside or found.unreadable:
        text += (
            f"\n{found.set_aside} items of results and {found.unreadable} tasks could not be "
            "read and are left out."
        )
    return Answer(data, text, 3 if strict and (found.set_aside or found.unreadable) else 0)


def _in_words(data: dict[str, Any]) -> str:
    lines = [f"{len(data['annotators'])} annotators, {data['passages']} passages."]
    for name, layer in data["layers"].items():
        rows = [(key, *figure_cells(value)) for key, value in layer.items() if _is_figure(value)]
        lines += ["", name, table(("figure", "value", "95 %", "n"), rows, empty="")]
        if layer.get("pairs"):
            pairs = [(p["a"], p["b"], *figure_cells(p["f1_exact"])) for p in layer["pairs"]]
            lines += ["", table(("a", "b", "f1_exact", "95 %", "n"), pairs, empty="")]
        if layer.get("kinds"):
            lines += ["", ", ".join(f"{n} {kind}" for kind, n in sorted(layer["kinds"].items()))]
    return "\n".join(lines)


def _is_figure(value: object) -> bool:
    return isinstance(value, dict) and "ci95" in value
