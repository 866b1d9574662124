"""The passages of a batch: the list, and which come before and after one of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from sqlalchemy import Select, func, select, union
from sqlalchemy.orm import Session

from app.models.annotations import Quarantine
from app.models.articles import Article
from app.models.batches import Lane
from app.models.passages import Passage
from app.models.tasks import Task, TaskState
from app.queries.paging import Page, make_page
from app.queries.quarantine import OPEN

Choice = Literal["all", "pushed", "annotated", "waiting", "aside"]
CHOICES: tuple[Choice, ...] = get_args(Choice)
EXCERPT = 220


@dataclass(frozen=True, slots=True)
class PassageRow:
    """One line of a batch's list of passages, with how far its tasks are."""

    id: int
    uid: str
    role: str
    excerpt: str
    article_uid: str
    article: str
    outlet: str
    tasks: int
    annotated: int
    refused: int
    quarantined: int


def list_passages(
    session: Session,
    batch_id: int,
    *,
    choice: Choice = "all",
    after: int | None = None,
    limit: int = 50,
    lanes: tuple[int, ...] | None = None,
) -> Page[PassageRow]:
    """The passages of a batch, in the order in which they were imported.

    Args:
        session: a session for reading.
        batch_id: the batch's row id.
        choice: ``all``, ``pushed`` and ``waiting`` (for somebody), ``annotated`` (by somebody)
            or ``aside`` (something about them was set aside).
        after: the ``next`` of the page before.
        limit: how many rows a page holds.
        lanes: the row ids of the batch's lanes, where they are known already.
    """
    lanes = _lane_ids(session, batch_id) if lanes is None else lanes
    ids = _list_ids(session, lanes, choice, after or 0, limit + 1)
    page = make_page(ids, limit, lambda passage_id: passage_id)
    return Page(_rows(session, lanes, page.rows), page.next)


def get_neighbours(
    session: Session, batch_id: int, passage_id: int
) -> tuple[str | None, str | None]:
    """The uids of the passages before and after one of a batch; None at the ends."""
    lanes = _lane_ids(session, batch_id)
    after = _list_ids(session, lanes, "all", passage_id, 1)
    before = [
        session.scalar(
            select(func.max(Task.passage_id)).where(
                Task.lane_id == lane_id, Task.passage_id < passage_id
            )
        )
        for lane_id in lanes
    ]
    nearest = max((found for found in before if found is not None), default=None)
    wanted = [key for key in (nearest, *after) if key is not None]
    uids = {
        row[0]: row[1]
        for row in session.execute(select(Passage.id, Passage.uid).where(Passage.id.in_(wanted)))
    }
    return uids.get(nearest or 0), uids.get(after[0]) if after else None


def _lane_ids(session: Session, batch_id: int) -> tuple[int, ...]:
    return tuple(session.scalars(select(Lane.id).where(Lane.batch_id == batch_id)))


def _list_ids(
    session: Session, lanes: tuple[int, ...], choice: Choice, after: int, limit: int
) -> list[int]:
    """The next passages of these lanes. Each lane gives its first few from its own index."""
    if not lanes:
        return []
    firsts = [
        part.where(Task.passage_id > after)
        .distinct()
        .order_by(Task.passage_id)
        .limit(limit)
        .subquery()
        for lane_id in lanes
        for part in _of_lane(lane_id, choice)
    ]
    merged = union(*(select(first.c.passage_id) for first in firsts)).subquery()
    query = select(merged.c.passage_id).order_by(merged.c.passage_id).limit(limit)
    return list(session.scalars(query))


def _of_lane(lane_id: int, choice: Choice) -> tuple[Select[int], ...]:
    """The passages of one lane that fit the choice; each part is a walk along one index."""
    tasks = select(Task.passage_id).where(Task.lane_id == lane_id)
    if choice == "pushed":
        return (tasks.where(Task.state == TaskState.PUSHED),)
    if choice == "annotated":
        return (tasks.where(Task.annotated.is_(True)),)
    if choice == "waiting":
        return (tasks.where(Task.annotated.is_(False)),)
    if choice == "aside":
        set_aside = (
            select(Task.passage_id)
            .join(Quarantine, Quarantine.task_id == Task.id)
            .where(Quarantine.lane_id == lane_id, Quarantine.state == OPEN)
        )
        return tasks.where(Task.state == TaskState.SET_ASIDE), set_aside
    return (tasks,)


def _rows(session: Session, lanes: tuple[int, ...], ids: tuple[int, ...]) -> tuple[PassageRow, ...]:
    aside = (
        select(func.count())
        .select_from(Quarantine)
        .where(Quarantine.task_id == Task.id, Quarantine.state == OPEN)
        .correlate(Task)
        .scalar_subquery()
    )
    tasks: dict[int, list[tuple[bool, str, int]]] = {}
    for key, *task in session.execute(
        select(Task.passage_id, Task.annotated, Task.state, aside).where(
            Task.passage_id.in_(ids), Task.lane_id.in_(lanes)
        )
    ):
        tasks.setdefault(key, []).append((task[0], task[1], task[2]))
    found = session.execute(
        select(
            Passage.id,
            Passage.uid,
            Passage.role,
            func.substr(Passage.text, 1, EXCERPT).label("excerpt"),
            Article.uid.label("article_uid"),
            Article.title.label("article"),
            Article.outlet,
        )
        .join(Article, Article.id == Passage.article_id)
        .where(Passage.id.in_(ids))
        .order_by(Passage.id)
    )
    return tuple(
        PassageRow(
            **row,
            tasks=len(tasks[row["id"]]),
            annotated=sum(annotated for annotated, _, _ in tasks[row["id"]]),
            refused=sum(state == TaskState.SET_ASIDE for _, state, _ in tasks[row["id"]]),
            quarantined=sum(n for _, _, n in tasks[row["id"]]),
        )
        for row in found.mappings()
    )
