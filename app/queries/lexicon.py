"""The term bank as it stands: its terms, its version, and who knows what of a term."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models.lexicon import LexiconVersion, Term
from labeling.suggest.lexicon_terms import Term as TermValue


def current_terms(session: Session) -> tuple[TermValue, ...]:
    """Every term of the bank as it stands, the muted ones too, by key."""
    rows = session.scalars(select(Term).where(Term.until.is_(None)).order_by(Term.key))
    return tuple(term_value(row) for row in rows)


def terms_by_key(session: Session, keys: Sequence[str]) -> dict[str, TermValue]:
    """The terms with these keys as they stand now."""
    rows = session.scalars(select(Term).where(Term.until.is_(None), Term.key.in_(keys)))
    return {row.key: term_value(row) for row in rows}


def newest_version(session: Session) -> LexiconVersion | None:
    """The version the bank is at; None before anything was imported."""
    return session.scalar(select(LexiconVersion).order_by(LexiconVersion.n.desc()).limit(1))


def term_value(row: Term) -> TermValue:
    """A row as the core knows it."""
    return TermValue(
        key=row.key,
        surface=row.surface,
        variants=tuple(row.variants),
        part=row.part,
        case=row.case,
        type=row.type,
        topic=row.topic,
        leans=row.leans,
        about=row.about,
        alternatives=tuple(row.alternatives),
        note=row.note,
        mirror_of=row.mirror_of,
        status=row.status,
    )
