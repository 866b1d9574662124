"""Uploads of article files: the newest ones, one with its counts, and what was rejected."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import NotFoundError
from app.extensions import LARGEST_ID
from app.models.intakes import Intake, IntakeRejection
from app.queries.paging import Page, make_page


@dataclass(frozen=True, slots=True)
class IntakeRow:
    """One upload as it stands."""

    id: int
    state: str
    actor: str
    files: tuple[tuple[str, int], ...]
    said: Mapping[str, Any]
    settled: int
    imported: int
    updated: int
    duplicates: int
    rejected: int
    languages: Mapping[str, int]
    created_at: datetime
    ended_at: datetime | None

    @property
    def title(self) -> str:
        """Its files in a few words."""
        name = self.files[0][0]
        more = len(self.files) - 1
        return f"{name} and {more:,} more" if more else name

    @property
    def size(self) -> int:
        """How many bytes its files have."""
        return sum(size for _, size in self.files)


@dataclass(frozen=True, slots=True)
class RejectionRow:
    """A file, an entry or a row that was set aside, and why."""

    ord: int
    source: str
    row: int | None
    reason: str


def get_intake(session: Session, intake_id: int) -> IntakeRow:
    """One upload.

    Raises:
        NotFoundError: there is no such upload.
    """
    found = session.get(Intake, intake_id) if 0 < intake_id <= LARGEST_ID else None
    if found is None:
        raise NotFoundError(f"There is no import {intake_id}.", remedy="See: Articles, Import")
    return _row(found)


def show_intake(session: Session, intake_id: int) -> dict[str, Any]:
    """The answer of the API about an upload, with the first of what was rejected.

    Raises:
        NotFoundError: there is no such upload.
    """
    row = get_intake(session, intake_id)
    rejected = list_rejections(session, intake_id, limit=1000).rows
    return {
        "intake": row.id,
        "state": row.state,
        "files": [{"name": name, "bytes": size} for name, size in row.files],
        "imported": row.imported,
        "updated": row.updated,
        "duplicates": row.duplicates,
        "rejected_total": row.rejected,
        "rejected": [{"source": r.source, "row": r.row, "reason": r.reason} for r in rejected],
        "other_languages": dict(row.languages),
    }


def list_intakes(session: Session, *, after: int | None = None, limit: int = 20) -> Page[IntakeRow]:
    """Uploads, the newest first."""
    query = select(Intake).order_by(Intake.id.desc()).limit(limit + 1)
    if after is not None:
        query = query.where(Intake.id < after)
    rows = [_row(intake) for intake in session.scalars(query)]
    return make_page(rows, limit, lambda row: row.id)


def list_rejections(
    session: Session, intake_id: int, *, after: int | None = None, limit: int = 50
) -> Page[RejectionRow]:
    """What an upload's check or import set aside, in the order it was met."""
    query = (
        select(
            IntakeRejection.ord,
            IntakeRejection.source,
            IntakeRejection.row,
            IntakeRejection.reason,
        )
        .where(IntakeRejection.intake_id == intake_id, IntakeRejection.ord > (after or 0))
        .order_by(IntakeRejection.ord)
    )
    rows = [RejectionRow(*found) for found in session.execute(query.limit(limit + 1))]
    return make_page(rows, limit, lambda row: row.ord)


def _row(intake: Intake) -> IntakeRow:
    return IntakeRow(
        id=intake.id,
        state=intake.state,
        actor=intake.actor,
        files=tuple((str(name), int(size)) for name, size in intake.files),
        said=intake.said,
        settled=intake.settled,
        imported=intake.imported,
        updated=intake.updated,
        duplicates=intake.duplicates,
        rejected=intake.rejected,
        languages=intake.languages,
        created_at=intake.created_at,
        ended_at=intake.ended_at,
    )
