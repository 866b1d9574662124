"""What is suggested for an article: the newest answer of every suggester."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.models.suggestions import (
    Suggestion,
    SuggestionAnswer,
    SuggestionRelation,
    SuggestionRun,
)
from labeling.suggest.lineup import public_id

SHOWN_SHA = 8


@dataclass(frozen=True, slots=True)
class ArticleSuggestion:
    """A proposed span, by code points of the article; ``source`` says who proposes it."""

    id: str
    label: str
    start: int
    end: int
    score: float
    source: str
    attrs: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ArticleRelation:
    """A proposed link between two suggestions, by their ids."""

    from_id: str
    to_id: str
    label: str


@dataclass(frozen=True, slots=True)
class SuggesterProblem:
    """A suggester that failed on an article, and why."""

    name: str
    problem: str


@dataclass(frozen=True, slots=True)
class ArticleSuggestions:
    """Everything suggested for one article version, in the order of the text."""

    spans: tuple[ArticleSuggestion, ...] = ()
    relations: tuple[ArticleRelation, ...] = ()
    problems: tuple[SuggesterProblem, ...] = ()


def source_of(name: str, version: str, config_sha: str) -> str:
    """Who suggests, in one word: ``lexicon@1+0f3a91cc``."""
    return f"{name}@{version}" + (f"+{config_sha[:SHOWN_SHA]}" if config_sha else "")


def count_problems(session: Session) -> dict[str, int]:
    """By suggester: on how many articles it failed."""
    rows = session.execute(
        select(SuggestionAnswer.name, func.count())
        .where(SuggestionAnswer.problem != "")
        .group_by(SuggestionAnswer.name)
    )
    return {row[0]: row[1] for row in rows}


def get_suggestions(session: Session, version_id: int) -> ArticleSuggestions:
    """What is suggested for an article version."""
    spans = session.execute(
        select(
            SuggestionAnswer.name,
            SuggestionRun.version,
            SuggestionRun.config_sha,
            Suggestion.ord,
            Suggestion.label,
            Suggestion.start,
            Suggestion.end,
            Suggestion.score,
            Suggestion.attrs,
        )
        .join(SuggestionAnswer, SuggestionAnswer.id == Suggestion.answer_id)
        .join(SuggestionRun, SuggestionRun.id == SuggestionAnswer.run_id)
        .where(SuggestionAnswer.version_id == version_id)
        .order_by(Suggestion.start, Suggestion.end.desc(), SuggestionAnswer.name, Suggestion.ord)
    )
    return ArticleSuggestions(
        tuple(
            ArticleSuggestion(
                id=public_id(row.name, row.ord),
                label=row.label,
                start=row.start,
                end=row.end,
                score=row.score,
                source=source_of(row.name, row.version, row.config_sha),
                attrs=row.attrs,
            )
            for row in spans
        ),
        _relations(session, version_id),
        _problems(session, version_id),
    )


def _relations(session: Session, version_id: int) -> tuple[ArticleRelation, ...]:
    rows = session.execute(
        select(
            SuggestionAnswer.name,
            SuggestionRelation.from_ord,
            SuggestionRelation.to_ord,
            SuggestionRelation.label,
        )
        .join(SuggestionAnswer, SuggestionAnswer.id == SuggestionRelation.answer_id)
        .where(SuggestionAnswer.version_id == version_id)
        .order_by(SuggestionAnswer.name, SuggestionRelation.n)
    )
    return tuple(
        ArticleRelation(public_id(name, source), public_id(name, target), label)
        for name, source, target, label in rows
    )


def _problems(session: Session, version_id: int) -> tuple[SuggesterProblem, ...]:
    rows = session.execute(
        select(SuggestionAnswer.name, SuggestionAnswer.problem)
        .where(SuggestionAnswer.version_id == version_id, SuggestionAnswer.problem != "")
        .order_by(SuggestionAnswer.name)
    )
    return tuple(SuggesterProblem(name, problem) for name, problem in rows)
