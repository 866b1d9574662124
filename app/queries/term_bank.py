"""The term bank for its page: the list, one term with all it stands for, and its acceptance."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.errors import NotFoundError
from app.models.lexicon import LexiconVersion, Term
from app.queries.lexicon import term_value
from app.queries.paging import Page, make_page
from app.queries.term_acceptance import Acceptance, acceptance_of
from labeling.suggest.lexicon_terms import Term as TermValue


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
