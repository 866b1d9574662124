"""Instances for tests: migrated once for each store, by the real command, then used again."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from config import Settings
from tests.postgres import Pool, PostgresServer

PASSWORD = "plum gravel teapot 41"
PEOPLE = {role: f"{role}@example.org" for role in ("admin", "reviewer", "viewer")}


@dataclass
class SqliteTemplate:
    """A migrated instance with one user of each role, to copy from."""

    folder: Path

    @classmethod
    def make(cls, folder: Path) -> SqliteTemplate:
        _migrate(Settings(instance=folder))
        return cls(folder)

    @contextmanager
    def copy(self, folder: Path) -> Iterator[Settings]:
        """A fresh instance in ``folder``."""
        shutil.copytree(self.folder, folder)
        yield Settings(instance=folder, sync_every_s=0)


@dataclass
class PostgresTemplate:
    """The same on PostgreSQL."""

    folder: Path
    pool: Pool

    @classmethod
    def make(cls, folder: Path, server: PostgresServer) -> PostgresTemplate:
        pool = Pool(server, "copydesk_template")
        server.run(f"CREATE DATABASE {pool.template}")
        _migrate(Settings(instance=folder, database_url=server.url_of(pool.template)))
        pool.remember()
        return cls(folder, pool)

    @contextmanager
    def copy(self, folder: Path) -> Iterator[Settings]:
        """A fresh instance in ``folder``, on a database that is as it was after migrating."""
        shutil.copytree(self.folder, folder)
        with self.pool.database() as url:
            yield Settings(instance=folder, database_url=url, sync_every_s=0)


def _migrate(settings: Settings) -> None:
    from app import create_app
    from app.services import accounts, passwords

    app = create_app(settings)
    store = app.extensions["store"]
    result = app.test_cli_runner().invoke(args=["db", "upgrade", "--json"])
    assert result.exit_code == 0, result.output
    hashed = passwords.prepared(PASSWORD, email="")
    with store.transaction() as session:
        for role, email in PEOPLE.items():
            accounts.create_user(
                session, email=email, role=role, actor="system", password_hash=hashed
            )
    store.dispose()
