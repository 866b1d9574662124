"""What SQL holds of a batch, as the oracle reads it."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models.annotations import Annotation, Quarantine, Revision, Span
from app.models.batches import Lane
from app.models.passages import Passage
from app.models.tasks import Task

Key = tuple[int, str]


@dataclass(slots=True)
class OurTask:
    """A task of ours in SQL."""

    id: int
    uid: str
    lane: int
    project: int
    state: str
    text: str
    text_sha: str


@dataclass(slots=True)
class Kept:
    """An annotation in SQL with its newest revision and the spans of that."""

    task: int
    ls_id: int
    created_at: str
    ls_task_id: int
    state: str
    sha: str
    revision: int
    spans: list[tuple[str, int, int]] = field(default_factory=list)

    @property
    def key(self) -> Key:
        return self.ls_id, self.created_at


def load_tasks(session: Session, batch_id: int) -> dict[str, OurTask]:
    """The tasks of a batch, by uid."""
    rows = session.execute(
        select(
            Task.id, Task.uid, Task.lane_id, Lane.ls_project_id, Task.state, Passage.text,
            Task.text_sha,
        )
        .join(Lane, Lane.id == Task.lane_id)
        .join(Passage, Passage.id == Task.passage_id)
        .where(Lane.batch_id == batch_id)
    )  # fmt: skip
    return {row.uid: OurTask(*row) for row in rows}


def load_kept(session: Session, batch_id: int) -> list[Kept]:
    """The annotations of a batch with their newest revisions."""
    rows = session.execute(
        select(
            Annotation.task_id, Annotation.ls_id, Annotation.ls_created_at, Annotation.ls_task_id,
            Revision.state, Revision.content_sha, Revision.id,
        )
        .join(
            Revision,
            (Revision.annotation_id == Annotation.id) & (Revision.n == Annotation.current),
        )
        .join(Task, Task.id == Annotation.task_id)
        .join(Lane, Lane.id == Task.lane_id)
        .where(Lane.batch_id == batch_id)
        .order_by(Annotation.id)
    )  # fmt: skip
    found = [Kept(*row) for row in rows]
    by_revision = {one.revision: one for one in found}
    spans = session.execute(
        select(Span.revision_id, Span.label, Span.start, Span.end).where(
            Span.revision_id.in_(by_revision)
        )
    )
    for revision, label, start, end in spans:
        by_revision[revision].spans.append((label, start, end))
    return found


def load_asides(session: Session, batch_id: int) -> set[tuple[int, int]]:
    rows = session.execute(
        select(Quarantine.ls_task_id, Quarantine.ls_annotation_id)
        .join(Lane, Lane.id == Quarantine.lane_id)
        .where(Lane.batch_id == batch_id, Quarantine.state == "open")
    )
    return {(row[0], row[1]) for row in rows}


def uid_of_row(session: Session, task_id: int) -> str:
    return session.get_one(Task, task_id).uid
