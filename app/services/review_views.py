"""Queues that a reviewer keeps under a name, to come back to."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from app.errors import InvalidInputError
from app.models.review import ReviewView
from app.services import audit

MOST_VIEWS = 50
MOST_NAME = 80


def save_view(session: Session, name: str, query: Mapping[str, str], *, actor: str) -> None:
    """Keep a queue under a name; the same name again takes its place.

    Args:
        session: a transaction.
        name: what its owner calls it.
        query: the address that shows it.
        actor: whose it is; nobody else sees it.

    Raises:
        InvalidInputError: the name is empty or too long, or there are too many already.
    """
    name = " ".join(name.split())
    if not 0 < len(name) <= MOST_NAME:
        raise InvalidInputError(f"A name has 1 to {MOST_NAME} characters.")
    row = session.scalar(
        select(ReviewView).where(ReviewView.owner == actor, ReviewView.name == name)
    )
    if row is None:
        mine = select(func.count()).where(ReviewView.owner == actor)
        if (session.scalar(mine) or 0) >= MOST_VIEWS:
            raise InvalidInputError(
                f"More than {MOST_VIEWS} queues cannot be kept.", remedy="Forget one first."
            )
        row = ReviewView(owner=actor, name=name, query={})
        session.add(row)
    row.query = dict(query)
    _record(session, "review_view_saved", name, actor)


def drop_view(session: Session, name: str, *, actor: str) -> None:
    """Forget a kept queue of one's own; the passages in it stay."""
    gone = session.execute(
        delete(ReviewView)
        .where(ReviewView.owner == actor, ReviewView.name == name)
        .returning(ReviewView.id)
    ).all()
    if gone:
        _record(session, "review_view_dropped", name, actor)


def _record(session: Session, action: str, name: str, actor: str) -> None:
    audit.record(session, actor=actor, action=action, object=f"review_view:{name}")
