"""Desk: look at every article anew that rests on other policies than those that count now."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from app.jobs.renewing import renew
from app.jobs.runtime import JobContext
from app.services.desk import count_outdated, recount, renew_some


def renew_desk(ctx: JobContext) -> dict[str, Any]:
    """Renew what the desk keeps of each article, and count it all at the end.

    Returns:
        ``{"articles"}``: how many were renewed.
    """
    return {"articles": renew(ctx, count_outdated, _step, "Looking at articles by the policies")}


def _step(session: Session, after: int) -> tuple[int, int] | None:
    """The next few; in the transaction that finds none left, the counts."""
    done = renew_some(session, after)
    if done is None:
        recount(session)
    return done
