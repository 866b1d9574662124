"""What the server was last seen to hold, and where it drifted from what we pushed."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base


class SeenAs(StrEnum):
    """What a task in Label Studio is to us.

    ``overwritten``: it is a task of ours (the annotations on it say so), but its data no longer
    does. ``foreign``: somebody else put it there.
    """

    OURS = "ours"
    TEXT_CHANGED = "text_changed"
    DATA_CHANGED = "data_changed"
    OVERWRITTEN = "overwritten"
    FOREIGN = "foreign"


class StudioTask(Base):
    """A task in Label Studio as it was last read. Its id is a hint; ``task_id`` says whose it is.

    ``updated_at`` is the server's, as of the reading: while it and the annotations' ids stay,
    nothing need be read again. ``missing`` counts the complete listings in a row without it.
    """

    __tablename__ = "studio_task"
    __table_args__ = (
        CheckConstraint(
            "state IN ('ours', 'text_changed', 'data_changed', 'overwritten', 'foreign')",
            name="state",
        ),
        Index("ix_studio_task_task_id", "task_id"),
        Index(
            "ix_studio_task_odd",
            "lane_id",
            sqlite_where=text("state != 'ours' OR missing > 0"),
            postgresql_where=text("state != 'ours' OR missing > 0"),
        ),
    )

    lane_id: Mapped[int] = mapped_column(ForeignKey("lane.id"), primary_key=True)
    ls_task_id: Mapped[int] = mapped_column(primary_key=True)
    task_id: Mapped[int | None] = mapped_column(ForeignKey("task.id"))
    updated_at: Mapped[str] = mapped_column(String(40))
    state: Mapped[str] = mapped_column(String(16))
    missing: Mapped[int] = mapped_column(default=0)


class DriftState(StrEnum):
    """open: it holds now. closed: it is over. answered: a person said what shall be."""

    OPEN = "open"
    CLOSED = "closed"
    ANSWERED = "answered"


class Drift(Base):
    """One way in which a lane differs from what we pushed: at most one row a lane and kind.

    ``count`` says how many things it is about now, ``examples`` names some of them. What an
    event leaves behind (an id given out again) only ever counts up.
    """

    __tablename__ = "drift"
    __table_args__ = (
        UniqueConstraint("lane_id", "kind"),
        CheckConstraint("state IN ('open', 'closed', 'answered')", name="state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    lane_id: Mapped[int] = mapped_column(ForeignKey("lane.id"))
    kind: Mapped[str] = mapped_column(String(40))
    state: Mapped[str] = mapped_column(String(16))
    count: Mapped[int]
    examples: Mapped[list[Any]]
    first_at: Mapped[datetime]
    last_at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(255), default="")
