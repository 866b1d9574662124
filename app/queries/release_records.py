"""The records of a release, made of frozen rows only, so that they can be made again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.models.annotations import Annotation, Revision, RevisionState
from app.models.batches import Lane
from app.models.connections import Annotator
from app.models.passages import Passage
from app.models.review import Gold, GoldSpan
from app.models.tasks import Task
from app.queries.projecting import pushed_with
from app.queries.releasing import Candidate, Scope, ScopeBatch, placements
from app.queries.revision_layers import Layers, read_layers
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
class _Gold:
    """What was settled of a passage; of each span its voice and how it was settled."""

    relations: list[Any]
    choices: list[Any]
    spans: list[tuple[Span, str | None, str]]


@dataclass(frozen=True, slots=True)
class _Told:
    """One annotator's answer: as a record has it, and for comparing."""

    annotator: str
    flagged: bool
    record: RecordAnnotation


@dataclass(frozen=True, slots=True)
class _Answer:
    """One row of what was answered: its task, who gave it, its newest revision, its passage."""

    task: int
    passage: int
    round: int
    batch: int
    annotator: int | None
    email: str | None
    pseudonym: str | None
    flag: str
    revision: int
    n: int
    state: str
    lead_time: float | None
    set_aside: int
    role: str
    length: int


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
    gold: _Gold | None,
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


def _golds(session: Session, ids: Sequence[int]) -> dict[int, _Gold]:
    rows = session.execute(
        select(Gold.id, Gold.relations, Gold.choices).where(Gold.id.in_(ids)).order_by(Gold.id)
    )
    golds = {row[0]: _Gold(row[1], row[2], []) for row in rows}
    spans = session.execute(
        select(
            GoldSpan.gold_id, GoldSpan.region, GoldSpan.layer, GoldSpan.label, GoldSpan.start,
            GoldSpan.end, GoldSpan.attrs, GoldSpan.voice, GoldSpan.settled,
        )
        .where(GoldSpan.gold_id.in_(ids))
        .order_by(
            GoldSpan.gold_id, GoldSpan.start, GoldSpan.end, GoldSpan.layer, GoldSpan.region
        )
    )  # fmt: skip
    for gold, *span, voice, settled in spans:
        golds[gold].spans.append((Span(*span), voice, settled))
    return golds


def _settled(gold: _Gold, answers: Sequence[_Told]) -> RecordGold:
    """What a reviewer settled, with where each span came from."""
    spans = [
        RecordSpan(span, voice, _origin(span, answers), settled)
        for span, voice, settled in gold.spans
    ]
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
        select(
            Task.id, Task.passage_id, Task.round, Lane.batch_id,
            Annotation.annotator_id, Annotator.email, Annotator.pseudonym, Annotation.flag,
            Revision.id, Revision.n, Revision.state, Revision.lead_time, Revision.set_aside,
            Passage.role, func.length(Passage.text),
        )
        .join(newest, newest.c.id == Revision.id)
        .join(Annotation, Annotation.id == Revision.annotation_id)
        .join(Task, Task.id == Annotation.task_id)
        .join(Lane, Lane.id == Task.lane_id)
        .join(Passage, Passage.id == Task.passage_id)
        .outerjoin(Annotator, Annotator.id == Annotation.annotator_id)
        .where(Lane.batch_id.in_(scope.ids), Revision.state != RevisionState.WITHDRAWN)
        .order_by(Revision.id)
    )  # fmt: skip
    wanted = {one.id: one.batch for one in page}
    all_given = [_Answer(*cast("Any", row)) for row in rows]
    given = [one for one in all_given if wanted[one.passage] == one.batch]
    pushed = pushed_with(session, {one.task for one in given})
    layers = read_layers(session, [one.revision for one in given])
    answers: defaultdict[int, list[_Told]] = defaultdict(list)
    for one in given:
        said = layers.get(one.revision) or Layers()
        answers[one.passage].append(_told(scope, one, said, pushed.get(one.task, ())))
    return answers


def _told(scope: Scope, one: _Answer, said: Layers, suggested: Sequence[Span]) -> _Told:
    spans = tuple(said.spans)
    voices = voices_of(spans, Role(one.role), one.length)
    origins = origins_of(spans, suggested).spans
    record = RecordAnnotation(
        annotator=(one.email if scope.plan.names else one.pseudonym) or "unknown",
        revision=one.n,
        state=one.state,
        lead_time=one.lead_time,
        spans=spans,
        relations=tuple(said.relations),
        choices=tuple(said.choices),
        set_aside=one.set_aside,
        round=one.round,
        marks={span.id: (voices.get(span.id), origins[span.id].value) for span in spans},
    )
    return _Told(str(one.annotator), bool(one.flag), record)


def _keep_labels(record: dict[str, Any], labels: frozenset[str]) -> None:
    """Leave out spans of other labels, and relations that had an end there."""
    for layer in [record["gold"] or {"spans": [], "relations": []}, *record["annotations"]]:
        layer["spans"] = [span for span in layer["spans"] if span["label"] in labels]
        ids = {span["id"] for span in layer["spans"]}
        layer["relations"] = [r for r in layer["relations"] if {r["from"], r["to"]} <= ids]
