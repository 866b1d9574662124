"""What came back to a batch otherwise than as one answer a task, in the course of work.

Counting it walks every annotation of the batch, which takes longer than a page may: each sync
counts, and the page reads. Where nothing is kept, the page counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from app.models.annotations import Annotation, Revision, RevisionState
from app.models.batches import Lane, LaneAnnotator, Tally
from app.models.tasks import Task


class Wording(NamedTuple):
    """A kind of thing that is usual: its name, and what became of it here."""

    title: str
    outcome: str


KINDS = {
    "skips": Wording("Skips", "Kept as skips; a skip is no answer and counts for nothing."),
    "edits": Wording("Edits", "Each edit is a new revision; the newest counts, all are kept."),
    "again": Wording(
        "Second answers by one person",
        "Both are kept; they are shown side by side on the passage's page.",
    ),
    "strangers": Wording(
        "Answers by somebody who is not the lane's",
        "Kept under their own name; the batch's page tells whether it was made blind.",
    ),
    "withdrawn": Wording("Withdrawn", "Deleted in Label Studio; every revision is kept here."),
    "kept": Wording("Kept although deleted", "A person decided that they count."),
    "drafts": Wording("Drafts", "Never read: an answer comes over when it is submitted."),
}


@dataclass(frozen=True, slots=True)
class Usual:
    """What came back otherwise, in the ordinary course of work, and what became of it."""

    title: str
    count: int
    outcome: str


def get_usual(session: Session, batch_id: int) -> tuple[Usual, ...]:
    """The figures of a batch, as of its last sync."""
    names = {tally_name(batch_id, kind): kind for kind in KINDS}
    kept = session.execute(select(Tally.name, Tally.value).where(Tally.name.in_(names)))
    counts = {names[name]: value for name, value in kept} or count_usual(session, batch_id)
    return tuple(Usual(KINDS[kind].title, counts[kind], KINDS[kind].outcome) for kind in KINDS)


def tally_name(batch_id: int, kind: str) -> str:
    """Under which name a figure of a batch is kept."""
    return f"usual:{batch_id}:{kind}"


def count_usual(session: Session, batch_id: int) -> dict[str, int]:
    """Count all of it anew, by the names in ``KINDS``."""
    current = (Revision.annotation_id == Annotation.id) & (Revision.n == Annotation.current)
    shared = select(LaneAnnotator.annotator_id).where(LaneAnnotator.lane_id == Lane.id)
    stranger = (
        Annotation.annotator_id.is_(None)
        | (Lane.annotator_id.is_not(None) & (Annotation.annotator_id != Lane.annotator_id))
        | (Lane.annotator_id.is_(None) & Annotation.annotator_id.not_in(shared))
    )
    living = Revision.state != RevisionState.WITHDRAWN
    counted = (
        session.execute(
            select(
                _sum(Revision.state == RevisionState.SKIPPED).label("skips"),
                _sum(living & (Annotation.current > 1)).label("edits"),
                _sum(Revision.state == RevisionState.WITHDRAWN).label("withdrawn"),
                _sum(Annotation.kept).label("kept"),
                _sum(living & stranger).label("strangers"),
            )
            .select_from(Annotation)
            .join(Task, Task.id == Annotation.task_id)
            .join(Lane, Lane.id == Task.lane_id)
            .join(Revision, current)
            .where(Lane.batch_id == batch_id)
        )
        .mappings()
        .one()
    )
    again = _answered_again(session, batch_id, living & current)
    return {"again": again, "drafts": 0, **{n: int(v or 0) for n, v in counted.items()}}


def _sum(condition: Any) -> Any:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)


def _answered_again(session: Session, batch_id: int, living: Any) -> int:
    again = (
        select(Annotation.task_id)
        .join(Task, Task.id == Annotation.task_id)
        .join(Lane, Lane.id == Task.lane_id)
        .join(Revision, living)
        .where(Lane.batch_id == batch_id, Annotation.annotator_id.is_not(None))
        .group_by(Annotation.task_id, Annotation.annotator_id)
        .having(func.count() > 1)
    )
    return session.scalar(select(func.count()).select_from(again.subquery())) or 0
