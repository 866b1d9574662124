"""The queue of reviewers: which passages wait, in which order, and how many of each sort.

Facets are counted over the first passages of the queue only (``COUNTED``), so that a page costs
the same however long the queue is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, get_args

from sqlalchemy import Select, exists, or_, select
from sqlalchemy.orm import Session

from app.models.annotations import Annotation
from app.models.articles import Article
from app.models.batches import Batch, Lane
from app.models.connections import Annotator
from app.models.passages import Passage
from app.models.review import Review, ReviewItem, ReviewState
from app.models.tasks import Task

Order = Literal["disagreement", "age", "random"]
ORDERS: tuple[Order, ...] = get_args(Order)
SHOWN = ("ready", "second", "adjudication", "rework", "waiting", "reviewed", "stale", "flagged")
COUNTED = 2_000
EXCERPT = 200
_KEYS = {
    "disagreement": ReviewItem.disagreement,
    "age": ReviewItem.answered_on,
    "random": ReviewItem.sample,
}


@dataclass(frozen=True, slots=True)
class Sieve:
    """Which passages of the queue are asked for; None for any. ``sample`` is in per cent."""

    show: str = "ready"
    batch: str | None = None
    kind: str | None = None
    label: str | None = None
    annotator: str | None = None
    sample: float | None = None
    order: Order = "disagreement"


@dataclass(frozen=True, slots=True)
class Key:
    """A place in the queue: the value it is ordered by, then the row."""

    value: str
    passage_id: int
    batch_id: int

    @classmethod
    def read(cls, text: str) -> Key | None:
        """The place a page's address names; None where it names none."""
        parts = text.rsplit("~", 2)
        if len(parts) != 3 or not (parts[1].isdigit() and parts[2].isdigit()):
            return None
        passage_id, batch_id = int(parts[1]), int(parts[2])
        return cls(parts[0], passage_id, batch_id) if passage_id < 2**31 > batch_id else None

    def __str__(self) -> str:
        return f"{self.value}~{self.passage_id}~{self.batch_id}"


@dataclass(frozen=True, slots=True)
class QueueRow:
    """One passage of the queue; ``reviewer`` is who is inside it now."""

    batch: str
    passage: str
    article: str
    outlet: str
    excerpt: str
    state: str
    open: int
    agreed: int
    disagreement: int
    kinds: tuple[str, ...]
    labels: tuple[str, ...]
    answers: int
    answered_on: str
    round: int
    came_back: bool
    flagged_by: str
    flag_note: str
    stale: bool
    reviewer: str
    key: Key


@dataclass(frozen=True, slots=True)
class QueuePage:
    """Some passages of the queue, and where the next page begins."""

    rows: tuple[QueueRow, ...]
    next: Key | None = None


@dataclass(frozen=True, slots=True)
class QueueCounts:
    """How many passages of each sort; ``more`` where only the first were counted."""

    total: int = 0
    more: bool = False
    batches: list[tuple[str, int]] = field(default_factory=list)
    kinds: list[tuple[str, int]] = field(default_factory=list)
    labels: list[tuple[str, int]] = field(default_factory=list)


def list_queue(
    session: Session,
    sieve: Sieve,
    *,
    reader: str,
    now: datetime,
    after: Key | None = None,
    limit: int = 50,
) -> QueuePage:
    """Passages in the order of the sieve; those the reader annotated are left out."""
    query = _sieved(
        select(ReviewItem, Batch.slug, Passage, Article.title, Article.outlet), sieve, reader
    )
    query = _after(query.join(Article, Article.id == Passage.article_id), sieve, after)
    found = session.execute(query.limit(limit + 1)).all()
    inside = _inside(session, [row[0].passage_id for row in found], now)
    rows = [_row(sieve, inside, *row) for row in found]
    more = len(rows) > limit
    return QueuePage(tuple(rows[:limit]), rows[limit - 1].key if more else None)


