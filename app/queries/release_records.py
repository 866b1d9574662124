"""The records of a release, made of frozen rows only, so that they can be made again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, selectinload

from app.models.annotations import Annotation, Revision, RevisionState
from app.models.batches import Lane
from app.models.passages import Passage
from app.models.review import Gold
from app.models.tasks import Task
from app.queries.projecting import pushed_with
from app.queries.releasing import Candidate, Scope, ScopeBatch, placements
from labeling.datasets.records import (
    RecordAnnotation,
    RecordArticle,
    RecordGold,
    RecordPassage,
    RecordSpan,
    passage_record,
    without_text,
)
from labeling.suggest.origin import Origin, origins_of, voices_of
from labeling.types import Choice, Relation, Role, Span


@dataclass(frozen=True, slots=True)
class ReleasedArticle:
    """An article as a release froze it, and the split of its passages."""

    fields: Mapping[str, Any]
    split: str | None


@dataclass(frozen=True, slots=True)
class _Told:
    """One annotator's answer: as a record has it, and for comparing."""

    annotator: str
    flagged: bool
    record: RecordAnnotation


def make_records(
    session: Session,
    scope: Scope,
    page: Sequence[Candidate],
    articles: Mapping[str, ReleasedArticle],
) -> list[dict[str, Any]]:
    """The records of a page of passages, in their order.

    Args:
        session: a short read.
        scope: the release's.
        page: passages that are in it.
        articles: the release's articles by uid.
    """
    places = placements(session, scope, [one.id for one in page])
    golds = _golds(session, [one.gold for one in page if one.gold is not None])
    answers = _answers(session, scope, page)
    batches = {batch.id: batch for batch in scope.batches}
    return [
        _record(
            scope, batches[one.batch], one, places[one.id], answers[one.id],
            golds.get(one.gold or 0), articles[one.article["uid"]],
        )
        for one in page
    ]  # fmt: skip


def _record(
    scope: Scope,
    batch: ScopeBatch,
    one: Candidate,
    place: tuple[Passage, int, int],
    answers: Sequence[_Told],
    gold: Gold | None,
    article: ReleasedArticle,
) -> dict[str, Any]:
    passage, start, end = place
    if gold is not None:
        settled = _settled(gold, answers)
    elif one.state == "annotated":
        settled = _agreed(batch, passage, answers)
    else:
        settled = None
    record = passage_record(
        RecordArticle(**article.fields),
        RecordPassage(passage.uid, start, end, passage.text, passage.role),
        [told.record for told in answers],
        batch.named,
        batch=batch.slug,
        state=one.state,
        gold=settled,
    )
    record["split"] = article.split
    if scope.plan.labels:
        _keep_labels(record, frozenset(scope.plan.labels))
    return without_text(record) if scope.plan.offsets_only else record


def _golds(session: Session, ids: Sequence[int]) -> dict[int, Gold]:
    rows = session.scalars(select(Gold).where(Gold.id.in_(ids)).options(selectinload(Gold.spans)))
    return {row.id: row for row in rows}


def _settled(gold: Gold, answers: Sequence[_Told]) -> RecordGold:
    """What a reviewer settled, with where each span came from."""
    spans = []
    for row in gold.spans:
        span = Span(row.region, row.layer, row.label, row.start, row.end, row.attrs)
        spans.append(RecordSpan(span, row.voice, _origin(span, answers), row.settled))
    return RecordGold(
        spans=tuple(spans),
        relations=tuple(Relation(r["from"], r["to"], r["label"]) for r in gold.relations),
        choices=tuple(Choice(c["layer"], tuple(c["values"])) for c in gold.choices),
        settled={choice["layer"]: choice["settled"] for choice in gold.choices},
    )


def _origin(span: Span, answers: Sequence[_Told]) -> str:
    """By hand as soon as anybody marked it by hand, or nobody marked it at all."""
    found = {
        told.record.marks.get(one.id, (None, None))[1]
        for told in answers
        for one in told.record.spans
        if (one.layer, one.label, one.start, one.end)
        == (span.layer, span.label, span.start, span.end)
    } - {None}
    if not found or Origin.MANUAL.value in found:
        return Origin.MANUAL.value
    return min(str(origin) for origin in found)


