"""Every route says who may use it; no look at a page changes anything; the web stays light."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from app.models import Base
from app.models.accounts import User
from app.models.annotations import Quarantine
from app.models.jobs import Job
from app.models.passages import Passage
from app.security.access import declared
from app.services import accounts, tokens
from app.services.release_files import request_release
from app.services.staging import Staged
from app.services.uploads import plan_intake
from config import ROOT
from labeling.datasets.plan import ReleasePlan
from tests.instances import PEOPLE
from tests.line import Line
from tests.visitors import visitor

# Open to everybody, on purpose. A new one is added here only with a reason.
PUBLIC = {
    "static",
    "health.healthz",
    "health.readyz",
    "accounts.sign_in",
    "accounts.sign_in_post",
    "accounts.sign_out",
    "accounts.first_password",
    "accounts.first_password_post",
    "home.set_theme",
}
WRITING = {"POST", "PUT", "PATCH", "DELETE"}
on_sqlite = pytest.mark.parametrize("store_kind", ["sqlite"], indirect=True)


@pytest.fixture
def line(settings, store):
    """An instance with something on every page."""
    line = Line(settings, store)
    line.article = line.add_article()
    line.add_batch("first")
    line.push()
    for task in line.server.tasks_of(line.lanes()[0].ls_project_id):
        line.server.annotate(task["id"], [], completed_by=line.server.users[-1].id)
    line.sync()
    with store.transaction() as session:
        line.item = Quarantine(
            key="odd",
            lane_id=line.lanes()[0].id,
            kind="unknown_label",
            reason="The label is not in the scheme.",
            raw={"id": "odd"},
            created_at=datetime.now(UTC),
        )
        session.add(line.item)
        staged = Staged("0" * 32, (("a.txt", 1),))
        line.intake = plan_intake(
            session,
            line.queue,
            staged,
            {"fields": {}, "columns": [], "encoding": ""},
            actor="system",
            check_only=True,
        )[0].id
        job = request_release(
            session,
            line.queue,
            "news",
            ReleasePlan(("first",), state="any"),
            actor="system",
            notes="",
            now=datetime.now(UTC),
        )
    line.run(job)
    return line


@pytest.fixture
def places(app, store, line):
    """What stands in each route's placeholders."""
    with store.transaction() as session:
        link, _ = accounts.create_link(session, email=PEOPLE["viewer"], actor="system")
        return {
            "uid": line.article,
            "slug": "first",
            "name": "fake",
            "key": "regime",
            "policy": "house",
            "job_id": session.scalars(select(Job.id).limit(1)).one(),
            "passage": session.scalars(select(Passage.uid).limit(1)).one(),
            "passage_uid": session.scalars(select(Passage.uid).limit(1)).one(),
            "article_uid": line.article,
            "token": link,
            "token_id": 1,
            "item_id": line.item.id,
            "drift_id": 1,
            "intake_id": line.intake,
            "filename": "nowhere.css",
            "dataset": "news",
            "version": "1.0.0",
            "form": "jsonl",
            "term": "council",
        }


def addresses(app, places, methods):
    """(rule, path) of every route that takes one of these methods."""
    adapter = app.url_map.bind("localhost")
    for rule in app.url_map.iter_rules():
        if rule.methods & methods:
            missing = rule.arguments - places.keys()
            assert not missing, f"say in `places` what stands for {missing} in {rule.rule}"
            given = {argument: places[argument] for argument in rule.arguments}
            if rule.endpoint.startswith("passages") and "uid" in given:
                given["uid"] = places["passage"]
            yield (
                rule,
                adapter.build(rule.endpoint, given, method=next(iter(methods & rule.methods))),
            )


@on_sqlite
def test_every_route_declares_who_may_use_it(app):
    undeclared = {name for name, view in app.view_functions.items() if declared(view) is None}
    assert undeclared == set()
    public = {name for name, view in app.view_functions.items() if declared(view).role is None}
    assert public == PUBLIC


@on_sqlite
def test_the_api_asks_for_tokens_and_nothing_else_does(app):
    for rule in app.url_map.iter_rules():
        access = declared(app.view_functions[rule.endpoint])
        assert (access.scope is not None) == rule.rule.startswith("/api/"), rule
        if access.scope is not None:
            assert (access.scope == "write") == bool(rule.methods & WRITING), rule


