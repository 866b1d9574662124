"""A batch in the dashboard: asked for, looked at, made, looked after, closed."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from app.models.batches import Batch
from app.services.progress import recount_days
from tests.line import ADA, BEN, Line

FORM = {
    "name": "spring",
    "scheme": "small",
    "annotators": f"{ADA}\n{BEN}",
    "deal": "",
    "overlap": "2",
    "double": "",
    "control": "20",
    "quotas": "",
    "lanes": "",
    "connection": "fake",
    "articles": "",
    "seed": "3",
    "owner": "desk@example.org",
    "due": "2027-01-31",
    "note": "For the pilot.",
}


@pytest.fixture
def line(settings, store):
    line = Line(settings, store)
    line.add_article()
    yield line
    line.queue.close()


def batches(store):
    with store.reading() as session:
        return list(session.scalars(select(Batch.slug)))


def test_the_deal_is_shown_before_it_is_made(line, admin, store):
    assert "Show the deal" in admin.get("/new-batch").text
    shown = admin.send("/new-batch", {**FORM, "preview": "1"})
    assert shown.status_code == 200
    for words in (
        "The deal, before it is made",
        "Make spring",
        "1 passage goes out without suggestions",
        ADA,
        "Gull",
    ):
        assert words in shown.text
    assert batches(store) == []
    made = admin.send("/new-batch", {**FORM, "create": "1"})
    assert (made.status_code, made.location) == (303, "/batches/spring")
    page = admin.get("/batches/spring").text
    for words in ("desk@example.org", "31 Jan 2027", "For the pilot.", "Tasks by stratum and lane"):
        assert words in page
    with store.reading() as session:
        batch = session.scalars(select(Batch)).one()
        assert (batch.control, batch.seed, batch.overlap, batch.deal) == (20, 3, 2, "blind")


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"annotators": ""}, "needs annotators"),
        ({"annotators": "nobody"}, "not an e-mail"),
        ({"overlap": "3"}, "3 times"),
        ({"overlap": "two"}, "not a number for overlap"),
        ({"control": "x"}, "not a number for control"),
        ({"seed": "9" * 12}, "not a number for seed"),
        ({"quotas": ADA}, "EMAIL=VALUE"),
        ({"quotas": f"{ADA}=many"}, "no number of tasks"),
        ({"due": "soon"}, "not a date"),
        ({"scheme": "none"}, "none"),
        ({"name": "A b"}, "cannot name a batch"),
        ({"articles": "outlet=Nobody"}, "No passage matches"),
    ],
)
@pytest.mark.parametrize("button", ["preview", "create"])
def test_what_cannot_be_dealt_is_said_beside_what_was_typed(
    line, admin, store, changed, said, button
):
    answer = admin.send("/new-batch", {**FORM, **changed, button: "1"})
    assert answer.status_code == 422
    assert said in answer.text
    assert "For the pilot." in answer.text
    assert batches(store) == []


def test_quotas_and_a_doubled_part_are_read_from_the_form(line, admin, store):
    asked = {"overlap": "1", "double": "40", "quotas": f"{ADA}=3", "lanes": f"{BEN}=fake"}
    admin.send("/new-batch", {**FORM, **asked, "create": "1"})
    assert [lane["tasks"] for lane in line.show("spring")["lanes"]] == [3, 4]


@pytest.mark.parametrize("act", ["edit", "close", "reopen", "archive"])
def test_only_an_admin_looks_after_a_batch(line, viewer, reviewer, act):
    line.add_batch()
    for client in (viewer, reviewer):
        assert client.send(f"/batches/first/{act}", {"typed": "first"}).status_code == 403
        assert client.get("/new-batch").status_code == 403
    assert line.show()["state"] == "draft"


def test_a_batch_is_closed_by_its_name_typed_and_says_what_is_undone(line, admin):
    line.add_batch()
    line.push()
    refused = admin.send("/batches/first/close", {"typed": "frist"})
    assert refused.status_code == 422
    assert line.show()["state"] == "open"
    closed = admin.send("/batches/first/close", {"typed": "first"}, follow_redirects=True)
    assert "5 of 5 tasks are undone" in closed.text
    assert "Reopen the batch" in closed.text
    assert "/batches/first/push" not in closed.text
    admin.send("/batches/first/reopen")
    assert line.show()["state"] == "open"
    admin.send("/batches/first/close", {"typed": "first"})
    archived = admin.send("/batches/first/archive", {"typed": "first"}, follow_redirects=True)
    assert "This batch is archived" in archived.text


def test_notes_are_kept_from_the_page(line, admin):
    line.add_batch()
    notes = {"owner": "", "due": "", "note": "Ask Ada first."}
    assert "Ask Ada first." in admin.send("/batches/first/edit", notes, follow_redirects=True).text


def test_how_it_is_reviewed_is_read_by_all_and_changed_by_an_admin(line, admin, reviewer):
    line.add_batch()
    page = reviewer.get("/batches/first").text
    assert "decided one by one" in page
    assert "Change the review" not in page
    wanted = {"mode": "majority", "second": "12.5", "reasons": "missed\r\n\r\ntoo vague\nmissed"}
    assert reviewer.send("/batches/first/review-policy", wanted).status_code == 403
    page = admin.send("/batches/first/review-policy", wanted, follow_redirects=True).text
    assert "may be accepted all at once" in page
    assert "12.5% of the passages" in page
    assert line.show()["review"]["reasons"] == ["missed", "too vague"]
    for second in ("101", "many"):
        refused = admin.send("/batches/first/review-policy", {**wanted, "second": second})
        assert refused.status_code == 422
    usual = {"mode": "calibration", "second": "", "reasons": ""}
    page = admin.send("/batches/first/review-policy", usual, follow_redirects=True).text
    assert "nothing is chosen beforehand" in page
    assert line.show()["review"]["reasons"][-1] == "other"


def test_the_page_tells_what_happened_and_by_whom(line, admin):
    line.add_batch()
    admin.send("/batches/first/push")
    page = admin.get("/batches/first").text
    activity = page[page.index('id="activity"') :]
    for words in ("Batch created", "Push requested", "admin@example.org", "system"):
        assert words in activity


def test_the_invite_link_is_for_admins_alone(line, admin, viewer):
    line.add_batch()
    line.push()
    assert "one link for everybody" in admin.get("/batches/first").text
    assert "signup" not in viewer.get("/batches/first").text


def test_signs_against_blindness_and_their_limit_are_on_the_page(line, admin):
    line.add_batch(annotators=(ADA, BEN), overlap=2)
    line.push()
    assert "no sign against it" in admin.get("/batches/first").text
    task = line.server.tasks_of(line.lanes()[0].ls_project_id)[0]
    line.server.annotate(task["id"], [], completed_by=1)
    line.sync()
    page = admin.get("/batches/first").text
    for words in ("1 not blind", "Not the lane&#39;s annotator", "leaves no trace"):
        assert words in page


def test_pace_is_told_from_twenty_answers_on(line, admin):
    line.add_article("sails", paragraphs=29)
    line.add_batch()
    line.push()
    tasks = line.server.tasks_of(line.lanes()[0].ls_project_id)
    user = next(one.id for one in line.server.users if one.email == ADA)
    for task in tasks[:19]:
        line.server.annotate(task["id"], [], user)
    line.sync()
    assert "not enough data" in admin.get("/batches/first").text
    late = [line.server.annotate(task["id"], [], user) for task in tasks[19:20]]
    line.sync()
    page = admin.get("/batches/first/progress").text
    assert "not enough data" not in page
    with line.session() as session:
        assert sum(recount_days(session, line.lanes()[0].id).values()) == 20
    for annotation in late:
        line.server.delete_annotation(annotation)
    line.sync(full=True)
    line.sync(full=True)
    assert line.show()["annotated"] == 19
    assert "not enough data" in admin.get("/batches/first").text


def test_the_passages_that_are_in_label_studio_can_be_listed(line, admin):
    line.add_batch()
    assert "Press Push." in admin.get("/batches/first?show=pushed").text
    line.push()
    assert "Press Push." not in admin.get("/batches/first?show=pushed").text
