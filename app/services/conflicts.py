"""Conflicts: made from the current revisions of a passage, remade when these change.

Nothing here is told what changed: a batch remembers the newest revision whose passage it has
compared, so a sync that dies in the middle leaves nothing uncompared.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Integer, delete, func, insert, select, type_coerce, update
from sqlalchemy.orm import Session

from app.models.agreement import Agreement, Comparison, Conflict
from app.models.annotations import Annotation, Choice, Relation, Revision, RevisionState, Span
from app.models.batches import Batch, Lane
from app.models.passages import Passage
from app.models.schemes import SchemeVersion
from app.models.suggestions import PredictionSpan
from app.models.tasks import Task
from app.services import review_items
from labeling import review
from labeling.agreement.answers import Answer
from labeling.agreement.comparison import compare
from labeling.agreement.rules import Rules, read_rules
from labeling.scheme import read_scheme
from labeling.types import Choice as GivenChoice
from labeling.types import Relation as DrawnRelation
from labeling.types import Scheme
from labeling.types import Span as MarkedSpan

# So many passages are compared in one transaction: it is over well within a second.
CHUNK = 200


@dataclass(frozen=True, slots=True)
class _Current:
    """The revision that counts for an annotator of a passage."""

    annotator: int
    annotation: int
    revision: int
    round: int
    state: str
    updated_at: str
    prediction: int | None

    @property
    def rank(self) -> tuple[int, bool, str, int]:
        """The answer of the latest round counts; there a submitted one before a skip."""
        submitted = self.state == RevisionState.SUBMITTED
        return self.round, submitted, self.updated_at, self.annotation


def list_uncompared(session: Session, batch_id: int) -> tuple[list[int], int]:
    """The passages of a batch that have to be compared: those with revisions newer than seen.

    Annotations that were flagged since they were compared count no longer: theirs as well.

    Returns:
        The passages' row ids in order, and the newest revision among them for ``note_seen``.
    """
    seen = newest_seen(session, batch_id)
    rows = session.execute(
        select(Task.passage_id, func.max(Revision.id))
        .join(Annotation, Annotation.task_id == Task.id)
        .join(Revision, Revision.annotation_id == Annotation.id)
        .join(Lane, Lane.id == Task.lane_id)
        .where(Lane.batch_id == batch_id, Revision.id > seen)
        .group_by(Task.passage_id)
    ).all()
    newest = max((row[1] for row in rows), default=seen)
    return sorted({row[0] for row in rows} | _flagged_since(session, batch_id)), newest


def _flagged_since(session: Session, batch_id: int) -> set[int]:
    rows = session.execute(
        select(Comparison.passage_id, Comparison.answers, Annotation.id)
        .join(Task, Task.passage_id == Comparison.passage_id)
        .join(Lane, (Lane.id == Task.lane_id) & (Lane.batch_id == Comparison.batch_id))
        .join(Annotation, Annotation.task_id == Task.id)
        .where(Comparison.batch_id == batch_id, Annotation.flag != "")
    )
    return {
        passage_id
        for passage_id, answers, annotation_id in rows
        if annotation_id in {one["annotation"] for one in answers}
    }


def newest_seen(session: Session, batch_id: int) -> int:
    """The newest revision whose passage was compared; 0 before any was."""
    seen = session.scalar(select(Agreement.seen_revision).where(Agreement.batch_id == batch_id))
    return seen or 0


def note_seen(session: Session, batch_id: int, revision_id: int) -> None:
    """Remember that all passages with revisions up to this one were compared."""
    row = _state(session, batch_id)
    row.seen_revision = max(row.seen_revision, revision_id)
    session.flush()


def _state(session: Session, batch_id: int) -> Agreement:
    row = session.get(Agreement, batch_id)
    if row is None:
        row = Agreement(batch_id=batch_id, seen_revision=0, edition=0)
        session.add(row)
        session.flush()
    return row


def remake(session: Session, batch_id: int, passage_ids: Sequence[int], *, now: datetime) -> None:
    """Compare the answers to these passages anew, in the caller's transaction.

    Args:
        session: a transaction.
        batch_id: the batch.
        passage_ids: passages of the batch; some hundreds at most.
        now: the time to note.
    """
    review_items.lock(session, batch_id, passage_ids)
    for table in (Conflict, Comparison):
        session.execute(
            delete(table).where(table.batch_id == batch_id, table.passage_id.in_(passage_ids))
        )
    current = _current(session, batch_id, passage_ids)
    answers = read_answers(session, [one.revision for each in current.values() for one in each])
    pushed = _pushed(session, {one.prediction for each in current.values() for one in each})
    scheme, rules = scheme_of(session, batch_id)
    texts = session.execute(select(Passage.id, Passage.text).where(Passage.id.in_(current)))
    conflicts: list[dict[str, Any]] = []
    comparisons: list[dict[str, Any]] = []
    for passage_id, text in texts:
        those = current[passage_id]
        found = compare([_of(answers, one) for one in those], text, scheme, rules)
        place = {"batch_id": batch_id, "passage_id": passage_id}
        place["round"] = max(one.round for one in those)
        said = [_compared(one, answers.spans[one.revision], pushed) for one in those]
        day = max(one.updated_at[:10] for one in those)
        comparisons.append(
            {**place, "answers": said, "answered_on": day, "counts": found.counts, "made_at": now}
        )
        conflicts.extend({**place, **_row(one)} for one in review.conflicts_of(found))
    for model, rows in ((Comparison, comparisons), (Conflict, conflicts)):
        if rows:
            session.execute(insert(model), rows)
    _state(session, batch_id).edition = Agreement.edition + 1
    session.flush()
    review_items.refresh(session, batch_id, passage_ids)


def keep_report(
    session: Session,
    batch_id: int,
    report: dict[str, Any],
    summary: dict[str, Any],
    *,
    edition: int,
    now: datetime,
) -> None:
    """Keep a batch's figures for its page; ``edition``: of which comparisons they are."""
    # A batch that nobody answered yet has no row so far; its figures say so.
    _state(session, batch_id)
    session.execute(
        update(Agreement)
        .where(Agreement.batch_id == batch_id)
        .values(report=report, summary=summary, computed=edition, computed_at=now)
    )


