"""Where in Label Studio the answers to a passage stand."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models.annotations import Annotation
from app.models.batches import Lane
from app.models.connections import Connection
from app.models.tasks import Task
from app.queries.studio_links import task_link


def list_task_links(session: Session, batch_id: int, passage_id: int) -> dict[int, str]:
    """The address of each annotation's task, by the annotation's row id."""
    rows = session.execute(
        select(Annotation.id, Connection.url, Lane.ls_project_id, Annotation.ls_task_id)
        .join(Task, Task.id == Annotation.task_id)
        .join(Lane, Lane.id == Task.lane_id)
        .join(Connection, Connection.id == Lane.connection_id)
        .where(Lane.batch_id == batch_id, Task.passage_id == passage_id)
        .order_by(Annotation.id)
    )
    links = {row[0]: task_link(row[1], row[2], row[3]) for row in rows}
    return {annotation: link for annotation, link in links.items() if link is not None}
