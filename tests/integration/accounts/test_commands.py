"""`flask users …` and `flask doctor` as people and programs call them."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from app import create_app
from app.cli import users
from config import ROOT, Settings
from tests.instances import PEOPLE
from tests.visitors import visitor

PASSWORD = "slate heron windmill 9"


@pytest.fixture
def told(runner):
    """Runs a command with --json and gives its exit code and its object."""

    def told(*args, stdin=""):
        result = runner.invoke(args=[*args, "--json"], input=stdin)
        lines = result.stdout.splitlines()
        assert len(lines) == 1, result.output
        return result.exit_code, json.loads(lines[0])

    return told


def test_a_piped_password_is_taken_as_it_is_but_for_the_line_end(told, app):
    code, data = told(
        "users", "create", "N@example.org", "--role", "viewer", stdin=PASSWORD + "\r\n"
    )
    assert (code, data) == (
        0,
        {"email": "n@example.org", "role": "viewer", "link": None, "expires_at": None},
    )
    form = {"email": "n@example.org", "password": PASSWORD}
    assert visitor(app).send("/login", form).status_code == 302


def test_without_a_password_a_link_is_made_that_opens_the_form(told, app):
    code, data = told("users", "create", "n@example.org", "--role", "admin")
    assert code == 0
    base, _, path = data["link"].partition("/welcome/")
    assert base == "http://127.0.0.1:8000"
    assert visitor(app).get(f"/welcome/{path}").status_code == 200


def test_a_link_begins_with_the_public_url(settings):
    app = create_app(settings.model_copy(update={"public_url": "https://desk.example.org/"}))
    result = app.test_cli_runner().invoke(args=["users", "link", PEOPLE["viewer"]])
    assert "https://desk.example.org/welcome/" in result.stdout
    assert "guess" not in result.stdout
    app.extensions["store"].dispose()


def test_a_guessed_address_is_called_a_guess(runner):
    result = runner.invoke(args=["users", "link", PEOPLE["viewer"]])
    assert "COPYDESK_PUBLIC_URL is not set" in result.stdout


@pytest.mark.parametrize(
    ("args", "wrong"),
    [
        (("users", "create", PEOPLE["viewer"], "--role", "viewer"), "conflict"),
        (("users", "create", "no address", "--role", "viewer"), "invalid_input"),
        (("users", "link", "nobody@example.org"), "not_found"),
        (("users", "token", "nobody@example.org", "--scope", "read"), "not_found"),
        (("users", "token", PEOPLE["viewer"]), "invalid_input"),
        (("users", "disable", PEOPLE["admin"]), "conflict"),
        (("users", "link", PEOPLE["viewer"], "--as", "nobody@example.org"), "invalid_input"),
    ],
)
def test_what_cannot_be_done_is_one_clear_object_and_exit_1(told, args, wrong):
    code, data = told(*args)
    assert code == 1
    assert data["error"]["kind"] == wrong
    assert data["error"]["message"]


def test_a_bad_password_makes_no_user(told):
    code, data = told("users", "create", "n@example.org", "--role", "viewer", stdin="short\n")
    assert (code, data["error"]["kind"]) == (1, "invalid_input")
    _, listed = told("users", "list")
    assert "n@example.org" not in [user["email"] for user in listed["users"]]


def test_an_unknown_role_or_scope_is_a_fault_of_usage(runner):
    for args in (
        ["users", "create", "n@example.org", "--role", "boss"],
        ["users", "token", "n@example.org", "--scope", "all"],
    ):
        assert runner.invoke(args=args).exit_code == 2


def test_a_token_is_shown_once_with_its_scopes_and_end(told, runner):
    code, data = told("users", "token", PEOPLE["viewer"], "--scope", "write", "--scope", "read")
    assert code == 0
    assert data["scopes"] == ["read", "write"]
    assert data["token"].startswith("cd_")
    assert data["token"].endswith(data["hint"])
    assert data["expires_at"]
    assert (
        "not shown again"
        in runner.invoke(args=["users", "token", PEOPLE["viewer"], "--scope", "read"]).stdout
    )


def test_the_list_says_who_may_do_what(told, runner):
    told("users", "create", "n@example.org", "--role", "viewer")
    told("users", "disable", PEOPLE["viewer"])
    _, data = told("users", "list")
    states = {
        user["email"]: (user["role"], user["active"], user["invited"]) for user in data["users"]
    }
    assert states[PEOPLE["admin"]] == ("admin", True, False)
    assert states[PEOPLE["viewer"]] == ("viewer", False, False)
    assert states["n@example.org"] == ("viewer", True, True)
    text = runner.invoke(args=["users", "list"]).stdout
    assert "disabled" in text
    assert "waits for a password" in text


def test_who_acts_is_kept(told, store):
    from sqlalchemy import select

    from app.models.audit import Audit

    told("users", "link", PEOPLE["viewer"], "--as", PEOPLE["admin"])
    told("users", "link", PEOPLE["viewer"])
    with store.reading() as session:
        actors = session.scalars(
            select(Audit.actor).where(Audit.action == "link_created").order_by(Audit.seq)
        )
        assert list(actors) == [PEOPLE["admin"], "system"]


def test_a_pipe_to_which_nobody_writes_is_like_an_empty_one(monkeypatch):
    monkeypatch.setattr(users, "_STDIN_PATIENCE_S", 0.05)
    reading, writing = os.pipe()
    with os.fdopen(reading) as stream, os.fdopen(writing, "w"):
        monkeypatch.setattr(sys, "stdin", stream)
        assert users._piped_password() is None


def test_bytes_that_are_no_text_are_refused_as_a_password(monkeypatch, tmp_path):
    path = tmp_path / "password"
    path.write_bytes(b"\xff\xfe\x00 plum gravel")
    with path.open(encoding="utf-8") as stream:
        monkeypatch.setattr(sys, "stdin", stream)
        with pytest.raises(users.InvalidInputError, match="UTF-8"):
            users._piped_password()


def test_the_doctor_finds_a_migrated_instance_well_but_without_a_worker(told, runner):
    code, data = told("doctor")
    states = {check["name"]: check["state"] for check in data["checks"]}
    assert code == 0, data
    assert states["worker"] == "warn"
    for name in ("store", "migrations", "job engine", "admin", "secret key", "data key"):
        assert states[name] == "ok", data
    text = runner.invoke(args=["doctor"]).stdout
    assert "→ Start one: flask worker" in text


def test_the_doctor_says_what_to_do_where_nothing_is(tmp_path):
    app = create_app(Settings(instance=tmp_path / "none"))
    result = app.test_cli_runner().invoke(args=["doctor", "--json"])
    data = json.loads(result.stdout)
    assert result.exit_code == 1
    assert {check["remedy"] for check in data["checks"] if check["state"] == "fail"} == {
        "Run: flask db upgrade"
    }
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize("store_kind", ["sqlite"], indirect=True)
def test_the_doctor_asks_each_connection(told, settings, store):
    from app.keys import TokenVault
    from app.services.connections import save_connection

    with store.transaction() as session:
        for name, url in (("gone", "http://127.0.0.1:9"),):
            save_connection(
                session, TokenVault(settings), name=name, url=url, token="a" * 40, actor="system"
            )
    code, data = told("doctor")
    check = next(check for check in data["checks"] if check["name"] == "connection gone")
    assert (code, check["state"]) == (1, "fail")
    assert check["detail"]
    assert check["remedy"]


def test_settings_that_cannot_be_used_are_one_object_too(tmp_path):
    environment = {
        "PATH": os.defpath,
        "COPYDESK_INSTANCE": str(tmp_path / "none"),
        "COPYDESK_PUSH_CHUNK": "many",
        "COPYDESK_TYPO": "1",
    }
    command = [sys.executable, "-m", "flask", "users", "list", "--json"]
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    error = json.loads(done.stdout)["error"]
    assert done.returncode == 1
    assert error["kind"] == "settings"
    assert "COPYDESK_PUSH_CHUNK" in error["message"]
    assert "COPYDESK_TYPO" in error["message"]
