"""`flask articles`: article files in, articles and passages to see."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
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
from app.queries.article_list import ArticleRow, list_articles
from app.queries.articles import show_article
from app.queries.duplicates import count_clusters
from app.services import audit
from app.services.article_files import FileToRead, read_files, size_of, walk
from app.services.curation import retract_article, set_story
from app.services.duplicates import regroup_some
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
    with _by_option():
        given = given_fields(said)
        options = read_options(columns, encoding, settings.max_article_bytes)
    sources = read_index(index) if index is not None else []

    def files() -> Iterator[FileToRead]:
        for path in paths:
            yield from walk(path)
        yield from sources

    with _by_option():
        check_single(said, files())
    report = Report(settings.expected_language)
    with progress_of(size_of(files())) as progress:
        groups = groups_of(read_files(files(), options, progress), given)
        for outcomes in _judged(groups) if dry_run else _stored(groups, actor):
            report.add(outcomes)
    if not dry_run:
        _record(report, actor)
    return report.answer(dry_run=dry_run, strict=strict)


@contextmanager
def _by_option() -> Iterator[None]:
    """Name the option in a message that begins with a field."""
    try:
        yield
    except InvalidInputError as err:
        raise InvalidInputError(f"--{err.message}", remedy=err.remedy) from None


def _judged(groups: Iterator[Group]) -> Iterator[list[Outcome]]:
    run = DryRun()
    for group in groups:
        with get_store().reading() as session:
            yield run.judge_group(session, group)


def _stored(groups: Iterator[Group], actor: str) -> Iterator[list[Outcome]]:
    near = current_app.extensions["settings"].near_duplicate_share
    for group in groups:
        with get_store().transaction() as session:
            outcomes = store_group(session, group, actor=actor, near=near)
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
    counts = f"{len(data['passages'])} passages, {len(data['suggestions'])} suggestions"
    return Answer(data, "\n".join([*lines, "", counts]))


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
    "--duplicates", is_flag=True, help="Only articles that say nearly the same as another one."
)
@click.option(
    "--limit",
    type=click.IntRange(1, 1_000_000),
    default=50,
    show_default=True,
    help="At most so many.",
)
@answers
def list_(outlet: str | None, section: str | None, duplicates: bool, limit: int) -> Answer:
    """List the newest articles."""
    with get_store().reading() as session:
        page = list_articles(
            session, outlet=outlet, section=section, duplicates=duplicates, limit=limit
        )
    data = {
        "articles": [
            {
                "uid": row.uid,
                "outlet": row.outlet,
                "passages": row.passages,
                "title": row.title,
                "retracted": row.retracted,
                "duplicate_of": row.duplicate_of,
            }
            for row in page.rows
        ]
    }
    rows = [(row.uid, row.outlet, row.passages, _noted(row)) for row in page.rows]
    empty = (
        "No article says nearly the same as another one."
        if duplicates
        else "No articles yet. Import some: flask articles import PATH"
    )
    return Answer(data, table(("uid", "outlet", "passages", "title"), rows, empty=empty))


def _noted(row: ArticleRow) -> str:
    note = f"  (near-duplicate of {row.duplicate_of})" if row.duplicate_of else ""
    return f"{row.title}{'  (retracted)' if row.retracted else ''}{note}"


@group.command()
@click.argument("uid")
@click.option("--reason", required=True, help="Why, in words; it is shown on the article's page.")
@as_option
@answers
def retract(uid: str, reason: str, actor: str) -> Answer:
    """Take an article out of what batches are made of. Work on it is kept."""
    with get_store().transaction() as session:
        article = retract_article(session, uid, reason=reason, actor=actor)
        data = {"uid": article.uid, "retracted": True, "reason": article.retracted_reason}
    return Answer(data, f"Retracted: {uid}. No new batch takes it; what was dealt stays.")


@group.command()
@click.argument("uid")
@click.argument("name")
@as_option
@answers
def story(uid: str, name: str, actor: str) -> Answer:
    """Say which story an article belongs to; an empty NAME takes it out of its story."""
    with get_store().transaction() as session:
        article = set_story(session, uid, name, actor=actor)
        data = {"uid": article.uid, "story": article.story}
    said = f"belongs to the story {data['story']!r}" if data["story"] else "belongs to no story"
    return Answer(data, f"{uid} {said}.")


@group.command()
@as_option
@answers
def regroup(actor: str) -> Answer:
    """Find all near-duplicates anew: after COPYDESK_NEAR_DUPLICATE_SHARE was changed."""
    share = current_app.extensions["settings"].near_duplicate_share
    total = last = 0
    while True:
        with get_store().transaction() as session:
            last, done = regroup_some(session, last, share)
            if not done:
                clusters = count_clusters(session)
                detail = {"articles": total, "clusters": clusters, "share": share}
                audit.record(
                    session,
                    actor=actor,
                    action="articles_regrouped",
                    object="articles",
                    detail=detail,
                )
                break
        total += done
    return Answer(detail, f"{total} articles compared: {clusters} clusters of near-duplicates.")