def _agreed(batch: ScopeBatch, passage: Passage, answers: Sequence[_Told]) -> RecordGold:
    """What nobody reviewed, but all who answered agree on."""
    from labeling.agreement.answers import Answer
    from labeling.agreement.comparison import compare
    from labeling.gold import gold_of
    from labeling.review import conflicts_of
    from labeling.types import Block

    counts = {
        told.annotator: told.record
        for told in sorted(answers, key=lambda told: told.record.round)
        if told.record.state == RevisionState.SUBMITTED and not told.flagged
    }
    if not counts:
        return RecordGold()
    given = [
        Answer(name, record.spans, record.relations, record.choices)
        for name, record in sorted(counts.items())
    ]
    compared = compare(given, passage.text, batch.scheme, batch.rules)
    block = Block(Role(passage.role), 0, len(passage.text), "")
    gold = gold_of(conflicts_of(compared), {}, [block])
    return RecordGold(
        spans=tuple(
            RecordSpan(one.span, one.voice, _origin(one.span, answers), one.settled.value)
            for one in gold.spans
        ),
        relations=gold.relations,
        choices=gold.choices,
        settled={layer: settled.value for layer, settled in gold.settled.items()},
    )


def _answers(
    session: Session, scope: Scope, page: Sequence[Candidate]
) -> defaultdict[int, list[_Told]]:
    """Everybody's newest revision of that moment, by passage."""
    newest = (
        select(Revision.annotation_id, func.max(Revision.id).label("id"))
        .join(Annotation, Annotation.id == Revision.annotation_id)
        .join(Task, Task.id == Annotation.task_id)
        .where(
            Task.passage_id.in_([one.id for one in page]),
            Revision.id <= scope.as_of["revision"],
        )
        .group_by(Revision.annotation_id)
        .subquery()
    )
    rows = session.execute(
        select(Task, Lane.batch_id, Annotation, Revision, Passage.role, func.length(Passage.text))
        .join(newest, newest.c.id == Revision.id)
        .join(Annotation, Annotation.id == Revision.annotation_id)
        .join(Task, Task.id == Annotation.task_id)
        .join(Lane, Lane.id == Task.lane_id)
        .join(Passage, Passage.id == Task.passage_id)
        .where(Lane.batch_id.in_(scope.ids), Revision.state != RevisionState.WITHDRAWN)
        .order_by(Revision.id)
        .options(
            selectinload(Annotation.annotator),
            selectinload(Revision.spans),
            selectinload(Revision.relations),
            selectinload(Revision.choices),
        )
    ).all()
    pushed = pushed_with(session, {row[0].id for row in rows})
    wanted = {one.id: one.batch for one in page}
    answers: defaultdict[int, list[_Told]] = defaultdict(list)
    for task, batch, annotation, revision, role, length in rows:
        if wanted[task.passage_id] == batch:
            suggested = pushed.get(task.id, ())
            answers[task.passage_id].append(
                _told(scope, task, annotation, revision, suggested, Role(role), length)
            )
    return answers


def _told(
    scope: Scope,
    task: Task,
    annotation: Annotation,
    revision: Revision,
    suggested: Sequence[Span],
    role: Role,
    length: int,
) -> _Told:
    spans = tuple(Span(s.region, s.layer, s.label, s.start, s.end, s.attrs) for s in revision.spans)
    voices, origins = voices_of(spans, role, length), origins_of(spans, suggested).spans
    person = annotation.annotator
    name = "unknown"
    if person is not None:
        name = person.email if scope.plan.names else person.pseudonym
    record = RecordAnnotation(
        annotator=name,
        revision=revision.n,
        state=revision.state,
        lead_time=revision.lead_time,
        spans=spans,
        relations=tuple(Relation(r.from_region, r.to_region, r.label) for r in revision.relations),
        choices=tuple(Choice(c.layer, tuple(c.values)) for c in revision.choices),
        set_aside=revision.set_aside,
        round=task.round,
        marks={span.id: (voices.get(span.id), origins[span.id].value) for span in spans},
    )
    return _Told(str(annotation.annotator_id), bool(annotation.flag), record)


def _keep_labels(record: dict[str, Any], labels: frozenset[str]) -> None:
    """Leave out spans of other labels, and relations that had an end there."""
    for layer in [record["gold"] or {"spans": [], "relations": []}, *record["annotations"]]:
        layer["spans"] = [span for span in layer["spans"] if span["label"] in labels]
        ids = {span["id"] for span in layer["spans"]}
        layer["relations"] = [r for r in layer["relations"] if {r["from"], r["to"]} <= ids]
