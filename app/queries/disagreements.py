"""The places behind a figure: groups of versions on which annotators differ, one a row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models.agreement import Conflict
from app.models.articles import Article
from app.models.connections import Annotator
from app.models.passages import Passage
from app.queries.paging import Page

AROUND = 60
# A cell of few passages may lie far down a long list: so many rows are looked at for a page.
BLOCK = 200
MOST_BLOCKS = 10
NO_SPAN = ""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which places are asked for.

    Args:
        layer: in this layer.
        kind: that differ in this way; None for any way.
        label: about this label, or this answer.
        pair: what these two (row ids of annotators) say of it; None for all.
        cell: the labels of the first and of the second of the pair, or of any two in either
            order where there is no pair; empty text for no span.
    """

    layer: str
    kind: str | None = None
    label: str | None = None
    pair: tuple[int, int] | None = None
    cell: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Version:
    """What one annotator says there; ``label`` and ``text`` are empty for no span."""

    annotator: str
    label: str
    text: str


@dataclass(frozen=True, slots=True)
class Place:
    """One place: where it is, how they differ, and what each says."""

    id: int
    passage: str
    article: str
    outlet: str
    kind: str
    before: str
    text: str
    after: str
    versions: tuple[Version, ...]


class _Row(NamedTuple):
    conflict: Conflict
    passage: Passage
    article: Article


def list_places(
    session: Session, batch_id: int, wanted: Wanted, *, after: int | None = None, limit: int = 50
) -> Page[Place]:
    """The places that fit, in the order in which they were compared.

    Args:
        session: a session for reading.
        batch_id: the batch.
        wanted: which of them.
        after: the ``next`` of the page before.
        limit: how many rows a page holds.
    """
    found: list[_Row] = []
    last = after or 0
    for _ in range(MOST_BLOCKS):
        rows = session.execute(_query(batch_id, wanted, last)).all()
        for row in rows:
            if len(found) == limit:
                return Page(_places(session, found, wanted), last)
            last = row[0].id
            if _fits(row[0], wanted):
                found.append(_Row(*row))
        if len(rows) < BLOCK:
            return Page(_places(session, found, wanted), None)
    return Page(_places(session, found, wanted), last)


def _query(batch_id: int, wanted: Wanted, after: int) -> Any:
    query = (
        select(Conflict, Passage, Article)
        .join(Passage, Passage.id == Conflict.passage_id)
        .join(Article, Article.id == Passage.article_id)
        .where(Conflict.batch_id == batch_id, Conflict.layer == wanted.layer, Conflict.id > after)
        .order_by(Conflict.id)
        .limit(BLOCK)
    )
    if wanted.kind is not None:
        query = query.where(Conflict.kind == wanted.kind)
    elif wanted.cell is None:
        query = query.where(Conflict.kind != "agreed")
    for label in {*(wanted.cell or ()), *([wanted.label] if wanted.label else [])}:
        query = query.where(Conflict.labels.contains(f"|{label}|", autoescape=True))
    return query


def _fits(conflict: Conflict, wanted: Wanted) -> bool:
    said = _said(conflict)
    if wanted.pair is None:
        return _any_cell(said, wanted.cell)
    if not said.keys() & set(wanted.pair):
        return False
    one, two = (said.get(who) for who in wanted.pair)
    labels = one[0] if one else NO_SPAN, two[0] if two else NO_SPAN
    if wanted.cell is not None:
        return labels == wanted.cell
    return one != two and (wanted.label is None or wanted.label in labels)


def _any_cell(said: Mapping[int, tuple[str, int, int]], cell: tuple[str, str] | None) -> bool:
    """Whether two annotators make the cell. An absent one's empty label was asked for in SQL."""
    if cell is None or NO_SPAN in cell or cell[0] != cell[1]:
        return True
    return sum(label == cell[0] for label, _, _ in said.values()) > 1


def _said(conflict: Conflict) -> dict[int, tuple[str, int, int]]:
    """By annotator, the label and the bounds; an answer's bounds are the passage's."""
    return {
        one["annotator"]: (
            one.get("label") or " + ".join(sorted(one.get("values", ()))),
            one.get("start", 0),
            one.get("end", 0),
        )
        for one in conflict.spans
    }


def _places(session: Session, rows: Sequence[_Row], wanted: Wanted) -> tuple[Place, ...]:
    ids = {who for row in rows for who in (*_said(row.conflict), *row.conflict.absent)}
    names = {
        row[0]: row[1]
        for row in session.execute(
            select(Annotator.id, Annotator.email).where(Annotator.id.in_(ids))
        )
    }
    return tuple(_place(row, names, wanted) for row in rows)


def _place(row: _Row, names: Mapping[int, str], wanted: Wanted) -> Place:
    conflict, passage, article = row
    text = passage.text
    said: dict[int, Any] = dict.fromkeys(conflict.absent, (NO_SPAN, 0, 0)) | _said(conflict)
    whole = conflict.end == 0
    start, end = (0, min(len(text), 2 * AROUND)) if whole else (conflict.start, conflict.end)
    return Place(
        id=conflict.id,
        passage=passage.uid,
        article=article.title,
        outlet=article.outlet,
        kind=conflict.kind,
        before="" if whole else text[max(0, start - AROUND) : start],
        text=text[start:end],
        after=text[end : end + AROUND],
        versions=tuple(
            Version(names.get(who, "?"), label, text[first:last])
            for who, (label, first, last) in sorted(said.items())
            if wanted.pair is None or who in wanted.pair
        ),
    )
