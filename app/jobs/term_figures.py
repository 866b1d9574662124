"""What annotators made of each term, counted anew when a job ends."""

from __future__ import annotations

from sqlalchemy import select

from app.extensions import CLASH, Store
from app.jobs.runtime import now
from app.models.lexicon import Term
from app.queries.term_acceptance import count_acceptance
from app.services.term_figures import is_due, keep, signature


def keep_term_figures(store: Store) -> None:
    """Count where it is due; a read a term, so that no writer waits for long."""
    with store.reading() as session:
        if not is_due(session, now()):
            return
        before = signature(session)
        keys = session.scalars(select(Term.key).where(Term.until.is_(None)).order_by(Term.key))
        terms = keys.all()
    figures = {}
    for key in terms:
        with store.reading() as session:
            figures.update(count_acceptance(session, [key]))
    try:
        with store.transaction() as session:
            keep(session, figures, before, now())
    except CLASH:
        # Another job ended at the same moment, and keeps the same figures.
        return
