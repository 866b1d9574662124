"""What an admin does on the pages, and what a page that polls is answered."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update

from app.models.jobs import Job, JobState
from tests.line import Line


@pytest.fixture
def line(settings, store):
    line = Line(settings, store)
    yield line
    line.queue.close()


@pytest.fixture
def batch(line):
    line.add_article(paragraphs=2)
    return line.add_batch()


def states(store):
    with store.reading() as session:
        return [tuple(row) for row in session.execute(select(Job.name, Job.state).order_by(Job.id))]


def set_state(store, **values):
    with store.transaction() as session:
        session.execute(update(Job).values(**values))


def test_push_and_sync_are_planned_as_jobs_of_whoever_pressed(batch, admin, store):
    for act in ("push", "sync"):
        answer = admin.send(f"/batches/{batch}/{act}", follow_redirects=True)
        assert answer.status_code == 200
        assert f"The {act} is under way" in answer.text
    assert states(store) == [("push_v1", "queued"), ("sync_v1", "queued")]
    with store.reading() as session:
        assert set(session.scalars(select(Job.actor))) == {"admin@example.org"}


@pytest.mark.parametrize("act", ["batches/first/push", "batches/first/sync", "jobs/1/cancel"])
def test_only_an_admin_may_act(batch, viewer, reviewer, store, act):
    for visitor in (viewer, reviewer):
        assert visitor.send(f"/{act}").status_code == 403
    assert states(store) == []


def test_an_act_without_the_token_of_the_form_does_nothing(batch, admin, store):
    assert admin.post(f"/batches/{batch}/push").status_code == 400
    assert states(store) == []


def test_a_job_is_cancelled_and_tried_again(batch, admin, store):
    admin.send(f"/batches/{batch}/push")
    assert (
        "stops at its next safe point" in admin.send("/jobs/1/cancel", follow_redirects=True).text
    )
    assert states(store) == [("push_v1", "cancelled")]
    assert "runs again" in admin.send("/jobs/1/retry", follow_redirects=True).text
    assert states(store) == [("push_v1", "queued")]


def test_trying_an_ended_job_to_be_cancelled_is_a_conflict_in_words(batch, admin, store):
    admin.send(f"/batches/{batch}/push")
    set_state(store, state=JobState.SUCCEEDED)
    answer = admin.send("/jobs/1/cancel")
    assert answer.status_code == 409
    assert "has ended already" in answer.text


def test_a_page_that_polls_is_told_when_nothing_moved(batch, admin, store):
    admin.send(f"/batches/{batch}/push")
    path = f"/batches/{batch}/progress"
    first = admin.get(path)
    assert 'hx-trigger="every 3s"' in first.text
    assert "HX-Trigger" not in first.headers
    again = admin.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    set_state(store, done=1, state=JobState.RUNNING)
    moved = admin.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert moved.status_code == 200
    assert moved.headers["ETag"] != first.headers["ETag"]


def test_a_page_stops_polling_when_the_job_has_ended(batch, admin, store):
    admin.send(f"/batches/{batch}/push")
    set_state(store, state=JobState.SUCCEEDED, message="Done")
    for path in (f"/batches/{batch}/progress", "/jobs/1/progress"):
        answer = admin.get(path)
        assert "hx-trigger" not in answer.text
        assert "Push: succeeded. Done" in answer.headers["HX-Trigger"]


def test_another_person_is_never_given_an_answer_meant_for_the_first(batch, admin, viewer):
    admin.send(f"/batches/{batch}/push")
    path = f"/batches/{batch}/progress"
    first = admin.get(path)
    other = viewer.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert other.status_code == 200
    assert "Cancel the job" in first.text
    assert "Cancel the job" not in other.text


def test_the_look_is_kept_in_a_cookie_and_only_a_known_one(admin):
    answer = admin.send("/theme", {"theme": "dark", "next": "/jobs"})
    assert answer.headers["Location"] == "/jobs"
    assert 'data-theme="dark"' in admin.get("/").text
    admin.send("/theme", {"theme": '"><script>', "next": "//evil.example"})
    assert "data-theme=" not in admin.get("/").text


def test_after_choosing_a_look_one_stays_on_this_site(admin):
    answer = admin.send("/theme", {"theme": "dark", "next": "//evil.example/x"})
    assert answer.headers["Location"] == "/"