@on_sqlite
def test_a_stranger_gets_nowhere_but_to_the_door(app, places):
    client = visitor(app)
    for methods in ({"GET"}, WRITING):
        for rule, path in addresses(app, places, methods):
            if rule.endpoint in PUBLIC:
                continue
            method = next(iter(methods & rule.methods))
            answer = client.open(path, method=method, data={"csrf_token": client.csrf_token()})
            wanted = {401} if path.startswith("/api/") else {302}
            assert answer.status_code in wanted, (method, path)
            if answer.status_code == 302:
                assert answer.location.startswith("/login"), path


@on_sqlite
def test_every_writing_page_needs_the_csrf_token(app, places):
    client = visitor(app, "admin")
    for rule, path in addresses(app, places, WRITING):
        if not path.startswith("/api/"):
            method = next(iter(WRITING & rule.methods))
            assert client.open(path, method=method).status_code == 400, path


@on_sqlite
def test_the_admin_can_look_at_every_page_and_looking_changes_nothing(app, store, places):
    client = visitor(app, "admin")
    with store.transaction() as session:
        bearer = tokens.create_token(
            session, email=PEOPLE["admin"], scopes=["read"], actor="system"
        ).token
    before = _rows(store)
    for rule, path in addresses(app, places, {"GET"}):
        headers = {"Authorization": f"Bearer {bearer}"} if path.startswith("/api/") else {}
        answer = client.get(path, headers=headers)
        wanted = {404} if rule.endpoint == "static" else {200, 302, 304}
        assert answer.status_code in wanted, (path, answer.text[:500])
    assert _rows(store) == before


def _rows(store) -> dict[str, str]:
    """A hash of the rows of each table."""
    with store.reading() as session:
        return {
            table.name: hashlib.sha256(
                repr(sorted(map(repr, session.execute(table.select())))).encode()
            ).hexdigest()
            for table in Base.metadata.sorted_tables
        }


HEAVY = (
    "py3langid",
    "ftfy",
    "markdown_it",
    "label_studio_sdk",
    "numpy",
    "scipy",
    "pyarrow",
    "trafilatura",
    "pandas",
    "httpx",
    "dbos",
)
LOOK = """
import json, sys, time
import wsgi
heavy = lambda: sorted(set(json.loads(sys.argv[1])) & set(sys.modules))
at_start = heavy()
client = wsgi.app.test_client()
with client.session_transaction() as session:
    session.update(_user_id=sys.argv[2], _fresh=True, fs_paa=time.time(), seen=int(time.time()))
statuses = {path: client.get(path).status_code for path in json.loads(sys.argv[3])}
print(json.dumps({"at_start": at_start, "after": heavy(), "statuses": statuses}))
"""


@on_sqlite
def test_the_web_process_loads_nothing_heavy_even_when_pages_are_looked_at(
    app, settings, store, places
):
    with store.reading() as session:
        admin = session.scalars(select(User).where(User.email == PEOPLE["admin"])).one()
    pages = [
        path
        for rule, path in addresses(app, places, {"GET"})
        if rule.endpoint != "static" and not path.startswith("/api/")
    ]
    command = [
        sys.executable,
        "-c",
        LOOK,
        json.dumps(HEAVY),
        admin.fs_uniquifier,
        json.dumps(pages),
    ]
    environment = {"COPYDESK_INSTANCE": str(settings.instance), "PATH": ""}
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["at_start"] == []
    assert told["after"] == []
    assert set(told["statuses"].values()) <= {200, 302}, told


START = """
import sys
from flask.cli import main
sys.argv = ["flask", "db", "--help"]
try:
    main()
except SystemExit:
    print(sorted({"app.views", "app.models", "structlog", "dbos", "alembic"} & set(sys.modules)))
"""


def test_a_command_loads_no_pages_and_only_what_it_needs():
    command = [sys.executable, "-c", START]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert "upgrade" in done.stdout
    assert done.stdout.splitlines()[-1] == "[]"