def _of(answers: Answers, one: _Current) -> Answer:
    return answers.of(str(one.annotator), one.revision)


def _compared(
    one: _Current, spans: Sequence[MarkedSpan], pushed: Mapping[int, Sequence[MarkedSpan]]
) -> dict[str, Any]:
    """Which revision was compared, and what became of the suggestions it began with."""
    told: dict[str, Any] = {
        "annotator": one.annotator,
        "annotation": one.annotation,
        "revision": one.revision,
        "round": one.round,
    }
    if one.prediction is not None:
        from labeling.suggest.origin import origins_of

        fates = origins_of(spans, pushed.get(one.prediction, ())).suggestions.values()
        told["suggested"] = dict(Counter(fate.value for fate in fates))
    return told


def _pushed(session: Session, predictions: set[int | None]) -> dict[int, list[MarkedSpan]]:
    """The spans that were suggested, by the prediction that was pushed."""
    found: dict[int, list[MarkedSpan]] = defaultdict(list)
    rows = session.execute(
        select(
            PredictionSpan.prediction_id,
            PredictionSpan.region,
            PredictionSpan.layer,
            PredictionSpan.label,
            PredictionSpan.start,
            PredictionSpan.end,
            PredictionSpan.attrs,
        )
        .where(PredictionSpan.prediction_id.in_(predictions - {None}))
        .order_by(PredictionSpan.prediction_id, PredictionSpan.ord)
    )
    for prediction, *span in rows:
        found[prediction].append(MarkedSpan(*span))
    return found


def _row(conflict: review.Conflict) -> dict[str, Any]:
    return {
        "layer": conflict.layer,
        "key": conflict.key,
        "kind": conflict.kind.value,
        "differs": [kind.value for kind in conflict.differs],
        "label": conflict.label,
        "labels": "|" + "|".join(conflict.labels) + "|",
        "start": conflict.start,
        "end": conflict.end,
        "spans": [{**one, "annotator": int(one["annotator"])} for one in conflict.versions],
        "absent": [int(name) for name in conflict.absent],
    }


