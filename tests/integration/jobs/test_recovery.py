"""A job and the store: a moment without it costs nothing, and no job is stranded."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy.exc import OperationalError

from app.extensions import Store
from app.jobs.runtime import JobContext, now
from app.jobs.worker import mend_stranded
from app.models.jobs import Job, JobState
from app.services.pushing import request_push


@pytest.mark.parametrize("times", [1, 3])
def test_a_store_that_is_away_for_a_moment_costs_nothing(line, monkeypatch, times):

    line.add_article()
    line.add_batch()
    with line.store.transaction() as session:
        job = request_push(session, line.queue, "first", actor="system")
    line.runner.pause_s = 0.01
    whole, left = Store.transaction, [times]

    def hiccup(self):
        if left[0]:
            left[0] -= 1
            raise OperationalError("SELECT 1", {}, Exception("the server closed the connection"))
        return whole(self)

    def end_away(self, context, state, **more):
        left[0] = times
        return end(self, context, state, **more)

    end = type(line.runner)._end
    monkeypatch.setattr(Store, "transaction", hiccup)
    monkeypatch.setattr(type(line.runner), "_end", end_away)
    assert line.run(job).state == JobState.SUCCEEDED
    assert line.studio_uids() == line.planned_uids()


def test_a_store_that_stays_away_under_a_body_fails_the_job_in_the_end(line, monkeypatch):

    line.add_article()
    line.add_batch()
    line.runner.pause_s = 0.0

    def away(*_):
        raise OperationalError("SELECT 1", {}, Exception("gone"))

    with monkeypatch.context() as patch:
        patch.setattr(JobContext, "gateway", away)
        job = line.push()
    assert (job.state, job.error["kind"]) == (JobState.FAILED, "crash")


def test_a_job_the_engine_has_done_with_does_not_stand_in_the_way_for_ever(line):

    line.add_article()
    line.add_batch()
    with line.store.transaction() as session:
        job = request_push(session, line.queue, "first", actor="system")
    assert mend_stranded(line.store, line.queue.client) == 0
    with line.store.transaction() as session:
        session.get_one(Job, job.id).created_at = now() - timedelta(minutes=5)
    assert mend_stranded(line.store, line.queue.client) == 0
    line.queue.client.cancel_workflow(f"job-{job.id}-1")
    assert mend_stranded(line.store, line.queue.client) == 1
    assert line.job(job.id).error["kind"] == "stranded"
    assert line.push().state == JobState.SUCCEEDED
