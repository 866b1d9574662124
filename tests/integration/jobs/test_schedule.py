"""Every open batch is synced by itself: by one worker at a time, slower while it fails."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.jobs.runtime import now
from app.jobs.worker import plan_due_syncs
from app.models.audit import Audit
from app.models.batches import Batch, BatchState
from app.models.jobs import Job, JobState
from app.services import schedule
from tests.integration.jobs.answers import annotate


@pytest.fixture
def settings(settings):
    return settings.model_copy(update={"sync_every_s": 30.0})


def due(line):
    return plan_due_syncs(line.store, line.queue, line.settings)


def syncs(line):
    with line.session() as session:
        return list(session.scalars(select(Job).where(Job.key.like("sync:%")).order_by(Job.id)))


def batch(line):
    with line.session() as session:
        return session.scalars(select(Batch)).one()


def set_batch(line, **columns):
    with line.store.transaction() as session:
        for name, value in columns.items():
            setattr(session.scalars(select(Batch)).one(), name, value)


def run_due(line):
    set_batch(line, next_sync_at=now())
    assert due(line) == 1
    return line.run(syncs(line)[-1])


def test_an_open_batch_is_synced_without_being_asked(pushed):
    annotate(pushed, [])
    assert due(pushed) == 1
    job = pushed.run(syncs(pushed)[0])
    assert (job.state, job.actor, job.result["revisions_new"]) == (JobState.SUCCEEDED, "system", 1)
    wait = batch(pushed).next_sync_at - now()
    assert timedelta(seconds=20) < wait <= timedelta(seconds=60)


def test_a_turn_is_taken_once_however_many_workers_ask(pushed):
    moment = now()
    taken = []
    for _ in range(3):
        with pushed.store.transaction() as session:
            (batch_id,) = session.scalars(select(Batch.id))
            job = schedule.claim(session, pushed.queue, pushed.settings, batch_id, moment)
            taken.append(job is not None)
    assert taken == [True, False, False]
    assert due(pushed) == 0


def test_a_turn_that_was_not_committed_is_still_to_be_had(pushed):
    with pushed.store.transaction() as session:
        (batch_id,) = session.scalars(select(Batch.id))
        schedule.claim(session, pushed.queue, pushed.settings, batch_id, now())
        session.rollback()
    assert syncs(pushed) == []
    assert due(pushed) == 1


def test_while_a_sync_is_at_work_no_other_is_planned(pushed):
    assert due(pushed) == 1
    set_batch(pushed, next_sync_at=None)
    assert due(pushed) == 0
    assert len(syncs(pushed)) == 1


@pytest.mark.parametrize("state", [BatchState.DRAFT, BatchState.CLOSED, BatchState.ARCHIVED])
def test_only_open_batches_are_synced(pushed, state):
    set_batch(pushed, state=state)
    assert due(pushed) == 0


def test_a_batch_without_a_project_is_not_synced(line):
    line.add_article()
    line.add_batch()
    set_batch(line, state=BatchState.PUSHING)
    assert due(line) == 0


def test_zero_turns_the_schedule_off(pushed):
    pushed.settings = pushed.settings.model_copy(update={"sync_every_s": 0.0})
    assert due(pushed) == 0


def test_every_six_hours_everything_is_listed(pushed):
    assert not run_due(pushed).args["full"]
    set_batch(pushed, full_synced_at=now() - timedelta(hours=6))
    assert run_due(pushed).args["full"]
    assert not run_due(pushed).args["full"]


def test_a_batch_that_fails_is_synced_ever_more_rarely_and_says_why(pushed):
    waits = []
    for _ in range(7):
        for _ in range(3):
            pushed.server.fail_next("get_project", "500")
        assert run_due(pushed).state == JobState.FAILED
        job = syncs(pushed)[-1]
        waits.append(round((batch(pushed).next_sync_at - job.ended_at).total_seconds(), -1))
    assert waits == [60, 120, 240, 480, 900, 900, 900]
    assert batch(pushed).sync_failures == 7
    assert "500" in batch(pushed).sync_problem
    assert run_due(pushed).state == JobState.SUCCEEDED
    assert (batch(pushed).sync_failures, batch(pushed).sync_problem) == (0, "")


def test_syncs_that_found_nothing_are_forgotten_when_the_next_one_is_planned(pushed):
    annotate(pushed, [])
    found = run_due(pushed).id
    idle = [run_due(pushed).id for _ in range(3)]
    kept = [job.id for job in syncs(pushed)]
    assert found in kept
    assert idle[-1] in kept
    assert not set(idle[:-1]) & set(kept)


def test_the_number_of_a_forgotten_job_is_never_given_out_again(pushed):
    numbers = [run_due(pushed).id for _ in range(4)]
    assert len(set(numbers)) == 4


def test_the_schedule_leaves_no_audit_line_a_person_does(pushed):
    run_due(pushed)
    pushed.sync()
    with pushed.session() as session:
        asked = session.scalars(select(Audit).where(Audit.action == "sync_requested")).all()
    assert len(asked) == 1