def list_next(
    session: Session,
    sieve: Sieve,
    *,
    reader: str,
    now: datetime,
    after: Key | None = None,
    limit: int = 5,
) -> list[tuple[str, str]]:
    """Where a reviewer may go on: batch and passage; from the start again at the end.

    Args:
        session: a session for reading.
        sieve: the queue.
        reader: the reviewer's e-mail address.
        now: the time.
        after: the place of the passage they come from.
        limit: so many, should colleagues be inside the first.
    """
    found = _list_places(session, sieve, reader, after, limit)
    if after is not None and len(found) < limit:
        found += _list_places(session, sieve, reader, None, limit)
    here = None if after is None else (after.batch_id, after.passage_id)
    inside = _inside(session, [place[1] for place in found], now)
    return list(
        dict.fromkeys(
            (slug, uid)
            for batch_id, passage_id, slug, uid in found
            if (batch_id, passage_id) != here
            and inside.get((batch_id, passage_id), reader) == reader
        )
    )


def _list_places(
    session: Session, sieve: Sieve, reader: str, after: Key | None, limit: int
) -> list[tuple[int, int, str, str]]:
    columns = select(ReviewItem.batch_id, ReviewItem.passage_id, Batch.slug, Passage.uid)
    query = _after(_sieved(columns, sieve, reader), sieve, after).limit(limit)
    return [(row[0], row[1], row[2], row[3]) for row in session.execute(query)]


def get_key(session: Session, sieve: Sieve, slug: str, uid: str) -> Key | None:
    """The place of a passage in a queue."""
    row = session.execute(
        select(_KEYS[sieve.order], ReviewItem.passage_id, ReviewItem.batch_id)
        .join(Batch, Batch.id == ReviewItem.batch_id)
        .join(Passage, Passage.id == ReviewItem.passage_id)
        .where(Batch.slug == slug, Passage.uid == uid)
    ).one_or_none()
    return None if row is None else Key(str(row[0]), row[1], row[2])


def count_queue(session: Session, sieve: Sieve, *, reader: str) -> QueueCounts:
    """How many passages there are of each batch, kind and label in the queue."""
    columns = select(Batch.slug, ReviewItem.kinds, ReviewItem.labels)
    query = _sieved(columns, sieve, reader).order_by(*_order(sieve)).limit(COUNTED + 1)
    rows = session.execute(query).all()
    batches = Counter(row[0] for row in rows)
    kinds = Counter(kind for row in rows for kind in _words(row[1]))
    labels = Counter(label for row in rows for label in _words(row[2]))
    more = len(rows) > COUNTED
    return QueueCounts(
        min(len(rows), COUNTED), more, sorted(batches.items()), _most(kinds), _most(labels)
    )


def list_annotators(session: Session) -> list[str]:
    """Everybody who annotates, for the filter."""
    return list(session.scalars(select(Annotator.email).order_by(Annotator.email).limit(200)))


def _sieved(query: Select[*tuple[Any, ...]], sieve: Sieve, reader: str) -> Select[*tuple[Any, ...]]:
    query = query.select_from(ReviewItem).join(Batch, Batch.id == ReviewItem.batch_id)
    query = query.join(Passage, Passage.id == ReviewItem.passage_id)
    return query.where(*_standing(sieve.show, reader), *_about(sieve))


def _standing(show: str, reader: str) -> list[Any]:
    """Where the passages stand; what the reader may not settle is left out of what waits."""
    if show == "stale":
        return [ReviewItem.stale]
    if show == "flagged":
        return [ReviewItem.flagged_by != ""]
    where: list[Any] = [ReviewItem.state == show]
    if show in ("ready", "second", "adjudication"):
        where += [~_annotated_by(reader), Batch.state != "archived"]
    if show in ("second", "adjudication"):
        where.append(~_reviewed_by(reader))
    return where


