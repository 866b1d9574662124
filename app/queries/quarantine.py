"""What came back from Label Studio and was set aside: the list, and one item with its raw JSON."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, UnaryExpression, func, select
from sqlalchemy.orm import Session, aliased

from app.errors import NotFoundError
from app.models.annotations import Annotation, Quarantine, Revision
from app.models.batches import Batch, Lane
from app.models.connections import Annotator, Connection
from app.models.passages import Passage
from app.models.tasks import Task
from app.queries.paging import Page, make_page
from app.queries.studio_links import task_link

OPEN = "open"
STATES = (OPEN, "accepted", "ignored", "asked", "superseded")
OF_ONE_PASSAGE = 100
# What a person may take as it is; the service says in each case whether it can be.
ACCEPTABLE = frozenset({"unknown_label", "text_mismatch"})
_AROUND = 700

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
    "no_text": "Task without text",
    "other_object": "Marks another object",
    "unsupported": "Kind that cannot be read",
    "twin_annotation": "Annotation that is there twice",
    "bad_annotation": "No annotation",
}


@dataclass(frozen=True, slots=True)
class Sieve:
    """Which items are wanted; None: any. ``annotator`` is an e-mail address."""

    batch: str | None = None
    kind: str | None = None
    state: str | None = OPEN
    annotator: str | None = None


@dataclass(frozen=True, slots=True)
class QuarantineRow:
    """One item that is worth a look, where it came from, and how it was settled."""

    id: int
    batch: str
    kind: str
    reason: str
    state: str
    created_at: datetime
    annotator: str | None
    passage: str | None
    ls_task_id: int | None
    ls_annotation_id: int | None
    task_url: str | None
    decided_by: str
    decided_at: datetime | None
    note: str

    @property
    def title(self) -> str:
        """The kind in words."""
        return title_of_kind(self.kind)

    @property
    def may_accept(self) -> bool:
        """Whether somebody may take it as it is."""
        return self.state == OPEN and self.kind in ACCEPTABLE

    @property
    def may_ask(self) -> bool:
        """Whether there is somebody to ask, about a passage of ours."""
        return self.state == OPEN and self.passage is not None and self.annotator is not None


@dataclass(frozen=True, slots=True)
class Stretch:
    """The text around an item, cut where it says it stands; ``marked`` is empty if nowhere."""

    before: str
    marked: str
    after: str


@dataclass(frozen=True, slots=True)
class QuarantinePage:
    """One item with the JSON as Label Studio gave it, and the text where there is one."""

    row: QuarantineRow
    raw: Any
    text: Stretch | None


@dataclass(frozen=True, slots=True)
class Facets:
    """How many items of the other choices there are: (value, count), by name."""

    batches: list[tuple[str, int]]
    kinds: list[tuple[str, int]]
    states: list[tuple[str, int]]
    annotators: list[tuple[str, int]]


def title_of_kind(kind: str) -> str:
    """A kind in words."""
    return KINDS.get(kind, kind.replace("_", " ").capitalize())


def list_quarantined(
    session: Session, sieve: Sieve, *, after: int | None = None, limit: int = 50
) -> Page[QuarantineRow]:
    """Items, the newest first.

    Args:
        session: a session for reading.
        sieve: which ones.
        after: the ``next`` of the page before.
        limit: how many rows a page holds.
    """
    where = _where(sieve)
    if after is not None:
        where.append(Quarantine.id < after)
    rows = _find(session, *where, order=Quarantine.id.desc(), limit=limit + 1)
    return make_page(rows, limit, lambda row: row.id)


def count_quarantined_by(session: Session, sieve: Sieve) -> Facets:
    """What else could be chosen, each with the number of items under the other choices."""
    return Facets(
        batches=_count(session, sieve, "batch", Batch.slug),
        kinds=_count(session, sieve, "kind", Quarantine.kind),
        states=_count(session, sieve, "state", Quarantine.state),
        annotators=_count(session, sieve, "annotator", _who()),
    )


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
    where = (Batch.slug == slug, Quarantine.id == item_id)
    rows = _find(session, *where, order=Quarantine.id.asc(), limit=1)
    if not rows:
        raise NotFoundError(
            f"There is no item {item_id} set aside in batch {slug!r}.",
            remedy=f"See what is set aside with: flask quarantine list --batch {slug}",
        )
    raw, text = session.execute(
        select(Quarantine.raw, Passage.text)
        .outerjoin(Task, Task.id == Quarantine.task_id)
        .outerjoin(Passage, Passage.id == Task.passage_id)
        .where(Quarantine.id == item_id)
    ).one()
    return QuarantinePage(rows[0], raw, None if text is None else _stretch(text, raw))


def count_quarantined(session: Session) -> int:
    """How many items are set aside and open, over all batches, by the lanes' counters."""
    return session.scalar(select(func.coalesce(func.sum(Lane.quarantined), 0))) or 0


