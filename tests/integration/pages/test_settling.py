"""Settling what was set aside, on the page and on the command line."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from app.models.annotations import Quarantine
from tests.integration.cli.conftest import Commands
from tests.line import ADA, Line


@pytest.fixture
def line(settings, store):
    """A batch with one item of an unknown label, and one beyond the text."""
    line = Line(settings.model_copy(update={"push_settle_s": 0.0}), store)
    line.add_article(paragraphs=1)
    line.add_batch()
    line.push()
    task = line.server.tasks_of(line.lanes()[0].ls_project_id)[1]
    result = [region("a", "LIAR", 0, 3), region("b", "QUOTE", 0, 9999)]
    line.server.annotate(task["id"], result, completed_by=line.server.users[-1].id)
    line.sync()
    with store.reading() as session:
        rows = session.execute(select(Quarantine.kind, Quarantine.id))
        line.items = dict(tuple(row) for row in rows)
    yield line
    line.queue.close()


def region(key, label, start, end):
    value = {"start": start, "end": end, "labels": [label]}
    return {"id": key, "from_name": "quote", "to_name": "text", "type": "labels", "value": value}


def path_of(item, act=""):
    return f"/batches/first/set-aside/{item}" + (f"/{act}" if act else "")


def state_of(store, item):
    with store.reading() as session:
        return session.get_one(Quarantine, item).state


def test_the_page_shows_the_reason_the_text_and_the_json_side_by_side(line, reviewer):
    page = reviewer.get(path_of(line.items["unknown_label"])).text
    assert "offers no" in page
    assert "<mark>“We</mark>" in page
    assert "&#34;LIAR&#34;" in page or "&quot;LIAR&quot;" in page
    assert "Accept as is" in page
    far = reviewer.get(path_of(line.items["bad_offsets"])).text
    assert "Accept as is" not in far
    assert "Ask the annotator again" in far
    assert "marks no stretch" in far


def test_a_reviewer_settles_and_the_item_says_who_and_why(line, reviewer, store):
    unknown, far = line.items["unknown_label"], line.items["bad_offsets"]
    answer = reviewer.send(path_of(unknown, "accept"), {"note": "Fits."}, follow_redirects=True)
    assert "The item counts now" in answer.text
    assert "reviewer@example.org settled it" in answer.text
    assert "“Fits.”" in answer.text
    answer = reviewer.send(path_of(far, "ask"), {"reason": "Where?"}, follow_redirects=True)
    assert f"{ADA} is asked again, as round 2" in answer.text
    assert (state_of(store, unknown), state_of(store, far)) == ("accepted", "asked")
    assert "Nothing here is set aside" in reviewer.get("/set-aside").text
    listed = reviewer.get("/set-aside?state=any").text
    assert "Unknown label" in listed
    assert "asked again" in listed


def test_an_item_is_ignored_and_found_under_ignored(line, reviewer, store):
    far = line.items["bad_offsets"]
    answer = reviewer.send(path_of(far, "ignore"), follow_redirects=True)
    assert "The item is left out" in answer.text
    assert "Outside the text" in reviewer.get("/set-aside?state=ignored").text
    again = reviewer.send(path_of(far, "ignore"))
    assert again.status_code == 409
    assert "is ignored already" in again.text


@pytest.mark.parametrize("act", ["accept", "ignore", "ask"])
def test_a_viewer_only_looks(line, viewer, store, act):
    item = line.items["unknown_label"]
    assert "Accept as is" not in viewer.get(path_of(item)).text
    assert viewer.send(path_of(item, act), {"reason": "x"}).status_code == 403
    assert state_of(store, item) == "open"


@pytest.mark.parametrize("act", ["accept", "ignore", "ask"])
def test_an_item_is_settled_in_its_own_batch_only(line, reviewer, store, act):
    item = line.items["unknown_label"]
    answer = reviewer.send(f"/batches/other/set-aside/{item}/{act}", {"reason": "x"})
    assert answer.status_code == 404
    assert state_of(store, item) == "open"


def test_the_list_is_filtered_by_batch_kind_and_annotator(line, viewer):
    assert viewer.get("/batches/first/set-aside").location == "/set-aside?batch=first"
    for query, shown in (
        ("batch=first", True),
        (f"annotator={ADA}&kind=unknown_label", True),
        ("batch=other", False),
        ("kind=bad_item", False),
        ("state=nonsense", True),
    ):
        page = viewer.get(f"/set-aside?{query}").text
        assert (">Unknown label</a>" in page) == shown, query


def test_the_command_line_lists_and_settles(line, runner, store):
    command = Commands(runner)
    unknown, far = line.items["unknown_label"], line.items["bad_offsets"]
    listed = command("quarantine", "list", "--batch", "first", "--limit", "1")
    assert [(i["item"], i["kind"], i["annotator"]) for i in listed["items"]] == [
        (far, "bad_offsets", ADA)
    ]
    assert listed["next"] == far
    rest = command("quarantine", "list", "--after", str(far), "--kind", "unknown_label")
    assert [i["item"] for i in rest["items"]] == [unknown]
    told = command("quarantine", "accept", str(unknown), "--as", "reviewer@example.org")
    assert told == {"item": unknown, "state": "accepted"}
    told = command("quarantine", "ask", str(far), "--reason", "Where?")
    assert (told["item"], told["state"], told["annotator"], told["round"]) == (far, "asked", ADA, 2)
    error = command("quarantine", "ignore", str(far), exit_code=1)["error"]
    assert error["kind"] == "conflict"
    assert "Nothing is set aside" in command.text("quarantine", "list")
    states = {i["state"] for i in command("quarantine", "list", "--state", "any")["items"]}
    assert states == {"accepted", "asked"}


def test_ignoring_on_the_command_line_keeps_the_note(line, runner, store):
    item = line.items["bad_offsets"]
    told = Commands(runner)("quarantine", "ignore", str(item), "--note", "A slip.")
    assert told == {"item": item, "state": "ignored"}
    [kept] = Commands(runner)("quarantine", "list", "--state", "ignored")["items"]
    assert (kept["note"], kept["decided_by"]) == ("A slip.", "system")