def _current(
    session: Session, batch_id: int, passage_ids: Sequence[int]
) -> dict[int, list[_Current]]:
    """The submitted answers that count, by passage, one an annotator, in their order."""
    rows = session.execute(
        select(
            Task.passage_id,
            # Never null here: see the condition below.
            type_coerce(Annotation.annotator_id, Integer),
            Annotation.id,
            Revision.id,
            Task.round,
            Revision.state,
            Revision.ls_updated_at,
            Task.prediction_id,
        )
        .join(Annotation, Annotation.task_id == Task.id)
        .join(
            Revision,
            (Revision.annotation_id == Annotation.id) & (Revision.n == Annotation.current),
        )
        .join(Lane, Lane.id == Task.lane_id)
        .where(Lane.batch_id == batch_id, Task.passage_id.in_(passage_ids))
        .where(Revision.state != RevisionState.WITHDRAWN, Annotation.annotator_id.is_not(None))
        # What was not made blind is kept, and kept out of agreement.
        .where(Annotation.flag == "")
    )
    best: dict[tuple[int, int], _Current] = {}
    for row in rows:
        place, one = (row[0], row[1]), _Current(*row[1:])
        if place not in best or one.rank > best[place].rank:
            best[place] = one
    found: dict[int, list[_Current]] = defaultdict(list)
    for (passage_id, _), one in sorted(best.items()):
        if one.state == RevisionState.SUBMITTED:
            found[passage_id].append(one)
    return found


class Answers:
    """What many revisions say, read at once."""

    def __init__(self) -> None:
        self.spans: dict[int, list[MarkedSpan]] = defaultdict(list)
        self.relations: dict[int, list[DrawnRelation]] = defaultdict(list)
        self.choices: dict[int, list[GivenChoice]] = defaultdict(list)

    def of(self, annotator: str, revision: int) -> Answer:
        """What a revision says, under its annotator's name."""
        return Answer(
            annotator,
            tuple(self.spans[revision]),
            tuple(self.relations[revision]),
            tuple(self.choices[revision]),
        )


def read_answers(session: Session, revisions: Sequence[int]) -> Answers:
    """What these revisions say."""
    found = Answers()
    spans = session.execute(
        select(
            Span.revision_id,
            Span.region,
            Span.layer,
            Span.label,
            Span.start,
            Span.end,
            Span.attrs,
        )
        .where(Span.revision_id.in_(revisions))
        .order_by(Span.revision_id, Span.start, Span.end, Span.region)
    )
    for revision, *span in spans:
        found.spans[revision].append(MarkedSpan(*span))
    relations = session.execute(
        select(Relation.revision_id, Relation.from_region, Relation.to_region, Relation.label)
        .where(Relation.revision_id.in_(revisions))
        .order_by(Relation.revision_id, Relation.n)
    )
    for revision, *relation in relations:
        found.relations[revision].append(DrawnRelation(*relation))
    choices = session.execute(
        select(Choice.revision_id, Choice.layer, Choice.values)
        .where(Choice.revision_id.in_(revisions))
        .order_by(Choice.revision_id, Choice.layer)
    )
    for revision, layer, values in choices:
        found.choices[revision].append(GivenChoice(layer, tuple(str(one) for one in values)))
    return found


def scheme_of(session: Session, batch_id: int) -> tuple[Scheme, Rules]:
    """The scheme of a batch with its rules of comparison, read."""
    version = session.scalars(
        select(SchemeVersion)
        .join(Batch, Batch.scheme_version_id == SchemeVersion.id)
        .where(Batch.id == batch_id)
    ).one()
    scheme = _read_scheme(version.config)
    return scheme, read_rules(version.rules, scheme)


@lru_cache(maxsize=8)
def _read_scheme(config: str) -> Scheme:
    return read_scheme(config)
