"""On a real Label Studio: work of others is adopted both ways alike, and rework is seen."""

from __future__ import annotations

import json
import uuid
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from app.models.annotations import Annotation, Revision, Span
from app.models.connections import Account, Annotator
from app.models.jobs import Job
from app.models.passages import Passage
from app.models.tasks import Task
from app.services.accounts import create_user
from app.services.adoption import request_adoption
from labeling.studio.sdk_gateway import SdkGateway
from tests.browser.labeling_page import LabelingPage
from tests.foreign import CONFIG, project, recount
from tests.integration.cli.conftest import Commands
from tests.line import ADA, Line
from tests.studio_server import StudioServer

pytestmark = [
    pytest.mark.studio,
    pytest.mark.parametrize("store_kind", ["sqlite"], indirect=True),
]
ITEMS = ("spans", "relations", "attributes", "choices", "quarantined_items")
RUTH = "ruth@example.org"
PASSWORD = "plum-gravel-teapot"
REASON = "The speaker’s name is not marked yet."


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with StudioServer(Path(tmp_path_factory.mktemp("label-studio"))) as server:
        yield server


@pytest.fixture
def gateway(server):
    return SdkGateway(server.url, server.token)


@pytest.fixture
def line(settings, store, server, gateway):
    """The line, with its connection leading to the real server."""
    line = Line(settings.model_copy(update={"push_settle_s": 0.0}), store)
    line.runner.gateways = lambda _url, _token: gateway
    yield line
    line.queue.close()


@pytest.fixture
def api(server):
    """The server's own API, for what the gateway cannot do."""
    headers = {"Authorization": f"Token {server.token}"}
    with httpx.Client(base_url=server.url, headers=headers, timeout=60, trust_env=False) as client:
        yield client


def make_project(api, gateway) -> int:
    """A project of others, annotated by several."""
    users = [gateway.create_user(f"annotator{n}@example.org").id for n in range(1, 5)]
    body = {"title": "Work of others", "label_config": CONFIG}
    number = api.post("/api/projects/", json=body).raise_for_status().json()["id"]
    tasks = [_importable(task, users) for task in project(60) if "body" in task["data"]]
    api.post(f"/api/projects/{number}/import", json=tasks).raise_for_status()
    return int(number)


def _importable(task: dict[str, Any], users: list[int]) -> dict[str, Any]:
    annotations = [
        {
            "result": one["result"],
            "completed_by": users[n],
            "was_cancelled": one["was_cancelled"],
            "ground_truth": False,
        }
        for n, one in enumerate(task.get("annotations", task.get("completions", ())))
    ]
    return {"data": task["data"], "annotations": annotations}


def test_an_export_and_the_project_itself_are_adopted_alike(line, api, gateway, runner, tmp_path):
    number = make_project(api, gateway)
    path = f"/api/projects/{number}/export"
    asked = {"exportType": "JSON", "download_all_tasks": "true"}
    exported = api.get(path, params=asked).raise_for_status().json()
    (tmp_path / "export.json").write_text(json.dumps(exported), encoding="utf-8")
    (tmp_path / "config.xml").write_text(CONFIG, encoding="utf-8")
    files = ("--export", str(tmp_path / "export.json"), "--config", str(tmp_path / "config.xml"))
    by_file = Commands(runner)("batches", "adopt", "by-file", *files)
    with line.store.transaction() as session:
        job = request_adoption(
            session, line.queue, "by-server", connection="fake", project=number,
            pseudonyms=False, actor="system",
        )  # fmt: skip
    job = line.run(job)
    assert job.error is None, job.error
    assert {**job.result, "batch": ""} == {**by_file, "batch": ""}
    expected = recount(exported)
    assert sum(by_file[name] for name in ITEMS) == expected["items"] > 1_000
    assert (by_file["tasks"], by_file["annotations"]) == (
        expected["tasks"],
        expected["annotations"],
    )
    shown = line.show("by-server")
    assert (shown["tasks"], shown["quarantined"]) == (
        expected["tasks"],
        by_file["quarantined_items"],
    )
    counts = line.sync("by-server", full=True)
    assert (counts.result["revisions_new"], counts.result["withdrawn"]) == (0, 0)
    again = api.get(path, params=asked).raise_for_status().json()
    assert again == exported


