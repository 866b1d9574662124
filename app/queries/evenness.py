"""Even-handedness: the newest count, outlets with what they state, and the units to count."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, union
from sqlalchemy.orm import Session

from app.extensions import Store
from app.models.articles import Article
from app.models.evenness import EvennessReport, Outlet
from app.models.passages import Passage
from app.models.review import Gold
from app.models.tasks import Task
from app.queries.lexicon import current_terms
from app.queries.paging import Page
from app.queries.term_marks import Marks, Told
from app.queries.terms import place_of, placed
from labeling.concordance import CONTEXT_CHARS, Occurrence
from labeling.evenness import REVIEWERS, Tally, Unit
from labeling.suggest.lexicon import Lexicon, TermMatch

NOT_STATED = "not stated"
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Counted:
    """A count, when it was made and who asked for it."""

    report: dict[str, Any]
    made_at: datetime
    actor: str


@dataclass(frozen=True, slots=True)
class OutletRow:
    """An outlet of the articles, and what it states about itself, where that was filled in."""

    name: str
    articles: int
    lean: str | None
    source: str
    actor: str
    changed_at: datetime | None


def newest_count(session: Session) -> Counted | None:
    """The newest count; None before anybody asked for one."""
    row = session.scalar(select(EvennessReport).order_by(EvennessReport.id.desc()).limit(1))
    return None if row is None else Counted(row.report, row.made_at, row.actor)


def list_outlets(session: Session) -> tuple[OutletRow, ...]:
    """Every outlet that an article names or that was filled in, by name."""
    rows = session.execute(
        select(Article.outlet, func.count().label("n"))
        .where(Article.outlet != "")
        .group_by(Article.outlet)
        .order_by(Article.outlet)
    )
    counts = {row.outlet: row.n for row in rows}
    stated = {row.name: row for row in session.scalars(select(Outlet).order_by(Outlet.name))}
    return tuple(_outlet_row(name, counts, stated) for name in sorted({*counts, *stated}))


def stated_leans(session: Session) -> dict[str, str]:
    """What outlets state, by name."""
    return {row.name: row.lean for row in session.scalars(select(Outlet).order_by(Outlet.name))}


def iter_counted(store: Store) -> Iterator[tuple[int, Tally]]:
    """Count every place of a term that somebody looked at, some passages in each short read.

    Yields:
        How many passages were gone through so far, and the one tally that grows.
    """
    tally, passages = Tally(), 0
    with store.reading() as session:
        lexicon, leans = Lexicon(current_terms(session)), stated_leans(session)
    after: int | None = 0
    while after is not None:
        with store.reading() as session:
            page = looked_at(session, after=after, limit=_AT_ONCE)
            tally.add(iter_units(session, page.rows, lexicon, leans))
        passages, after = passages + len(page.rows), page.next
        yield passages, tally


def looked_at(session: Session, *, after: int, limit: int) -> Page[int]:
    """Passages that somebody answered or settled, by id."""
    answered = select(Task.passage_id).where(Task.annotated, Task.passage_id > after)
    settled = select(Gold.passage_id).where(Gold.current, Gold.passage_id > after)
    both = union(
        answered.distinct().order_by(Task.passage_id).limit(limit).subquery().select(),
        settled.distinct().order_by(Gold.passage_id).limit(limit).subquery().select(),
    ).subquery()
    ids = list(session.scalars(select(both.c.passage_id).order_by(both.c.passage_id).limit(limit)))
    return Page(tuple(ids), ids[-1] if len(ids) == limit else None)


def iter_units(
    session: Session, ids: Sequence[int], lexicon: Lexicon, leans: Mapping[str, str]
) -> Iterator[Unit]:
    """Every place of a term in some passages, before everybody who looked at it."""
    query = placed(Article.outlet).where(Passage.id.in_(ids)).order_by(Passage.id)
    rows = [
        (row, found) for row in session.execute(query).all() if (found := lexicon.find(row.text))
    ]
    marks = Marks(session, [place_of(row) for row, _ in rows])
    for row, found in rows:
        place = place_of(row)
        for match in found:
            told = marks.of(place, _occurrence(row.text, match))
            lean = leans.get(row.outlet, NOT_STATED)
            values = _values(match, told, lean)
            shown = {
                "article": row.article,
                "passage": row.uid,
                "term": match.term.key,
                "match": row.text[match.start : match.end],
                "left": row.text[max(0, match.start - CONTEXT_CHARS) : match.start],
                "right": row.text[match.end : match.end + CONTEXT_CHARS],
            }
            for who, labeled in marks.verdicts(place, told):
                yield Unit(who or REVIEWERS, labeled, row.article, shown, values)


def _occurrence(text: str, match: TermMatch) -> Occurrence:
    return Occurrence(match.start, match.end, "", text[match.start : match.end], "")


def _values(match: TermMatch, told: Told, outlet_lean: str) -> dict[str, str]:
    term = match.term
    return {
        "leans": term.leans,
        "about": term.about or "not said",
        "outlet_lean": outlet_lean,
        "leans_by_outlet": f"{term.leans} in {outlet_lean}",
        "voice": told.voice,
    }


def _outlet_row(name: str, counts: Mapping[str, int], stated: Mapping[str, Outlet]) -> OutletRow:
    row = stated.get(name)
    if row is None:
        return OutletRow(name, counts.get(name, 0), None, "", "", None)
    return OutletRow(name, counts.get(name, 0), row.lean, row.source, row.actor, row.changed_at)
