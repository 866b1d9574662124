"""`flask lexicon`: the term bank from a file, and whether it looks at all sides alike."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
from flask.cli import AppGroup

from app.cli.actors import as_option
from app.cli.output import Answer, answers
from app.cli.suggesters import renew_all
from app.errors import InvalidInputError
from app.extensions import get_store
from app.queries.lexicon import current_terms, newest_version
from app.services.lexicon import import_terms
from labeling.suggest.lexicon_balance import Balance, balance_of
from labeling.suggest.lexicon_csv import TermFile, read_terms

group = AppGroup("lexicon", help="The term bank.")
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_LARGEST_FILE = 50_000_000


@group.command("import")
@click.argument("file", type=_FILE, metavar="FILE.csv")
@click.option("--strict", is_flag=True, help="Exit with 3 when rows were set aside.")
@as_option
@answers
def import_(file: Path, strict: bool, actor: str) -> Answer:
    """Add the terms of FILE.csv to the term bank, and renew the suggestions of all articles."""
    read = _read(file)
    with get_store().transaction() as session:
        done = import_terms(session, read, source=file.name, actor=actor)
    data: dict[str, Any] = {
        **asdict(done),
        "rejected": [{"row": fault.row, "reason": fault.reason} for fault in read.faults],
        "articles_renewed": renew_all(),
    }
    counts = f"{done.added} added, {done.changed} changed, {done.unchanged} unchanged"
    lines = [
        f"The term bank is at version {done.version} with {done.terms} terms.",
        f"{counts}, {len(read.faults)} set aside.",
        *(f"  {fault.reason}" for fault in read.faults),
        f"Suggestions of {data['articles_renewed']} articles were renewed.",
    ]
    return Answer(data, "\n".join(lines), 3 if strict and read.faults else 0)


@group.command()
@click.argument("file", type=_FILE, required=False, metavar="[FILE.csv]")
@click.option("--strict", is_flag=True, help="Exit with 3 when something is worth mending.")
@answers
def check(file: Path | None, strict: bool) -> Answer:
    """Print how the term bank, or FILE.csv, leans by topic, and what is worth mending."""
    version, rejected = None, []
    if file is not None:
        read = _read(file)
        terms = read.terms
        rejected = [{"row": fault.row, "reason": fault.reason} for fault in read.faults]
    else:
        with get_store().reading() as session:
            terms = current_terms(session)
            newest = newest_version(session)
            version = newest.n if newest else None
    balance = balance_of(terms)
    data = {"version": version, **_balance_data(balance), "rejected": rejected}
    faulty = bool(balance.faults or rejected)
    return Answer(data, _in_words(balance, rejected), 3 if strict and faulty else 0)


def _read(file: Path) -> TermFile:
    if file.stat().st_size > _LARGEST_FILE:
        raise InvalidInputError(
            f"{file} is larger than a term bank may be ({_LARGEST_FILE:,} bytes).",
            remedy="Split the file.",
        )
    return read_terms(file.read_bytes(), source=file.name)


def _balance_data(balance: Balance) -> dict[str, Any]:
    return {
        "terms": balance.terms,
        "muted": balance.muted,
        "topics": len(balance.topics),
        "balanced": all(topic.even for topic in balance.topics),
        "balance": {topic.topic: topic.leans for topic in balance.topics},
        "types": balance.types,
        "faults": [asdict(fault) for fault in balance.faults],
    }


def _in_words(balance: Balance, rejected: list[dict[str, Any]]) -> str:
    lines = [f"{balance.terms} terms in {len(balance.topics)} topics, {balance.muted} muted.", ""]
    for topic in balance.topics:
        leans = ", ".join(f"{n} {lean}" for lean, n in topic.leans.items())
        lines.append(f"  {'=' if topic.even else '≠'} {topic.topic:<24} {leans}")
    types = ", ".join(f"{n} {name}" for name, n in balance.types.items())
    lines += ["", f"By what they do: {types or 'nothing'}."]
    lines += [f"  {row['reason']}" for row in rejected]
    lines += [
        f"  worth mending: {f.term + ': ' if f.term else ''}{f.reason}" for f in balance.faults
    ]
    if not rejected and not balance.faults:
        lines.append("Nothing is worth mending.")
    return "\n".join(lines)
