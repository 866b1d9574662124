"""Connections as people see them: where, which version, what is the matter. Never the token."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.models.batches import Lane
from app.models.connections import Account, Connection


@dataclass(frozen=True, slots=True)
class ConnectionRow:
    """One connection. ``token_hint`` is the token's last four characters."""

    id: int
    name: str
    url: str
    token_hint: str
    token_kind: str
    version: str
    user_email: str
    created_at: datetime
    checked_at: datetime | None
    problem: str
    lanes: int
    accounts: int


def list_connections(session: Session) -> tuple[ConnectionRow, ...]:
    """Every connection, by name."""
    lanes = select(func.count()).select_from(Lane).where(Lane.connection_id == Connection.id)
    accounts = (
        select(func.count()).select_from(Account).where(Account.connection_id == Connection.id)
    )
    rows = session.execute(
        select(
            Connection.id,
            Connection.name,
            Connection.url,
            Connection.token_hint,
            Connection.token_kind,
            Connection.version,
            Connection.user_email,
            Connection.created_at,
            Connection.checked_at,
            Connection.problem,
            lanes.correlate(Connection).scalar_subquery().label("lanes"),
            accounts.correlate(Connection).scalar_subquery().label("accounts"),
        ).order_by(Connection.name)
    )
    return tuple(ConnectionRow(**row) for row in rows.mappings())
