"""`flask worker` where nothing was set up says what to do, and makes nothing."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import text

from app import create_app
from config import Settings
from tests.instances import PostgresTemplate


def refused(settings: Settings) -> dict[str, str]:
    app = create_app(settings)
    result = app.test_cli_runner().invoke(args=["worker", "--json"])
    app.extensions["store"].dispose()
    assert result.exit_code == 1, result.exception
    error = json.loads(result.stdout)["error"]
    assert error["kind"] == "setup"
    assert error["remedy"] == "Run: flask db upgrade"
    return error


def test_without_an_instance_folder(tmp_path):
    refused(Settings(instance=tmp_path / "none"))
    assert not (tmp_path / "none").exists()


def test_without_a_store(tmp_path):
    refused(Settings(instance=tmp_path))
    assert list(tmp_path.iterdir()) == []


def test_with_a_store_of_no_tables(tmp_path):
    (tmp_path / "copydesk.sqlite").touch()
    refused(Settings(instance=tmp_path))


@pytest.mark.postgres
def test_with_a_postgres_database_of_no_tables(postgres_template: PostgresTemplate, tmp_path):
    with postgres_template.copy(tmp_path / "instance") as settings:
        app = create_app(settings)
        with app.extensions["store"].engine.begin() as connection:
            connection.execute(text("ALTER TABLE alembic_version RENAME TO elsewhere"))
        try:
            refused(settings)
        finally:
            with app.extensions["store"].engine.begin() as connection:
                connection.execute(text("ALTER TABLE elsewhere RENAME TO alembic_version"))
            app.extensions["store"].dispose()
