"""Where a term stands: every occurrence in every passage, with its voice and what became of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from app.extensions import Store
from app.models.annotations import Annotation, Revision, RevisionState, Span
from app.models.articles import Article, ArticleVersion
from app.models.passages import Passage, Placement
from app.models.review import Gold, GoldSpan
from app.models.suggestions import Suggestion, SuggestionAnswer
from app.models.tasks import Task
from app.queries.term_places import iter_candidates
from labeling.concordance import Occurrence, find_term
from labeling.suggest.lexicon import LABEL as LOADED
from labeling.suggest.voice import QUOTE, Voices
from labeling.types import Block, Role
from labeling.types import Span as Marked

PAGE = 1_000
# Of more passages than this nothing is sorted: they are looked through in their order instead.
MOST_SORTED = 100_000
STATES = ("decided", "annotated", "suggested", "unlabeled")


@dataclass(frozen=True, slots=True)
class _Place:
    """A passage in which the term stands."""

    id: int
    uid: str
    article: str
    role: str
    version: int
    start: int
    end: int
    found: Sequence[Occurrence]


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
            query = _query().where(Passage.id.in_(ids[at : at + PAGE]))
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
            for row in session.execute(_in_force(Placement.start).where(Passage.id.in_(ids)))
        ]
    return [passage for _, _, passage in sorted(order)]


def _scan(store: Store, term: str) -> Iterator[dict[str, Any]]:
    """Look through every passage: for terms that stand nearly everywhere."""
    article, start = 0, -1
    while True:
        with store.reading() as session:
            here = (Article.id > article) | ((Article.id == article) & (Placement.start > start))
            rows = session.execute(_query().where(here).limit(PAGE)).all()
            told = _tell(session, rows, term)
        if not rows:
            return
        yield from told
        article, start = rows[-1].article_id, rows[-1].start


def _query() -> Select[Any]:
    return _in_force(
        Article.uid.label("article"),
        Passage.uid,
        Passage.role,
        Passage.text,
        Placement.version_id,
        Placement.start,
        Placement.end,
    ).order_by(Article.id, Placement.start)


def _in_force(*columns: Any) -> Select[Any]:
    """Passages where they stand in the version of their article that is in force."""
    return (
        select(Article.id.label("article_id"), Passage.id, *columns)
        .join(ArticleVersion, ArticleVersion.article_id == Article.id)
        .join(Placement, Placement.version_id == ArticleVersion.id)
        .join(Passage, Passage.id == Placement.passage_id)
        .where(ArticleVersion.n == Article.current_version)
    )


def _tell(session: Session, rows: Sequence[Any], term: str) -> list[dict[str, Any]]:
    places = [place for row in rows if (place := _place(row, term)) is not None]
    return _told(session, places) if places else []


def _place(row: Any, term: str) -> _Place | None:
    found = find_term(row.text, term)
    if not found:
        return None
    return _Place(row.id, row.uid, row.article, row.role, row.version_id, row.start, row.end, found)


def _told(session: Session, places: Sequence[_Place]) -> list[dict[str, Any]]:
    ids = [place.id for place in places]
    golds, marked = _golds(session, ids), _marked(session, ids)
    suggested = _suggested(session, sorted({place.version for place in places}))
    return [
        {
            "article": place.article,
            "passage": place.uid,
            "start": one.start,
            "end": one.end,
            "left": one.left,
            "match": one.match,
            "right": one.right,
            **_state(place, one, golds[place.id], marked[place.id], suggested[place.version]),
        }
        for place in places
        for one in place.found
    ]


def _state(
    place: _Place,
    one: Occurrence,
    golds: Sequence[tuple[int, int, str | None]],
    marked: Sequence[tuple[int, int]],
    suggested: Sequence[Marked],
) -> dict[str, str]:
    for start, end, voice in golds:
        if start < one.end and one.start < end and voice:
            return {"voice": voice, "state": "decided"}
    start, end = one.start + place.start, one.end + place.start
    block = Block(Role(place.role), place.start, place.end, "")
    voice = Voices(suggested, [block]).of(start, end).value
    if any(a < one.end and one.start < b for a, b in marked):
        return {"voice": voice, "state": "annotated"}
    known = any(s.label == LOADED and s.start < end and start < s.end for s in suggested)
    return {"voice": voice, "state": "suggested" if known else "unlabeled"}


def _golds(
    session: Session, ids: Sequence[int]
) -> defaultdict[int, list[tuple[int, int, str | None]]]:
    rows = session.execute(
        select(GoldSpan.passage_id, GoldSpan.start, GoldSpan.end, GoldSpan.voice)
        .join(Gold, Gold.id == GoldSpan.gold_id)
        .where(GoldSpan.passage_id.in_(ids), Gold.current, GoldSpan.label == LOADED)
    )
    found: defaultdict[int, list[tuple[int, int, str | None]]] = defaultdict(list)
    for passage, start, end, voice in rows:
        found[passage].append((start, end, voice))
    return found


def _marked(session: Session, ids: Sequence[int]) -> defaultdict[int, list[tuple[int, int]]]:
    rows = session.execute(
        select(Task.passage_id, Span.start, Span.end)
        .join(Annotation, Annotation.task_id == Task.id)
        .join(
            Revision,
            (Revision.annotation_id == Annotation.id) & (Revision.n == Annotation.current),
        )
        .join(Span, Span.revision_id == Revision.id)
        .where(
            Task.passage_id.in_(ids),
            Span.label == LOADED,
            Revision.state == RevisionState.SUBMITTED,
        )
    )
    found: defaultdict[int, list[tuple[int, int]]] = defaultdict(list)
    for passage, start, end in rows:
        found[passage].append((start, end))
    return found


def _suggested(session: Session, versions: Sequence[int]) -> defaultdict[int, list[Marked]]:
    """The quotations and loaded terms that are suggested, by article version."""
    rows = session.execute(
        select(
            SuggestionAnswer.version_id,
            Suggestion.label,
            Suggestion.start,
            Suggestion.end,
            Suggestion.attrs,
        )
        .join(SuggestionAnswer, SuggestionAnswer.id == Suggestion.answer_id)
        .where(SuggestionAnswer.version_id.in_(versions), Suggestion.label.in_([QUOTE, LOADED]))
    )
    found: defaultdict[int, list[Marked]] = defaultdict(list)
    for version, label, start, end, attrs in rows:
        found[version].append(Marked("", "", label, start, end, attrs))
    return found
