"""Words that were labeled as loaded terms of late: where to begin looking for look-alikes."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from app.models.annotations import Annotation, Revision, RevisionState, Span
from app.models.passages import Passage
from app.models.review import Gold, GoldSpan
from app.models.tasks import Task
from labeling.concordance import LONGEST_TERM
from labeling.suggest.lexicon import LABEL as LOADED

# So many of the newest labels of each kind are read.
_NEWEST = 300


@dataclass(frozen=True, slots=True)
class LabeledWords:
    """Words, and how often they are among the newest labels."""

    words: str
    decided: int
    annotated: int


def list_labeled(session: Session, *, limit: int = 40) -> tuple[LabeledWords, ...]:
    """The words labeled most often among the newest labels, by reviewers and by annotators."""
    decided = _counted(session, _decided())
    annotated = _counted(session, _annotated())
    rows = [LabeledWords(w, decided[w], annotated[w]) for w in {*decided, *annotated}]
    rows.sort(key=lambda row: (-row.decided - row.annotated, row.words))
    return tuple(rows[:limit])


def _counted(session: Session, query: Select[*tuple[Any, ...]]) -> Counter[str]:
    words = (_words(row.text[row.start : row.end]) for row in session.execute(query))
    return Counter(one for one in words if 0 < len(one) <= LONGEST_TERM)


def _words(text: str) -> str:
    """Words in lower case, unless that made others of them (`İ` has no single small letter)."""
    text = text.strip()
    return low if len(low := text.lower()) == len(text) else text


def _decided() -> Select[*tuple[Any, ...]]:
    newest = (
        select(Gold.id)
        .where(Gold.current)
        .order_by(Gold.id.desc())
        .limit(_NEWEST)
        .scalar_subquery()
    )
    return (
        select(Passage.text, GoldSpan.start, GoldSpan.end)
        .join(GoldSpan, GoldSpan.passage_id == Passage.id)
        .where(GoldSpan.gold_id.in_(newest), GoldSpan.label == LOADED)
        .order_by(GoldSpan.gold_id, GoldSpan.region)
    )


def _annotated() -> Select[*tuple[Any, ...]]:
    newest = select(Revision.id).order_by(Revision.id.desc()).limit(_NEWEST).scalar_subquery()
    return (
        select(Passage.text, Span.start, Span.end)
        .join(Task, Task.passage_id == Passage.id)
        .join(Annotation, Annotation.task_id == Task.id)
        .join(
            Revision,
            (Revision.annotation_id == Annotation.id) & (Revision.n == Annotation.current),
        )
        .join(Span, Span.revision_id == Revision.id)
        .where(
            Revision.id.in_(newest),
            Revision.state == RevisionState.SUBMITTED,
            Span.label == LOADED,
        )
        .order_by(Revision.id, Span.region)
    )
