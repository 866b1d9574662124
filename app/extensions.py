"""The store: one engine a process, short transactions, and the settings SQLite needs."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import current_app
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import (
    DataError,
    IntegrityError,
    InterfaceError,
    OperationalError,
    ProgrammingError,
)
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.orm import Session

# Write-ahead logging with several processes has a race that can lose commits before this
# version (sqlite.org, 3.51.3 release notes); a rollback journal does not.
WAL_SAFE_FROM = (3, 51, 3)
BUSY_TIMEOUT_MS = 30_000

# The store is away, not migrated, or too busy: nothing is wrong with what was asked of it.
STORE_FAULTS = (OperationalError, ProgrammingError, InterfaceError, PoolTimeoutError)

# A value that the store cannot hold: too long, too large, or with a NUL in it.
UNUSABLE_VALUES = (DataError, OverflowError, UnicodeEncodeError)

# Two made or changed the same thing at the same moment; the other one was faster.
CLASH = IntegrityError

# What fits into a row's id, and into any other whole number, on either store.
LARGEST_ID = 2**31 - 1


def journal_mode(version: tuple[int, ...] = sqlite3.sqlite_version_info) -> str:
    """The journal mode that is safe for several processes with this SQLite version."""
    return "WAL" if version >= WAL_SAFE_FROM else "DELETE"


class Store:
    """The SQL store of one process. The engine is made at first use and never crosses a fork.

    Args:
        url: a SQLAlchemy URL (sqlite:/// or postgresql+psycopg://).
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self._engine: Engine | None = None
        self._pid = 0

    @property
    def is_sqlite(self) -> bool:
        """Whether the store is a SQLite file."""
        return self.url.startswith("sqlite")

    @property
    def engine(self) -> Engine:
        """The engine of this process."""
        if self._engine is None or self._pid != os.getpid():
            self._engine = _make_engine(self.url)
            self._pid = os.getpid()
        return self._engine

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session for reads; nothing in it is ever written."""
        with Session(self.engine, autoflush=False) as session:
            yield session

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """A session that commits at the end and rolls back on any error.

        On SQLite it takes the write lock at once (BEGIN IMMEDIATE): a reader that turns into
        a writer would fail instead of waiting.
        """
        engine = self.engine.execution_options(copydesk_begin="IMMEDIATE")
        with Session(engine, expire_on_commit=False) as session, session.begin():
            yield session

    def dispose(self) -> None:
        """Close all connections of this process."""
        if self._engine is not None:
            self._engine.dispose()
            self._engine = None


def get_store() -> Store:
    """The store of the current application."""
    store: Store = current_app.extensions["store"]
    return store


def write_json(value: Any) -> str:
    """A value of a JSON column; most of them, the attributes of spans, are empty."""
    return "{}" if value == {} else json.dumps(value)


def _make_engine(url: str) -> Engine:
    # Parameters are texts and addresses: they do not belong into an error's message or a log.
    shared: dict[str, Any] = {"hide_parameters": True, "json_serializer": write_json}
    if not url.startswith("sqlite"):
        return create_engine(url, pool_pre_ping=True, pool_size=5, max_overflow=10, **shared)
    engine = create_engine(url, connect_args={"timeout": BUSY_TIMEOUT_MS / 1000}, **shared)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: sqlite3.Connection, _record: Any) -> None:
    # The driver's own transaction handling is turned off: it begins too late for reads to be
    # repeatable and never IMMEDIATE. `_begin_sqlite` begins instead.
    connection.isolation_level = None
    for pragma in (
        f"busy_timeout={BUSY_TIMEOUT_MS}",
        f"journal_mode={journal_mode()}",
        "synchronous=FULL",
        "foreign_keys=ON",
        "trusted_schema=OFF",
        "secure_delete=ON",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    mode = connection.get_execution_options().get("copydesk_begin", "DEFERRED")
    connection.exec_driver_sql(f"BEGIN {mode}")
