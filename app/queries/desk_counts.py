"""How many articles of the desk hold each value of a facet.

Small facets are counted for each page. Terms, voices and policies of a large desk are counted
when a job ends (``app.services.desk.recount``), by the same function.
"""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.models.moderation import DeskArticle, DeskCount, DeskMatch, DeskTerm

FACETS = ("term", "voice", "policy")
# Up to so many articles, counting for each page takes a few milliseconds.
LIVE = 5_000
SHOWN = 12
_COLUMNS = {"term": DeskTerm.term, "voice": DeskTerm.voice, "policy": DeskMatch.policy}


def count_facet(session: Session, facet: str) -> tuple[tuple[str, int], ...]:
    """The values of a facet that most articles hold, with how many do."""
    largest = session.scalar(select(func.max(DeskArticle.article_id))) or 0
    if largest <= LIVE:
        return count_live(session, facet)
    rows = session.execute(
        select(DeskCount.value, DeskCount.n)
        .where(DeskCount.facet == facet)
        .order_by(DeskCount.n.desc(), DeskCount.value)
        .limit(SHOWN)
    )
    return tuple((value, n) for value, n in rows)


def count_live(
    session: Session, facet: str, limit: int | None = SHOWN
) -> tuple[tuple[str, int], ...]:
    """Count a facet now."""
    column = _COLUMNS[facet]
    each = select(column.label("value"), column.class_.article_id).distinct().subquery()
    n = func.count()
    query = select(each.c.value, n).group_by(each.c.value).order_by(n.desc(), each.c.value)
    return tuple((value, count) for value, count in session.execute(query.limit(limit)))
