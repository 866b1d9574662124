"""What annotators' answers come to: conflicts, the counts behind the figures, the figures.

All of it is made from the current revisions and remade when they change; nobody edits it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.models.base import Base
from app.models.passages import Passage


class Comparison(Base):
    """The answers to one passage of a batch, laid side by side.

    ``answers`` says which revisions were compared: one object an annotator with
    ``annotator``, ``annotation``, ``revision`` (row ids) and ``round``, and ``suggested``
    (how many suggestions were left unchanged, changed or removed) where there were any.
    ``counts`` is what the figures of agreement are made of, by layer. ``answered_on`` is the
    day (ISO, UTC) of the newest of the answers.
    """

    __tablename__ = "comparison"
    __table_args__ = (Index("ix_comparison_passage_id", "passage_id"),)

    batch_id: Mapped[int] = mapped_column(ForeignKey("batch.id"), primary_key=True)
    passage_id: Mapped[int] = mapped_column(ForeignKey("passage.id"), primary_key=True)
    round: Mapped[int]
    answers: Mapped[list[Any]]
    answered_on: Mapped[str] = mapped_column(String(10))
    counts: Mapped[dict[str, Any]] = mapped_column(JSON, deferred=True)
    made_at: Mapped[datetime]


class Conflict(Base):
    """A group of versions of one thing in a passage; groups on which all agree are kept too.

    ``key`` names it as long as the same annotators mark the same bounds with the same
    labels. ``labels`` holds every label in it between bars (``|ORG|PERSON|``), an empty one
    for an annotator who marked nothing. ``spans`` are the versions, one an annotator:
    ``annotator`` (row id), ``region``, ``start``, ``end``, ``label``, ``attrs``, ``links``;
    of a question about the whole passage ``annotator`` and ``values``. ``absent`` are the
    annotators (row ids) who answered the passage and marked nothing here.
    """

    __tablename__ = "conflict"
    __table_args__ = (
        UniqueConstraint("batch_id", "passage_id", "layer", "key"),
        CheckConstraint(
            "kind IN ('agreed', 'missing', 'boundary', 'label', 'attribute', 'speaker', "
            "'split/merge')",
            name="kind",
        ),
        Index("ix_conflict_batch_id_kind_passage_id", "batch_id", "kind", "passage_id"),
        Index(
            "ix_conflict_batch_id_layer_kind_passage_id",
            *("batch_id", "layer", "kind", "passage_id"),
        ),
        Index("ix_conflict_passage_id", "passage_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    batch_id: Mapped[int] = mapped_column(ForeignKey("batch.id"))
    passage_id: Mapped[int] = mapped_column(ForeignKey("passage.id"))
    round: Mapped[int]
    layer: Mapped[str] = mapped_column(String(80))
    key: Mapped[str] = mapped_column(String(40))
    kind: Mapped[str] = mapped_column(String(16))
    differs: Mapped[list[Any]]
    label: Mapped[str] = mapped_column(Text)
    labels: Mapped[str] = mapped_column(Text)
    start: Mapped[int]
    end: Mapped[int]
    spans: Mapped[list[Any]]
    absent: Mapped[list[Any]]
    passage: Mapped[Passage] = relationship()


class Agreement(Base):
    """A batch's figures of agreement, as its page reads them.

    ``seen_revision`` is the newest revision whose passage was compared: what is newer is
    still to be compared. ``edition`` grows whenever passages are compared, ``computed`` is the
    edition the figures were computed of. ``report`` is what ``labeling.agreement.report``
    built, ``summary`` the few figures of it that lists show.
    """

    __tablename__ = "agreement"

    batch_id: Mapped[int] = mapped_column(ForeignKey("batch.id"), primary_key=True)
    seen_revision: Mapped[int] = mapped_column(default=0)
    edition: Mapped[int] = mapped_column(default=0)
    computed: Mapped[int | None]
    summary: Mapped[dict[str, Any] | None]
    report: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True), deferred=True)
    computed_at: Mapped[datetime | None]
