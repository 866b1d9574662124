"""Datasets over the API: the same answers as the commands, records as a stream with a cursor."""

from __future__ import annotations

import json
import os
import re

import pytest
from sqlalchemy import select

from app.models.releases import Release
from app.queries.releases import iter_lines
from app.services import tokens
from config import ROOT
from tests.instances import PEOPLE

RELEASE = ("release", "news", "--batch", "first")
RECORDS = "/api/datasets/news/1.0.0/records"


@pytest.fixture
def ask(app, store):
    """Calls the API as the user of a role."""
    client = app.test_client()

    def ask(path, role="viewer"):
        with store.transaction() as session:
            made = tokens.create_token(session, email=PEOPLE[role], scopes=["read"], actor="system")
        return client.get(path, headers={"Authorization": f"Bearer {made.token}"})

    return ask


def test_datasets_and_manifests_are_those_of_the_commands(room, call, ask):
    made = call(*RELEASE)
    assert ask("/api/datasets").json == call("list")
    manifest = ask("/api/datasets/news/1.0.0").json
    assert manifest["records_sha256"] == made["sha256"]
    assert manifest["counts"]["records"] == made["records"]
    missing = ask("/api/datasets/news/2.0.0")
    assert (missing.status_code, missing.json["kind"]) == (404, "not_found")


def test_records_come_page_by_page_as_they_were_frozen(room, call, ask, store):
    call(*RELEASE)
    with store.reading() as session:
        release = session.scalars(select(Release)).one()
    frozen = list(iter_lines(store, release.id))
    path, told = f"{RECORDS}?limit=2", []
    while path:
        answer = ask(path)
        assert answer.mimetype == "application/x-ndjson"
        assert answer.headers["X-Records-Sha256"] == release.sha256
        told += answer.text.splitlines()
        link = answer.headers.get("Link", "")
        assert bool(link) == ("X-Next-Cursor" in answer.headers)
        found = re.fullmatch(r"<http://localhost(/\S+)>; rel=\"next\"", link)
        path = found.group(1) if found else None
    assert told == frozen
    assert ask(f"{RECORDS}?cursor=3").text == ""
    assert len({json.loads(line)["passage"]["uid"] for line in told}) == 3


@pytest.mark.parametrize("query", ["cursor=x", "limit=10001", "cursor=99999999999", "limit=-1"])
def test_a_cursor_that_is_none_is_refused(room, call, ask, query):
    call(*RELEASE)
    assert ask(f"{RECORDS}?{query}").status_code == 422


def test_a_release_that_names_annotators_is_read_by_admins_alone(room, call, ask):
    call(*RELEASE, "--names")
    assert ask(RECORDS).status_code == 403
    assert "@example.org" in ask(RECORDS, role="admin").text


def test_the_description_names_every_route_with_its_scope(app, ask):
    told = ask("/api/openapi.json").json
    assert told["openapi"].startswith("3.1")
    routes = {
        (re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule), method.lower())
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/api/")
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }
    described = {(path, method) for path, ways in told["paths"].items() for method in ways}
    assert described == routes
    records = told["paths"]["/api/datasets/{dataset}/{version}/records"]["get"]
    assert "Scope read, role viewer." in records["description"]
    assert [one["name"] for one in records["parameters"]] == [
        "dataset", "version", "cursor", "limit",
    ]  # fmt: skip
    assert "application/x-ndjson" in records["responses"]["2XX"]["content"]


# What is not among the test requirements (DuckDB, Polars) is shown in the guide but not run here.
@pytest.mark.parametrize("name", ["pandas", "Hugging Face datasets", "spaCy"])
def test_the_guides_example_loads_a_release(room, call, tmp_path, monkeypatch, name):
    call(*RELEASE, "--split", "none")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HF_HOME", str(tmp_path / "cache"))
    for form in ("jsonl", "parquet", "docbin"):
        call("export", "news", "1.0.0", "--format", form, "--out", f"news-{form}")
        for path in (tmp_path / f"news-{form}" / "data").glob("all*"):
            path.rename(path.with_name(path.name.replace("all", "train")))
    guide = (ROOT / "docs" / "guide" / "datasets.md").read_text("utf-8")
    example = re.search(rf"```python\n# {name}:.*?\n(.*?)```", guide, re.DOTALL)
    if name == "Hugging Face datasets":
        import datasets

        datasets.config.HF_DATASETS_CACHE = os.fspath(tmp_path / "cache")
    got: dict[str, object] = {}
    exec(example.group(1), got)
    found = {"pandas": "passages", "Hugging Face datasets": "news", "spaCy": "docs"}[name]
    assert len(got[found]) == 3
    if name == "pandas":
        assert len(got["spans"]) == 6
