"""One passage in a batch with everything its annotators said about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from app.errors import NotFoundError
from app.models.annotations import Annotation, Revision, RevisionState
from app.models.articles import Article
from app.models.batches import Batch, Lane
from app.models.connections import Annotator, Connection
from app.models.passages import Passage
from app.models.tasks import Task
from app.queries.passages import get_neighbours
from app.queries.projecting import pushed_with
from app.queries.quarantine import QuarantineRow, list_quarantined_of_tasks
from app.queries.studio_links import task_link
from labeling.suggest.origin import origins_of, voices_of
from labeling.types import Choice, Relation, Role, Span


@dataclass(frozen=True, slots=True)
class Answer:
    """What one annotator said: the newest revision of one annotation.

    ``state`` is submitted, skipped or withdrawn. ``annotator`` is the e-mail; None for an
    account of Label Studio that is not one of our annotators. ``origins`` tells of each span
    whether it was suggested, where the task went out with suggestions; ``voices`` in whose voice
    each loaded term stands.
    """

    annotator: str | None
    ls_user_id: int | None
    round: int
    task_url: str | None
    state: str
    revision: int
    updated_at: str
    lead_time: float | None
    set_aside: int
    spans: tuple[Span, ...]
    relations: tuple[Relation, ...]
    choices: tuple[Choice, ...]
    origins: Mapping[str, str] = field(default_factory=dict)
    voices: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A task nobody has answered yet. ``annotator`` is None in a lane that several share."""

    annotator: str | None
    round: int
    state: str
    problem: str
    task_url: str | None


@dataclass(frozen=True, slots=True)
class PassagePage:
    """A passage, the answers to it, and the passages before and after it in the batch."""

    uid: str
    role: str
    text: str
    batch: str
    article_uid: str
    article: str
    outlet: str
    published_at: datetime | None
    answers: tuple[Answer, ...]
    waiting: tuple[Waiting, ...]
    quarantined: tuple[QuarantineRow, ...]
    previous: str | None
    next: str | None


@dataclass(frozen=True, slots=True)
class _TaskPlace:
    task: Task
    annotator: str | None
    url: str | None


def get_passage(session: Session, slug: str, uid: str) -> PassagePage:
    """One passage of a batch with every annotator's current answer.

    Raises:
        NotFoundError: there is no such batch, or the passage is not in it.
    """
    found = session.execute(
        select(Passage, Article, Batch.id)
        .join(Article, Article.id == Passage.article_id)
        .join(Task, Task.passage_id == Passage.id)
        .join(Lane, Lane.id == Task.lane_id)
        .join(Batch, Batch.id == Lane.batch_id)
        .where(Batch.slug == slug, Passage.uid == uid)
        .limit(1)
    ).one_or_none()
    if found is None:
        raise NotFoundError(
            f"There is no passage {uid} in batch {slug!r}.",
            remedy="Open the batch and choose one of its passages.",
        )
    passage, article, batch_id = found
    places = _places(session, batch_id, passage.id)
    answers = _answers(session, places, passage)
    answered = {task_id for task_id, _ in answers}
    previous, following = get_neighbours(session, batch_id, passage.id)
    return PassagePage(
        uid=passage.uid,
        role=passage.role,
        text=passage.text,
        batch=slug,
        article_uid=article.uid,
        article=article.title,
        outlet=article.outlet,
        published_at=article.published_at,
        answers=tuple(answer for _, answer in answers),
        waiting=tuple(_waiting(p) for p in places if p.task.id not in answered),
        quarantined=list_quarantined_of_tasks(session, tuple(p.task.id for p in places)),
        previous=previous,
        next=following,
    )


def _places(session: Session, batch_id: int, passage_id: int) -> list[_TaskPlace]:
    rows = session.execute(
        select(Task, Annotator.email, Connection.url, Lane.ls_project_id)
        .join(Lane, Lane.id == Task.lane_id)
        .outerjoin(Annotator, Annotator.id == Lane.annotator_id)
        .outerjoin(Connection, Connection.id == Lane.connection_id)
        .where(Lane.batch_id == batch_id, Task.passage_id == passage_id)
        .order_by(Lane.n, Task.round)
    )
    return [
        _TaskPlace(task, email, task_link(url, project_id, task.ls_task_id))
        for task, email, url, project_id in rows
    ]


def _answers(
    session: Session, places: Sequence[_TaskPlace], passage: Passage
) -> list[tuple[int, Answer]]:
    order = {place.task.id: n for n, place in enumerate(places)}
    rows = session.execute(
        select(Annotation, Revision, Annotator.email)
        .join(
            Revision,
            (Revision.annotation_id == Annotation.id) & (Revision.n == Annotation.current),
        )
        .outerjoin(Annotator, Annotator.id == Annotation.annotator_id)
        .where(Annotation.task_id.in_(order))
        .options(
            selectinload(Revision.spans),
            selectinload(Revision.relations),
            selectinload(Revision.choices),
        )
        .order_by(Annotation.id)
    ).all()
    found = sorted(rows, key=lambda row: (order[row[0].task_id], row[0].id))
    pushed = pushed_with(session, order)
    answers = []
    for annotation, revision, who in found:
        task_id = annotation.task_id
        answer = _answer(places[order[task_id]], annotation, revision, who)
        answers.append((task_id, _explained(answer, pushed.get(task_id, ()), passage)))
    return answers


def _explained(answer: Answer, pushed: Sequence[Span], passage: Passage) -> Answer:
    """An answer with what can be computed of its spans: where from, and in whose voice."""
    return replace(
        answer,
        origins=origins_of(answer.spans, pushed).spans if pushed else {},
        voices=voices_of(answer.spans, Role(passage.role), len(passage.text)),
    )


def _answer(
    place: _TaskPlace, annotation: Annotation, revision: Revision, annotator: str | None
) -> Answer:
    gone = revision.state == RevisionState.WITHDRAWN
    return Answer(
        annotator=annotator,
        ls_user_id=annotation.ls_user_id,
        round=place.task.round,
        task_url=place.url,
        state=revision.state,
        revision=revision.n,
        updated_at=revision.ls_updated_at,
        lead_time=revision.lead_time,
        set_aside=revision.set_aside,
        spans=()
        if gone
        else tuple(
            Span(s.region, s.layer, s.label, s.start, s.end, s.attrs) for s in revision.spans
        ),
        relations=()
        if gone
        else tuple(Relation(r.from_region, r.to_region, r.label) for r in revision.relations),
        choices=()
        if gone
        else tuple(Choice(c.layer, tuple(str(v) for v in c.values)) for c in revision.choices),
    )


def _waiting(place: _TaskPlace) -> Waiting:
    return Waiting(
        annotator=place.annotator,
        round=place.task.round,
        state=place.task.state,
        problem=place.task.problem,
        task_url=place.url,
    )
