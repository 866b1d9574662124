"""Uploads: planned as a check, imported once somebody has seen what it says, or discarded."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.errors import ConflictError, NotFoundError
from app.models.intakes import STAGED_STATES, Intake, IntakeRejection, IntakeState
from app.models.jobs import ACTIVE_STATES, Job
from app.queue import IMPORT, IMPORT_CHECK, Queue
from app.services import audit
from app.services.intake import Outcome
from app.services.intake_options import given_fields, read_options
from app.services.staging import Staged, left_over
from config import Settings

# So many rejections are kept with their reasons; beyond that they are counted.
MOST_KEPT = 10_000
# An upload that nobody confirmed is given up after so long.
FORGOTTEN_AFTER = timedelta(days=7)


def said_of(given: Mapping[str, str], columns: list[str], encoding: str) -> dict[str, Any]:
    """What somebody says of the files they upload, checked.

    Args:
        given: outlet, section, byline, date, language, story; of one article title, url and
            external_id too.
        columns: ``FIELD=COLUMN`` pairs.
        encoding: an encoding's name, or blank.

    Raises:
        InvalidInputError: something of it cannot be used.
    """
    fields = {name: value for name, value in given.items() if value.strip()}
    given_fields(fields)
    read_options(columns, encoding, 1)
    return {"fields": fields, "columns": columns, "encoding": encoding.strip()}


def plan_intake(
    session: Session,
    queue: Queue,
    staged: Staged,
    said: dict[str, Any],
    *,
    actor: str,
    check_only: bool,
) -> tuple[Intake, Job]:
    """Write down an upload and plan its job: the check, or the import at once."""
    intake = Intake(
        folder=staged.folder,
        state=IntakeState.CHECKING if check_only else IntakeState.IMPORTING,
        actor=actor,
        files=[list(file) for file in staged.files],
        said=said,
        languages={},
        created_at=datetime.now(UTC),
    )
    session.add(intake)
    session.flush()
    detail = {"files": len(staged.files), "bytes": sum(size for _, size in staged.files)}
    audit.record(
        session,
        actor=actor,
        action="articles_uploaded",
        object=f"intake:{intake.id}",
        detail=detail,
    )
    return intake, _plan(session, queue, intake, actor=actor)


def confirm_intake(session: Session, queue: Queue, intake_id: int, *, actor: str) -> Job:
    """Import what was checked.

    Raises:
        NotFoundError: there is no such upload.
        ConflictError: it is not checked, or was decided already.
    """
    intake = _get(session, intake_id)
    if intake.state != IntakeState.CHECKED:
        raise ConflictError(
            f"Import {intake_id} is {intake.state}: there is nothing to confirm.",
            remedy="Load its page again.",
        )
    intake.state = IntakeState.IMPORTING
    begin_anew(session, intake)
    audit.record(session, actor=actor, action="import_confirmed", object=f"intake:{intake_id}")
    return _plan(session, queue, intake, actor=actor)


def discard_intake(session: Session, intake_id: int, *, actor: str) -> str:
    """Give an upload up before it is imported.

    Returns:
        The folder of its files, to be removed after the commit.

    Raises:
        NotFoundError: there is no such upload.
        ConflictError: it is being worked on, or has ended.
    """
    intake = _get(session, intake_id)
    if intake.state not in STAGED_STATES or _has_active_job(session, intake_id):
        raise ConflictError(
            f"Import {intake_id} cannot be discarded now.",
            remedy="Cancel its job first, if one is at work; what is imported stays.",
        )
    _end(intake, IntakeState.DISCARDED)
    audit.record(session, actor=actor, action="import_discarded", object=f"intake:{intake_id}")
    return intake.folder


def begin_anew(session: Session, intake: Intake) -> None:
    """Set the counts back: a phase begins."""
    intake.settled = intake.imported = intake.updated = intake.duplicates = intake.rejected = 0
    intake.languages = {}
    session.execute(delete(IntakeRejection).where(IntakeRejection.intake_id == intake.id))


def note_outcomes(
    session: Session, intake_id: int, outcomes: list[Outcome], *, expected_language: str
) -> int:
    """Count what became of some articles, in the transaction that stored them.

    Returns:
        How many are settled now.
    """
    intake = session.get_one(Intake, intake_id, with_for_update=True)
    languages = dict(intake.languages)
    for one in outcomes:
        if one.state == "rejected":
            _keep(session, intake, one)
        intake.imported += one.state == "new"
        intake.updated += one.state == "updated"
        intake.duplicates += one.state == "duplicate"
        intake.rejected += one.state == "rejected"
        if one.state == "new" and one.language not in {"", expected_language}:
            languages[one.language] = languages.get(one.language, 0) + 1
    intake.languages = languages
    intake.settled += len(outcomes)
    return intake.settled


def _keep(session: Session, intake: Intake, one: Outcome) -> None:
    if intake.rejected < MOST_KEPT:
        session.add(
            IntakeRejection(
                intake_id=intake.id,
                ord=intake.rejected + 1,
                source=one.source,
                row=one.row,
                reason=one.reason,
            )
        )


def end_check(session: Session, intake_id: int) -> None:
    """The check is over; somebody may confirm."""
    session.get_one(Intake, intake_id).state = IntakeState.CHECKED


def end_import(session: Session, intake_id: int) -> None:
    """All is imported; who asked for it is in the audit."""
    intake = session.get_one(Intake, intake_id)
    _end(intake, IntakeState.DONE)
    counts = {
        "imported": intake.imported,
        "updated": intake.updated,
        "rejected": intake.rejected,
    }
    audit.record(
        session,
        actor=intake.actor,
        action="articles_imported",
        object=f"intake:{intake_id}",
        detail=counts,
    )


def give_up_forgotten(session: Session, settings: Settings) -> list[str]:
    """Discard uploads that nobody confirmed.

    Returns:
        The folders to remove after the commit, with those that no upload knows.
    """
    before = datetime.now(UTC) - FORGOTTEN_AFTER
    old = select(Intake).where(Intake.state == IntakeState.CHECKED, Intake.created_at < before)
    forgotten = session.scalars(old).all()
    for intake in forgotten:
        _end(intake, IntakeState.DISCARDED)
        audit.record(
            session, actor="system", action="import_discarded", object=f"intake:{intake.id}"
        )
    candidates = left_over(settings)
    kept = set(
        session.scalars(
            select(Intake.folder).where(
                Intake.folder.in_(candidates), Intake.state.in_(STAGED_STATES)
            )
        )
    )
    return [*(intake.folder for intake in forgotten), *(set(candidates) - kept)]


def _plan(session: Session, queue: Queue, intake: Intake, *, actor: str) -> Job:
    return queue.plan(
        session,
        IMPORT_CHECK if intake.state == IntakeState.CHECKING else IMPORT,
        key=f"intake:{intake.id}",
        actor=actor,
        # One after the other: they would only wait for each other's writes.
        partition="intake",
        args={"intake": intake.id},
        total=sum(size for _, size in intake.files) // 1000 or 1,
    )


def _get(session: Session, intake_id: int) -> Intake:
    intake = session.get(Intake, intake_id, with_for_update=True)
    if intake is None:
        raise NotFoundError(f"There is no import {intake_id}.", remedy="See: Articles, Import")
    return intake


def _has_active_job(session: Session, intake_id: int) -> bool:
    active = select(Job.id).where(Job.key == f"intake:{intake_id}", Job.state.in_(ACTIVE_STATES))
    return session.scalar(active.limit(1)) is not None


def _end(intake: Intake, state: IntakeState) -> None:
    intake.state, intake.ended_at = state, datetime.now(UTC)
