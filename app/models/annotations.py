"""What annotators answered: every revision kept, and what could not be trusted set aside."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.models.base import Base
from app.models.connections import Annotator
from app.models.tasks import Task


class RevisionState(StrEnum):
    """What a revision says: an answer, a skip, or that the annotation is gone."""

    SUBMITTED = "submitted"
    SKIPPED = "skipped"
    WITHDRAWN = "withdrawn"


class Annotation(Base):
    """One annotation of Label Studio. ``ls_created_at`` tells reused ids apart.

    ``current`` is the ``n`` of its newest revision. ``missing`` counts the complete listings
    in a row in which it was absent; two make it withdrawn, unless somebody ``kept`` it.

    ``flag`` names, parted by commas, the signs that it was not made blind; it is empty for a
    clean one, and only clean ones count for agreement. A flag stays: what was seen cannot be
    unseen.
    """

    __tablename__ = "annotation"
    __table_args__ = (
        UniqueConstraint("task_id", "ls_id", "ls_created_at"),
        Index("ix_annotation_annotator_id", "annotator_id"),
        Index(
            "ix_annotation_flagged",
            "task_id",
            sqlite_where=text("flag != ''"),
            postgresql_where=text("flag != ''"),
        ),
        Index(
            "ix_annotation_missing",
            "task_id",
            sqlite_where=text("missing > 0"),
            postgresql_where=text("missing > 0"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    task_id: Mapped[int] = mapped_column(ForeignKey("task.id"))
    ls_id: Mapped[int]
    ls_task_id: Mapped[int]
    ls_created_at: Mapped[str] = mapped_column(String(40))
    ls_user_id: Mapped[int | None]
    annotator_id: Mapped[int | None] = mapped_column(ForeignKey("annotator.id"))
    current: Mapped[int] = mapped_column(default=0)
    missing: Mapped[int] = mapped_column(default=0)
    kept: Mapped[bool] = mapped_column(default=False)
    flag: Mapped[str] = mapped_column(String(80), default="")
    flag_reason: Mapped[str] = mapped_column(Text, default="")
    task: Mapped[Task] = relationship()
    annotator: Mapped[Annotator | None] = relationship()
    revisions: Mapped[list[Revision]] = relationship(order_by="Revision.n")


class Revision(Base):
    """One state of an annotation, append-only; a new one when the content differs."""

    __tablename__ = "revision"
    __table_args__ = (
        UniqueConstraint("annotation_id", "n"),
        CheckConstraint("state IN ('submitted', 'skipped', 'withdrawn')", name="state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    annotation_id: Mapped[int] = mapped_column(ForeignKey("annotation.id"))
    n: Mapped[int]
    content_sha: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(16))
    lead_time: Mapped[float | None]
    ls_updated_at: Mapped[str] = mapped_column(String(40))
    raw: Mapped[dict[str, Any]] = mapped_column(JSON, deferred=True)
    set_aside: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    spans: Mapped[list[Span]] = relationship(order_by="(Span.start, Span.end, Span.region)")
    relations: Mapped[list[Relation]] = relationship(order_by="Relation.n")
    choices: Mapped[list[Choice]] = relationship(order_by="Choice.layer")


class Span(Base):
    """A labeled stretch of the passage; ``region`` is its id within the annotation."""

    __tablename__ = "span"
    __table_args__ = (
        CheckConstraint('start >= 0 AND start < "end"', name="bounds"),
        Index("ix_span_layer_label", "layer", "label"),
    )

    revision_id: Mapped[int] = mapped_column(ForeignKey("revision.id"), primary_key=True)
    region: Mapped[str] = mapped_column(String(80), primary_key=True)
    layer: Mapped[str] = mapped_column(String(80))
    label: Mapped[str] = mapped_column(String(120))
    start: Mapped[int]
    end: Mapped[int]
    attrs: Mapped[dict[str, Any]]


class Relation(Base):
    """A directed link between two spans of the same revision."""

    __tablename__ = "relation"
    __table_args__ = (
        ForeignKeyConstraint(["revision_id", "from_region"], ["span.revision_id", "span.region"]),
        ForeignKeyConstraint(["revision_id", "to_region"], ["span.revision_id", "span.region"]),
    )

    revision_id: Mapped[int] = mapped_column(ForeignKey("revision.id"), primary_key=True)
    n: Mapped[int] = mapped_column(primary_key=True)
    from_region: Mapped[str] = mapped_column(String(80))
    to_region: Mapped[str] = mapped_column(String(80))
    label: Mapped[str] = mapped_column(String(120))


class Choice(Base):
    """An answer about the passage as a whole, in one layer."""

    __tablename__ = "choice"

    revision_id: Mapped[int] = mapped_column(ForeignKey("revision.id"), primary_key=True)
    layer: Mapped[str] = mapped_column(String(80), primary_key=True)
    values: Mapped[list[Any]]


class Quarantine(Base):
    """Something that came back and cannot be trusted, with its reason and its raw JSON.

    ``item`` is its place in the annotation's result; None where it is not one item.
    ``key`` names the item (lane, annotation, place, content), so that pulling it again adds
    nothing. ``state`` is open, accepted (its item counts), ignored, asked (the annotator is
    asked again), or superseded by a newer revision; nothing disappears. ``decided_by`` and
    ``note`` say who settled it and why.
    """

    __tablename__ = "quarantine"
    __table_args__ = (
        CheckConstraint(
            "state IN ('open', 'accepted', 'ignored', 'asked', 'superseded')", name="state"
        ),
        Index("ix_quarantine_lane_id_state", "lane_id", "state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(64), unique=True)
    lane_id: Mapped[int] = mapped_column(ForeignKey("lane.id"))
    task_id: Mapped[int | None] = mapped_column(ForeignKey("task.id"))
    revision_id: Mapped[int | None] = mapped_column(ForeignKey("revision.id"))
    ls_task_id: Mapped[int | None]
    ls_annotation_id: Mapped[int | None]
    kind: Mapped[str] = mapped_column(String(40))
    reason: Mapped[str] = mapped_column(Text)
    raw: Mapped[dict[str, Any]] = mapped_column(JSON, deferred=True)
    state: Mapped[str] = mapped_column(String(16), default="open")
    created_at: Mapped[datetime]
    item: Mapped[int | None]
    decided_by: Mapped[str] = mapped_column(String(255), default="", server_default="")
    decided_at: Mapped[datetime | None]
    note: Mapped[str] = mapped_column(Text, default="", server_default="")
