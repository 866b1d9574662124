"""Review: the queue of passages, who is inside one, what was decided, and the gold.

``decision`` is append-only. ``review_item``, ``gold`` and ``gold_span`` are made from it and
from the conflicts by ``app.services.review_items`` and ``app.services.gold`` alone.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.models.base import Base
from app.models.batches import Batch
from app.models.passages import Passage


class ItemState(StrEnum):
    """Where a passage stands: waiting for annotators, ready, again, settled, or sent back."""

    WAITING = "waiting"
    READY = "ready"
    SECOND = "second"
    ADJUDICATION = "adjudication"
    REVIEWED = "reviewed"
    REWORK = "rework"


class Stage(StrEnum):
    """Which look at the passage it is."""

    FIRST = "first"
    SECOND = "second"
    ADJUDICATION = "adjudication"


class ReviewState(StrEnum):
    """Somebody is inside, has submitted, or left without submitting."""

    OPEN = "open"
    SUBMITTED = "submitted"
    LEFT = "left"


class ReviewItem(Base):
    """A passage of a batch as the queue of reviewers sees it.

    ``open`` counts groups on which the annotators differ, ``agreed`` the others; ``kinds`` and
    ``labels`` hold those of the open groups between bars, ``disagreement`` is their share of
    all, in thousandths. ``sample`` is a number from 0 to 9,999 drawn from the seed of the batch
    and the passage: those below 500 are a random twentieth, always the same.
    ``came_back`` says that the answer to a rework is in.
    """

    __tablename__ = "review_item"
    __table_args__ = (
        CheckConstraint(
            "state IN ('waiting', 'ready', 'second', 'adjudication', 'reviewed', 'rework')",
            name="state",
        ),
        Index(
            "ix_review_item_batch_id_state_disagreement_passage_id",
            *("batch_id", "state", "disagreement", "passage_id"),
        ),
        Index(
            "ix_review_item_state_disagreement_passage_id", "state", "disagreement", "passage_id"
        ),
        Index("ix_review_item_state_answered_on_passage_id", "state", "answered_on", "passage_id"),
        Index("ix_review_item_state_sample_passage_id", "state", "sample", "passage_id"),
        Index("ix_review_item_passage_id", "passage_id"),
    )

    batch_id: Mapped[int] = mapped_column(ForeignKey("batch.id"), primary_key=True)
    passage_id: Mapped[int] = mapped_column(ForeignKey("passage.id"), primary_key=True)
    state: Mapped[str] = mapped_column(String(16))
    round: Mapped[int] = mapped_column(default=1)
    answers: Mapped[int] = mapped_column(default=0)
    open: Mapped[int] = mapped_column(default=0)
    agreed: Mapped[int] = mapped_column(default=0)
    disagreement: Mapped[int] = mapped_column(default=0)
    kinds: Mapped[str] = mapped_column(String(120), default="")
    labels: Mapped[str] = mapped_column(Text, default="")
    answered_on: Mapped[str] = mapped_column(String(10), default="")
    came_back: Mapped[bool] = mapped_column(default=False)
    sample: Mapped[int] = mapped_column(default=0)
    flagged_by: Mapped[str] = mapped_column(String(255), default="")
    flag_note: Mapped[str] = mapped_column(Text, default="")
    stale: Mapped[bool] = mapped_column(default=False)
    batch: Mapped[Batch] = relationship()
    passage: Mapped[Passage] = relationship()


class Review(Base):
    """One reviewer's look at a passage, from opening to submitting.

    ``revisions`` are the row ids of the revisions that were seen. ``turn`` counts up when a
    settled passage is opened again: nobody else can be in the same stage and turn.
    """

    __tablename__ = "review"
    __table_args__ = (
        CheckConstraint("stage IN ('first', 'second', 'adjudication')", name="stage"),
        CheckConstraint("state IN ('open', 'submitted', 'left')", name="state"),
        Index(
            "uq_review_batch_id_passage_id_stage_turn",
            *("batch_id", "passage_id", "stage", "turn"),
            unique=True,
            sqlite_where=text("state != 'left'"),
            postgresql_where=text("state != 'left'"),
        ),
        Index("ix_review_reviewer_submitted_at", "reviewer", "submitted_at"),
        Index("ix_review_passage_id", "passage_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    batch_id: Mapped[int] = mapped_column(ForeignKey("batch.id"))
    passage_id: Mapped[int] = mapped_column(ForeignKey("passage.id"))
    stage: Mapped[str] = mapped_column(String(16))
    turn: Mapped[int]
    reviewer: Mapped[str] = mapped_column(String(255))
    state: Mapped[str] = mapped_column(String(16), default=ReviewState.OPEN)
    revisions: Mapped[list[Any]]
    bulk: Mapped[bool] = mapped_column(default=False)
    opened_at: Mapped[datetime]
    leased_until: Mapped[datetime]
    submitted_at: Mapped[datetime | None]


class Decision(Base):
    """One verdict on one group, or the taking back of one (``undoes``). Append-only.

    ``group`` is the conflict's key, ``added:…`` for a span that all missed. ``version`` is the
    annotator (row id) whose version was chosen. ``revisions`` are those that were seen.
    """

    __tablename__ = "decision"
    __table_args__ = (
        CheckConstraint("verdict IN ('accept', 'reject', 'edit', 'add', 'undo')", name="verdict"),
        CheckConstraint("(verdict = 'undo') = (undoes IS NOT NULL)", name="undoes"),
        UniqueConstraint("undoes"),
        Index("ix_decision_batch_id_passage_id", "batch_id", "passage_id"),
        Index("ix_decision_review_id", "review_id"),
    )

    seq: Mapped[int] = mapped_column(primary_key=True)
    review_id: Mapped[int] = mapped_column(ForeignKey("review.id"))
    batch_id: Mapped[int] = mapped_column(ForeignKey("batch.id"))
    passage_id: Mapped[int] = mapped_column(ForeignKey("passage.id"))
    round: Mapped[int]
    group: Mapped[str] = mapped_column(String(80))
    layer: Mapped[str] = mapped_column(String(80))
    verdict: Mapped[str] = mapped_column(String(16))
    version: Mapped[int | None] = mapped_column(ForeignKey("annotator.id"))
    span: Mapped[dict[str, Any] | None]
    values: Mapped[list[Any] | None]
    links: Mapped[list[Any] | None]
    reason: Mapped[str] = mapped_column(Text, default="")
    bulk: Mapped[bool] = mapped_column(default=False)
    revisions: Mapped[list[Any]]
    actor: Mapped[str] = mapped_column(String(255))
    at: Mapped[datetime]
    undoes: Mapped[int | None] = mapped_column(ForeignKey("decision.seq"))


class ReviewNote(Base):
    """A remark of a reviewer on a passage, or on one group of it."""

    __tablename__ = "review_note"
    __table_args__ = (Index("ix_review_note_batch_id_passage_id", "batch_id", "passage_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    batch_id: Mapped[int] = mapped_column(ForeignKey("batch.id"))
    passage_id: Mapped[int] = mapped_column(ForeignKey("passage.id"))
    group: Mapped[str] = mapped_column(String(80), default="")
    actor: Mapped[str] = mapped_column(String(255))
    text: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]


class Gold(Base):
    """What decisions add up to for a passage of a batch; append-only but for two flags.

    ``state`` is pending where a second look or an adjudication was due: what that comes to is
    a row of its own. ``revisions`` are those it rests on. ``current`` tells the one that counts
    for a passage, ``stale`` that an annotator has answered anew since. A second look that came
    to something else is kept too, and is not current; ``opinion`` says how a second look stands
    to the first (``differ``, ``groups``). ``compared`` holds the counts behind the figures of
    agreement, made by a job: of each annotator with this gold, and of the first look with it.
    """

    __tablename__ = "gold"
    __table_args__ = (
        CheckConstraint("state IN ('reviewed', 'pending')", name="state"),
        Index(
            "uq_gold_batch_id_passage_id",
            "batch_id",
            "passage_id",
            unique=True,
            sqlite_where=text("current"),
            postgresql_where=text("current"),
        ),
        Index("ix_gold_batch_id_passage_id_id", "batch_id", "passage_id", "id"),
        Index("ix_gold_passage_id", "passage_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    batch_id: Mapped[int] = mapped_column(ForeignKey("batch.id"))
    passage_id: Mapped[int] = mapped_column(ForeignKey("passage.id"))
    review_id: Mapped[int] = mapped_column(ForeignKey("review.id"), unique=True)
    state: Mapped[str] = mapped_column(String(16))
    revisions: Mapped[list[Any]]
    relations: Mapped[list[Any]]
    choices: Mapped[list[Any]]
    settled_by: Mapped[str] = mapped_column(String(255))
    settled_at: Mapped[datetime]
    current: Mapped[bool] = mapped_column(default=True)
    stale: Mapped[bool] = mapped_column(default=False)
    opinion: Mapped[dict[str, Any] | None]
    compared: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True), deferred=True)
    spans: Mapped[list[GoldSpan]] = relationship(
        order_by="(GoldSpan.start, GoldSpan.end, GoldSpan.layer, GoldSpan.region)"
    )


class GoldSpan(Base):
    """A span of the gold; ``region`` is unique within it. ``passage_id`` is the gold's own."""

    __tablename__ = "gold_span"
    __table_args__ = (
        CheckConstraint('start >= 0 AND start < "end"', name="bounds"),
        Index("ix_gold_span_layer_label_passage_id", "layer", "label", "passage_id"),
        Index("ix_gold_span_passage_id", "passage_id"),
    )

    gold_id: Mapped[int] = mapped_column(ForeignKey("gold.id"), primary_key=True)
    region: Mapped[str] = mapped_column(String(40), primary_key=True)
    passage_id: Mapped[int] = mapped_column(ForeignKey("passage.id"))
    group: Mapped[str] = mapped_column(String(80))
    layer: Mapped[str] = mapped_column(String(80))
    label: Mapped[str] = mapped_column(String(120))
    start: Mapped[int]
    end: Mapped[int]
    attrs: Mapped[dict[str, Any]]
    voice: Mapped[str | None] = mapped_column(String(16))
    settled: Mapped[str] = mapped_column(String(16))
    decision_seq: Mapped[int | None] = mapped_column(ForeignKey("decision.seq"))


class ReviewView(Base):
    """A queue that somebody keeps under a name; ``query`` is the address that shows it."""

    __tablename__ = "review_view"
    __table_args__ = (UniqueConstraint("owner", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    owner: Mapped[str] = mapped_column(String(255))
    name: Mapped[str] = mapped_column(String(80))
    query: Mapped[dict[str, Any]]
