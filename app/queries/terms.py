"""Where a term stands: every occurrence in every passage, with its voice and what became of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from app.extensions import Store
from app.models.articles import Article, ArticleVersion
from app.models.passages import Passage, Placement
from app.queries.term_marks import Marks, Place, Told
from app.queries.term_places import iter_candidates
from labeling.concordance import Occurrence, find_term

PAGE = 1_000
# Of more passages than this nothing is sorted: they are looked through in their order instead.
MOST_SORTED = 100_000

# A passage in which the term stands, its row, and where.
_Found = tuple[Place, Any, Sequence[Occurrence]]


def iter_occurrences(store: Store, term: str) -> Iterator[dict[str, Any]]:
    """Every occurrence of a term in the passages of all articles, by article and place.

    ``state`` says how far it came: ``decided`` (a reviewer settled it as a loaded term),
    ``annotated`` (an annotator marked it), ``suggested``, or ``unlabeled``. ``voice`` is what
    was decided or suggested, else computed from the quotations around it. Offsets count code
    points of the passage.

    Raises:
        TermError: the term cannot be looked for.
    """
    find_term("", term)
    with store.reading() as session:
        ids = _in_order(session, term)
    if ids is None:
        yield from _scan(store, term)
        return
    for at in range(0, len(ids), PAGE):
        with store.reading() as session:
            query = (
                placed()
                .order_by(Article.id, Placement.start)
                .where(Passage.id.in_(ids[at : at + PAGE]))
            )
            told = _tell(session, session.execute(query).all(), term)
        yield from told


def _in_order(session: Session, term: str) -> list[int] | None:
    """The passages to look at, by article and place; None when they are too many to sort."""
    proposed: list[int] = []
    for ids in iter_candidates(session, [term]):
        proposed += ids
        if len(proposed) > MOST_SORTED:
            return None
    order: list[tuple[int, int, int]] = []
    for at in range(0, len(proposed), PAGE):
        ids = proposed[at : at + PAGE]
        order += [
            (row.article_id, row.start, row.id)
            for row in session.execute(in_force(Placement.start).where(Passage.id.in_(ids)))
        ]
    return [passage for _, _, passage in sorted(order)]


def _scan(store: Store, term: str) -> Iterator[dict[str, Any]]:
    """Look through every passage: for terms that stand nearly everywhere."""
    article, start = 0, -1
    while True:
        with store.reading() as session:
            here = (Article.id > article) | ((Article.id == article) & (Placement.start > start))
            rows = session.execute(
                placed().order_by(Article.id, Placement.start).where(here).limit(PAGE)
            ).all()
            told = _tell(session, rows, term)
        if not rows:
            return
        yield from told
        article, start = rows[-1].article_id, rows[-1].start


def placed(*columns: Any) -> Select[Any]:
    """Passages with their texts, as ``in_force``."""
    return in_force(
        Article.uid.label("article"),
        Passage.uid,
        Passage.role,
        Passage.text,
        Placement.version_id,
        Placement.start,
        Placement.end,
        *columns,
    )


def in_force(*columns: Any) -> Select[Any]:
    """Passages where they stand in the version of their article that is in force."""
    return (
        select(Article.id.label("article_id"), Passage.id, *columns)
        .join(ArticleVersion, ArticleVersion.article_id == Article.id)
        .join(Placement, Placement.version_id == ArticleVersion.id)
        .join(Passage, Passage.id == Placement.passage_id)
        .where(ArticleVersion.n == Article.current_version)
    )


def _tell(session: Session, rows: Sequence[Any], term: str) -> list[dict[str, Any]]:
    found: list[_Found] = [
        (place_of(row), row, occurrences)
        for row in rows
        if (occurrences := find_term(row.text, term))
    ]
    return _told(session, found) if found else []


def place_of(row: Any) -> Place:
    """The place of a passage that ``placed`` has read."""
    return Place(row.id, row.role, row.version_id, row.start, row.end)


def _told(session: Session, found: Sequence[_Found]) -> list[dict[str, Any]]:
    marks = Marks(session, [place for place, _, _ in found])
    return [
        {
            "article": row.article,
            "passage": row.uid,
            "start": one.start,
            "end": one.end,
            "left": one.left,
            "match": one.match,
            "right": one.right,
            **_state(marks.of(place, one)),
        }
        for place, row, occurrences in found
        for one in occurrences
    ]


def _state(told: Told) -> dict[str, str]:
    return {"voice": told.voice, "state": told.state}
