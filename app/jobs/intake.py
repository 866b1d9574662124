"""The check of an upload, and its import: the same way as the command line's.

The check begins anew after a crash. The import goes on: how many articles are settled is
written in the transaction that stored them, and as many are passed over.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

from sqlalchemy.orm import Session

from app.jobs.runtime import JobContext
from app.models.intakes import Intake
from app.services import staging, uploads
from app.services.article_files import read_files
from app.services.articles import ArticleFields
from app.services.intake import DryRun, Group, Outcome, groups_of, store_group
from app.services.intake_options import given_fields, read_options
from labeling.text.readers import Item

_UNIT = 1000


def check_intake(ctx: JobContext) -> dict[str, Any]:
    """Say what importing an upload would do, and do none of it.

    Raises:
        NotFoundError: its files are not on this machine.
    """
    _tidy(ctx)
    with ctx.transaction() as session:
        uploads.begin_anew(session, session.get_one(Intake, ctx.args["intake"]))
    run = DryRun()

    def judge(group: Group) -> list[Outcome]:
        with ctx.store.reading() as session:
            return run.judge_group(session, group)

    upload = _Upload(ctx)
    for group in upload.groups():
        outcomes = judge(group)
        with ctx.transaction() as session:
            upload.note(session, outcomes)
    return upload.end(uploads.end_check)


def import_intake(ctx: JobContext) -> dict[str, Any]:
    """Import an upload, from where it stopped; its files are removed at the end.

    Raises:
        NotFoundError: its files are not on this machine.
    """
    upload = _Upload(ctx)
    if not upload.over:
        for group in upload.groups():
            with ctx.transaction() as session:
                upload.note(session, upload.store(session, group))
    result = upload.end(uploads.end_import)
    staging.remove(ctx.settings, upload.folder)
    return result


class _Upload:
    """An upload at work: its articles in groups, its progress, its end."""

    def __init__(self, ctx: JobContext) -> None:
        self.ctx = ctx
        self.read = 0
        with ctx.store.reading() as session:
            intake = session.get_one(Intake, ctx.args["intake"])
            self.id, self.folder, self.settled = intake.id, intake.folder, intake.settled
            # A run that was stopped between its last commit and its end has only to end.
            self.over = intake.ended_at is not None
            self._names = [name for name, _ in intake.files]
            self._actor, said = intake.actor, intake.said
        self._given: ArticleFields = given_fields(said["fields"])
        self._options = read_options(
            said["columns"], said["encoding"], ctx.settings.max_article_bytes
        )

    def groups(self) -> Iterator[Group]:
        """The articles that are not settled yet; between groups is a safe point."""
        files = staging.staged_files(self.ctx.settings, self.folder, self._names)
        items: Iterator[Item] = read_files(files, self._options, self._count)
        for group in groups_of(islice(items, self.settled, None), self._given):
            yield group
            told = f"kB read, {self.settled:,} articles and rows so far"
            self.ctx.checkpoint(done=self.read // _UNIT, message=told)

    def store(self, session: Session, group: Group) -> list[Outcome]:
        """Store a group in the name of whoever uploaded it."""
        near = self.ctx.settings.near_duplicate_share
        return store_group(session, group, actor=self._actor, near=near)

    def note(self, session: Session, outcomes: list[Outcome]) -> None:
        """Count what became of a group."""
        expected = self.ctx.settings.expected_language
        self.settled = uploads.note_outcomes(session, self.id, outcomes, expected_language=expected)

    def end(self, ending: Callable[[Session, int], None]) -> dict[str, Any]:
        """Write that the phase is over, and give its counts."""
        with self.ctx.transaction() as session:
            intake = session.get_one(Intake, self.id)
            if not self.over:
                ending(session, self.id)
            return {
                "intake": intake.id,
                "imported": intake.imported,
                "updated": intake.updated,
                "duplicates": intake.duplicates,
                "rejected": intake.rejected,
            }

    def _count(self, read: int) -> None:
        self.read += read


def _tidy(ctx: JobContext) -> None:
    """Remove what uploads before this one have left behind."""
    with ctx.transaction() as session:
        folders = uploads.give_up_forgotten(session, ctx.settings)
    for folder in folders:
        staging.remove(ctx.settings, folder)