@pytest.mark.browser
def test_an_annotator_sees_the_reason_and_the_answer_comes_back(
    line, server, gateway, browser, runner, tmp_path
):
    line.add_article(paragraphs=2)
    line.add_batch(scheme="news")
    assert line.push().error is None
    passage, ls_task_id, ada = _answered(line, gateway)
    back = _sent_back(line, Commands(runner), passage, tmp_path / "decisions.json")
    server.set_password(ADA, PASSWORD)
    who = SimpleNamespace(url=server.url, admin_email=ADA, admin_password=PASSWORD)
    context = browser.new_context(viewport={"width": 1440, "height": 1000})
    desk = LabelingPage(context.new_page(), who)
    desk.sign_in()
    lane = line.lanes()[0]
    [ref] = gateway.find_tasks(lane.ls_project_id, [back])
    assert ref.ls_task_id != ls_task_id
    desk.open(lane.ls_project_id, ref.ls_task_id)
    expect(desk.page.locator(".notice h3")).to_contain_text(REASON)
    desk.mark("1", "Ada Lovelace")
    assert len(desk.submit()) == 2
    context.close()
    assert line.sync().error is None
    with line.session() as session:
        rows = session.execute(
            select(Task.round, Annotation.ls_user_id, Span.label)
            .join(Annotation, Annotation.task_id == Task.id)
            .join(Revision, Revision.annotation_id == Annotation.id)
            .join(Span, Span.revision_id == Revision.id)
            .order_by(Task.round, Span.start)
        )
        assert [tuple(row) for row in rows] == [
            (1, ada, "QUOTE"), (2, ada, "QUOTE"), (2, ada, "PERSON"),
        ]  # fmt: skip
    told = Commands(runner)("review", "show", "first", passage)
    assert (told["state"], told["came_back"]) == ("ready", True)
    assert [group["label"] for group in told["groups"]] == ["QUOTE", "PERSON"]


def _sent_back(line, commands, passage: str, path: Path) -> str:
    """A reviewer sends the passage back by file, with a reason at the quotation; its new task."""
    with line.store.transaction() as session:
        create_user(session, email=RUTH, role="reviewer", actor="system")
    (group,) = commands("review", "show", "first", passage)["groups"]
    reason = {"group": group["group"], "reason": REASON}
    rework = [{"passage": passage, "versions": ["A"], "reasons": [reason]}]
    path.write_text(json.dumps({"decisions": [], "rework": rework}), encoding="utf-8")
    done = commands("review", "decide", "first", "--file", str(path), "--as", RUTH)
    assert done["rejected"] == []
    with line.session() as session:
        push = session.scalars(
            select(Job).where(Job.name == "push_v1").order_by(Job.id.desc()).limit(1)
        ).one()
    assert line.run(push).error is None
    return str(done["passages"][0]["rework"][0])


def _answered(line, gateway) -> tuple[str, int, int]:
    """One passage with a quotation, answered by Ada and synced."""
    lane = line.lanes()[0]
    with line.session() as session:
        passage, text, uid = session.execute(
            select(Passage.uid, Passage.text, Task.uid)
            .join(Task, Task.passage_id == Passage.id)
            .where(Passage.text.startswith("“"))
            .limit(1)
        ).one()
        ada = session.scalars(
            select(Account.ls_user_id).join(Annotator).where(Annotator.email == ADA)
        ).one()
    value = {"start": 0, "end": text.index("”") + 1, "labels": ["QUOTE"]}
    item = {"id": "q1", "from_name": "quote", "to_name": "text", "type": "labels", "value": value}
    [ref] = gateway.find_tasks(lane.ls_project_id, [uid])
    gateway.submit_annotation(
        ref.ls_task_id, result=[item], completed_by=ada, unique_id=str(uuid.uuid4())
    )
    assert line.sync().error is None
    return passage, ref.ls_task_id, ada
