"""What tests share: an instance on each store, migrated once and copied for every test."""

from __future__ import annotations

import os
import sqlite3

import hypothesis
import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine

from tests.instances import PostgresTemplate, SqliteTemplate
from tests.postgres import PostgresServer
from tests.visitors import Visitor, visitor

# Few examples while one works, many in CI; no deadline, since the machine may be busy.
hypothesis.settings.register_profile("quick", max_examples=25, deadline=None)
hypothesis.settings.register_profile("thorough", max_examples=200, deadline=None)
hypothesis.settings.load_profile("thorough" if os.environ.get("CI") else "quick")


@event.listens_for(Engine, "connect")
def _answer_backwards(connection, _record):
    """Let SQLite give rows that nobody put in order last to first.

    A query without ORDER BY often gives rows as they were written, and on PostgreSQL, where
    freed places are used again, now and then it does not. Here it never does, so code or a test
    that counts on it fails every time instead of once a week.
    """
    if isinstance(connection, sqlite3.Connection):
        connection.execute("PRAGMA reverse_unordered_selects=ON")


STORES = ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]


@pytest.fixture(scope="session")
def postgres_server():
    """A real PostgreSQL of this test process; it ends with it."""
    server = PostgresServer.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory):
    """An instance on SQLite, made by `flask db upgrade`, with one user of each role."""
    return SqliteTemplate.make(tmp_path_factory.mktemp("sqlite-template"))


@pytest.fixture(scope="session")
def postgres_template(tmp_path_factory, postgres_server):
    """The same on PostgreSQL."""
    return PostgresTemplate.make(tmp_path_factory.mktemp("postgres"), postgres_server)


@pytest.fixture(params=STORES)
def store_kind(request):
    """Which store this test runs on: it runs once on each."""
    return request.param


@pytest.fixture
def settings(store_kind, request, tmp_path):
    """The settings of a fresh copy of the migrated instance."""
    template = request.getfixturevalue(f"{store_kind}_template")
    with template.copy(tmp_path / "instance") as settings:
        yield settings


@pytest.fixture
def store(settings):
    """The store of the instance."""
    from app.extensions import Store

    store = Store(settings.sqlalchemy_url)
    yield store
    store.dispose()


@pytest.fixture
def app(settings):
    """The application on the instance."""
    from app import create_app

    app = create_app(settings)
    yield app
    app.extensions["queue"].close()
    app.extensions["store"].dispose()


@pytest.fixture
def client(app) -> Visitor:
    """A browser in which nobody is signed in."""
    return visitor(app)


@pytest.fixture
def viewer(app) -> Visitor:
    """A browser in which the viewer is signed in."""
    return visitor(app, "viewer")


@pytest.fixture
def reviewer(app) -> Visitor:
    """A browser in which the reviewer is signed in."""
    return visitor(app, "reviewer")


@pytest.fixture
def admin(app) -> Visitor:
    """A browser in which the admin is signed in."""
    return visitor(app, "admin")


@pytest.fixture
def runner(app):
    """The command line of the application."""
    return app.test_cli_runner()


def pytest_addoption(parser):
    """`--fault-runs N`: how often the fault tests repeat themselves (`make faults`: 30)."""
    parser.addoption("--fault-runs", type=int, default=1, help="repeats of each fault run")
