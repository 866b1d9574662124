"""Tasks: one passage in one lane, in one round."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.models.base import Base
from app.models.batches import Lane
from app.models.passages import Passage
from app.models.suggestions import Prediction


class TaskState(StrEnum):
    """planned → pushed, or set aside because Label Studio refused it."""

    PLANNED = "planned"
    PUSHED = "pushed"
    SET_ASIDE = "set_aside"


class Task(Base):
    """One passage in one lane. ``uid`` travels in Label Studio's data and is the key.

    ``ls_task_id`` is a hint only: Label Studio's SQLite store reuses ids. ``annotated`` says
    whether a current, not skipped revision exists and ``answered_on`` since which day of the
    server's clock; ``app.services.progress`` keeps both. ``suggested`` is False in the control
    slice, which goes out without suggestions. ``prediction_id`` tells which suggestions were
    pushed with it; None: it had none.
    """

    __tablename__ = "task"
    __table_args__ = (
        UniqueConstraint("lane_id", "passage_id", "round"),
        UniqueConstraint("lane_id", "ordinal"),
        CheckConstraint("state IN ('planned', 'pushed', 'set_aside')", name="state"),
        Index("ix_task_passage_id", "passage_id"),
        Index("ix_task_lane_id_annotated_passage_id", "lane_id", "annotated", "passage_id"),
        Index("ix_task_lane_id_state_passage_id", "lane_id", "state", "passage_id"),
        Index("ix_task_state_passage_id", "state", "passage_id"),
        Index("ix_task_annotated_passage_id", "annotated", "passage_id"),
        # Without the many tasks that have none: SQLite would take it for an index of no use.
        Index(
            "ix_task_prediction_id",
            "prediction_id",
            sqlite_where=text("prediction_id IS NOT NULL"),
            postgresql_where=text("prediction_id IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(String(40), unique=True)
    lane_id: Mapped[int] = mapped_column(ForeignKey("lane.id"))
    passage_id: Mapped[int] = mapped_column(ForeignKey("passage.id"))
    ordinal: Mapped[int]
    round: Mapped[int] = mapped_column(default=1)
    text_sha: Mapped[str] = mapped_column(String(64))
    notice: Mapped[str] = mapped_column(Text, default="")
    state: Mapped[str] = mapped_column(String(16), default=TaskState.PLANNED)
    problem: Mapped[str] = mapped_column(Text, default="")
    ls_task_id: Mapped[int | None]
    annotated: Mapped[bool] = mapped_column(default=False)
    answered_on: Mapped[date | None]
    suggested: Mapped[bool] = mapped_column(default=True)
    prediction_id: Mapped[int | None] = mapped_column(ForeignKey("prediction.id"))
    lane: Mapped[Lane] = relationship()
    passage: Mapped[Passage] = relationship()
    prediction: Mapped[Prediction | None] = relationship()
