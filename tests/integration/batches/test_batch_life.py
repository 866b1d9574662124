"""A batch ends when somebody says so by name; what arrives later is kept, nothing more goes out."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from app.cli import doctor
from app.errors import ConflictError, InvalidInputError
from app.models.audit import Audit
from app.models.jobs import Job, JobState
from app.services import batch_life
from app.services.syncing import request_sync
from tests.line import ADA, BEN, Line


@pytest.fixture
def line(settings, store):
    line = Line(settings, store)
    line.add_article()
    line.add_batch(annotators=(ADA, BEN), overlap=2)
    line.push()
    yield line
    line.queue.close()


def act(line, name, slug="first", **more):
    with line.store.transaction() as session:
        return getattr(batch_life, name)(session, slug, actor="desk@example.org", **more).state


def answer(line, task=0):
    lane = line.lanes()[0]
    user = next(u.id for u in line.server.users if u.email == ADA)
    return line.server.annotate(line.server.tasks_of(lane.ls_project_id)[task]["id"], [], user)


def test_a_batch_is_closed_reopened_and_archived_and_the_audit_says_who(line):
    assert act(line, "close_batch", typed="first") == "closed"
    assert act(line, "reopen_batch") == "open"
    assert act(line, "close_batch", typed=" first ") == "closed"
    assert act(line, "archive_batch", typed="first") == "archived"
    with line.session() as session:
        rows = session.execute(select(Audit.action, Audit.actor).order_by(Audit.seq)).all()
    done = [action for action, actor in rows if actor == "desk@example.org"]
    assert done == ["batch_closed", "batch_reopened", "batch_closed", "batch_archived"]


@pytest.mark.parametrize("act_name", ["close_batch", "archive_batch"])
@pytest.mark.parametrize("typed", ["", "firs", "FIRST", "second"])
def test_another_name_typed_does_nothing(line, act_name, typed):
    with pytest.raises(InvalidInputError, match="not 'first'"):
        act(line, act_name, typed=typed)
    assert line.show()["state"] == "open"


def test_every_step_has_its_place(line):
    with pytest.raises(ConflictError, match="only a closed one can be archived"):
        act(line, "archive_batch", typed="first")
    with pytest.raises(ConflictError, match="only a closed one can be reopened"):
        act(line, "reopen_batch")
    act(line, "close_batch", typed="first")
    with pytest.raises(ConflictError, match="is closed already"):
        act(line, "close_batch", typed="first")
    act(line, "archive_batch", typed="first")
    with pytest.raises(ConflictError, match="is archived; only a closed one can be archived"):
        act(line, "archive_batch", typed="first")
    with pytest.raises(ConflictError, match="only a closed one can be reopened") as caught:
        act(line, "reopen_batch")
    assert "stays as it is" in caught.value.remedy


def test_a_draft_that_was_closed_is_a_draft_again(line):
    line.add_batch("second")
    act(line, "close_batch", "second", typed="second")
    assert act(line, "reopen_batch", "second") == "draft"


def test_nothing_is_closed_in_the_middle_of_a_push(line, store):
    with store.transaction() as session:
        job = session.scalars(select(Job)).first()
        job.state = JobState.RUNNING
    with pytest.raises(ConflictError, match="is being pushed"):
        act(line, "close_batch", typed="first")


def test_what_still_arrives_in_a_closed_batch_is_kept(line):
    act(line, "close_batch", typed="first")
    answer(line)
    assert line.sync().state == "succeeded"
    shown = line.show()
    assert (shown["state"], shown["annotated"]) == ("closed", 1)


def test_a_sync_that_began_before_the_end_keeps_what_it_brings(line):
    answer(line)
    with line.store.transaction() as session:
        job = request_sync(session, line.queue, "first", actor="system")
    act(line, "close_batch", typed="first")
    act(line, "archive_batch", typed="first")
    assert line.run(job).state == "succeeded"
    assert (line.show()["state"], line.show()["annotated"]) == ("archived", 1)


def test_nothing_more_is_pushed_and_an_archived_batch_is_not_synced(line):
    act(line, "close_batch", typed="first")
    with pytest.raises(ConflictError, match="nothing more is pushed"):
        line.push()
    act(line, "archive_batch", typed="first")
    with pytest.raises(ConflictError, match="archived") as caught:
        line.sync()
    assert caught.value.remedy


def test_notes_are_changed_as_a_whole(line):
    notes = batch_life.BatchNotes(" Desk@example.org ", date(2027, 1, 31), " Pilot. ")
    act(line, "edit_batch", notes=notes)
    shown = line.show()
    assert (shown["owner"], shown["due"], shown["note"]) == (
        "desk@example.org",
        "2027-01-31",
        "Pilot.",
    )
    act(line, "edit_batch", notes=batch_life.BatchNotes())
    shown = line.show()
    assert (shown["owner"], shown["due"], shown["note"]) == ("", None, "")
    with pytest.raises(InvalidInputError, match="not an e-mail"):
        act(line, "edit_batch", notes=batch_life.BatchNotes("nobody"))


def test_the_doctor_speaks_of_task_locks_where_a_lane_is_shared(line):
    assert doctor._task_locks(line.store).state == "ok"
    line.add_batch("both", annotators=(ADA, BEN), deal="shared")
    assert doctor._task_locks(line.store).state == "ok"
    line.push("both")
    check = doctor._task_locks(line.store)
    assert check.state == "warn"
    assert "TASK_LOCK_TTL=3600" in check.remedy
