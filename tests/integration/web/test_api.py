"""The JSON API: tokens, scopes, the same answers as the command line, problems as problems."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import select

from app.models.accounts import ApiToken
from app.models.jobs import Job
from app.services import tokens
from tests.instances import PEOPLE
from tests.line import Line


@pytest.fixture
def line(settings, store):
    line = Line(settings, store)
    line.uid = line.add_article()
    line.add_batch("first")
    return line


@pytest.fixture
def call(app, store):
    """Calls the API as the user of a role, with a token of these scopes."""
    client = app.test_client()

    def call(method, path, *scopes, role="admin", **kwargs):
        headers = {}
        if scopes:
            with store.transaction() as session:
                token = tokens.create_token(
                    session, email=PEOPLE[role], scopes=scopes, actor="system"
                ).token
            headers["Authorization"] = f"Bearer {token}"
        return client.open(path, method=method, headers=headers, **kwargs)

    return call


def told(runner, *args):
    result = runner.invoke(args=[*args, "--json"])
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_the_api_and_the_command_line_say_the_same(line, call, runner):
    for path, command in (
        ("/api/batches", ("batches", "list")),
        ("/api/batches/first", ("batches", "show", "first")),
        (f"/api/articles/{line.uid}", ("articles", "show", line.uid)),
    ):
        answer = call("GET", path, "read", role="viewer")
        assert answer.status_code == 200
        assert answer.json == told(runner, *command)


def test_a_sync_and_a_push_are_planned_in_the_name_of_the_token_s_user(line, call, runner, store):
    for path, role in (
        ("/api/batches/first/push", "admin"),
        ("/api/batches/first/sync", "admin"),
    ):
        answer = call("POST", path, "write", role=role)
        assert answer.status_code == 202, answer.text
        job_id = answer.json["job"]
        assert answer.location == f"/api/jobs/{job_id}"
        with store.reading() as session:
            assert session.scalars(select(Job.actor).where(Job.id == job_id)).one() == PEOPLE[role]
        shown = call("GET", answer.location, "read", role="viewer").json
        assert shown == told(runner, "jobs", "show", str(job_id))
        assert shown["state"] == "queued"


def test_a_full_sync_may_be_asked_for(line, call, store):
    answer = call("POST", "/api/batches/first/sync", "write", json={"full": True})
    with store.reading() as session:
        assert session.get(Job, answer.json["job"]).args["full"] is True


@pytest.mark.parametrize(
    "body", [b"{", b"[]", b'{"full": "yes"}', b'{"more": 1}', b"\xff\xfe", b"null"]
)
def test_a_body_that_cannot_be_used_is_refused_and_plans_nothing(line, call, store, body):
    answer = call("POST", "/api/batches/first/sync", "write", data=body)
    assert answer.status_code == 422
    assert answer.json["kind"] == "invalid_input"
    with store.reading() as session:
        assert session.scalars(select(Job)).all() == []


def test_without_a_token_nothing_is_said(client, admin):
    for visitor in (client, admin):
        answer = visitor.get("/api/batches")
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
        assert answer.mimetype == "application/problem+json"


@pytest.mark.parametrize(
    ("method", "path", "scope", "role"),
    [
        ("GET", "/api/batches", "write", "admin"),
        ("POST", "/api/batches/first/sync", "read", "admin"),
        ("POST", "/api/batches/first/push", "read", "admin"),
        ("POST", "/api/batches/first/push", "write", "reviewer"),
        ("POST", "/api/batches/first/sync", "write", "reviewer"),
    ],
)
def test_a_token_reaches_no_further_than_its_scopes_and_its_user(
    line, call, method, path, scope, role
):
    answer = call(method, path, scope, role=role)
    assert answer.status_code == 403
    assert answer.json["kind"] == "not_permitted"


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", "Basic YTpi", "Bearer cd_guess", "cd_guess"]
)
def test_a_header_that_is_no_token_is_refused(client, header):
    assert client.get("/api/batches", headers={"Authorization": header}).status_code == 401


def test_a_token_in_the_address_is_not_looked_at(call, app, store):
    with store.transaction() as session:
        token = tokens.create_token(
            session, email=PEOPLE["admin"], scopes=["read"], actor="system"
        ).token
    client = app.test_client()
    for name in ("token", "auth_token", "access_token"):
        assert client.get(f"/api/batches?{name}={token}").status_code == 401


def test_what_is_not_there_is_a_problem_with_a_remedy(call):
    for path in ("/api/batches/none", "/api/articles/none", "/api/jobs/999", "/api/none"):
        answer = call("GET", path, "read")
        assert answer.status_code == 404
        assert answer.mimetype == "application/problem+json"
        assert answer.json["kind"] == "not_found"
    assert call("DELETE", "/api/batches", "read").status_code == 405


def test_a_token_revoked_on_the_account_page_ends_with_the_next_call(viewer, app, store):
    with store.transaction() as session:
        new = tokens.create_token(session, email=PEOPLE["viewer"], scopes=["read"], actor="system")
        token_id = session.scalars(select(ApiToken.id)).one()
    call = app.test_client()
    headers = {"Authorization": f"Bearer {new.token}"}
    assert call.get("/api/batches", headers=headers).status_code == 200
    page = viewer.get("/account").text
    assert new.hint in page
    assert new.token not in page
    assert viewer.send(f"/account/tokens/{token_id}/revoke").location == "/account"
    assert call.get("/api/batches", headers=headers).status_code == 401
    assert "revoked" in viewer.get("/account").text


def test_a_token_of_somebody_else_is_not_revoked(viewer, admin, store):
    with store.transaction() as session:
        tokens.create_token(session, email=PEOPLE["viewer"], scopes=["read"], actor="system")
        token_id = session.scalars(select(ApiToken.id)).one()
    assert admin.send(f"/account/tokens/{token_id}/revoke").status_code == 404
