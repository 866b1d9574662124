"""`flask articles`: article files in, articles and passages to see."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
from flask import current_app
from flask.cli import AppGroup

from app.cli.actors import as_option
from app.cli.intake import Intake, Source, read_index, walk
from app.cli.output import Answer, answers, table
from app.errors import InvalidInputError
from app.extensions import get_store
from app.queries.articles import list_articles, show_article
from app.services import audit
from app.services.articles import ArticleFields, problem_of

group = AppGroup("articles", help="Articles and their passages.")


@group.command("import")
@click.argument("paths", nargs=-1, type=click.Path(exists=True, path_type=Path), metavar="PATH…")
@click.option("--outlet", default="", help="The outlet of all of them.")
@click.option("--section", default="", help="The section of all of them.")
@click.option("--url", default="", help="The address of the article (one file only).")
@click.option(
    "--index",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A CSV of files: file,outlet,section,external_id,url,published_at.",
)
@click.option("--strict", is_flag=True, help="Exit with 3 when files were rejected.")
@as_option
@answers
def import_(
    paths: tuple[Path, ...],
    outlet: str,
    section: str,
    url: str,
    index: Path | None,
    strict: bool,
    actor: str,
) -> Answer:
    """Import .txt files, and folders of them. What is here already is not imported again."""
    fields = ArticleFields(outlet=outlet, section=section, url=url)
    if problem := problem_of(fields):
        raise InvalidInputError(f"--{problem}", remedy="Give another value.")
    sources = [source for path in paths for source in walk(path, fields)]
    if index is not None:
        sources += read_index(index)
    if not paths and index is None:
        raise InvalidInputError("No files were named.", remedy="flask articles import PATH…")
    if url and len(sources) != 1:
        raise InvalidInputError(
            f"--url is the address of one article, but {len(sources)} files were named.",
            remedy="Use --index FILE.csv to give each file its own.",
        )
    return _import(sources, actor, strict=strict)


def _import(sources: list[Source], actor: str, *, strict: bool) -> Answer:
    intake = Intake(get_store(), current_app.extensions["settings"])
    intake.take(sources)
    with get_store().transaction() as session:
        audit.record(
            session,
            actor=actor,
            action="articles_imported",
            object="articles",
            detail={"imported": len(intake.imported), "rejected": len(intake.rejected)},
        )
    data: dict[str, Any] = {
        "imported": len(intake.imported),
        "duplicates": len(intake.duplicates),
        "rejected": [
            {"source": r.source, "row": r.row, "reason": r.reason} for r in intake.rejected
        ],
        "articles": [
            {"uid": a.uid, "title": a.title, "passages": a.passages} for a in intake.imported
        ],
        "duplicate_articles": [{"uid": a.uid, "title": a.title} for a in intake.duplicates],
    }
    summary = (
        f"{data['imported']} imported, {data['duplicates']} already here, "
        f"{len(intake.rejected)} rejected."
    )
    lines = [summary]
    lines += [f"  {a.uid}  {a.passages:>3} passages  {a.title}" for a in intake.imported]
    lines += [f"  rejected: {r.reason}" for r in intake.rejected]
    return Answer(data, "\n".join(lines), 3 if strict and intake.rejected else 0)


@group.command()
@click.argument("uid")
@answers
def show(uid: str) -> Answer:
    """Show an article with its roles and passages."""
    with get_store().reading() as session:
        data = show_article(session, uid)
    text = data["text"]
    lines = [data["title"], data["byline"], ""]
    lines += [
        f"{r['role']:<12} {r['start']:>6}–{r['end']:<6} {text[r['start'] : r['end']].strip()[:60]}"
        for r in data["roles"]
    ]
    return Answer(data, "\n".join([*lines, "", f"{len(data['passages'])} passages"]))


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
