"""`flask review`: what the review page does by key, by command and file."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from flask import current_app
from flask.cli import AppGroup

from app.cli.actors import as_option
from app.cli.figures import figure_words
from app.cli.output import Answer, answers
from app.cli.review_policy import policy
from app.errors import AppError
from app.extensions import get_store
from app.queries.agreement import get_report
from app.queries.batches import get_batch
from app.queries.review import list_ready
from app.queries.reviewing import show_review
from app.services.deciding import accept_majorities, accept_unanimous
from app.services.decision_files import EXAMPLE, by_passage, open_groups, read_decisions
from app.services.review_files import carry_out_part
from app.services.room import Seat
from labeling.errors import LabelingError

_NOTHING = {"value": None, "ci95": None, "n": 0, "reason": "nothing settled twice"}
NOBODY_YET: dict[str, Any] = {
    "reviewers": [],
    "passages": 0,
    "groups_alike": _NOTHING,
    "passages_alike": _NOTHING,
    "layers": {},
}

group = AppGroup("review", help="Settle what annotators do not agree on.")
group.add_command(policy)


@group.command()
@click.argument("batch")
@click.argument("passage")
@answers
def show(batch: str, passage: str) -> Answer:
    """Show the groups of a PASSAGE: each version under a letter, and what was decided."""
    _bring_up_to_date(batch)
    with get_store().reading() as session:
        data = show_review(session, batch, passage)
    lines = [data["text"], "", f"{data['state']}; {len(data['groups'])} groups"]
    for one in data["groups"]:
        decided = one["decision"]["verdict"] if one["decision"] else "open"
        lines.append(f"  {one['group']}  {one['layer']:<10} {one['kind']:<12} {decided}")
        lines += [f"      {_said(version)}" for version in one["versions"]]
        lines += [f"      {letter}: nothing" for letter in one["absent"]]
    lines += [f"  note by {note['by']}: {note['text']}" for note in data["notes"]]
    if data["flag"]:
        lines.append(f"  flagged by {data['flag']['by']}: {data['flag']['note']}")
    return Answer(data, "\n".join(lines))


@group.command(help=f"Carry out the decisions of a file.\n\n\b\n{EXAMPLE}")
@click.argument("batch")
@click.option(
    "--file",
    "path",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    required=True,
    help="JSON: the decisions, each with its passage.",
)
@click.option("--strict", is_flag=True, help="Exit with 3 when passages were set aside.")
@as_option
@answers
def decide(batch: str, path: Path, strict: bool, actor: str) -> Answer:
    """Carry out a file: each passage wholly or not at all, one bad passage stops no other."""
    file = read_decisions(path.read_bytes(), str(path))
    _bring_up_to_date(batch)
    queue = current_app.extensions["queue"]
    done: list[dict[str, Any]] = []
    rejected: list[dict[str, str]] = []
    for passage, part in by_passage(file):
        seat = Seat(batch, passage, actor, datetime.now(UTC))
        try:
            with get_store().transaction() as session:
                done.append(carry_out_part(session, queue, seat, part, file).as_json())
        except (AppError, LabelingError) as err:
            rejected.append({"passage": passage, "kind": err.kind, "reason": err.message})
    data = {
        "batch": batch,
        "decided": sum(one["decided"] for one in done),
        "submitted": sum(one["submitted"] for one in done),
        "passages": done,
        "rejected": rejected,
    }
    lines = [f"{data['decided']} decisions taken, {data['submitted']} passages settled."]
    lines += [f"  {one['passage']}: {len(one['open'])} still open" for one in done if one["open"]]
    lines += [f"  {one['passage']}: sent back" for one in done if "rework" in one]
    lines += [f"  set aside: {one['passage']}: {one['reason']}" for one in rejected]
    return Answer(data, "\n".join(lines), 3 if strict and rejected else 0)


@group.command("accept-unanimous")
@click.argument("batch")
@as_option
@answers
def accept_unanimous_(batch: str, actor: str) -> Answer:
    """Settle every passage of BATCH on which all of several annotators agree."""
    settled, left, after = 0, [], 0
    _bring_up_to_date(batch)
    while True:
        with get_store().reading() as session:
            page = list_ready(session, batch, after=after)
        if not page:
            break
        for passage_id, uid in page:
            after = passage_id
            try:
                with get_store().transaction() as session:
                    now = datetime.now(UTC)
                    settled += accept_unanimous(session, batch, uid, actor=actor, now=now)
            except AppError as err:
                if actor == "system":
                    raise
                left.append({"passage": uid, "reason": err.message})
    data = {"batch": batch, "settled": settled, "left": left}
    return Answer(data, f"{settled} passages settled, {len(left)} left to somebody else.")


@group.command("accept-majorities")
@click.argument("batch")
@click.argument("passage")
@as_option
@answers
def accept_majorities_(batch: str, passage: str, actor: str) -> Answer:
    """Accept what most annotators of PASSAGE say, where the batch's policy allows it."""
    _bring_up_to_date(batch)
    with get_store().transaction() as session:
        now = datetime.now(UTC)
        accepted = accept_majorities(session, batch, passage, actor=actor, now=now)
        left = open_groups(session, batch, passage, actor)
    data = {"batch": batch, "passage": passage, "accepted": accepted, "open": left}
    return Answer(data, f"{accepted} majorities accepted; {len(left)} groups still open.")


@group.command()
@click.argument("batch")
@answers
def agreement(batch: str) -> Answer:
    """Show how far reviewers of BATCH agree where two of them settled a passage."""
    from app.jobs.agreement import refresh

    store = get_store()
    with store.reading() as session:
        batch_id = get_batch(session, batch).id
    refresh(store, batch_id)
    with store.reading() as session:
        report = get_report(session, batch_id).report or {}
    found = report.get("reviewers", NOBODY_YET)
    lines = [
        f"{len(found['reviewers'])} reviewers, {found['passages']} passages settled by two.",
        f"Groups settled alike:   {figure_words(found['groups_alike'])}",
        f"Passages settled alike: {figure_words(found['passages_alike'])}",
    ]
    return Answer({"batch": batch, **found}, "\n".join(lines))


def _bring_up_to_date(batch: str) -> None:
    """Compare answers that came in and were not compared yet, as a worker would."""
    from app.jobs.agreement import compare_changed

    store = get_store()
    with store.reading() as session:
        batch_id = get_batch(session, batch).id
    compare_changed(store, batch_id, store.transaction)


def _said(version: dict[str, Any]) -> str:
    if "values" in version:
        return f"{version['version']}: {', '.join(version['values'])}"
    place = f"{version['start']}–{version['end']}"
    return f"{version['version']}: {version['label']} {place} “{version['text']}”"
