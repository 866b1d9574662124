"""Rework: a passage goes back to the same annotator, as a new round, with the reason in sight."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from app.errors import ConflictError, InvalidInputError, NotFoundError
from app.models.adoption import Adoption
from app.models.annotations import Annotation, Revision, RevisionState
from app.models.batches import Batch, BatchState, Chunk, Lane, LaneAnnotator
from app.models.connections import Annotator
from app.models.jobs import Job
from app.models.passages import Passage
from app.models.review import ReviewItem
from app.models.tasks import Task, TaskState
from app.queue import Queue
from app.services import audit, progress, review_items, reviews
from app.services.batches import get_batch
from app.services.connections import normal_email
from app.services.pushing import request_push
from labeling.tasks import task_uid

MOST_REASON_CHARS = 2_000
_NOT_TEXT = re.compile("[\x00\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Rework:
    """A passage that goes back: its new task, its round, and the job that sends it."""

    batch: str
    passage: str
    annotator: str
    task: str
    round: int
    job: Job

    def as_json(self) -> dict[str, Any]:
        """The answer of the command line and the API."""
        return {
            "batch": self.batch,
            "passage": self.passage,
            "annotator": self.annotator,
            "task": self.task,
            "round": self.round,
            "job": self.job.id,
        }


def request_rework(
    session: Session,
    queue: Queue,
    slug: str,
    passage_uid: str,
    *,
    annotator: str,
    reason: str,
    actor: str,
) -> Rework:
    """Plan a new round of a passage in its annotator's lane, and the push that sends it.

    Args:
        session: a transaction.
        queue: where the push is planned.
        slug: the batch's name.
        passage_uid: a passage of it.
        annotator: the e-mail of whoever shall look again.
        reason: what they read on top of the page.
        actor: who sends it back.

    Raises:
        InvalidInputError: the reason is empty, too long, or no text.
        NotFoundError: no such batch, or the annotator never had the passage.
        ConflictError: the batch takes no more work, or the annotator has not answered yet.
    """
    reason = _checked(reason)
    batch = get_batch(session, slug)
    _check_open(session, batch)
    email = normal_email(annotator)
    last, lane = _last_task(session, batch, passage_uid, email)
    _check_answered(session, last, email)
    task = _plan(session, batch, lane, last, passage_uid, reason)
    # Reviewers shall not meet it again before it is answered.
    _let_reviewers_out(session, batch, task, actor)
    review_items.refresh(session, batch.id, [task.passage_id])
    audit.record(
        session,
        actor=actor,
        action="rework_requested",
        object=f"batch:{slug}",
        detail={"passage": passage_uid, "annotator": email, "round": task.round},
    )
    job = request_push(session, queue, slug, actor=actor)
    return Rework(slug, passage_uid, email, task.uid, task.round, job)


def _let_reviewers_out(session: Session, batch: Batch, task: Task, actor: str) -> None:
    item = session.get(ReviewItem, (batch.id, task.passage_id), with_for_update=True)
    if item is not None:
        passage = session.get_one(Passage, task.passage_id)
        reviews.end_reviews(session, batch.slug, passage, item, actor=actor)


def _checked(reason: str) -> str:
    reason = reason.strip()
    if not reason or len(reason) > MOST_REASON_CHARS or _NOT_TEXT.search(reason):
        raise InvalidInputError(
            f"A reason is plain text of 1 to {MOST_REASON_CHARS:,} characters.",
            remedy="Say what the annotator shall look at again.",
        )
    return reason


def _check_open(session: Session, batch: Batch) -> None:
    if session.get(Adoption, batch.id) is not None:
        raise ConflictError(
            f"Batch {batch.slug!r} was adopted; Copydesk never writes where it came from.",
            remedy="Ask the annotator in Label Studio; a change there comes with the next sync.",
        )
    if batch.state not in (BatchState.OPEN, BatchState.PUSHING):
        raise ConflictError(
            f"Batch {batch.slug!r} is {batch.state}; nothing can go back to its annotators.",
            remedy="Only open batches take rework.",
        )


def _last_task(session: Session, batch: Batch, passage_uid: str, email: str) -> tuple[Task, Lane]:
    """The newest round of the passage in the lane of this annotator."""
    here = select(Task, Lane).join(Lane, Lane.id == Task.lane_id)
    here = here.join(Passage, Passage.id == Task.passage_id)
    here = here.where(Lane.batch_id == batch.id, Passage.uid == passage_uid)
    own = here.join(Annotator, Annotator.id == Lane.annotator_id).where(Annotator.email == email)
    found = session.execute(own.order_by(Task.round.desc()).limit(1)).one_or_none()
    if found is not None:
        return found[0], found[1]
    shared = (
        here.join(LaneAnnotator, LaneAnnotator.lane_id == Lane.id)
        .join(Annotator, Annotator.id == LaneAnnotator.annotator_id)
        .where(Annotator.email == email)
    )
    if session.execute(shared.limit(1)).one_or_none() is not None:
        raise ConflictError(
            "In a shared lane a task goes to whoever opens it first, so nobody can be asked alone.",
            remedy="Deal blind batches, with a lane each, where passages shall go back.",
        )
    raise NotFoundError(
        f"{email} never had the passage {passage_uid!r} of batch {batch.slug!r}.",
        remedy=f"See who had it: flask review show {batch.slug} {passage_uid}",
    )


def _check_answered(session: Session, task: Task, email: str) -> None:
    answer = exists().where(
        Annotation.task_id == task.id,
        Revision.annotation_id == Annotation.id,
        Revision.n == Annotation.current,
        Revision.state.in_((RevisionState.SUBMITTED, RevisionState.SKIPPED)),
    )
    if session.scalar(select(answer)):
        return
    which = "the passage" if task.round == 1 else f"round {task.round} of the passage"
    raise ConflictError(
        f"{email} has not answered {which} yet.",
        remedy="Wait for the answer; a sync brings it.",
    )


def _plan(
    session: Session, batch: Batch, lane: Lane, last: Task, passage_uid: str, reason: str
) -> Task:
    ordinal = (session.scalar(_newest(Task.ordinal, Task.lane_id == lane.id)) or 0) + 1
    chunk = session.scalar(_newest(Chunk.n, Chunk.lane_id == lane.id))
    task = Task(
        uid=task_uid(batch.uid, lane.n, passage_uid, last.round + 1),
        lane_id=lane.id,
        passage_id=last.passage_id,
        ordinal=ordinal,
        round=last.round + 1,
        text_sha=last.text_sha,
        notice=reason,
        suggested=False,
        state=TaskState.PLANNED,
    )
    session.add(task)
    session.add(
        Chunk(
            lane_id=lane.id,
            n=0 if chunk is None else chunk + 1,
            first=ordinal,
            last=ordinal,
        )
    )
    session.flush()
    progress.add(session, lane.id, tasks=1)
    return task


def _newest(column: Any, where: Any) -> Any:
    return select(func.max(column)).where(where)
