"""Facts about the parts: store, tables, worker, users. What they mean is said elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, inspect, select, text
from sqlalchemy.exc import SQLAlchemyError

from app.extensions import Store
from app.keys import secret_key
from app.models.accounts import Role, User
from app.models.batches import Batch, BatchState
from app.models.jobs import Worker
from config import Settings


@dataclass(frozen=True, slots=True)
class StoreFacts:
    """A store that answered. ``journal_mode`` is empty on PostgreSQL."""

    kind: str
    version: str
    journal_mode: str
    revision: str | None
    engine_tables: frozenset[str]


def is_ready(store: Store, settings: Settings) -> bool:
    """Whether requests can be served: keys made, store reachable, migrated and seeded."""
    if secret_key(settings) is None:
        return False
    try:
        with store.reading() as session:
            return session.scalar(select(Role.id).limit(1)) is not None
    except SQLAlchemyError:
        return False


def read_store_facts(store: Store, *, engine_schema: str) -> StoreFacts:
    """Ask the store itself.

    Args:
        store: the store.
        engine_schema: where the job engine's tables are on PostgreSQL; on SQLite they stand
            among the others.

    Raises:
        sqlalchemy.exc.SQLAlchemyError: it is away.
    """
    with store.engine.connect() as connection:
        sqlite = store.is_sqlite
        version = connection.scalar(
            text("SELECT sqlite_version()" if sqlite else "SHOW server_version")
        )
        journal = connection.scalar(text("PRAGMA journal_mode")) if sqlite else ""
        inspector = inspect(connection)
        revision = None
        if inspector.has_table("alembic_version"):
            revision = connection.scalar(text("SELECT version_num FROM alembic_version"))
        present = inspector.get_table_names(schema=None if sqlite else engine_schema)
    return StoreFacts(
        kind="SQLite" if sqlite else "PostgreSQL",
        version=str(version),
        journal_mode=str(journal),
        revision=revision,
        engine_tables=frozenset(present),
    )


def read_heartbeat(store: Store) -> datetime | None:
    """When a worker was last alive; None when there never was one."""
    with store.reading() as session:
        return session.scalar(select(func.max(Worker.seen_at)))


def has_admin(store: Store) -> bool:
    """Whether an active admin exists."""
    with store.reading() as session:
        admins = select(User.id).where(User.active, User.roles.any(name="admin"))
        return session.scalar(admins.limit(1)) is not None


def has_open_shared_lane(store: Store) -> bool:
    """Whether several annotators work in one project now."""
    with store.reading() as session:
        shared = select(Batch.id).where(Batch.deal == "shared", Batch.state == BatchState.OPEN)
        return session.scalar(shared.limit(1)) is not None
