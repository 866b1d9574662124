"""From an article file to a labeled dataset by the command line alone, on the real server."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import uuid

import pytest

from config import ROOT
from labeling.studio.sdk_gateway import SdkGateway
from tests.processes import WorkerUnderTest, environment_of
from tests.studio_server import StudioServer

pytestmark = [pytest.mark.studio, pytest.mark.slow]

ARTICLE = """Ferry strike enters its third week 🚢

By Nadia Brandt

‘Nobody asked the islanders’

🙂🙂 “We won’t be starved out,” said Kofi Anders, who speaks for the crews.

The company’s chair, Lena Voss, called the walkout “economic vandalism” and said: "It's over."

Read more: Ferry strike, the story so far
"""


@pytest.fixture(scope="module")
def studio(tmp_path_factory):
    with StudioServer(tmp_path_factory.mktemp("studio") / "data") as server:
        yield server


@pytest.fixture
def flask_process(settings):
    """`flask …` as a process of its own."""

    def call(*words, stdin="", exit_code=0):
        done = subprocess.run(
            [sys.executable, "-m", "flask", *words, "--json"],
            cwd=ROOT,
            env={**os.environ, **environment_of(settings)},
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
            timeout=180,
        )
        assert done.returncode == exit_code, done.stdout + done.stderr
        return json.loads(done.stdout)

    return call


def region(ident, control, label, text, words, **attrs):
    start = text.index(words)
    end = start + len(words)
    value = {"start": start, "end": end}
    items = [
        {
            "id": ident,
            "from_name": control,
            "to_name": "text",
            "type": "labels",
            "value": {**value, "text": words, "labels": [label]},
        }
    ]
    for name, answer in attrs.items():
        items.append(
            {
                "id": ident,
                "from_name": name,
                "to_name": "text",
                "type": "choices",
                "value": {**value, "choices": [answer]},
            }
        )
    return items


def annotate(gateway, project, ls_user, words, result):
    for page in gateway.iter_tasks(project, since=None):
        for task in page:
            if words in task.data["text"]:
                gateway.submit_annotation(
                    task.ls_task_id,
                    result=result(task.data["text"]),
                    completed_by=ls_user,
                    unique_id=str(uuid.uuid4()),
                    lead_time=31.5,
                )
                return task.data
    raise AssertionError(f"no task with {words!r}")


def answer(text):
    quote = region("q1", "quote", "QUOTE", text, "“We won’t be starved out,”", kind="direct")
    speaker = region("s1", "quote", "SPEAKER", text, "Kofi Anders")
    term = region("l1", "loaded", "LOADED_TERM", text, "starved", voice="quoted")
    said = {"type": "relation", "from_id": "q1", "to_id": "s1", "labels": ["said_by"]}
    return [*quote, *speaker, *term, said]


def annotate_every_lane(studio, lanes):
    """Each lane's annotator marks the passage; the users of the server are told, by e-mail."""
    gateway = SdkGateway(studio.url, studio.token)
    users = {user.email: user.id for user in gateway.list_users()}
    for lane in lanes:
        data = annotate(
            gateway, lane["project_id"], users[lane["annotator"]], "starved out", answer
        )
        assert data["headline"] == "Ferry strike enters its third week 🚢"
        assert "Nobody asked" in data["context"]
    return users


def assert_tells_what_was_marked(record, users):
    text = record["passage"]["text"]
    assert ARTICLE[record["passage"]["start"] : record["passage"]["end"]] == text
    assert text.startswith("🙂🙂 “We")
    assert record["article"]["outlet"] == "The Pier"
    assert {a["annotator"] for a in record["annotations"]}.isdisjoint(users)
    for layer in record["annotations"]:
        found = {span["label"]: span for span in layer["spans"]}
        assert text[found["QUOTE"]["start"] : found["QUOTE"]["end"]] == "“We won’t be starved out,”"
        assert found["QUOTE"]["attrs"] == {"kind": "direct"}
        assert found["LOADED_TERM"]["attrs"] == {"voice": "quoted"}
        assert found["SPEAKER"]["text"] == "Kofi Anders"
        assert layer["relations"] == [{"from": "q1", "to": "s1", "label": "said_by"}]
        assert layer["lead_time"] == 31.5


def test_a_file_becomes_a_labeled_dataset(settings, studio, flask_process, tmp_path):
    path = tmp_path / "ferry.txt"
    path.write_text(ARTICLE, encoding="utf-8")
    name = f"ferry-{uuid.uuid4().hex[:6]}"
    imported = flask_process("articles", "import", str(path), "--outlet", "The Pier")
    assert imported["articles"][0]["passages"] == 4
    connected = flask_process("studio", "connect", "local", "--url", studio.url, stdin=studio.token)
    assert connected["token_kind"] == "legacy"
    assert flask_process("studio", "check", "local")["ok"] is True
    created = flask_process(
        "batches",
        "create",
        name,
        "--annotator",
        "ada@example.org",
        "--annotator",
        "ben@example.org",
        "--overlap",
        "2",
    )
    assert created["tasks"] == 8
    with WorkerUnderTest(settings, tmp_path / "worker.log"):
        assert flask_process("batches", "push", name, "--wait")["pushed"] == 8
        shown = flask_process("batches", "show", name)
        users = annotate_every_lane(studio, shown["lanes"])
        counts = flask_process("sync", name, "--wait")
        assert (counts["revisions_new"], counts["quarantined"]) == (2, 0)
        assert flask_process("sync", name, "--wait")["revisions_new"] == 0
    assert flask_process("batches", "show", name)["annotated"] == 2
    exported = flask_process(
        "datasets", "export", name, "--format", "jsonl", "--out", str(tmp_path)
    )
    records = [json.loads(line) for line in open_lines(exported["files"][0])]
    assert len(records) == 4
    (record,) = [r for r in records if r["annotations"]]
    assert_tells_what_was_marked(record, users)


def open_lines(path):
    from pathlib import Path

    return Path(path).read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("store_kind", ["sqlite"])
def test_connecting_says_in_plain_words_what_is_wrong(store_kind, flask_process, studio):
    words = ("studio", "connect", "local", "--url")
    nobody = flask_process(*words, "http://127.0.0.1:1", stdin=studio.token, exit_code=1)["error"]
    assert nobody["kind"] == "studio_unavailable"
    wrong = flask_process(*words, studio.url, stdin="f" * 40, exit_code=1)["error"]
    assert wrong["kind"] == "studio_token"
    assert wrong["remedy"]
    empty = flask_process(*words, studio.url, stdin="", exit_code=1)["error"]
    assert "stdin" in empty["message"]
    odd = flask_process(*words, "ftp://x", stdin=studio.token, exit_code=1)["error"]
    assert "ftp" in odd["message"]
    assert flask_process("studio", "list") == {"connections": []}
    assert flask_process(*words, studio.url, stdin=studio.pat())["token_kind"] != "legacy"