def _stretch(text: str, raw: Any) -> Stretch:
    """The text, its far ends left out, with the stretch that the item's own offsets mark."""
    start, end = _offsets(raw)
    if not 0 <= start < end <= len(text):
        return Stretch(text[: 2 * _AROUND] + ("…" if len(text) > 2 * _AROUND else ""), "", "")
    before, after = text[max(0, start - _AROUND) : start], text[end : end + _AROUND]
    return Stretch(
        ("…" if start > _AROUND else "") + before,
        text[start:end],
        after + ("…" if len(text) > end + _AROUND else ""),
    )


def _offsets(raw: Any) -> tuple[int, int]:
    item = raw.get("item") if isinstance(raw, dict) else None
    value = item.get("value") if isinstance(item, dict) else None
    if not isinstance(value, dict):
        return -1, -1
    return _whole(value.get("start")), _whole(value.get("end"))


def _whole(offset: object) -> int:
    """An offset, or -1 where it is none that could be drawn."""
    if isinstance(offset, float) and offset.is_integer():
        return int(offset)
    return offset if type(offset) is int else -1


_OfLane = aliased(Annotator)
_OfAnnotation = aliased(Annotator)


def _who() -> Any:
    """Whose item it is: the one who annotated, else the one whose lane it is."""
    return func.coalesce(_OfAnnotation.email, _OfLane.email)


def _joined(query: Select[Any]) -> Select[Any]:
    return (
        query.join(Lane, Lane.id == Quarantine.lane_id)
        .join(Batch, Batch.id == Lane.batch_id)
        .outerjoin(_OfLane, _OfLane.id == Lane.annotator_id)
        .outerjoin(Revision, Revision.id == Quarantine.revision_id)
        .outerjoin(Annotation, Annotation.id == Revision.annotation_id)
        .outerjoin(_OfAnnotation, _OfAnnotation.id == Annotation.annotator_id)
    )


def _where(sieve: Sieve, *, but: str = "") -> list[ColumnElement[bool]]:
    columns = {
        "batch": Batch.slug,
        "kind": Quarantine.kind,
        "state": Quarantine.state,
        "annotator": _who(),
    }
    return [
        column == value
        for name, column in columns.items()
        if name != but and (value := getattr(sieve, name)) is not None
    ]


def _count(session: Session, sieve: Sieve, name: str, column: Any) -> list[tuple[str, int]]:
    query = _joined(select(column, func.count()).select_from(Quarantine))
    query = query.where(*_where(sieve, but=name), column.is_not(None))
    rows = session.execute(query.group_by(column).order_by(func.count().desc(), column).limit(50))
    return [(row[0], row[1]) for row in rows]


def _find(
    session: Session, *where: ColumnElement[bool], order: UnaryExpression[int], limit: int
) -> list[QuarantineRow]:
    columns = select(
        Quarantine, Batch.slug, _who(), Passage.uid, Connection.url, Lane.ls_project_id
    )
    found = session.execute(
        _joined(columns)
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
    batch: str,
    annotator: str | None,
    passage: str | None,
    url: str | None,
    project_id: int | None,
) -> QuarantineRow:
    return QuarantineRow(
        id=item.id,
        batch=batch,
        kind=item.kind,
        reason=item.reason,
        state=item.state,
        created_at=item.created_at,
        annotator=annotator,
        passage=passage,
        ls_task_id=item.ls_task_id,
        ls_annotation_id=item.ls_annotation_id,
        task_url=task_link(url, project_id, item.ls_task_id),
        decided_by=item.decided_by,
        decided_at=item.decided_at,
        note=item.note,
    )
