"""The term bank for its page: the list, one term with all it stands for, and its acceptance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case, exists, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.errors import NotFoundError
from app.models.annotations import Annotation, Revision, RevisionState, Span
from app.models.lexicon import LexiconVersion, Term
from app.models.suggestions import PredictionSpan, Suggestion
from app.models.tasks import Task, TaskState
from app.queries.lexicon import term_value
from app.queries.paging import Page, make_page
from labeling.suggest.lexicon_terms import Term as TermValue
from labeling.suggest.origin import Origin

# From how many judgements on a term's acceptance says something, and how low is low.
TELLING, SELDOM = 50, 0.05


@dataclass(frozen=True, slots=True)
class Acceptance:
    """What annotators made of a term where it was suggested to them.

    ``waiting`` counts suggestions that were pushed and not judged yet, ``found`` how often the
    term stands in the articles.
    """

    unchanged: int = 0
    changed: int = 0
    removed: int = 0
    waiting: int = 0
    found: int = 0

    @property
    def judged(self) -> int:
        """How often an annotator had the suggestion before them and submitted."""
        return self.unchanged + self.changed + self.removed

    @property
    def seldom(self) -> bool:
        """Whether it is hardly ever accepted: worth muting."""
        return self.judged >= TELLING and (self.unchanged + self.changed) / self.judged < SELDOM


@dataclass(frozen=True, slots=True)
class TermRow:
    """A term with its acceptance."""

    id: int
    term: TermValue
    acceptance: Acceptance


@dataclass(frozen=True, slots=True)
class TermChange:
    """A version of the bank in which a term was changed."""

    n: int
    reason: str
    actor: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class TermPage:
    """One term, its counterpart, its acceptance and its history, the newest change first."""

    term: TermValue
    mirror: TermValue | None
    acceptance: Acceptance
    changes: tuple[TermChange, ...]


@dataclass(frozen=True, slots=True)
class TermChoice:
    """Which terms a list shows; None and empty: all."""

    q: str | None = None
    topic: str | None = None
    leans: str | None = None
    status: str | None = None


def list_terms(
    session: Session, choice: TermChoice, *, after: int | None = None, limit: int = 50
) -> Page[TermRow]:
    """Terms by the order in which they came, with what annotators made of them."""
    query = select(Term).where(*_chosen(choice))
    if after is not None:
        query = query.where(Term.id > after)
    rows = session.scalars(query.order_by(Term.id).limit(limit + 1)).all()
    accepted = acceptance_of(session, [row.key for row in rows[:limit]])
    return make_page(
        [TermRow(r.id, term_value(r), accepted.get(r.key, Acceptance())) for r in rows],
        limit,
        lambda row: row.id,
    )


def count_terms(session: Session, choice: TermChoice) -> int:
    """How many terms a choice holds."""
    return session.scalar(select(func.count()).select_from(Term).where(*_chosen(choice))) or 0


def count_by(session: Session, field: str) -> tuple[tuple[str, int], ...]:
    """How many terms there are of each topic, lean or status, by name."""
    column: InstrumentedAttribute[str] = getattr(Term, field)
    rows = session.execute(
        select(column, func.count()).where(Term.until.is_(None)).group_by(column).order_by(column)
    )
    return tuple((value, n) for value, n in rows)


def get_term(session: Session, key: str) -> TermPage:
    """One term.

    Raises:
        NotFoundError: there is no such term.
    """
    found = {
        row.key: row
        for row in session.scalars(
            select(Term).where(Term.until.is_(None), or_(Term.key == key, Term.mirror_of == key))
        )
    }
    if key not in found:
        raise NotFoundError(f"There is no term {key!r}.", remedy="Look for it in the term bank.")
    term = term_value(found[key])
    mirror = found.get(term.mirror_of)
    changes = session.execute(
        select(
            LexiconVersion.n,
            LexiconVersion.reason,
            LexiconVersion.actor,
            LexiconVersion.created_at,
        )
        .join(Term, Term.since == LexiconVersion.n)
        .where(Term.key == key)
        .order_by(LexiconVersion.n.desc())
    )
    return TermPage(
        term,
        term_value(mirror) if mirror else None,
        acceptance_of(session, [key]).get(key, Acceptance()),
        tuple(TermChange(*row) for row in changes),
    )


def term_by_words(session: Session, words: str) -> TermValue | None:
    """The term with this id, or with these words whatever their case; None: there is none."""
    rows = session.scalars(
        select(Term)
        .where(Term.until.is_(None))
        .where(or_(Term.key == words, func.lower(Term.surface) == words.lower()))
        .order_by(Term.key != words, Term.id)
    )
    found = rows.first()
    return term_value(found) if found else None


def acceptance_of(session: Session, keys: Sequence[str]) -> dict[str, Acceptance]:
    """What annotators made of terms, by key.

    A suggestion is accepted unchanged where a span with its layer, label and bounds came back,
    and changed where its region or an overlapping span of its layer did; answers about it, such
    as another voice, do not count against the term.
    """
    counts: dict[str, dict[str, int]] = {key: {} for key in keys}
    for key, origin, n in session.execute(_judged(keys)):
        counts[key][origin] = n
    waiting = (
        select(PredictionSpan.term, func.count())
        .join(Task, Task.prediction_id == PredictionSpan.prediction_id)
        .where(PredictionSpan.term.in_(keys))
        .where(Task.state == TaskState.PUSHED, Task.annotated.is_(False))
        .group_by(PredictionSpan.term)
    )
    found = (
        select(Suggestion.term, func.count())
        .where(Suggestion.term.in_(keys))
        .group_by(Suggestion.term)
    )
    for name, query in (("waiting", waiting), ("found", found)):
        for key, n in session.execute(query):
            counts[key or ""][name] = n
    return {key: Acceptance(**counted) for key, counted in counts.items()}


def _judged(keys: Sequence[str]) -> Any:
    same_region = Span.region == PredictionSpan.region
    same = and_(
        Span.layer == PredictionSpan.layer,
        Span.label == PredictionSpan.label,
        Span.start == PredictionSpan.start,
        Span.end == PredictionSpan.end,
    )
    over = and_(
        Span.layer == PredictionSpan.layer,
        Span.start < PredictionSpan.end,
        Span.end > PredictionSpan.start,
    )
    of_revision = Span.revision_id == Revision.id
    origin = case(
        (exists().where(of_revision, same), Origin.UNCHANGED.value),
        (exists().where(of_revision, or_(same_region, over)), Origin.CHANGED.value),
        else_=Origin.REMOVED.value,
    ).label("origin")
    return (
        select(PredictionSpan.term, origin, func.count())
        .join(Task, Task.prediction_id == PredictionSpan.prediction_id)
        .join(Annotation, Annotation.task_id == Task.id)
        .join(
            Revision,
            (Revision.annotation_id == Annotation.id) & (Revision.n == Annotation.current),
        )
        .where(PredictionSpan.term.in_(keys), Revision.state == RevisionState.SUBMITTED)
        .group_by(PredictionSpan.term, origin)
    )


def _chosen(choice: TermChoice) -> list[ColumnElement[bool]]:
    chosen: list[ColumnElement[bool]] = [Term.until.is_(None)]
    for column, value in (
        (Term.topic, choice.topic),
        (Term.leans, choice.leans),
        (Term.status, choice.status),
    ):
        if value is not None:
            chosen.append(column == value)
    if choice.q:
        chosen.append(Term.surface.icontains(choice.q, autoescape=True))
    return chosen
