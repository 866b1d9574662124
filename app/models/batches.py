"""Batches, their lanes, and the chunks by which tasks travel to Label Studio."""

from __future__ import annotations

from datetime import datetime
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
    """Passages dealt to annotators under one scheme version. ``slug`` is its name."""

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
    scheme_version: Mapped[SchemeVersion] = relationship()
    lanes: Mapped[list[Lane]] = relationship(back_populates="batch", order_by="Lane.n")


class Lane(Base):
    """One annotator's Label Studio project inside a batch, or the shared one.

    The four counters are kept by ``app.services.progress`` alone, in the transaction of the
    change they count; ``recount`` there proves them. ``cursor`` is the newest ``updated_at``
    seen, as the server wrote it.
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
    synced_at: Mapped[datetime | None]
    tasks: Mapped[int] = mapped_column(default=0)
    pushed: Mapped[int] = mapped_column(default=0)
    annotated: Mapped[int] = mapped_column(default=0)
    quarantined: Mapped[int] = mapped_column(default=0)
    batch: Mapped[Batch] = relationship(back_populates="lanes")
    connection: Mapped[Connection | None] = relationship()
    annotator: Mapped[Annotator | None] = relationship()


class LaneAnnotator(Base):
    """Who works in a shared lane (a lane of one annotator names them itself)."""

    __tablename__ = "lane_annotator"

    lane_id: Mapped[int] = mapped_column(ForeignKey("lane.id"), primary_key=True)
    annotator_id: Mapped[int] = mapped_column(ForeignKey("annotator.id"), primary_key=True)
    annotator: Mapped[Annotator] = relationship()


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
