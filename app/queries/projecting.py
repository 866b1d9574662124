"""Suggestions of the tasks that are to be pushed, and what tasks were pushed with."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from app.models.articles import ArticleVersion
from app.models.passages import Passage, Placement
from app.models.suggestions import (
    PredictionSpan,
    Suggestion,
    SuggestionAnswer,
    SuggestionRelation,
    SuggestionRun,
)
from app.models.tasks import Task, TaskState
from app.queries.placements import is_newest_placement
from app.queries.suggestions import source_of
from labeling.suggest.lineup import public_id
from labeling.suggest.projection import Proposed
from labeling.types import Relation, Span


@dataclass(slots=True)
class TaskSuggestions:
    """What is suggested where a task's passage stands in its article."""

    start: int
    end: int
    passage_id: int
    spans: list[Proposed] = field(default_factory=list)
    relations: list[Relation] = field(default_factory=list)


def suggestions_of_tasks(
    session: Session, lane_id: int, first: int, last: int
) -> dict[int, TaskSuggestions]:
    """By task: what is suggested for the planned tasks of a lane that go out with suggestions.

    Tasks of the control slice go out without any, and so do tasks of a later round: they bring
    the annotator's own earlier answer back.
    """
    found: dict[int, TaskSuggestions] = {}
    answers: dict[int, list[int]] = defaultdict(list)
    for row in session.execute(_planned(lane_id, first, last)):
        there = found.setdefault(row.task_id, TaskSuggestions(row.from_, row.to, row.passage_id))
        there.spans.append(
            Proposed(
                public_id(row.name, row.ord),
                source_of(row.name, row.version, row.config_sha),
                row.label,
                row.start,
                row.end,
                row.score,
                row.attrs,
            )
        )
        if answers[row.answer_id][-1:] != [row.task_id]:
            answers[row.answer_id].append(row.task_id)
    for answer_id, relation in _relations(session, answers):
        for task_id in answers[answer_id]:
            found[task_id].relations.append(relation)
    return found


def pushed_with(session: Session, task_ids: Iterable[int]) -> dict[int, tuple[Span, ...]]:
    """By task: the suggestions it was pushed with; tasks without any are not there."""
    rows = session.execute(
        select(Task.id, PredictionSpan)
        .join(PredictionSpan, PredictionSpan.prediction_id == Task.prediction_id)
        .where(Task.id.in_(list(task_ids)))
        .order_by(Task.id, PredictionSpan.ord)
    )
    found: dict[int, list[Span]] = defaultdict(list)
    for task_id, row in rows:
        found[task_id].append(Span(row.region, row.layer, row.label, row.start, row.end, row.attrs))
    return {task_id: tuple(spans) for task_id, spans in found.items()}


def _planned(lane_id: int, first: int, last: int) -> Select[*tuple[Any, ...]]:
    """Every suggestion that touches the passage of a planned task, task by task."""
    return (
        select(
            Task.id.label("task_id"),
            Placement.start.label("from_"),
            Placement.end.label("to"),
            Placement.passage_id,
            Suggestion.answer_id,
            Suggestion.ord,
            SuggestionAnswer.name,
            SuggestionRun.version,
            SuggestionRun.config_sha,
            Suggestion.label,
            Suggestion.start,
            Suggestion.end,
            Suggestion.score,
            Suggestion.attrs,
        )
        .select_from(Task)
        .join(Passage, Passage.id == Task.passage_id)
        .join(Placement, Placement.passage_id == Passage.id)
        .join(ArticleVersion, ArticleVersion.id == Placement.version_id)
        .join(SuggestionAnswer, SuggestionAnswer.version_id == ArticleVersion.id)
        .join(SuggestionRun, SuggestionRun.id == SuggestionAnswer.run_id)
        .join(Suggestion, Suggestion.answer_id == SuggestionAnswer.id)
        .where(
            Task.lane_id == lane_id,
            Task.ordinal.between(first, last),
            Task.state == TaskState.PLANNED,
            Task.suggested.is_(True),
            Task.round == 1,
            is_newest_placement(),
            Suggestion.start < Placement.end,
            Suggestion.end > Placement.start,
        )
        .order_by(Task.id, Suggestion.answer_id, Suggestion.ord)
    )


def _relations(session: Session, answers: Iterable[int]) -> Iterable[tuple[int, Relation]]:
    ids = sorted(answers)
    for first in range(0, len(ids), 500):
        rows = session.execute(
            select(
                SuggestionRelation.answer_id,
                SuggestionAnswer.name,
                SuggestionRelation.from_ord,
                SuggestionRelation.to_ord,
                SuggestionRelation.label,
            )
            .join(SuggestionAnswer, SuggestionAnswer.id == SuggestionRelation.answer_id)
            .where(SuggestionRelation.answer_id.in_(ids[first : first + 500]))
            .order_by(SuggestionRelation.answer_id, SuggestionRelation.n)
        )
        for answer_id, name, source, target, label in rows:
            yield answer_id, Relation(public_id(name, source), public_id(name, target), label)
