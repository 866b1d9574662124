"""NULs and numbers beyond all rows are refused at the door, on either store, never with 500."""

from __future__ import annotations

import pytest
from sqlalchemy import func, literal, select
from sqlalchemy.exc import IntegrityError

from app.models.jobs import Job
from app.security import public
from app.services import tokens
from tests.instances import PASSWORD, PEOPLE
from tests.visitors import visitor

HUGE = (2**31, 2**63, 10**20, int("9" * 400))


@pytest.fixture
def bearer(store):
    with store.transaction() as session:
        made = tokens.create_token(
            session, email=PEOPLE["admin"], scopes=("read", "write"), actor="system"
        )
    return {"Authorization": f"Bearer {made.token}"}


@pytest.mark.parametrize(
    "path",
    [
        "/articles/a%00b",
        "/batches/a%00b",
        "/batches/a%00b/passages/p",
        "/batches/b/passages/p%00",
        "/welcome/a%00b",
        "/static/a%00.css",
        "/nowhere%00",
    ],
)
def test_a_nul_in_a_path_leads_nowhere(viewer, path):
    assert viewer.get(path).status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "/articles?outlet=%00",
        "/articles?q=a%00b",
        "/jobs?state=%00",
        "/batches?state=%00&after=1",
        "/batches?%00=1",
        "/login?next=%00",
    ],
)
def test_a_nul_in_a_query_is_refused(viewer, path):
    assert viewer.get(path).status_code == 400


@pytest.mark.parametrize("form", [{"email": "a\0b@example.org"}, {"password": "x\0"}, {"\0": ""}])
def test_a_nul_in_the_sign_in_form_is_refused(client, form):
    given = {"email": PEOPLE["viewer"], "password": PASSWORD, **form}
    assert client.send("/login", given).status_code == 400


def test_a_nul_is_refused_as_a_problem_to_programs(app, bearer):
    for path, status in (("/api/articles/%00", 404), ("/api/batches?x=%00", 400)):
        answer = app.test_client().get(path, headers=bearer)
        assert answer.status_code == status
        assert answer.mimetype == "application/problem+json"


@pytest.mark.parametrize("number", [0, *HUGE])
def test_a_number_that_no_row_has_leads_nowhere(admin, app, bearer, number):
    for path in (f"/jobs/{number}", f"/jobs/{number}/progress", f"/batches/b/set-aside/{number}"):
        assert admin.get(path).status_code == 404
    for path in (f"/jobs/{number}/cancel", f"/account/tokens/{number}/revoke"):
        assert admin.send(path).status_code == 404
    assert app.test_client().get(f"/api/jobs/{number}", headers=bearer).status_code == 404


@pytest.mark.parametrize("number", [-1, *HUGE])
@pytest.mark.parametrize("path", ["/articles", "/batches", "/jobs"])
def test_a_place_in_a_list_that_cannot_be_is_ignored(viewer, path, number):
    assert viewer.get(f"{path}?after={number}").status_code == 200


def test_leading_zeros_name_the_same_row(app, admin, store):
    with store.transaction() as session:
        queue = app.extensions["queue"]
        job = queue.plan(session, "sync_v1", key="k", actor="system", partition="k").id
    assert admin.get(f"/jobs/{job:020}").status_code == 200


@pytest.mark.parametrize("number", ["0", *map(str, HUGE)])
@pytest.mark.parametrize("verb", ["show", "cancel", "retry"])
def test_the_command_line_knows_no_such_job_either(runner, verb, number):
    result = runner.invoke(args=["jobs", verb, number, "--json"])
    assert result.exit_code == 1, result.exception
    assert '"kind": "not_found"' in result.stdout


def test_what_a_store_cannot_hold_is_422_and_a_clash_409(app, store):
    @app.get("/odd/<how>")
    @public
    def odd(how):
        with store.transaction() as session:
            if how == "large":
                session.scalar(select(func.count()).where(Job.id == literal(10**20, Job.id.type)))
            if how == "overflow":
                raise OverflowError
            if how == "clash":
                raise IntegrityError("", {}, Exception("twice"))
        return ""

    client = visitor(app)
    assert client.get("/odd/large").status_code == 422
    assert client.get("/odd/overflow").status_code == 422
    answer = client.get("/odd/clash")
    assert answer.status_code == 409
    assert "Try again." in answer.text
