"""`POST /api/articles`: JSON or a file in, a job out, and what became of it to be read."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import func, select

from app.models.articles import Article
from app.models.intakes import Intake
from app.models.jobs import Job
from app.services import tokens
from tests.broken import BODY, PAGE, zipped
from tests.instances import PEOPLE
from tests.line import Line

HERE = "/api/articles"


@pytest.fixture
def line(settings, store):
    line = Line(settings, store)
    yield line
    line.queue.close()


@pytest.fixture
def call(app, store):
    """Calls the API as the user of a role, with a token of these scopes."""
    client = app.test_client()

    def call(method, path, *scopes, role="admin", **kwargs):
        with store.transaction() as session:
            made = tokens.create_token(
                session, email=PEOPLE[role], scopes=scopes or ("read", "write"), actor="system"
            )
        headers = {"Authorization": f"Bearer {made.token}"}
        return client.open(path, method=method, headers=headers, **kwargs)

    return call


def finish(line, store, answer):
    """Carry out the job of an answer."""
    with store.reading() as session:
        job = session.get_one(Job, answer.json["job"])
    return line.run(job)


def articles(store):
    with store.reading() as session:
        return session.scalars(select(Article).order_by(Article.id)).all()


@pytest.mark.parametrize(
    ("body", "imported"),
    [
        ({"text": BODY, "id": "x1", "outlet": "Gull"}, 1),
        ([{"text": BODY}, {"html": PAGE, "title": "Quay"}], 2),
    ],
)
def test_an_article_or_a_list_of_them_is_taken_by_a_job(line, call, store, body, imported):
    answer = call("POST", HERE, json=body)
    assert answer.status_code == 202, answer.text
    assert answer.location == f"/api/jobs/{answer.json['job']}"
    assert (answer.json["name"], answer.json["state"]) == ("import_v1", "queued")
    assert answer.json["actor"] == PEOPLE["admin"]
    done = finish(line, store, answer)
    assert done.result["imported"] == imported
    assert len(articles(store)) == imported
    again = finish(line, store, call("POST", HERE, json=body))
    assert (again.result["imported"], again.result["duplicates"]) == (0, imported)


@pytest.mark.parametrize(
    ("kind", "body", "imported"),
    [
        ("text/plain", f"Title\n\n{BODY}".encode(), 1),
        ("text/plain; charset=iso-8859-2", f"Łódź\n\n{BODY}".encode("iso8859-2", "ignore"), 1),
        ("text/markdown", f"# Title\n\n{BODY}".encode(), 1),
        ("text/html", PAGE.encode(), 1),
        ("text/csv", f'text\n"{BODY}"\n'.encode(), 1),
        ("application/x-ndjson", b'{"text": "One."}\n{"text": "Two."}\n', 2),
        ("application/zip", zipped({"a.txt": BODY.encode(), "b.txt": b"Other words."}), 2),
    ],
)
def test_a_file_is_taken_as_its_kind_says(line, call, store, kind, body, imported):
    answer = call("POST", f"{HERE}?outlet=Gull", data=body, content_type=kind)
    assert finish(line, store, answer).result["imported"] == imported
    assert {article.outlet for article in articles(store)} == {"Gull"}


def test_what_is_known_of_one_article_is_said_beside_it(line, call, store):
    query = "title=The+Quay&url=https://x.example.org/a&external_id=x1&name=quay&language=en"
    answer = call("POST", f"{HERE}?{query}", data=BODY.encode(), content_type="text/plain")
    finish(line, store, answer)
    (article,) = articles(store)
    assert (article.title, article.external_id, article.source) == ("The Quay", "x1", "quay.txt")


def test_a_dry_run_only_says_what_would_be_done(line, call, store):
    rows = b'{"text": "One."}\n{\n'
    answer = call("POST", f"{HERE}?dry_run=1", data=rows, content_type="application/x-ndjson")
    assert answer.json["name"] == "import_check_v1"
    done = finish(line, store, answer)
    assert articles(store) == []
    shown = call("GET", f"{HERE}/imports/{done.result['intake']}").json
    assert (shown["imported"], shown["rejected_total"], shown["state"]) == (1, 1, "checked")
    (rejected,) = shown["rejected"]
    assert (rejected["source"], rejected["row"]) == ("body.jsonl", 2)
    assert call("GET", f"{HERE}/imports/99").status_code == 404


@pytest.mark.parametrize(
    ("kind", "body", "status"),
    [
        ("application/json", b"{", 422),
        ("application/json", b"[]", 422),
        ("application/json", b'["text"]', 422),
        ("application/json", b'"text"', 422),
        ("application/json", b'{"text": NaN}', 422),
        ("application/json", b"\xff\xfe", 422),
        ("application/json", b'{"a":' + b"[" * 100_000, 422),
        ("application/pdf", b"%PDF", 415),
        ("", b"words", 415),
    ],
)
def test_a_body_that_cannot_be_used_is_refused_and_plans_nothing(call, store, kind, body, status):
    answer = call("POST", HERE, data=body, content_type=kind)
    assert answer.status_code == status
    assert answer.mimetype == "application/problem+json"
    with store.reading() as session:
        assert session.scalar(select(func.count(Intake.id))) == 0


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("mood=fine", "'mood' is not known here"),
        ("date=someday", "is not a date"),
        ("map=text", "does not say which column"),
        ("title=Quay", "title is said of one article"),
    ],
)
def test_a_question_that_cannot_be_used_is_refused(call, query, said):
    answer = call("POST", f"{HERE}?{query}", json={"text": BODY})
    assert answer.status_code == 422
    assert said in answer.json["detail"]


def test_a_body_that_is_too_large_is_refused_with_what_to_do(app, call, monkeypatch):
    monkeypatch.setattr("app.api.intake.MOST_JSON", 100)
    assert call("POST", HERE, json={"text": BODY}).status_code == 413
    app.extensions["settings"].__dict__["max_upload_bytes"] = 100
    answer = call("POST", HERE, data=BODY.encode(), content_type="text/plain")
    assert answer.status_code == 413
    assert "At most 100 bytes" in answer.json["remedy"]


@pytest.mark.parametrize(
    ("scopes", "role"), [(("read",), "admin"), (("write",), "reviewer"), (("write",), "viewer")]
)
def test_a_token_that_may_not_brings_nothing(call, scopes, role):
    assert call("POST", HERE, *scopes, role=role, json={"text": BODY}).status_code == 403


def test_the_command_line_shows_the_job_that_the_api_planned(line, call, store, runner):
    answer = call("POST", HERE, json={"text": BODY})
    shown = runner.invoke(args=["jobs", "show", str(answer.json["job"]), "--json"])
    assert json.loads(shown.stdout)["job"] == answer.json["job"]