def _about(sieve: Sieve) -> list[Any]:
    """What the passages are about."""
    where: list[Any] = []
    if sieve.batch is not None:
        where.append(Batch.slug == sieve.batch)
    for column, word in ((ReviewItem.kinds, sieve.kind), (ReviewItem.labels, sieve.label)):
        if word is not None:
            where.append(column.contains(f"|{word}|", autoescape=True))
    if sieve.annotator is not None:
        where.append(_annotated_by(sieve.annotator))
    if sieve.sample is not None:
        where.append(ReviewItem.sample < round(sieve.sample * 100))
    return where


def _annotated_by(email: str) -> Any:
    return exists().where(
        Task.passage_id == ReviewItem.passage_id,
        Lane.id == Task.lane_id,
        Lane.batch_id == ReviewItem.batch_id,
        Annotation.task_id == Task.id,
        Annotation.annotator_id == Annotator.id,
        Annotator.email == email,
    )


def _reviewed_by(email: str) -> Any:
    return exists().where(
        Review.batch_id == ReviewItem.batch_id,
        Review.passage_id == ReviewItem.passage_id,
        Review.reviewer == email,
        Review.state == ReviewState.SUBMITTED,
    )


def _order(sieve: Sieve) -> tuple[Any, ...]:
    column = _KEYS[sieve.order]
    if sieve.order == "disagreement":
        return column.desc(), ReviewItem.passage_id.desc(), ReviewItem.batch_id.desc()
    return column, ReviewItem.passage_id, ReviewItem.batch_id


def _after(
    query: Select[*tuple[Any, ...]], sieve: Sieve, after: Key | None
) -> Select[*tuple[Any, ...]]:
    query = query.order_by(*_order(sieve))
    if after is None:
        return query
    column = _KEYS[sieve.order]
    value: Any = after.value
    if sieve.order != "age":
        value = int(value) if value.isdigit() else 0
    passage, batch = ReviewItem.passage_id, ReviewItem.batch_id
    if sieve.order == "disagreement":
        return query.where(
            or_(
                column < value,
                (column == value) & (passage < after.passage_id),
                (column == value) & (passage == after.passage_id) & (batch < after.batch_id),
            )
        )
    return query.where(
        or_(
            column > value,
            (column == value) & (passage > after.passage_id),
            (column == value) & (passage == after.passage_id) & (batch > after.batch_id),
        )
    )


def _inside(
    session: Session, passage_ids: Sequence[int], now: datetime
) -> dict[tuple[int, int], str]:
    rows = session.execute(
        select(Review.batch_id, Review.passage_id, Review.reviewer)
        .where(Review.passage_id.in_(passage_ids))
        .where(Review.state == ReviewState.OPEN, Review.leased_until > now)
        .order_by(Review.id)
    )
    return {(row[0], row[1]): row[2] for row in rows}


def _row(
    sieve: Sieve,
    inside: dict[tuple[int, int], str],
    item: ReviewItem,
    slug: str,
    passage: Passage,
    title: str,
    outlet: str,
) -> QueueRow:
    value = str(getattr(item, _KEYS[sieve.order].key))
    return QueueRow(
        batch=slug,
        passage=passage.uid,
        article=title,
        outlet=outlet,
        excerpt=passage.text[:EXCERPT],
        state=item.state,
        open=item.open,
        agreed=item.agreed,
        disagreement=item.disagreement,
        kinds=_words(item.kinds),
        labels=_words(item.labels),
        answers=item.answers,
        answered_on=item.answered_on,
        round=item.round,
        came_back=item.came_back,
        flagged_by=item.flagged_by,
        flag_note=item.flag_note,
        stale=item.stale,
        reviewer=inside.get((item.batch_id, item.passage_id), ""),
        key=Key(value, item.passage_id, item.batch_id),
    )


def _words(barred: str) -> tuple[str, ...]:
    return tuple(filter(None, barred.split("|")))


def _most(counted: Counter[str]) -> list[tuple[str, int]]:
    return sorted(counted.items(), key=lambda one: (-one[1], one[0]))
