"""Migrations: up, down and up again, on both stores, and drift is found."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import inspect, text
from sqlalchemy.exc import IntegrityError

from app.models import Base
from app.queue import ENGINE_SCHEMA, ENGINE_TABLES
from tests.line import Line


def tables(store):
    """Our tables; the engine's, where they share the store, are not counted."""
    return set(inspect(store.engine).get_table_names()) - ENGINE_TABLES


def call(runner, *words, exit_code=0):
    result = runner.invoke(args=["db", *words, "--json"])
    assert result.exit_code == exit_code, result.output
    return result.stdout


def test_up_down_up_ends_where_it_began(runner, store):
    before = tables(store)
    call(runner, "check")
    call(runner, "downgrade", "base")
    assert tables(store) == {"alembic_version"}
    call(runner, "upgrade")
    assert tables(store) == before
    assert before == {*Base.metadata.tables, "alembic_version"}
    call(runner, "check")


def test_a_downgrade_leaves_the_engines_tables_alone(runner, store):
    call(runner, "downgrade", "base")
    found = inspect(store.engine)
    names = found.get_table_names() if store.is_sqlite else found.get_table_names(ENGINE_SCHEMA)
    assert "workflow_status" in names


def test_check_finds_a_column_that_somebody_added(runner, store):
    with store.engine.begin() as connection:
        connection.execute(text("ALTER TABLE article ADD COLUMN mood TEXT"))
    assert "mood" in call(runner, "check", exit_code=1)


def test_check_says_that_a_migration_is_missing(runner, store):
    call(runner, "downgrade", "base")
    assert "flask db upgrade" in call(runner, "check", exit_code=1)


def test_upgrading_again_changes_nothing(runner):
    answer = json.loads(call(runner, "upgrade"))
    assert answer["from"] == answer["to"]
    assert answer["to"].startswith("0")


@pytest.fixture
def filled(settings, store):
    """A store with a row in every table that the line fills."""
    line = Line(settings, store)
    line.add_article()
    line.add_batch()
    line.push()
    project = line.lanes()[0].ls_project_id
    task = line.server.tasks_of(project)[0]
    value = {"start": 0, "end": 3, "labels": ["ORG"]}
    region = {"id": "r", "from_name": "entity", "to_name": "text", "type": "labels", "value": value}
    line.server.annotate(task["id"], [region])
    line.sync()
    yield store
    line.queue.close()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE batch SET state = 'lost'",
        "UPDATE task SET state = 'lost'",
        "UPDATE chunk SET state = 'lost'",
        "UPDATE job SET state = 'lost'",
        "UPDATE revision SET state = 'lost'",
        "UPDATE span SET start = 9",
        "UPDATE span SET revision_id = 99",
        "DELETE FROM passage",
        "INSERT INTO role (id, name) VALUES (77, 'admin')",
    ],
)
def test_the_store_refuses_what_cannot_be(filled, statement):
    with pytest.raises(IntegrityError), filled.engine.begin() as connection:
        connection.execute(text(statement))
