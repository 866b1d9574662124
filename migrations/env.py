"""Alembic's entry: one connection, given by `flask db …`, never an address of its own."""

from __future__ import annotations

from typing import Any

from alembic import context

from app.models import Base

# Tables that the job engine makes and migrates itself. On PostgreSQL they live in a schema of
# their own; on SQLite they share the file and are told apart by name.
ENGINE_TABLES = frozenset(context.config.attributes.get("engine_tables", ()))


def include_name(name: str | None, kind: str, _parents: Any) -> bool:
    return not (kind == "table" and name in ENGINE_TABLES)


def run() -> None:
    connection = context.config.attributes["connection"]
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        include_name=include_name,
        render_as_batch=connection.dialect.name == "sqlite",
        compare_type=True,
        transaction_per_migration=False,
    )
    with context.begin_transaction():
        context.run_migrations()


run()
