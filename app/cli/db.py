"""`flask db`: migrate the store and the job engine's tables together."""

from __future__ import annotations

from typing import Any

import click
from flask import current_app
from flask.cli import AppGroup
from sqlalchemy import Connection

from app.cli.output import Answer, answers
from app.errors import SetupError
from app.extensions import get_store
from config import ROOT, Settings

group = AppGroup("db", help="Migrate the store.")


def _alembic(connection: Connection) -> Any:
    from alembic.config import Config

    from app.queue import ENGINE_TABLES

    config = Config()
    config.set_main_option("script_location", str(ROOT / "migrations"))
    config.attributes["connection"] = connection
    config.attributes["engine_tables"] = ENGINE_TABLES
    return config


def _revision(connection: Connection) -> str | None:
    from alembic.migration import MigrationContext

    return MigrationContext.configure(connection).get_current_revision()


@group.command()
@click.argument("revision", default="head")
@answers
def upgrade(revision: str) -> Answer:
    """Bring the store to REVISION (the newest by default) and fill a fresh one."""
    from alembic import command

    from app.keys import make_instance
    from app.queue import migrate_engine
    from app.services.desk import renew_if_outdated as renew_desk_if_outdated
    from app.services.seeding import seed_instance
    from app.services.suggesting import renew_if_outdated
    from app.services.term_index import ask_for_index

    settings: Settings = current_app.extensions["settings"]
    make_instance(settings)
    store = get_store()
    with store.engine.begin() as connection:
        before = _revision(connection)
        command.upgrade(_alembic(connection), revision)
        after = _revision(connection)
    migrate_engine(settings)
    if revision == "head":
        with store.transaction() as session:
            seed_instance(session)
            queue = current_app.extensions["queue"]
            renew_if_outdated(session, queue, actor="system")
            renew_desk_if_outdated(session, queue, actor="system")
            ask_for_index(session, queue)
    text = (
        f"The store is at {after}."
        if before == after
        else f"Migrated {before or 'nothing'} → {after}."
    )
    return Answer({"from": before, "to": after}, text)


@group.command()
@click.argument("revision", default="-1")
@answers
def downgrade(revision: str) -> Answer:
    """Take the store back to REVISION (one step by default; `base` empties it)."""
    from alembic import command

    with get_store().engine.begin() as connection:
        before = _revision(connection)
        command.downgrade(_alembic(connection), revision)
        after = _revision(connection)
    return Answer({"from": before, "to": after}, f"Migrated {before} → {after or 'nothing'}.")


@group.command()
@answers
def check() -> Answer:
    """Fail when the store's tables differ from what the code expects."""
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext
    from alembic.script import ScriptDirectory

    from app.models import Base
    from app.queue import ENGINE_TABLES

    with get_store().engine.connect() as connection:
        head = ScriptDirectory.from_config(_alembic(connection)).get_current_head()
        revision = _revision(connection)
        if revision != head:
            raise SetupError(
                f"The store is at {revision or 'nothing'}, the code expects {head}.",
                remedy="Run: flask db upgrade",
            )
        context = MigrationContext.configure(
            connection,
            opts={
                "compare_type": True,
                "include_name": lambda name, kind, _: (
                    not (kind == "table" and name in ENGINE_TABLES)
                ),
            },
        )
        drift = [_in_words(item) for item in compare_metadata(context, Base.metadata)]
    if drift:
        raise SetupError(
            "The store's tables differ from the code: " + "; ".join(drift),
            remedy="Write a migration, or undo what was changed by hand.",
        )
    return Answer(
        {"revision": revision, "drift": []}, f"The store is at {revision}, without drift."
    )


def _in_words(item: Any) -> str:
    operation = item[0] if isinstance(item, tuple) else item[0][0]
    detail = item[1:] if isinstance(item, tuple) else item[0][1:]
    names = [str(getattr(part, "name", part)) for part in detail if part is not None]
    return f"{operation} {' '.join(names)}"
