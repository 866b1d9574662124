"""Batches, their lanes, and the chunks by which tasks travel to Label Studio."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.models.base import Base
from app.models.connections import Annotator, Connection
from app.models.schemes import SchemeVersion


class BatchState(StrEnum):
    """draft → pushing → open → closed → archived."""

    DRAFT = "draft"
    PUSHING = "pushing"
    OPEN = "open"
    CLOSED = "closed"
    ARCHIVED = "archived"


class ChunkState(StrEnum):
    """What is known of an import call. Only a settled *unknown* chunk is ever sent again."""

    PLANNED = "planned"
    SENDING = "sending"
    UNKNOWN = "unknown"
    SENT = "sent"
    FAILED = "failed"


class Batch(Base):
    """Passages dealt to annotators under one scheme version. ``slug`` is its name.

    ``control`` and ``doubled`` are percentages of its passages: pushed without suggestions,
    and dealt to two while the rest goes to one. ``dealt`` is the deal in figures, as it was
    previewed, and ``articles`` how many articles its passages are of: both never change.
    ``judged_revision`` is the newest revision that was looked at for signs of work not blind.

    ``next_sync_at`` is when the schedule syncs it again (``app.services.schedule`` alone writes
    it), ``sync_failures`` how many syncs in a row have failed and ``sync_problem`` why.

    ``policy`` is how it is reviewed, where that is not the default: what
    ``labeling.decisions.ReviewPolicy`` reads.
    """

    __tablename__ = "batch"
    __table_args__ = (
        CheckConstraint("deal IN ('blind', 'shared')", name="deal"),
        CheckConstraint(
            "state IN ('draft', 'pushing', 'open', 'closed', 'archived')", name="state"
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(String(40), unique=True)
    slug: Mapped[str] = mapped_column(String(100), unique=True)
    scheme_version_id: Mapped[int] = mapped_column(ForeignKey("scheme_version.id"))
    deal: Mapped[str] = mapped_column(String(16))
    overlap: Mapped[int]
    seed: Mapped[int]
    selection: Mapped[list[Any]]
    state: Mapped[str] = mapped_column(String(16), default=BatchState.DRAFT)
    passages: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    synced_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    owner: Mapped[str] = mapped_column(String(255), default="")
    due_on: Mapped[date | None]
    note: Mapped[str] = mapped_column(Text, default="")
    control: Mapped[float] = mapped_column(default=0.0)
    doubled: Mapped[float | None]
    articles: Mapped[int] = mapped_column(default=0)
    dealt: Mapped[dict[str, Any] | None]
    judged_revision: Mapped[int] = mapped_column(default=0)
    next_sync_at: Mapped[datetime | None]
    full_synced_at: Mapped[datetime | None]
    sync_failures: Mapped[int] = mapped_column(default=0)
    sync_problem: Mapped[str] = mapped_column(Text, default="")
    policy: Mapped[dict[str, Any] | None]
    scheme_version: Mapped[SchemeVersion] = relationship()
    lanes: Mapped[list[Lane]] = relationship(back_populates="batch", order_by="Lane.n")


class Lane(Base):
    """One annotator's Label Studio project inside a batch, or the shared one.

    The five counters are kept by ``app.services.progress`` alone, in the transaction of the
    change they count; ``recount`` there proves them. ``cursor``, ``reached`` and ``settled``
    are how far it was read, by the server's own clock: ``labeling.studio.window`` says what
    they mean. ``quota`` is how many tasks were asked for this annotator.
    ``todo_tab`` and ``rework_tab`` are the numbers of the project's tabs in Label Studio.
    """

    __tablename__ = "lane"
    __table_args__ = (
        UniqueConstraint("batch_id", "n"),
        UniqueConstraint("connection_id", "ls_project_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(String(40), unique=True)
    batch_id: Mapped[int] = mapped_column(ForeignKey("batch.id"))
    n: Mapped[int]
    connection_id: Mapped[int | None] = mapped_column(ForeignKey("connection.id"))
    annotator_id: Mapped[int | None] = mapped_column(ForeignKey("annotator.id"))
    ls_project_id: Mapped[int | None]
    project_attempted_at: Mapped[datetime | None]
    lost_at: Mapped[datetime | None]
    cursor: Mapped[str | None] = mapped_column(String(40))
    reached: Mapped[str] = mapped_column(String(40), default="")
    settled: Mapped[str] = mapped_column(String(40), default="")
    synced_at: Mapped[datetime | None]
    tasks: Mapped[int] = mapped_column(default=0)
    pushed: Mapped[int] = mapped_column(default=0)
    annotated: Mapped[int] = mapped_column(default=0)
    quarantined: Mapped[int] = mapped_column(default=0)
    flagged: Mapped[int] = mapped_column(default=0)
    quota: Mapped[int | None]
    todo_tab: Mapped[int | None]
    rework_tab: Mapped[int | None]
    batch: Mapped[Batch] = relationship(back_populates="lanes")
    connection: Mapped[Connection | None] = relationship()
    annotator: Mapped[Annotator | None] = relationship()


class LaneAnnotator(Base):
    """Who works in a shared lane (a lane of one annotator names them itself)."""

    __tablename__ = "lane_annotator"

    lane_id: Mapped[int] = mapped_column(ForeignKey("lane.id"), primary_key=True)
    annotator_id: Mapped[int] = mapped_column(ForeignKey("annotator.id"), primary_key=True)
    annotator: Mapped[Annotator] = relationship()


class LaneDay(Base):
    """How many of a lane's tasks were answered on a day: what pace is reckoned from.

    Kept by ``app.services.progress`` alone; ``task.answered_on`` proves it.
    """

    __tablename__ = "lane_day"

    lane_id: Mapped[int] = mapped_column(ForeignKey("lane.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    answered: Mapped[int]


class Tally(Base):
    """A figure over everything, kept because counting it takes too long for a page.

    ``app.services.tally`` alone writes it, always by a count.
    """

    __tablename__ = "tally"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    value: Mapped[int]


class Chunk(Base):
    """One import call: a run of a lane's tasks by ordinal, ``[first, last]``."""

    __tablename__ = "chunk"
    __table_args__ = (
        UniqueConstraint("lane_id", "n"),
        CheckConstraint(
            "state IN ('planned', 'sending', 'unknown', 'sent', 'failed')", name="state"
        ),
        Index("ix_chunk_lane_id_state", "lane_id", "state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    lane_id: Mapped[int] = mapped_column(ForeignKey("lane.id"))
    n: Mapped[int]
    first: Mapped[int]
    last: Mapped[int]
    state: Mapped[str] = mapped_column(String(16), default=ChunkState.PLANNED)
    payload_sha: Mapped[str | None] = mapped_column(String(64))
    attempted_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    problem: Mapped[str] = mapped_column(Text, default="")
