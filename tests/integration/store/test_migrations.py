"""Migrations: up, down and up again, on both stores, and drift is found."""

from __future__ import annotations

import pytest
from sqlalchemy import inspect, text

from app.models import Base
from app.queue import ENGINE_SCHEMA, ENGINE_TABLES


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
    assert '"from": "0001_create_tables", "to": "0001_create_tables"' in call(runner, "upgrade")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE batch SET state = 'lost'",
        "UPDATE task SET state = 'lost'",
        "UPDATE span SET start = 9 WHERE 1 = 1",
    ],
)
def test_the_store_refuses_what_cannot_be(store, statement, runner):
    from sqlalchemy.exc import IntegrityError

    from app.jobs.runtime import now

    with store.engine.begin() as connection:
        for insert, values in (
            ("scheme (id, name) VALUES (77, 'x')", {}),
            (
                "scheme_version (id, scheme_id, n, config, guideline, sha, layers, created_at)"
                " VALUES (77, 77, 1, '', '', 's', '[]', :now)",
                {"now": now().replace(tzinfo=None)},
            ),
            (
                "batch (id, uid, slug, scheme_version_id, deal, overlap, seed, selection, state,"
                " passages, created_at) VALUES (1, 'b', 's', 77, 'blind', 1, 0, '[]', 'draft',"
                " 0, :now)",
                {"now": now().replace(tzinfo=None)},
            ),
            (
                "lane (id, uid, batch_id, n, tasks, pushed, annotated, quarantined)"
                " VALUES (1, 'l', 1, 1, 0, 0, 0, 0)",
                {},
            ),
            (
                "article (id, uid, kind, title, outlet, section, byline, url, language, source,"
                " current_version, imported_at) VALUES (1, 'a', 'imported', '', '', '', '', '',"
                " '', '', 1, :now)",
                {"now": now().replace(tzinfo=None)},
            ),
            (
                "passage (id, uid, article_id, role, text, text_sha, occurrence)"
                " VALUES (1, 'p', 1, 'body', 't', 's', 0)",
                {},
            ),
            (
                "task (id, uid, lane_id, passage_id, ordinal, round, text_sha, notice, state,"
                " problem, annotated) VALUES (1, 't', 1, 1, 0, 1, 's', '', 'planned', '', :no)",
                {"no": False},
            ),
            (
                "annotation (id, task_id, ls_id, ls_task_id, ls_created_at, current, missing)"
                " VALUES (1, 1, 1, 1, '', 1, 0)",
                {},
            ),
            (
                "revision (id, annotation_id, n, content_sha, state, ls_updated_at, raw,"
                " set_aside, created_at) VALUES (1, 1, 1, 's', 'submitted', '', '{}', 0, :now)",
                {"now": now().replace(tzinfo=None)},
            ),
            (
                'span (revision_id, region, layer, label, start, "end", attrs)'
                " VALUES (1, 'r', 'entity', 'ORG', 0, 3, '{}')",
                {},
            ),
        ):
            connection.execute(text(f"INSERT INTO {insert}"), values)
    with pytest.raises(IntegrityError), store.engine.begin() as connection:
        connection.execute(text(statement))
