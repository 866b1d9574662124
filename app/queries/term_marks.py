"""What people and suggesters said about places in passages: labels, voice, how far it came."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models.annotations import Annotation, Revision, RevisionState, Span
from app.models.batches import Batch, Lane
from app.models.connections import Annotator
from app.models.review import Gold, GoldSpan
from app.models.suggestions import PredictionSpan, Suggestion, SuggestionAnswer
from app.models.tasks import Task
from labeling.concordance import Occurrence
from labeling.suggest.lexicon import LABEL as LOADED
from labeling.suggest.voice import QUOTE, Voices
from labeling.types import Block, Role
from labeling.types import Span as Marked

STATES = ("decided", "annotated", "suggested", "unlabeled")


@dataclass(frozen=True, slots=True)
class Place:
    """A passage, and where it stands in the version of its article that is in force."""

    id: int
    role: str
    version: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Told:
    """What was said about an occurrence.

    ``labels`` are those that make about these words: a reviewer's where one settled the
    passage, else all annotators'. ``looked`` counts who answered the passage. ``accepted`` and
    ``rejected`` name those who had it before them as a suggestion.
    """

    voice: str
    state: str
    labels: tuple[str, ...] = ()
    by: tuple[str, ...] = ()
    settled: str = ""
    looked: int = 0
    accepted: tuple[str, ...] = ()
    rejected: tuple[str, ...] = ()
    batches: tuple[str, ...] = ()


class _Mark(NamedTuple):
    label: str
    start: int
    end: int
    voice: str | None = None
    settled: str = ""


@dataclass(slots=True)
class _Answer:
    """What one annotator said of a passage, and the loaded terms they were shown."""

    who: str
    prediction: int | None
    marks: list[_Mark] = field(default_factory=list)
    shown: list[_Mark] = field(default_factory=list)


class Marks:
    """All that was said about some passages, read in a few questions."""

    def __init__(self, session: Session, places: Sequence[Place]) -> None:
        ids = sorted({place.id for place in places})
        self._golds = _golds(session, ids)
        self._answers = _answers(session, ids)
        self._batches = _batches(session, ids)
        self._suggested = _suggested(session, sorted({place.version for place in places}))

    def of(self, place: Place, one: Occurrence) -> Told:
        """What was said about an occurrence in one of the passages."""
        golds, answers = self._golds.get(place.id, []), self._answers[place.id]
        voice, state = self._state(place, one, golds, answers)
        who_marked = tuple(sorted({a.who for a in answers if _loaded(a.marks, one)}))
        shown = [answer for answer in answers if _loaded(answer.shown, one)]
        settled = place.id in self._golds
        about = golds if settled else [mark for answer in answers for mark in answer.marks]
        decided = next((m for m in golds if m.label == LOADED and _over(m, one)), None)
        return Told(
            voice=voice,
            state=state,
            labels=tuple(sorted({mark.label for mark in about if _is_about(mark, one)})),
            by=who_marked,
            settled=decided.settled if decided else "",
            looked=len(answers),
            accepted=tuple(sorted(a.who for a in shown if _loaded(a.marks, one))),
            rejected=tuple(sorted(a.who for a in shown if not _loaded(a.marks, one))),
            batches=self._batches[place.id],
        )

    def verdicts(self, place: Place, told: Told) -> Iterator[tuple[str | None, bool]]:
        """Who looked at a place, and whether they took it for a loaded term; None: a reviewer."""
        for who in dict.fromkeys(answer.who for answer in self._answers[place.id]):
            yield who, who in told.by
        if place.id in self._golds:
            yield None, told.settled != ""

    def _state(
        self, place: Place, one: Occurrence, golds: Sequence[_Mark], answers: Sequence[_Answer]
    ) -> tuple[str, str]:
        for mark in golds:
            if mark.label == LOADED and mark.voice and _over(mark, one):
                return mark.voice, "decided"
        start, end = one.start + place.start, one.end + place.start
        suggested = self._suggested[place.version]
        block = Block(Role(place.role), place.start, place.end, "")
        voice = Voices(suggested, [block]).of(start, end).value
        if any(_loaded(answer.marks, one) for answer in answers):
            return voice, "annotated"
        known = any(s.label == LOADED and s.start < end and start < s.end for s in suggested)
        return voice, "suggested" if known else "unlabeled"


def _over(mark: _Mark, one: Occurrence) -> bool:
    return mark.start < one.end and one.start < mark.end


def _loaded(marks: Sequence[_Mark], one: Occurrence) -> bool:
    return any(mark.label == LOADED and _over(mark, one) for mark in marks)


def _is_about(mark: _Mark, one: Occurrence) -> bool:
    """Whether the words make at least half of what is marked, as they do not of a quotation."""
    shared = min(mark.end, one.end) - max(mark.start, one.start)
    return shared > 0 and 2 * shared >= mark.end - mark.start


def _golds(session: Session, ids: Sequence[int]) -> dict[int, list[_Mark]]:
    """By passage what reviewers settled; nothing at all is something, too."""
    rows = session.execute(
        select(
            Gold.passage_id,
            GoldSpan.label,
            GoldSpan.start,
            GoldSpan.end,
            GoldSpan.voice,
            GoldSpan.settled,
        )
        .outerjoin(GoldSpan, GoldSpan.gold_id == Gold.id)
        .where(Gold.passage_id.in_(ids), Gold.current)
        .order_by(Gold.id, GoldSpan.start, GoldSpan.end, GoldSpan.region)
    )
    found: dict[int, list[_Mark]] = {}
    for row in rows:
        marks = found.setdefault(row.passage_id, [])
        if row.label is not None:
            marks.append(_Mark(row.label, row.start, row.end, row.voice, row.settled))
    return found


def _answers(session: Session, ids: Sequence[int]) -> defaultdict[int, list[_Answer]]:
    rows = session.execute(
        select(Task.passage_id, Task.prediction_id, Revision.id, Annotator.pseudonym)
        .join(Annotation, Annotation.task_id == Task.id)
        .join(
            Revision,
            (Revision.annotation_id == Annotation.id) & (Revision.n == Annotation.current),
        )
        .outerjoin(Annotator, Annotator.id == Annotation.annotator_id)
        .where(Task.passage_id.in_(ids), Revision.state == RevisionState.SUBMITTED)
        .order_by(Revision.id)
    ).all()
    found: defaultdict[int, list[_Answer]] = defaultdict(list)
    by_revision: dict[int, _Answer] = {}
    for row in rows:
        answer = by_revision[row.id] = _Answer(row.pseudonym or "somebody", row.prediction_id)
        found[row.passage_id].append(answer)
    if not by_revision:
        return found
    spans = session.execute(
        select(Span.revision_id, Span.label, Span.start, Span.end)
        .where(Span.revision_id.in_(list(by_revision)))
        .order_by(Span.revision_id, Span.start, Span.end, Span.region)
    )
    for span in spans:
        by_revision[span.revision_id].marks.append(_Mark(span.label, span.start, span.end))
    shown = _shown(session, {a.prediction for a in by_revision.values() if a.prediction})
    for answer in by_revision.values():
        answer.shown = shown.get(answer.prediction or 0, [])
    return found


def _shown(session: Session, predictions: set[int]) -> dict[int, list[_Mark]]:
    if not predictions:
        return {}
    rows = session.execute(
        select(PredictionSpan.prediction_id, PredictionSpan.start, PredictionSpan.end)
        .where(PredictionSpan.prediction_id.in_(predictions), PredictionSpan.label == LOADED)
        .order_by(PredictionSpan.prediction_id, PredictionSpan.ord)
    )
    found: dict[int, list[_Mark]] = {}
    for row in rows:
        found.setdefault(row.prediction_id, []).append(_Mark(LOADED, row.start, row.end))
    return found


def _batches(session: Session, ids: Sequence[int]) -> defaultdict[int, tuple[str, ...]]:
    rows = session.execute(
        select(Task.passage_id, Batch.slug)
        .join(Lane, Lane.id == Task.lane_id)
        .join(Batch, Batch.id == Lane.batch_id)
        .where(Task.passage_id.in_(ids))
        .distinct()
        .order_by(Task.passage_id, Batch.slug)
    )
    found: defaultdict[int, tuple[str, ...]] = defaultdict(tuple)
    for passage, slug in rows:
        found[passage] += (slug,)
    return found


def _suggested(session: Session, versions: Sequence[int]) -> defaultdict[int, list[Marked]]:
    """The quotations and loaded terms that are suggested, by article version."""
    rows: Any = session.execute(
        select(
            SuggestionAnswer.version_id,
            Suggestion.label,
            Suggestion.start,
            Suggestion.end,
            Suggestion.attrs,
        )
        .join(SuggestionAnswer, SuggestionAnswer.id == Suggestion.answer_id)
        .where(SuggestionAnswer.version_id.in_(versions), Suggestion.label.in_([QUOTE, LOADED]))
        .order_by(SuggestionAnswer.id, Suggestion.ord)
    )
    found: defaultdict[int, list[Marked]] = defaultdict(list)
    for version, label, start, end, attrs in rows:
        found[version].append(Marked("", "", label, start, end, attrs))
    return found
