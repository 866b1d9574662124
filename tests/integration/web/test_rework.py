"""Rework by the command line and the API: the same answer, the same refusals."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from app.models.jobs import Job
from app.models.passages import Passage
from tests.integration.cli.conftest import Commands
from tests.integration.web.test_api import call  # noqa: F401 - a fixture
from tests.line import ADA, Line


@pytest.fixture
def line(settings, store):
    """A pushed batch, of which every passage is answered."""
    line = Line(settings.model_copy(update={"push_settle_s": 0.0}), store)
    line.add_article(paragraphs=2)
    line.add_batch()
    line.push()
    for task in line.server.tasks_of(line.lanes()[0].ls_project_id):
        line.server.annotate(task["id"], [], completed_by=line.server.users[-1].id)
    line.sync()
    with store.reading() as session:
        line.passages = session.scalars(select(Passage.uid).order_by(Passage.id)).all()
    yield line
    line.queue.close()


def test_a_reviewer_sends_back_by_either_way(line, call, runner, store):  # noqa: F811
    command = Commands(runner)
    told = command(
        "batches", "rework", "first", line.passages[0],
        "--annotator", ADA, "--reason", "Please.", "--as", "reviewer@example.org",
    )  # fmt: skip
    body = {"passage": line.passages[1], "annotator": ADA, "reason": "Please."}
    answer = call("POST", "/api/batches/first/rework", "write", role="reviewer", json=body)
    assert answer.status_code == 202
    assert answer.headers["Location"].endswith(f"/api/jobs/{told['job']}")
    assert set(answer.json) == {"batch", "passage", "annotator", "task", "round", "job"}
    assert {**answer.json, "task": "", "passage": ""} == {**told, "task": "", "passage": ""}
    with store.reading() as session:
        assert session.get_one(Job, told["job"]).actor == "reviewer@example.org"


def test_a_viewer_sends_nothing_back_and_an_odd_body_is_refused(line, call):  # noqa: F811
    path = "/api/batches/first/rework"
    assert call("POST", path, "write", role="viewer", json={}).status_code == 403
    answer = call("POST", path, "write", role="reviewer", json={"passage": 5})
    assert answer.status_code == 422
    assert "annotator" in answer.text


def test_for_people_it_says_what_happens(line, runner):
    text = Commands(runner).text(
        "batches", "rework", "first", line.passages[0], "--annotator", ADA, "--reason", "Please."
    )
    assert f"goes back to {ADA} as round 2" in text
