"""Whether the parts stand: keys, store, tables, worker, disk."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from app.extensions import Store
from app.keys import secret_key
from app.models.accounts import Role
from config import Settings


def is_ready(store: Store, settings: Settings) -> bool:
    """Whether requests can be served: keys made, store reachable, migrated and seeded."""
    if secret_key(settings) is None:
        return False
    try:
        with store.reading() as session:
            return session.scalar(select(Role.id).limit(1)) is not None
    except SQLAlchemyError:
        return False
