"""The page of a term: its occurrences in context, filtered, sorted and counted.

What a page looks through is bounded, so that it costs the same wherever it stands and
however often a term does. Sorting and counting reach over the first passages that hold it,
and say so where there are more.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any

from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from app.models.articles import Article
from app.models.passages import Passage
from app.queries.term_marks import STATES, Marks, Told
from app.queries.term_places import iter_candidates
from app.queries.terms import place_of, placed
from labeling.concordance import Occurrence, find_forms
from labeling.suggest.lexicon import LABEL as LOADED

LOOKED_THROUGH = 300
# Passages that are read at once: few where a page is to be filled, since nearly every place
# will do for most; then, or where all are wanted, the rest.
_FEW = 100
SORTS = ("left", "right", "outlet", "date", "voice", "annotator", "state")
LOOKS = ("alike", "other")


@dataclass(frozen=True, slots=True)
class Choice:
    """Which occurrences are wanted; None: all.

    ``look`` is ``alike`` (somebody answered the passage and nobody labeled these words) or
    ``other`` (labeled, and not as a loaded term alone).
    """

    outlet: str | None = None
    since: date | None = None
    until: date | None = None
    voice: str | None = None
    state: str | None = None
    annotator: str | None = None
    label: str | None = None
    look: str | None = None


@dataclass(frozen=True, slots=True)
class Context:
    """An occurrence with all that is told about it."""

    passage_id: int
    passage: str
    article: str
    title: str
    outlet: str
    published_at: datetime | None
    found: Occurrence
    form: str
    told: Told


@dataclass(frozen=True, slots=True)
class ContextPage:
    """Some occurrences. ``next``: where to go on, if anywhere; ``looked``: passages read.

    ``cut``: they are the first of a list that was sorted only as far as it was read.
    """

    rows: tuple[Context, ...]
    next: int | None
    looked: int
    cut: bool = False


@dataclass(frozen=True, slots=True)
class Counts:
    """How often, where and by whom; ``whole`` is False where only the first were counted."""

    total: int
    whole: bool
    outlets: tuple[tuple[str, int], ...]
    voices: tuple[tuple[str, int], ...]
    states: tuple[tuple[str, int], ...]
    forms: tuple[tuple[str, int], ...]
    labels: tuple[tuple[str, int], ...]
    people: tuple[tuple[str, int, int, int], ...]
    alike: int
    labeled: int


def find_contexts(
    session: Session, forms: Sequence[str], choice: Choice, *, after: int = 0, limit: int = 50
) -> ContextPage:
    """Occurrences in the order in which their passages came.

    Args:
        session: one transaction.
        forms: the wordings that count as the term.
        choice: which of them.
        after: the passage after which to begin.
        limit: how many are enough; a passage is never parted.
    """
    rows: list[Context] = []
    looked, last = 0, after
    for ids in _steps(session, forms, after, _FEW if limit <= _FEW else LOOKED_THROUGH):
        found = _contexts(session, forms, choice, ids)
        looked += len(ids)
        for n, one in enumerate(found):
            if len(rows) >= limit and one.passage_id != rows[-1].passage_id:
                return ContextPage(tuple(rows), rows[-1].passage_id, looked - len(found) + n)
            rows.append(one)
        last = ids[-1]
        if looked >= LOOKED_THROUGH:
            return ContextPage(tuple(rows), last, looked)
    return ContextPage(tuple(rows), None, looked)


def sort_contexts(rows: Sequence[Context], by: str) -> list[Context]:
    """Sort occurrences; those that are alike stay in the order they had."""
    return sorted(rows, key=_ORDERS[by])


def count_contexts(page: ContextPage) -> Counts:
    """Count what a page of all occurrences holds."""
    rows = page.rows
    judged = Counter(("yes", who) for row in rows for who in row.told.accepted)
    judged.update(("no", who) for row in rows for who in row.told.rejected)
    marked = Counter(who for row in rows for who in row.told.by)
    people = sorted({who for _, who in judged} | set(marked))
    return Counts(
        total=len(rows),
        whole=page.next is None,
        outlets=_counted(row.outlet for row in rows),
        voices=_counted(row.told.voice for row in rows),
        states=_counted(row.told.state for row in rows),
        forms=_counted(row.form for row in rows),
        labels=_counted(", ".join(row.told.labels) for row in rows if _is_settled(row)),
        people=tuple((who, marked[who], judged["yes", who], judged["no", who]) for who in people),
        alike=sum(1 for row in rows if _is_alike(row)),
        labeled=sum(1 for row in rows if row.told.state in ("decided", "annotated")),
    )


def _counted(values: Iterator[str]) -> tuple[tuple[str, int], ...]:
    counts = Counter(values)
    return tuple(sorted(counts.items(), key=lambda one: (-one[1], one[0])))


def _steps(session: Session, forms: Sequence[str], after: int, first: int) -> Iterator[list[int]]:
    """Passages that may hold the term: so many first, then what may be looked through at all."""
    held: list[int] = []
    size = first
    for ids in iter_candidates(session, forms, after=after):
        held += ids
        while len(held) >= size:
            yield held[:size]
            held, size = held[size:], max(LOOKED_THROUGH - first, 1)
    if held:
        yield held


def _contexts(
    session: Session, forms: Sequence[str], choice: Choice, ids: Sequence[int]
) -> list[Context]:
    query = placed(Article.title, Article.outlet, Article.published_at)
    rows = session.execute(
        query.where(Passage.id.in_(ids), *_chosen_articles(choice)).order_by(Passage.id)
    )
    held = [(row, found) for row in rows if (found := find_forms(row.text, forms))]
    places = {row.id: place_of(row) for row, _ in held}
    marks = Marks(session, list(places.values())) if places else None
    contexts = [
        _context(row, one, form, marks.of(places[row.id], one))
        for row, found in held
        if marks is not None
        for one, form in found
    ]
    return [one for one in contexts if _is_wanted(one, choice)]


def _context(row: Any, one: Occurrence, form: str, told: Told) -> Context:
    return Context(
        passage_id=row.id,
        passage=row.uid,
        article=row.article,
        title=row.title,
        outlet=row.outlet,
        published_at=row.published_at,
        found=one,
        form=form,
        told=told,
    )


def _chosen_articles(choice: Choice) -> list[ColumnElement[bool]]:
    chosen: list[ColumnElement[bool]] = []
    if choice.outlet is not None:
        chosen.append(Article.outlet == choice.outlet)
    if choice.since is not None:
        chosen.append(Article.published_at >= datetime.combine(choice.since, time(), UTC))
    if choice.until is not None:
        chosen.append(Article.published_at <= datetime.combine(choice.until, time.max, UTC))
    return chosen


def _is_wanted(one: Context, choice: Choice) -> bool:
    told = one.told
    return (
        choice.voice in (None, told.voice)
        and choice.state in (None, told.state)
        and (choice.annotator is None or choice.annotator in told.by)
        and (choice.label is None or (_is_settled(one) and choice.label == ", ".join(told.labels)))
        and (choice.look != "alike" or _is_alike(one))
        and (choice.look != "other" or (_is_settled(one) and told.labels not in ((), (LOADED,))))
    )


def _is_settled(one: Context) -> bool:
    """Whether anybody has looked at the passage at all."""
    return one.told.looked > 0 or one.told.state == "decided"


def _is_alike(one: Context) -> bool:
    """Whether somebody looked, and these words were not labeled."""
    told = one.told
    return _is_settled(one) and not (told.labels or told.by or told.state == "decided")


def _left(one: Context) -> list[str]:
    return _words(one.found.left)[::-1]


def _words(text: str) -> list[str]:
    """Words to sort by; a comma or a quotation mark between them does not count."""
    return re.findall(r"\w+", text.casefold())


_ORDERS: dict[str, Callable[[Context], Any]] = {
    "left": _left,
    "right": lambda one: _words(one.found.right),
    "outlet": lambda one: one.outlet.casefold(),
    "date": lambda one: -one.published_at.timestamp() if one.published_at else float("inf"),
    "voice": lambda one: one.told.voice,
    "annotator": lambda one: (not one.told.by, one.told.by),
    "state": lambda one: STATES.index(one.told.state),
}
