"""What annotators made of each term: kept for large instances, always by a count."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from app.models.annotations import Revision
from app.models.batches import Lane, Tally
from app.models.lexicon import TermFigure
from app.models.suggestions import SuggestionAnswer
from app.queries.term_acceptance import Acceptance, is_small

# Counting a large instance takes seconds, and syncs come every minute.
EVERY_MINUTES = 10
_MINUTE = "term_figures_minute"


def is_due(session: Session, now: datetime) -> bool:
    """Whether something came since the last count, and that was a while ago."""
    if is_small(session):
        return False
    names = [_MINUTE, *signature(session)]
    rows = session.execute(select(Tally.name, Tally.value).where(Tally.name.in_(names)))
    kept = {row[0]: row[1] for row in rows}
    if 0 <= _minute(now) - kept.pop(_MINUTE, 0) < EVERY_MINUTES:
        return False
    return kept != signature(session)


def signature(session: Session) -> dict[str, int]:
    """What moves whenever a figure may have: tasks pushed, revisions, answers of suggesters."""
    return {
        "term_figures_pushed": session.scalar(select(func.sum(Lane.pushed))) or 0,
        "term_figures_revision": session.scalar(select(func.max(Revision.id))) or 0,
        "term_figures_answer": session.scalar(select(func.max(SuggestionAnswer.id))) or 0,
    }


def keep(
    session: Session,
    figures: Mapping[str, Acceptance],
    counted_at: Mapping[str, int],
    now: datetime,
) -> None:
    """Keep figures by term, in place of those of before.

    Args:
        session: a transaction.
        figures: all terms that anybody may ask for.
        counted_at: the ``signature`` of before the count.
        now: the time.
    """
    values = {**counted_at, _MINUTE: _minute(now)}
    session.execute(delete(Tally).where(Tally.name.in_(values)))
    session.execute(insert(Tally), [{"name": n, "value": v} for n, v in values.items()])
    session.execute(delete(TermFigure))
    rows = [{"key": key, **asdict(figures[key])} for key in sorted(figures)]
    if rows:
        session.execute(insert(TermFigure), rows)


def _minute(now: datetime) -> int:
    return int(now.timestamp() // 60)
