"""`flask batches adopt`: work that exists in Label Studio becomes a batch."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from flask import current_app
from flask.cli import with_appcontext

from app.cli.actors import as_option
from app.cli.output import Answer, answers
from app.cli.waiting import answer_of_job
from app.errors import InvalidInputError
from app.extensions import LARGEST_ID, get_store
from app.services.adoption import (
    AdoptionPlan,
    People,
    begin_adoption,
    check_name,
    finish_adoption,
    request_adoption,
    source_sha,
)

if TYPE_CHECKING:
    from labeling.adoption.export import Export, ExportedTask

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_PAGE = 200


@click.command()
@click.argument("name")
@click.option("--export", "export_file", type=_FILE, help="A JSON export of the project.")
@click.option("--config", "config_file", type=_FILE, help="The project's label config, XML.")
@click.option("--connection", help="The server; needed only when there are several.")
@click.option("--project", type=click.IntRange(1, LARGEST_ID), help="The server's number of it.")
@click.option("--pseudonyms", is_flag=True, help="Keep names and e-mail addresses out.")
@click.option("--wait", is_flag=True, help="With --project: wait and print the counts.")
@with_appcontext
@as_option
@answers
def adopt(  # noqa: PLR0913 - a command line is as wide as its options
    name: str,
    export_file: Path | None,
    config_file: Path | None,
    connection: str | None,
    project: int | None,
    pseudonyms: bool,
    wait: bool,
    actor: str,
) -> Answer:
    """Bring work that exists in Label Studio into a new batch NAME; nothing is changed there."""
    if project is not None and export_file is None and config_file is None:
        queue = current_app.extensions["queue"]

        def request(session: Any) -> Any:
            return request_adoption(
                session,
                queue,
                name,
                connection=connection,
                project=project,
                pseudonyms=pseudonyms,
                actor=actor,
            )

        return answer_of_job(get_store(), request, wait=wait)
    if export_file is None or config_file is None or project is not None or connection is not None:
        raise click.UsageError(
            "Give either --project (with --connection where there are several), or --export "
            "and --config."
        )
    return _adopt_file(name, export_file, config_file, pseudonyms=pseudonyms, actor=actor)


def _adopt_file(
    name: str, export_file: Path, config_file: Path, *, pseudonyms: bool, actor: str
) -> Answer:
    from labeling.adoption.export import Export

    with get_store().reading() as session:
        check_name(session, name)
    text, config = _read(export_file), _read(config_file)
    export = Export(text, config)
    plan = AdoptionPlan(
        slug=name,
        source=export_file.name,
        config=config,
        sha=source_sha(text, config),
        pseudonyms=pseudonyms,
    )
    counts = _take_all(plan, export, actor=actor)
    total = sum(counts.values()) - counts["tasks"] - counts["annotations"]
    text = (
        f"Batch {name}: {counts['tasks']} tasks, {counts['annotations']} annotations. "
        f"Of {total} result items {counts['spans']} are spans, {counts['relations']} relations, "
        f"{counts['attributes']} attributes, {counts['choices']} choices; "
        f"{counts['quarantined_items']} are set aside"
        + (f": flask quarantine list {name}" if counts["quarantined_items"] else ".")
    )
    return Answer({"batch": name, **counts}, text)


def _take_all(plan: AdoptionPlan, export: Export, *, actor: str) -> dict[str, int]:
    """Page by page; what is broken off is gone on with by the same command."""
    from app.jobs import agreement
    from app.services.adoption_intake import AdoptionIntake, lane_of

    store = get_store()
    with store.transaction() as session:
        batch_id = begin_adoption(session, plan, export.adopted, actor=actor).id
        people = People(plan.slug, lane_of(session, batch_id).id, plan.pseudonyms, None)
        people.meet(session, export.people)
        intake = AdoptionIntake(session, batch_id, people, datetime.now(UTC))
    for page in _pages(export.unread_tasks()):
        with store.transaction() as session:
            intake.take(session, page)
    counts = intake.counts.as_json()
    with store.transaction() as session:
        finish_adoption(
            session, batch_id, overlap=export.most_annotators, counts=counts, actor=actor
        )
    agreement.refresh(store, batch_id)
    return counts


def _pages(tasks: Iterator[ExportedTask]) -> Iterator[list[ExportedTask]]:
    while page := list(islice(tasks, _PAGE)):
        yield page


def _read(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as err:
        raise InvalidInputError(f"{path} is not UTF-8.", remedy="Save it as UTF-8.") from err
