"""What was done on the desk, as the core knows it."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models.moderation import ModerationEvent
from labeling.moderation.history import Act, Event
from labeling.moderation.policy import Verdict


def list_events(session: Session, article_id: int) -> Sequence[ModerationEvent]:
    """Every event of an article, those taken back among them, oldest first."""
    return session.scalars(
        select(ModerationEvent)
        .where(ModerationEvent.article_id == article_id)
        .order_by(ModerationEvent.seq)
    ).all()


def events_of(session: Session, article_id: int) -> list[Event]:
    """The same as values of the core."""
    return [value_of(row) for row in list_events(session, article_id)]


def value_of(row: ModerationEvent) -> Event:
    """A row as the core knows it."""
    return Event(
        act=Act(row.act),
        actor=row.actor,
        verdict=Verdict(row.verdict) if row.verdict else None,
        reason=row.reason,
        note=row.note,
        undoes=row.undoes,
        seq=row.seq,
    )
