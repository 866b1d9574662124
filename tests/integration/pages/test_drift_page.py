"""The drift page, the alarms that lead to it, and the answers given there."""

from __future__ import annotations

import json

import pytest

from tests.line import Line


@pytest.fixture
def line(settings, store):
    """Thirty answered tasks, of which ten answers have vanished."""
    line = Line(settings.model_copy(update={"push_settle_s": 0.0}), store)
    line.add_article(paragraphs=29)
    line.add_batch()
    line.push()
    project = line.lanes()[0].ls_project_id
    made = [line.server.annotate(task["id"], []) for task in line.server.tasks_of(project)]
    line.sync()
    for ls_id in made[:10]:
        line.server.delete_annotation(ls_id)
    for _ in range(2):
        line.sync()
    yield line
    line.queue.close()


def shown(visitor):
    answer = visitor.get("/batches/first/drift")
    assert answer.status_code == 200
    return answer.text


def asked(runner):
    answer = runner.invoke(args=["batches", "drift", "first", "--json"])
    assert answer.exit_code == 0, answer.output
    return json.loads(answer.stdout)


def test_the_page_asks_an_admin_and_tells_a_viewer(line, viewer, admin):
    assert "Many answers vanished at once" in shown(viewer)
    assert 'value="accept"' not in shown(viewer)
    assert 'value="accept"' in shown(admin)
    assert "Nothing differs" not in shown(admin)


@pytest.mark.parametrize(("answer", "left"), [("keep", 30), ("accept", 20)])
def test_an_admin_decides_on_the_page(line, admin, runner, answer, left):
    number = asked(runner)["open"][0]["id"]
    done = admin.send(f"/batches/first/drift/{number}", {"answer": answer})
    assert done.status_code == 303
    assert line.show()["annotated"] == left
    assert "Nothing differs" in shown(admin)
    assert "admin@example.org" in shown(admin)


@pytest.mark.parametrize(
    ("option", "word", "left"), [("--keep", "kept", 30), ("--accept", "withdrawn", 20)]
)
def test_an_admin_decides_on_the_command_line(line, runner, option, word, left):
    number = str(asked(runner)["open"][0]["id"])
    args = ["batches", "drift", "first", option, number, "--as", "admin@example.org", "--json"]
    answer = runner.invoke(args=args)
    assert answer.exit_code == 0, answer.output
    assert json.loads(answer.stdout)[word] == 10
    assert line.show()["annotated"] == left


def test_both_answers_at_once_are_refused(line, runner):
    answer = runner.invoke(args=["batches", "drift", "first", "--keep", "1", "--accept", "1"])
    assert answer.exit_code == 1
    assert "either" in answer.stderr


def test_a_lost_project_is_an_alarm_on_every_page_that_matters(line, viewer, runner):
    assert "Project gone" not in viewer.get("/").text
    line.server.delete_project(line.lanes()[0].ls_project_id)
    line.sync()
    assert "Project gone" in viewer.get("/").text
    assert "is gone from Label Studio" in viewer.get("/batches/first").text
    assert "Project is gone" in shown(viewer)
    assert "lost_project" in {one["kind"] for one in asked(runner)["open"]}


def test_a_batch_that_cannot_be_synced_says_so_on_its_page(line, viewer):
    for _ in range(3):
        line.server.fail_next("get_project", "500")
    line.sync()
    assert "The last 1 sync failed" in viewer.get("/batches/first").text


def test_a_batch_tells_how_many_tasks_are_in_doubt(line, runner):
    answer = json.loads(runner.invoke(args=["batches", "show", "first", "--json"]).stdout)
    assert (answer["unknown"], answer["stale"]) == (0, 0)
