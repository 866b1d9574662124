"""Uploads of article files: what was given, how far it is, and what was rejected."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base


class IntakeState(StrEnum):
    """checking → checked → importing → done; discarded where nobody wanted it."""

    CHECKING = "checking"
    CHECKED = "checked"
    IMPORTING = "importing"
    DONE = "done"
    DISCARDED = "discarded"


# Its files are still in the staging folder.
STAGED_STATES = (IntakeState.CHECKING, IntakeState.CHECKED, IntakeState.IMPORTING)


class Intake(Base):
    """An upload.

    ``said`` is what its giver says of the files; ``settled`` counts the articles and rows that
    the check, and after it the import, has dealt with. The other counts are of the same phase,
    and change in the transaction of the articles they count.
    """

    __tablename__ = "intake"
    __table_args__ = (
        CheckConstraint(
            "state IN ('checking','checked','importing','done','discarded')", name="state"
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    folder: Mapped[str] = mapped_column(String(64), unique=True)
    state: Mapped[str] = mapped_column(String(16))
    actor: Mapped[str] = mapped_column(String(255))
    files: Mapped[list[Any]]
    said: Mapped[dict[str, Any]]
    settled: Mapped[int] = mapped_column(default=0)
    imported: Mapped[int] = mapped_column(default=0)
    updated: Mapped[int] = mapped_column(default=0)
    duplicates: Mapped[int] = mapped_column(default=0)
    rejected: Mapped[int] = mapped_column(default=0)
    languages: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class IntakeRejection(Base):
    """A file, an entry or a row that was set aside, and why; the first of them are kept."""

    __tablename__ = "intake_rejection"

    intake_id: Mapped[int] = mapped_column(
        ForeignKey("intake.id", ondelete="CASCADE"), primary_key=True
    )
    ord: Mapped[int] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(Text)
    row: Mapped[int | None]
    reason: Mapped[str] = mapped_column(Text)
