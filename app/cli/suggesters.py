"""`flask suggesters`: who suggests, what they are set to, and their suggestions made anew."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click
from flask.cli import AppGroup

from app.cli.actors import as_option
from app.cli.output import Answer, answers, table
from app.errors import InvalidInputError
from app.extensions import get_store
from app.queries.suggestions import count_problems
from app.services.suggesters import lineup_of

group = AppGroup("suggesters", help="Who suggests what.")
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_LARGEST_FILE = 50_000_000


@group.command("list")
@answers
def list_() -> Answer:
    """List the suggesters that are asked about every article."""
    with get_store().reading() as session:
        runs = lineup_of(session).runs
        problems = count_problems(session)
    data = {"suggesters": [{**asdict(r), "problems": problems.get(r.name, 0)} for r in runs]}
    rows = [(r.name, r.version, r.config_sha[:8], problems.get(r.name, 0)) for r in runs]
    headers = ("suggester", "version", "config", "articles it failed on")
    empty = "Nobody suggests anything. Turn one on: flask suggesters set quotes --on"
    return Answer(data, table(headers, rows, empty=empty))


@group.command("set")
@click.argument("name")
@click.option("--on/--off", "enabled", required=True, help="Whether it is asked.")
@click.option("--pipeline", help="For spacy: the name of an installed pipeline.")
@as_option
@answers
def set_(name: str, enabled: bool, pipeline: str | None, actor: str) -> Answer:
    """Turn suggester NAME on or off, and renew the suggestions of all articles."""
    from app.services.suggesting import set_suggester

    if name == "spacy" and enabled:
        from labeling.suggest.spacy_adapter import load_pipeline

        if pipeline is None:
            raise InvalidInputError(
                "spaCy needs the name of a pipeline.",
                remedy="flask suggesters set spacy --on --pipeline NAME",
            )
        load_pipeline(pipeline)
    options = {} if pipeline is None else {"pipeline": pipeline}
    with get_store().transaction() as session:
        set_suggester(session, name, enabled=enabled, actor=actor, **options)
    data = {"suggester": name, "enabled": enabled, **options, "articles_renewed": renew_all()}
    text = f"{name} is {'on' if enabled else 'off'}; {data['articles_renewed']} articles renewed."
    return Answer(data, text)


@group.command()
@click.argument("file", type=_FILE, metavar="FILE.csv")
@click.option("--strict", is_flag=True, help="Exit with 3 when rows were set aside.")
@as_option
@answers
def names(file: Path, strict: bool, actor: str) -> Answer:
    """Let the gazetteer know the names of FILE.csv too (name, label, variants).

    They take the place of those of an earlier file; what Copydesk brings itself stays.
    """
    from app.services.suggesting import set_names
    from labeling.suggest.gazetteer import read_names

    if file.stat().st_size > _LARGEST_FILE:
        raise InvalidInputError(
            f"{file} is larger than a list of names may be ({_LARGEST_FILE:,} bytes).",
            remedy="Leave names out that never come up.",
        )
    read = read_names(file.read_bytes(), source=file.name)
    with get_store().transaction() as session:
        known = set_names(session, read.names, source=file.name, actor=actor)
    data = {
        "names": known,
        "rejected": [{"row": fault.row, "reason": fault.reason} for fault in read.faults],
        "articles_renewed": renew_all(),
    }
    counts = f"Names: {known}; rows set aside: {len(read.faults)}"
    lines = [f"{counts}; {data['articles_renewed']} articles renewed."]
    lines += [f"  {fault.reason}" for fault in read.faults]
    return Answer(data, "\n".join(lines), 3 if strict and read.faults else 0)


@group.command()
@answers
def renew() -> Answer:
    """Make suggestions anew wherever somebody would give others now."""
    renewed = renew_all()
    return Answer({"articles_renewed": renewed}, f"{renewed} articles renewed.")


def renew_all() -> int:
    """Renew what is outdated, in this process: no worker is needed for it."""
    from app.services.suggestions import renew_some

    renewed, after = 0, 0
    while True:
        with get_store().transaction() as session:
            step = renew_some(session, after)
        if step is None:
            return renewed
        after, renewed = step[0], renewed + step[1]
