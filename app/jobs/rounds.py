"""What an annotator said in the round before, for the task that asks them again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased, selectinload

from app.models.annotations import Annotation, Revision, RevisionState
from app.models.batches import Lane
from app.models.tasks import Task
from labeling.tasks import prediction
from labeling.types import Relation, Scheme, Span


def earlier_answers(
    session: Session, texts: dict[int, str], task_ids: Sequence[int], scheme: Scheme
) -> dict[int, dict[str, Any]]:
    """The predictions of tasks of a later round: the spans of the answer before.

    Args:
        session: a session for reading.
        texts: the text of the passage, by the tasks' row ids.
        task_ids: the tasks' row ids.
        scheme: the scheme of their batch.

    Returns:
        By the row ids of those tasks for which there is something to show.
    """
    found: dict[int, dict[str, Any]] = {}
    for task_id, n, revision in _revisions(session, task_ids):
        spans = [Span(s.region, s.layer, s.label, s.start, s.end, s.attrs) for s in revision.spans]
        links = [Relation(r.from_region, r.to_region, r.label) for r in revision.relations]
        if spans:
            found[task_id] = prediction(
                spans, links, texts[task_id], scheme, model_version=f"round {n}"
            )
    return found


def _revisions(session: Session, task_ids: Sequence[int]) -> list[tuple[int, int, Revision]]:
    """(task, round before, its answer), the newest answer last."""
    if not task_ids:
        return []
    before = aliased(Task)
    rows = session.execute(
        select(Task.id, before.round, Revision)
        .join(
            before,
            (before.lane_id == Task.lane_id)
            & (before.passage_id == Task.passage_id)
            & (before.round == Task.round - 1),
        )
        .join(Lane, Lane.id == Task.lane_id)
        .join(
            Annotation,
            (Annotation.task_id == before.id) & (Annotation.annotator_id == Lane.annotator_id),
        )
        .join(
            Revision,
            (Revision.annotation_id == Annotation.id) & (Revision.n == Annotation.current),
        )
        .where(Task.id.in_(task_ids), Revision.state == RevisionState.SUBMITTED)
        .options(selectinload(Revision.spans), selectinload(Revision.relations))
        .order_by(Annotation.id)
    )
    return [(row[0], row[1], row[2]) for row in rows]
