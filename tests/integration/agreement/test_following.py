"""What a sync leaves to a job of its own."""

from __future__ import annotations

from app.jobs import agreement
from app.models.agreement import Agreement, Conflict
from app.models.jobs import Job
from tests.integration.agreement.answers import region, say


def test_a_large_batch_is_left_to_a_job_of_its_own(line, store, monkeypatch):
    monkeypatch.setattr("app.jobs.agreement.SOON_PASSAGES", 2)
    for task in range(4):
        say(line, 0, task, region("a", "PERSON", 0, 3))
    line.sync()
    # What changed is little, so it is compared at once; the figures are for later.
    assert line.count(Conflict) == 4
    with line.session() as session:
        (row,) = session.query(Agreement)
        assert row.report is None
        queued = [job for job in session.query(Job) if job.name == "agreement_v1"]
        assert [job.state for job in queued] == ["queued"]
    job = line.run(queued[0])
    assert job.state == "succeeded"
    with line.session() as session:
        (row,) = session.query(Agreement)
        assert row.computed == row.edition


def test_a_large_change_is_left_to_the_job_as_a_whole(line, monkeypatch):
    monkeypatch.setattr("app.jobs.agreement.SOON_CHANGED", 2)
    for task in range(4):
        say(line, 0, task, region("a", "PERSON", 0, 3))
    line.sync()
    assert line.count(Conflict) == 0
    with line.session() as session:
        (queued,) = [job for job in session.query(Job) if job.name == "agreement_v1"]
    job = line.run(queued)
    assert (job.state, job.result) == ("succeeded", {"compared": 4})
    assert line.count(Conflict) == 4
    assert agreement.refresh(line.store, line.lanes()[0].batch_id) == 0
