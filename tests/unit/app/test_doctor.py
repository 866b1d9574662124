"""What the doctor makes of the facts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from app.cli import doctor
from app.extensions import journal_mode
from app.queries.health import StoreFacts
from app.queue import ENGINE_TABLES
from config import Settings


def facts(**given):
    known = {
        "kind": "SQLite",
        "version": "3.40.1",
        "journal_mode": journal_mode().lower(),
        "revision": "0001",
        "engine_tables": ENGINE_TABLES,
    }
    return StoreFacts(**{**known, **given})


def test_a_worker_that_lives_is_well():
    assert doctor._worker(datetime.now(UTC) - timedelta(seconds=5)).state == "ok"


@pytest.mark.parametrize("age", [None, timedelta(minutes=2)])
def test_a_missing_or_silent_worker_is_a_warning_that_says_how_to_start_one(age):
    check = doctor._worker(None if age is None else datetime.now(UTC) - age)
    assert check.state == "warn"
    assert "flask worker" in check.remedy


def test_the_wrong_journal_mode_fails():
    wrong = "delete" if journal_mode() == "WAL" else "wal"
    assert doctor._store(facts()).state == "ok"
    assert doctor._store(facts(journal_mode=wrong)).state == "fail"


@pytest.mark.parametrize(
    ("version", "state"), [("15.3", "ok"), ("18.0 (Debian)", "ok"), ("13.9", "fail")]
)
def test_postgresql_before_15_fails(version, state):
    assert doctor._store(facts(kind="PostgreSQL", version=version, journal_mode="")).state == state


def test_a_store_behind_the_code_fails_and_says_the_command():
    check = doctor._migrations(facts(revision="0000"))
    assert check.state == "fail"
    assert check.remedy == "Run: flask db upgrade"


def test_missing_engine_tables_are_named():
    check = doctor._engine(facts(engine_tables=ENGINE_TABLES - {"workflow_status"}))
    assert check.state == "fail"
    assert "workflow_status" in check.detail


def test_an_open_file_is_a_warning(tmp_path):
    path = tmp_path / "data.key"
    path.touch(mode=0o600)
    assert doctor._closed(path, "key") is None
    path.chmod(0o644)
    check = doctor._closed(path, "key")
    assert check.state == "warn"
    assert "0644" in check.detail


def test_a_short_or_broken_key_fails(tmp_path):
    short = Settings(instance=tmp_path, secret_key="short", data_key="not a key")
    assert doctor._usable("secret key", "secret", short).state == "fail"
    assert doctor._usable("data key", "data", short).state == "fail"


def test_a_package_that_is_not_as_pinned_is_named(tmp_path, monkeypatch):
    pins = tmp_path / "requirements.txt"
    pins.write_text("Flask==0.1 \\\n    --hash=sha256:00\nsqlalchemy==1.0\n", encoding="utf-8")
    assert doctor._pinned(pins) == {"flask": "0.1", "sqlalchemy": "1.0"}
    monkeypatch.setattr(doctor, "ROOT", tmp_path)
    check = doctor._versions()
    assert check.state == "warn"
    assert "Not as pinned: flask, sqlalchemy" in check.detail


def test_a_full_disk_fails_and_a_filling_one_warns(tmp_path, monkeypatch):
    usage = doctor.shutil.disk_usage(tmp_path)
    settings = Settings(instance=tmp_path)
    for free, total, state in ((100e6, 1e12, "fail"), (1e9, 1e12, "warn"), (5e11, 1e12, "ok")):
        found = usage._replace(free=free, total=total)
        monkeypatch.setattr(doctor.shutil, "disk_usage", lambda _path, found=found: found)
        assert doctor._disk(settings).state == state
