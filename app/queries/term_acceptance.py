"""What annotators made of terms where they were suggested.

A small instance counts for each page. A large one is counted when a job ends
(``app.jobs.term_figures``), by the same function: a frequent term has been judged many thousand
times.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, case, exists, func, or_, select
from sqlalchemy.orm import Session

from app.models.annotations import Annotation, Revision, RevisionState, Span
from app.models.lexicon import TermFigure
from app.models.suggestions import PredictionSpan, Suggestion, SuggestionAnswer
from app.models.tasks import Task, TaskState
from labeling.suggest.origin import Origin

# Up to so many tasks, and answers of suggesters, counting for each page is quick.
LIVE = 5_000
# From how many judgements on a term's acceptance says something, and how low is low.
TELLING, SELDOM = 50, 0.05


@dataclass(frozen=True, slots=True)
class Acceptance:
    """What annotators made of a term where it was suggested to them.

    ``waiting`` counts suggestions that were pushed and not judged yet, ``found`` how often the
    term stands in the articles.
    """

    unchanged: int = 0
    changed: int = 0
    removed: int = 0
    waiting: int = 0
    found: int = 0

    @property
    def judged(self) -> int:
        """How often an annotator had the suggestion before them and submitted."""
        return self.unchanged + self.changed + self.removed

    @property
    def seldom(self) -> bool:
        """Whether it is hardly ever accepted: worth muting."""
        return self.judged >= TELLING and (self.unchanged + self.changed) / self.judged < SELDOM


def acceptance_of(session: Session, keys: Sequence[str]) -> dict[str, Acceptance]:
    """What annotators made of terms, by key: counted now, or as it was when a job ended."""
    if is_small(session) or session.scalar(select(TermFigure.key).limit(1)) is None:
        return count_acceptance(session, keys)
    rows = session.scalars(select(TermFigure).where(TermFigure.key.in_(keys)))
    kept = {
        row.key: Acceptance(row.unchanged, row.changed, row.removed, row.waiting, row.found)
        for row in rows
    }
    return {key: kept.get(key, Acceptance()) for key in keys}


def is_small(session: Session) -> bool:
    """Whether each page can count for itself."""
    newest = (select(func.max(column)) for column in (Task.id, SuggestionAnswer.id))
    return all((session.scalar(query) or 0) <= LIVE for query in newest)


def count_acceptance(session: Session, keys: Sequence[str]) -> dict[str, Acceptance]:
    """Count what annotators made of terms, by key.

    A suggestion is accepted unchanged where a span with its layer, label and bounds came back,
    and changed where its region or an overlapping span of its layer did; answers about it, such
    as another voice, do not count against the term.
    """
    counts: dict[str, dict[str, int]] = {key: {} for key in keys}
    for key, origin, n in session.execute(_judged(keys)):
        counts[key][origin] = n
    waiting = (
        select(PredictionSpan.term, func.count())
        .join(Task, Task.prediction_id == PredictionSpan.prediction_id)
        .where(PredictionSpan.term.in_(keys))
        .where(Task.state == TaskState.PUSHED, Task.annotated.is_(False))
        .group_by(PredictionSpan.term)
    )
    found = (
        select(Suggestion.term, func.count())
        .where(Suggestion.term.in_(keys))
        .group_by(Suggestion.term)
    )
    for name, query in (("waiting", waiting), ("found", found)):
        for key, n in session.execute(query):
            counts[key or ""][name] = n
    return {key: Acceptance(**counted) for key, counted in counts.items()}


def _judged(keys: Sequence[str]) -> Any:
    same_region = Span.region == PredictionSpan.region
    same = and_(
        Span.layer == PredictionSpan.layer,
        Span.label == PredictionSpan.label,
        Span.start == PredictionSpan.start,
        Span.end == PredictionSpan.end,
    )
    over = and_(
        Span.layer == PredictionSpan.layer,
        Span.start < PredictionSpan.end,
        Span.end > PredictionSpan.start,
    )
    of_revision = Span.revision_id == Revision.id
    origin = case(
        (exists().where(of_revision, same), Origin.UNCHANGED.value),
        (exists().where(of_revision, or_(same_region, over)), Origin.CHANGED.value),
        else_=Origin.REMOVED.value,
    ).label("origin")
    return (
        select(PredictionSpan.term, origin, func.count())
        .join(Task, Task.prediction_id == PredictionSpan.prediction_id)
        .join(Annotation, Annotation.task_id == Task.id)
        .join(
            Revision,
            (Revision.annotation_id == Annotation.id) & (Revision.n == Annotation.current),
        )
        .where(PredictionSpan.term.in_(keys), Revision.state == RevisionState.SUBMITTED)
        .group_by(PredictionSpan.term, origin)
    )
