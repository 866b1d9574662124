"""`flask articles`: article files in, articles and passages to see."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
from flask import current_app
from flask.cli import AppGroup

from app.cli.actors import as_option
from app.cli.intake import Report, progress_of, read_index
from app.cli.output import Answer, answers, table
from app.errors import InvalidInputError
from app.extensions import get_store
from app.queries.articles import list_articles, show_article
from app.services import audit
from app.services.article_files import FileToRead, read_files, size_of, walk
from app.services.intake import DryRun, Group, Outcome, groups_of, store_group
from app.services.intake_options import check_single, given_fields, read_options
from config import Settings

group = AppGroup("articles", help="Articles and their passages.")


@group.command("import")
@click.argument("paths", nargs=-1, type=click.Path(exists=True, path_type=Path), metavar="PATH…")
@click.option("--outlet", default="", help="The outlet of those that name none.")
@click.option("--section", default="", help="The section of those that name none.")
@click.option("--byline", default="", help="Who wrote those that do not say so.")
@click.option("--date", default="", help="When those that do not say so were published.")
@click.option("--language", default="", help="Their language (default: found out).")
@click.option("--story", default="", help="The story they belong to.")
@click.option("--title", default="", help="The title of the article (one file only).")
@click.option("--url", default="", help="The address of the article (one file only).")
@click.option(
    "--map",
    "columns",
    multiple=True,
    metavar="FIELD=COLUMN",
    help="Which column of a CSV, or key of JSON Lines, holds a field: --map text=body.",
)
@click.option("--encoding", default="", help="Their encoding (default: each one's own).")
@click.option(
    "--index",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A CSV of files: file,outlet,section,external_id,url,published_at, and more.",
)
@click.option("--dry-run", is_flag=True, help="Only say what would be done.")
@click.option("--strict", is_flag=True, help="Exit with 3 when files were rejected.")
@as_option
@answers
def import_(
    paths: tuple[Path, ...],
    columns: tuple[str, ...],
    encoding: str,
    index: Path | None,
    dry_run: bool,
    strict: bool,
    actor: str,
    **said: str,
) -> Answer:
    """Import articles: .txt, .md, .html, .jsonl, .csv, .zip, and folders of them.

    What is here already is not imported again, and a bad file never stops the others.
    """
    if not paths and index is None:
        raise InvalidInputError("No files were named.", remedy="flask articles import PATH…")
    settings: Settings = current_app.extensions["settings"]
    given = given_fields(said)
    options = read_options(columns, encoding, settings.max_article_bytes)
    sources = read_index(index) if index is not None else []

    def files() -> Iterator[FileToRead]:
        for path in paths:
            yield from walk(path)
        yield from sources

    check_single(said, files())
    report = Report(settings.expected_language)
    with progress_of(size_of(files())) as progress:
        items = read_files(files(), options, progress)
        for outcomes in _settled(groups_of(items, given), dry_run=dry_run):
            report.add(outcomes)
    if not dry_run:
        _record(report, actor)
    return report.answer(dry_run=dry_run, strict=strict)


def _settled(groups: Iterator[Group], *, dry_run: bool) -> Iterator[list[Outcome]]:
    store = get_store()
    run = DryRun()
    for group in groups:
        if dry_run:
            with store.reading() as session:
                yield run.judge_group(session, group)
        else:
            with store.transaction() as session:
                outcomes = store_group(session, group)
            yield outcomes


def _record(report: Report, actor: str) -> None:
    with get_store().transaction() as session:
        audit.record(
            session,
            actor=actor,
            action="articles_imported",
            object="articles",
            detail={
                "imported": report.imported,
                "updated": report.updated,
                "rejected": report.rejected,
            },
        )


@group.command()
@click.argument("uid")
@answers
def show(uid: str) -> Answer:
    """Show an article with its roles and passages."""
    with get_store().reading() as session:
        data = show_article(session, uid)
    text = data["text"]
    lines = [data["title"], data["byline"], *_about(data), ""]
    lines += [
        f"{r['role']:<12} {r['start']:>6}–{r['end']:<6} {text[r['start'] : r['end']].strip()[:60]}"
        for r in data["roles"]
    ]
    return Answer(data, "\n".join([*lines, "", f"{len(data['passages'])} passages"]))


def _about(data: dict[str, Any]) -> list[str]:
    """What is worth knowing of an article besides its text."""
    lines = []
    expected = current_app.extensions["settings"].expected_language
    if data["language"] not in {"", expected}:
        lines.append(f"Language: {data['language']}, where {expected} is expected. Worth a look.")
    if data["story"]:
        lines.append(f"Story: {data['story']}")
    return lines + [f"On the way in: {fix}" for fix in data["fixes"]]


@group.command("list")
@click.option("--outlet", help="Only this outlet.")
@click.option("--section", help="Only this section.")
@click.option(
    "--limit",
    type=click.IntRange(1, 1_000_000),
    default=50,
    show_default=True,
    help="At most so many.",
)
@answers
def list_(outlet: str | None, section: str | None, limit: int) -> Answer:
    """List the newest articles."""
    with get_store().reading() as session:
        page = list_articles(session, outlet=outlet, section=section, limit=limit)
    rows = [(row.uid, row.outlet, row.passages, row.title) for row in page.rows]
    data = {
        "articles": [
            {"uid": uid, "outlet": outlet, "passages": passages, "title": title}
            for uid, outlet, passages, title in rows
        ]
    }
    empty = "No articles yet. Import some: flask articles import PATH"
    return Answer(data, table(("uid", "outlet", "passages", "title"), rows, empty=empty))
