"""What came back from Label Studio and was set aside: the list, and one item with its raw JSON."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, UnaryExpression, func, select
from sqlalchemy.orm import Session

from app.errors import NotFoundError
from app.models.annotations import Quarantine
from app.models.batches import Batch, Lane
from app.models.connections import Annotator, Connection
from app.models.passages import Passage
from app.models.tasks import Task
from app.queries.paging import Page, make_page
from app.queries.studio_links import task_link

OPEN = "open"
OF_ONE_PASSAGE = 100

# The kinds of an item, in the words of a page; a new kind is shown by its own name.
KINDS = {
    "bad_item": "Not readable",
    "unknown_control": "Unknown layer",
    "unknown_label": "Unknown label",
    "bad_offsets": "Outside the text",
    "text_mismatch": "Different text",
    "dangling_relation": "Relation without its spans",
    "dangling_attribute": "Attribute without its span",
    "foreign_task": "Task that is not ours",
    "text_changed": "Text changed in Label Studio",
}


@dataclass(frozen=True, slots=True)
class QuarantineRow:
    """One item that is worth a look, and where it came from."""

    id: int
    kind: str
    reason: str
    state: str
    created_at: datetime
    annotator: str | None
    passage: str | None
    ls_task_id: int | None
    ls_annotation_id: int | None
    task_url: str | None

    @property
    def title(self) -> str:
        """The kind in words."""
        return KINDS.get(self.kind, self.kind.replace("_", " ").capitalize())


@dataclass(frozen=True, slots=True)
class QuarantinePage:
    """One item with the JSON as Label Studio gave it."""

    row: QuarantineRow
    raw: Any


def list_quarantined(
    session: Session, batch_id: int, *, after: int | None = None, limit: int = 50
) -> Page[QuarantineRow]:
    """The open items of a batch, the newest first.

    Args:
        session: a session for reading.
        batch_id: the batch's row id.
        after: the ``next`` of the page before.
        limit: how many rows a page holds.
    """
    where = [Lane.batch_id == batch_id, Quarantine.state == OPEN]
    if after is not None:
        where.append(Quarantine.id < after)
    rows = _find(session, *where, order=Quarantine.id.desc(), limit=limit + 1)
    return make_page(rows, limit, lambda row: row.id)


def list_quarantined_of_tasks(
    session: Session, task_ids: tuple[int, ...]
) -> tuple[QuarantineRow, ...]:
    """The open items of these tasks, in the order in which they came."""
    where = (Quarantine.task_id.in_(task_ids), Quarantine.state == OPEN)
    return tuple(_find(session, *where, order=Quarantine.id.asc(), limit=OF_ONE_PASSAGE))


def get_quarantined(session: Session, slug: str, item_id: int) -> QuarantinePage:
    """One item of a batch.

    Raises:
        NotFoundError: the batch has no such item.
    """
    batch = select(Batch.id).where(Batch.slug == slug).scalar_subquery()
    where = (Lane.batch_id == batch, Quarantine.id == item_id)
    rows = _find(session, *where, order=Quarantine.id.asc(), limit=1)
    if not rows:
        raise NotFoundError(
            f"There is no item {item_id} set aside in batch {slug!r}.",
            remedy=f"See what is set aside with: flask batches show {slug}",
        )
    raw = session.scalar(select(Quarantine.raw).where(Quarantine.id == item_id))
    return QuarantinePage(rows[0], raw)


def count_quarantined(session: Session) -> int:
    """How many items are set aside and open, over all batches, by the lanes' counters."""
    return session.scalar(select(func.coalesce(func.sum(Lane.quarantined), 0))) or 0


def _find(
    session: Session, *where: ColumnElement[bool], order: UnaryExpression[int], limit: int
) -> list[QuarantineRow]:
    found = session.execute(
        select(Quarantine, Annotator.email, Passage.uid, Connection.url, Lane.ls_project_id)
        .join(Lane, Lane.id == Quarantine.lane_id)
        .outerjoin(Annotator, Annotator.id == Lane.annotator_id)
        .outerjoin(Connection, Connection.id == Lane.connection_id)
        .outerjoin(Task, Task.id == Quarantine.task_id)
        .outerjoin(Passage, Passage.id == Task.passage_id)
        .where(*where)
        .order_by(order)
        .limit(limit)
    )
    return [_row(*row) for row in found]


def _row(
    item: Quarantine,
    annotator: str | None,
    passage: str | None,
    url: str | None,
    project_id: int | None,
) -> QuarantineRow:
    return QuarantineRow(
        id=item.id,
        kind=item.kind,
        reason=item.reason,
        state=item.state,
        created_at=item.created_at,
        annotator=annotator,
        passage=passage,
        ls_task_id=item.ls_task_id,
        ls_annotation_id=item.ls_annotation_id,
        task_url=task_link(url, project_id, item.ls_task_id),
    )
