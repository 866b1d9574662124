"""`flask datasets`: releases that can be rebuilt and verified, and labeled passages as files."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from flask.cli import AppGroup

from app.cli.actors import as_option
from app.cli.batch_files import export_batch
from app.cli.output import Answer, answers, table
from app.cli.release_options import PLAN_OPTIONS, with_options
from app.errors import InvalidInputError
from app.extensions import get_store
from labeling.datasets.formats import FORMATS

group = AppGroup("datasets", help="Releases of labeled passages, and their files.")
FOLDER = click.Path(file_okay=False, path_type=Path)


@group.command()
@click.argument("dataset")
@with_options(PLAN_OPTIONS)
@click.option("--notes", default="", help="What this release is, for its card.")
@click.option("--preview", is_flag=True, help="Only count what would be in it and what not.")
@as_option
@answers
def release(dataset: str, notes: str, preview: bool, actor: str, **wanted: Any) -> Answer:
    """Build the next release of DATASET: frozen records, split without leaks.

    Without --batch what was asked for last time is asked for again.
    """
    from app.cli.release_options import plan_of
    from app.jobs.release import build
    from app.queries.releasing import newest_rows
    from app.services.releases import last_plan, plan_release

    store = get_store()
    with store.reading() as session:
        plan = plan_of(wanted, last_plan(session, dataset))
        as_of = newest_rows(session)
    if preview:
        return _preview(dataset, plan, as_of)
    with store.transaction() as session:
        begun = plan_release(
            session, dataset, plan, actor=actor, notes=notes, now=datetime.now(UTC)
        )
    built = build(store, begun.id)
    counts = built.manifest["counts"]
    data = {
        "dataset": built.dataset,
        "version": built.version,
        "records": counts["records"],
        "spans": counts["spans"],
        "splits": counts["splits"],
        "dropped": built.manifest["passages"]["dropped"],
        "moved": built.manifest["moved"],
        "sha256": built.manifest["records_sha256"],
    }
    splits = ", ".join(f"{number} {split}" for split, number in data["splits"].items())
    lines = [f"{built.dataset} {built.version}: {data['records']} records ({splits}), "]
    lines[0] += f"{data['spans']} spans, sha256 {data['sha256']}"
    lines += [f"  left out: {number} {reason}" for reason, number in data["dropped"].items()]
    lines += [f"  moved to {one['now']}: {', '.join(one['articles'])}" for one in data["moved"]]
    return Answer(data, "\n".join(lines))


def _preview(dataset: str, plan: Any, as_of: dict[str, int]) -> Answer:
    from app.queries.releasing import iter_candidates, read_scope
    from app.services.releases import Survey, check_release

    store = get_store()
    with store.reading() as session:
        check_release(session, dataset, plan)
        scope = read_scope(session, plan, as_of)
    survey = Survey()
    for page in iter_candidates(store, scope):
        survey.take(page)
    dropped = dict(sorted(survey.dropped.items()))
    data = {
        "dataset": dataset,
        "passages": survey.seen,
        "records": survey.kept,
        "articles": len(survey.articles),
        "dropped": dropped,
    }
    lines = [f"{survey.kept} of {survey.seen} passages would be in it."]
    lines += [f"  left out: {number} {reason}" for reason, number in dropped.items()]
    return Answer(data, "\n".join(lines))


@group.command()
@click.argument("name", metavar="DATASET|BATCH")
@click.argument("version", required=False)
@click.option(
    "--format",
    "form",
    type=click.Choice(list(FORMATS)),
    default="jsonl",
    show_default=True,
    help="How the files are written.",
)
@click.option("--out", type=FOLDER, required=True, help="The folder for the files.")
@click.option("--excel", is_flag=True, help="csv: begin with the mark by which Excel knows UTF-8.")
@click.option(
    "--tags",
    type=click.Choice(["iob2", "bilou"]),
    default="iob2",
    show_default=True,
    help="conll: how tags are written.",
)
@answers
def export(name: str, version: str | None, form: str, out: Path, excel: bool, tags: str) -> Answer:
    """Write a release in a format, or the passages of a BATCH as they stand.

    A release's folder holds its manifest and its card, and can be verified. What the format
    cannot hold is in the report.
    """
    if version is None:
        if form != "jsonl":
            raise InvalidInputError(
                f"Only a release can be written as {form}; {name!r} was named without a version.",
                remedy=f"Release it first: flask datasets release DATASET --batch {name}",
            )
        return export_batch(name, out)
    from app.jobs.release_files import export_release

    options = {"excel": excel, "tags": tags}
    manifest = export_release(get_store(), name, version, form, out, spec_options=options)
    return _written(name, version, form, out, manifest)


def _written(name: str, version: str, form: str, out: Path, manifest: dict[str, Any]) -> Answer:
    from labeling.datasets.folder import MANIFEST, hash_file

    whole = hash_file(out / MANIFEST)
    sealed = {"path": MANIFEST, "sha256": whole.sha256, "bytes": whole.bytes}
    # Whole paths here, whatever folder the command was given from; the manifest's are relative.
    files = [
        {**one, "path": str((out / one["path"]).resolve())} for one in [*manifest["files"], sealed]
    ]
    data = {
        "dataset": name,
        "version": version,
        "format": form,
        "records": manifest["counts"]["records"],
        "sha256": manifest["records_sha256"],
        "files": files,
        "report": manifest["report"],
    }
    lines = [f"{name} {version} as {form} in {out} ({len(data['files'])} files)"]
    lines += [f"  {loss['count']} × {loss['kind']}: {loss['why']}" for loss in data["report"]]
    return Answer(data, "\n".join(lines))


@group.command()
@click.argument("dataset")
@click.argument("version")
@click.option("--out", type=FOLDER, required=True, help="The folder for the files.")
@answers
def rebuild(dataset: str, version: str, out: Path) -> Answer:
    """Make a release again from what it was made of: the same bytes, or the first difference."""
    from app.jobs.release_files import rebuild as run

    manifest = run(get_store(), dataset, version, out)
    return _written(dataset, version, "jsonl", out, manifest)


@group.command()
@click.argument("folder", type=click.Path(path_type=Path))
@answers
def verify(folder: Path) -> Answer:
    """Read every file of an exported FOLDER again, hash and count it. Needs no database."""
    from labeling.datasets.formats.base import FormatError
    from labeling.datasets.verify import Verification, verify_folder

    try:
        found = verify_folder(folder)
    except FormatError as err:
        found = Verification()
        found.add("manifest", err.message)
    data = {
        "ok": found.ok,
        "records": found.records,
        "spans": found.spans,
        "problems": found.problems,
    }
    lines = [f"{'ok' if found.ok else 'NOT as its manifest says'}: {found.records} records"]
    lines += [f"  {p['kind']}: {p['path']} {p['message']}" for p in found.problems]
    return Answer(data, "\n".join(lines), 0 if found.ok else 1)


@group.command()
@click.argument("dataset")
@click.argument("one", metavar="V1")
@click.argument("two", metavar="V2")
@answers
def diff(dataset: str, one: str, two: str) -> Answer:
    """Say what changed from V1 to V2 of DATASET, in records, spans and splits."""
    from app.queries.release_diff import diff_releases

    data = diff_releases(get_store(), dataset, one, two)
    lines = [f"{kind}: {data['records'][kind]} records" for kind in data["records"]]
    lines += [f"{kind}: {data['spans'][kind]} spans" for kind in data["spans"]]
    lines += [f"{move}: {number} records" for move, number in data["splits"].items()]
    for change in data["changes"]:
        lines.append(f"  {change['kind']} in {change['passage']}: {_told(change)}")
        lines += [
            f"    by decision {one['decision']} ({one['verdict']}) of {one['actor']}"
            for one in change["decisions"]
        ]
    return Answer(data, "\n".join(lines))


def _told(change: dict[str, Any]) -> str:
    """A span as it was and as it is."""
    return " → ".join(
        f"{span['label']} {span['start']}–{span['end']}"
        for span in (change["before"], change["after"])
        if span is not None
    )


@group.command("list")
@answers
def list_() -> Answer:
    """List all datasets with their releases."""
    from app.queries.releases import list_datasets

    with get_store().reading() as session:
        data = list_datasets(session)
    rows = [
        (
            one["dataset"],
            release["version"] or release["state"],
            release["records"],
            release["spans"],
            f"{len(release['withdrawn'])} retracted since" if release["withdrawn"] else "",
        )
        for one in data["datasets"]
        for release in one["releases"]
    ]
    empty = "No datasets yet. Make one: flask datasets release NAME --batch BATCH"
    return Answer(data, table(("dataset", "version", "records", "spans", ""), rows, empty=empty))


@group.command("give-up")
@click.argument("dataset")
@as_option
@answers
def give_up(dataset: str, actor: str) -> Answer:
    """Give up a release of DATASET whose building was cut off."""
    from app.services.releases import give_up as run

    with get_store().transaction() as session:
        number = run(session, dataset, actor=actor)
    return Answer({"dataset": dataset, "given_up": number}, f"{number} given up.")
