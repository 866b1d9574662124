"""`flask schemes`: label configs and guidelines, in immutable versions."""

from __future__ import annotations

from pathlib import Path

import click
from flask.cli import AppGroup

from app.cli.actors import as_option
from app.cli.files import read_object, read_text
from app.cli.output import Answer, answers, table
from app.extensions import get_store
from app.queries.schemes import list_schemes
from app.services.schemes import import_scheme

group = AppGroup("schemes", help="Label configs and guidelines.")
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@group.command("import")
@click.argument("name")
@click.option("--config", "config_file", type=_FILE, required=True, help="The label config, XML.")
@click.option("--guideline", "guideline_file", type=_FILE, help="The guideline, Markdown.")
@click.option("--rules", "rules_file", type=_FILE, help="Rules of comparison, JSON.")
@as_option
@answers
def import_(
    name: str,
    config_file: Path,
    guideline_file: Path | None,
    rules_file: Path | None,
    actor: str,
) -> Answer:
    """Add a version of scheme NAME; the same files again add nothing."""
    config = read_text(config_file)
    guideline = read_text(guideline_file) if guideline_file else ""
    rules = read_object(rules_file) if rules_file else None
    with get_store().transaction() as session:
        version, new = import_scheme(
            session, name=name, config=config, guideline=guideline, rules=rules, actor=actor
        )
        data = {"scheme": name, "version": version.n, "new": new, "sha": version.sha}
    text = f"Scheme {name} is at version {data['version']}" + (
        " (new)." if new else "; these files were imported before."
    )
    return Answer(data, text)


@group.command("list")
@answers
def list_() -> Answer:
    """List all schemes with their newest version."""
    with get_store().reading() as session:
        data = list_schemes(session)
    rows = [
        (s["scheme"], s["version"], ", ".join(layer["name"] for layer in s["layers"]))
        for s in data["schemes"]
    ]
    empty = "No schemes yet. Run: flask db upgrade"
    return Answer(data, table(("scheme", "version", "layers"), rows, empty=empty))
