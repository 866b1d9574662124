"""The term bank: every change makes a new version, and none takes away what was."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from app.errors import ConflictError, NotFoundError
from app.models.lexicon import LexiconVersion, Term
from app.queries.lexicon import current_terms, newest_version
from app.services import audit
from labeling.suggest.lexicon_csv import TermFile
from labeling.suggest.lexicon_terms import Term as TermValue
from labeling.suggest.lexicon_terms import make_term, terms_sha


@dataclass(frozen=True, slots=True)
class ImportedTerms:
    """What an import did to the term bank; ``version`` is the one it is at afterwards."""

    version: int
    added: int
    changed: int
    unchanged: int
    terms: int


def import_terms(session: Session, file: TermFile, *, source: str, actor: str) -> ImportedTerms:
    """Add the terms of a file and change those whose id is known; the others stay.

    What the file does not speak of stays as it is: a muted term stays muted when there is no
    column ``status``.
    """
    known = {term.key: term for term in current_terms(session)}
    new = [term for term in file.terms if term.key not in known]
    merged = [
        replace(known[term.key], **{name: getattr(term, name) for name in file.columns})
        for term in file.terms
        if term.key in known
    ]
    changed = [term for term in merged if term != known[term.key]]
    version = _next_version(
        session, known, [*new, *changed], reason=f"imported {source}", actor=actor
    )
    return ImportedTerms(
        version, len(new), len(changed), len(merged) - len(changed), len(known) + len(new)
    )


def add_term(session: Session, values: Mapping[str, Any], *, actor: str) -> TermValue:
    """Add one term.

    Raises:
        TermError: a value cannot be used.
        ConflictError: a term with this id is there.
    """
    term = make_term(values)
    known = {one.key: one for one in current_terms(session)}
    if term.key in known:
        raise ConflictError(
            f"There is a term {term.key!r} already.", remedy="Give the new one another id."
        )
    _next_version(session, known, [term], reason=f"added {term.key}", actor=actor)
    return term


def set_muted(session: Session, key: str, *, muted: bool, actor: str) -> TermValue:
    """Mute a term, so that it is no longer suggested, or let it be suggested again.

    Raises:
        NotFoundError: there is no such term.
    """
    known = {one.key: one for one in current_terms(session)}
    if key not in known:
        raise NotFoundError(f"There is no term {key!r}.", remedy="Look for it in the term bank.")
    term = replace(known[key], status="muted" if muted else "active")
    if term != known[key]:
        reason = f"{'muted' if muted else 'unmuted'} {key}"
        _next_version(session, known, [term], reason=reason, actor=actor)
    return term


def _next_version(
    session: Session,
    known: Mapping[str, TermValue],
    terms: Sequence[TermValue],
    *,
    reason: str,
    actor: str,
) -> int:
    """Write changed and new terms as the next version; without any, the bank stays as it is."""
    newest = newest_version(session)
    if newest is not None and not terms:
        return newest.n
    after = {**known, **{term.key: term for term in terms}}
    version = LexiconVersion(
        n=newest.n + 1 if newest else 1,
        sha=terms_sha(after.values()),
        terms=len(after),
        reason=reason,
        actor=actor,
        created_at=datetime.now(UTC),
    )
    session.add(version)
    session.flush()
    _replace_rows(session, version.n, terms)
    audit.record(
        session,
        actor=actor,
        action="lexicon_changed",
        object=f"lexicon:{version.n}",
        detail={"reason": reason, "terms": len(terms)},
    )
    return version.n


def _replace_rows(session: Session, n: int, terms: Iterable[TermValue]) -> None:
    keys = [term.key for term in terms]
    for first in range(0, len(keys), 500):
        session.execute(
            update(Term)
            .where(Term.key.in_(keys[first : first + 500]), Term.until.is_(None))
            .values(until=n)
        )
    session.add_all(Term(since=n, **_columns(term)) for term in terms)
    session.flush()


def _columns(term: TermValue) -> dict[str, Any]:
    lists = {"variants": list(term.variants), "alternatives": list(term.alternatives)}
    return {**asdict(term), **lists}
