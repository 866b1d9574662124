"""What suggesters proposed for an article, and what of it was pushed with a passage."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.models.base import Base


class SuggesterOption(Base):
    """What an admin set about a suggester: whether it is asked, and its options."""

    __tablename__ = "suggester_option"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    enabled: Mapped[bool]
    options: Mapped[dict[str, Any]]


class ListedName(Base):
    """A name that this instance adds to those the gazetteer brings along."""

    __tablename__ = "listed_name"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(120))
    label: Mapped[str] = mapped_column(String(120))
    variants: Mapped[list[Any]]


class SuggestionRun(Base):
    """A suggester as it was: its name, version and the hash of all else that shapes its answers."""

    __tablename__ = "suggestion_run"
    __table_args__ = (UniqueConstraint("name", "version", "config_sha"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(40))
    version: Mapped[str] = mapped_column(String(40))
    config_sha: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]


class SuggestionAnswer(Base):
    """What one suggester said of one article version; a newer run takes its place.

    ``problem`` says why there is nothing, when the suggester failed. ``left_out`` counts what
    could not be kept.
    """

    __tablename__ = "suggestion_answer"
    __table_args__ = (
        UniqueConstraint("version_id", "name"),
        Index("ix_suggestion_answer_name_run_id_version_id", "name", "run_id", "version_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("article_version.id"))
    name: Mapped[str] = mapped_column(String(40))
    run_id: Mapped[int] = mapped_column(ForeignKey("suggestion_run.id"))
    problem: Mapped[str] = mapped_column(Text, default="")
    left_out: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    run: Mapped[SuggestionRun] = relationship()


class Suggestion(Base):
    """A proposed span, by code points of the article's frozen text. ``term``: a term's key.

    Outside it is known as the name of its suggester and ``ord``, such as ``quotes-3``.
    """

    __tablename__ = "suggestion"
    __table_args__ = (
        CheckConstraint('start >= 0 AND start < "end"', name="bounds"),
        Index("ix_suggestion_term", "term"),
    )

    answer_id: Mapped[int] = mapped_column(
        ForeignKey("suggestion_answer.id", ondelete="CASCADE"), primary_key=True
    )
    ord: Mapped[int] = mapped_column(primary_key=True)
    label: Mapped[str] = mapped_column(String(120))
    start: Mapped[int]
    end: Mapped[int]
    score: Mapped[float]
    attrs: Mapped[dict[str, Any]]
    term: Mapped[str | None] = mapped_column(String(80))


class SuggestionRelation(Base):
    """A proposed link between two suggestions of one answer."""

    __tablename__ = "suggestion_relation"
    __table_args__ = (
        ForeignKeyConstraint(
            ["answer_id", "from_ord"],
            ["suggestion.answer_id", "suggestion.ord"],
            ondelete="CASCADE",
        ),
        ForeignKeyConstraint(
            ["answer_id", "to_ord"],
            ["suggestion.answer_id", "suggestion.ord"],
            ondelete="CASCADE",
        ),
    )

    answer_id: Mapped[int] = mapped_column(primary_key=True)
    n: Mapped[int] = mapped_column(primary_key=True)
    from_ord: Mapped[int]
    to_ord: Mapped[int]
    label: Mapped[str] = mapped_column(String(120))
    score: Mapped[float]


class Prediction(Base):
    """The suggestions that were pushed with a passage; tasks that got the same ones share it.

    ``left_out`` counts suggestions that touch the passage and could not be pushed.
    """

    __tablename__ = "prediction"
    __table_args__ = (UniqueConstraint("passage_id", "sha"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    passage_id: Mapped[int] = mapped_column(ForeignKey("passage.id"))
    sha: Mapped[str] = mapped_column(String(64))
    model_version: Mapped[str] = mapped_column(String(200))
    left_out: Mapped[int] = mapped_column(default=0)
    relations: Mapped[list[Any]]
    spans: Mapped[list[PredictionSpan]] = relationship(order_by="PredictionSpan.ord")


class PredictionSpan(Base):
    """A pushed span, by code points of the passage; ``region`` is its id in Label Studio."""

    __tablename__ = "prediction_span"
    __table_args__ = (
        CheckConstraint('start >= 0 AND start < "end"', name="bounds"),
        Index("ix_prediction_span_term", "term"),
    )

    prediction_id: Mapped[int] = mapped_column(ForeignKey("prediction.id"), primary_key=True)
    ord: Mapped[int] = mapped_column(primary_key=True)
    region: Mapped[str] = mapped_column(String(80))
    layer: Mapped[str] = mapped_column(String(80))
    label: Mapped[str] = mapped_column(String(120))
    start: Mapped[int]
    end: Mapped[int]
    attrs: Mapped[dict[str, Any]]
    term: Mapped[str | None] = mapped_column(String(80))
