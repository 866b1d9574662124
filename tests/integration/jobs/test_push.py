"""Push: every task gets there exactly once, whatever the network does."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from app.errors import ConflictError
from app.jobs.runtime import JobContext
from app.models.batches import Batch, BatchState, Chunk, ChunkState, Lane
from app.models.jobs import Job, JobState
from app.models.tasks import Task, TaskState
from app.services.pushing import request_push
from labeling.errors import RejectedGatewayError
from labeling.studio.fake_gateway import FakeGateway


def test_every_planned_task_is_on_the_server_once(line):
    line.add_article(paragraphs=5)
    line.add_batch()
    job = line.push()
    assert job.state == JobState.SUCCEEDED
    assert job.result == {
        "batch": "first",
        "tasks": 6,
        "pushed": 6,
        "set_aside": 0,
        "unknown": 0,
        "twins": 0,
        "swept": 0,
    }
    assert line.studio_uids() == line.planned_uids()
    assert line.show()["state"] == "open"
    assert job.done == job.total == 6


def test_pushing_again_sends_nothing(line):
    line.add_article()
    line.add_batch()
    line.push()
    line.server.calls.clear()
    assert line.push().state == JobState.SUCCEEDED
    assert "import_tasks" not in line.server.calls
    assert line.studio_uids() == line.planned_uids()


@pytest.mark.parametrize("kind", ["timeout", "reset", "html", "truncated", "500"])
@pytest.mark.parametrize("commit", [True, False], ids=["carried-out", "not-carried-out"])
@pytest.mark.parametrize("after", [0, 1, 2])
def test_an_unanswered_import_is_settled_before_anything_is_sent_again(line, kind, commit, after):
    line.add_article(paragraphs=5)
    line.add_batch()
    line.server.fail_next("import_tasks", kind, commit=commit, after=after)
    job = line.push()
    assert job.state == JobState.SUCCEEDED, job.error
    assert line.studio_uids() == line.planned_uids()
    assert line.show()["pushed"] == 6


def test_after_a_doubt_two_equal_look_ups_come_before_the_next_import(line):
    line.add_article(paragraphs=5)
    line.add_batch()
    line.server.fail_next("import_tasks", "timeout", commit=True)
    line.push()
    calls = line.server.calls
    first = calls.index("import_tasks")
    following = calls[first + 1 : calls.index("import_tasks", first + 1)]
    assert following.count("find_tasks") == 2


def test_a_server_that_is_down_fails_the_job_clearly_and_loses_nothing(line):
    line.add_article()
    line.add_batch()
    for _ in range(3):
        line.server.fail_next("import_tasks", "refused")
    job = line.push()
    assert job.state == JobState.FAILED
    assert job.error["kind"] == "studio_unavailable"
    assert job.error["remedy"]
    with line.session() as session:
        assert set(session.scalars(select(Chunk.state))) == {ChunkState.PLANNED}
        assert session.scalar(select(Batch.state)) == BatchState.PUSHING
    assert line.push().state == JobState.SUCCEEDED
    assert line.studio_uids() == line.planned_uids()


def test_an_import_that_was_surely_not_sent_is_sent_again_at_once(line):
    line.add_article()
    line.add_batch()
    line.server.fail_next("import_tasks", "refused")
    assert line.push().state == JobState.SUCCEEDED
    assert "find_tasks" not in line.server.calls
    assert line.studio_uids() == line.planned_uids()


def test_a_creation_that_failed_for_good_is_tried_again_by_the_next_push(line):
    line.add_article()
    line.add_batch()
    line.server.fail_next("create_project", "500")
    job = line.push()
    assert (job.state, job.error["kind"]) == (JobState.FAILED, "studio_unavailable")
    assert line.push().state == JobState.SUCCEEDED


def test_a_refused_item_is_set_aside_and_the_others_go_through(line, monkeypatch):
    line.add_article(paragraphs=3)
    line.add_batch()
    bad = line.planned_uids()[1]
    whole = FakeGateway.import_tasks

    def picky(self, project_id, payload):
        import json

        uids = [item["data"]["uid"] for item in json.loads(payload)]
        if bad in uids:
            errors = tuple("text is required" if uid == bad else None for uid in uids)
            raise RejectedGatewayError("One item was refused.", status=400, item_errors=errors)
        return whole(self, project_id, payload)

    monkeypatch.setattr(FakeGateway, "import_tasks", picky)
    job = line.push()
    assert job.state == JobState.SUCCEEDED
    assert job.result["set_aside"] == 1
    assert line.studio_uids() == [uid for uid in line.planned_uids() if uid != bad]
    with line.session() as session:
        task = session.scalars(select(Task).where(Task.uid == bad)).one()
        assert (task.state, task.problem) == (TaskState.SET_ASIDE, "text is required")


def test_a_chunk_refused_as_a_whole_fails_with_its_reason(line):
    line.add_article()
    line.add_batch()
    line.server.fail_next("import_tasks", "404")
    job = line.push()
    assert job.state == JobState.FAILED
    with line.session() as session:
        failed = session.scalars(select(Chunk).where(Chunk.state == ChunkState.FAILED)).one()
        assert failed.problem


def test_tasks_that_vanished_after_they_were_sent_are_noticed(line, monkeypatch):
    line.add_article(paragraphs=5)
    line.add_batch()
    real = FakeGateway.count_tasks

    def lose_one(self, project_id):
        self.server.delete_task(line.server.tasks_of(project_id)[0]["id"])
        return real(self, project_id)

    monkeypatch.setattr(FakeGateway, "count_tasks", lose_one)
    job = line.push()
    assert (job.state, job.error["kind"]) == (JobState.FAILED, "studio_incomplete")
    assert "1 of 6" in job.error["message"]


def test_look_ups_that_never_agree_send_nothing_again(line, monkeypatch):
    line.add_article()
    line.add_batch()
    line.server.fail_next("import_tasks", "timeout")
    grown = []

    def restless(self, project_id, uids):
        from labeling.studio.gateway import TaskRef

        grown.append(len(grown))
        return [TaskRef(n, uids[0]) for n in grown]

    monkeypatch.setattr(FakeGateway, "find_tasks", restless)
    job = line.push()
    assert job.state == JobState.FAILED
    assert line.studio_uids() == []
    with line.session() as session:
        assert ChunkState.UNKNOWN in set(session.scalars(select(Chunk.state)))


def test_a_push_killed_between_request_and_record_is_settled_by_the_next_worker(line):
    line.add_article(paragraphs=5)
    line.add_batch()
    line.push()
    uids = line.planned_uids()
    with line.store.transaction() as session:
        lane = session.scalars(select(Lane)).one()
        chunk = session.scalars(select(Chunk).order_by(Chunk.n)).first()
        chunk.state = ChunkState.SENDING
        for task in session.scalars(select(Task).where(Task.ordinal <= chunk.last)):
            task.state = TaskState.PLANNED
            lane.pushed -= 1
    assert line.push().state == JobState.SUCCEEDED
    assert line.studio_uids() == uids
    assert line.show()["pushed"] == 6


def test_a_closed_batch_is_not_pushed(line):
    line.add_article()
    line.add_batch()
    with line.store.transaction() as session:
        session.scalars(select(Batch)).one().state = BatchState.CLOSED
    with pytest.raises(ConflictError, match="closed"):
        line.push()


def test_asking_twice_while_queued_gives_the_same_job(line):

    line.add_article()
    line.add_batch()
    with line.store.transaction() as session:
        first = request_push(session, line.queue, "first", actor="system").id
    with line.store.transaction() as session:
        assert request_push(session, line.queue, "first", actor="system").id == first
    assert line.count(Job) == 1


def test_a_cancelled_push_stops_at_the_next_chunk_and_a_retry_finishes_it(line, monkeypatch):
    line.add_article(paragraphs=5)
    line.add_batch()
    whole = FakeGateway.import_tasks

    def cancel_meanwhile(self, project_id, payload):
        with line.store.transaction() as session:
            job = session.scalars(select(Job)).one()
            if job.state == JobState.RUNNING:
                line.queue.cancel(session, job.id)
        return whole(self, project_id, payload)

    monkeypatch.setattr(FakeGateway, "import_tasks", cancel_meanwhile)
    job = line.push()
    assert job.state == JobState.CANCELLED
    assert len(line.studio_uids()) == 2
    monkeypatch.setattr(FakeGateway, "import_tasks", whole)
    with line.store.transaction() as session:
        job = line.queue.retry(session, job.id)
    assert line.run(job).state == JobState.SUCCEEDED
    assert line.studio_uids() == line.planned_uids()


def test_a_worker_that_was_thought_dead_cannot_write_any_more(line, monkeypatch):
    line.add_article(paragraphs=5)
    line.add_batch()
    whole = FakeGateway.import_tasks

    def taken_over(self, project_id, payload):
        with line.store.transaction() as session:
            session.scalars(select(Job)).one().fence += 1
        return whole(self, project_id, payload)

    monkeypatch.setattr(FakeGateway, "import_tasks", taken_over)
    job = line.push()
    assert job.state == JobState.RUNNING
    with line.session() as session:
        assert session.scalars(select(Chunk).order_by(Chunk.n)).first().state == ChunkState.SENDING
    assert len(line.studio_uids()) == 2


def test_a_crash_in_a_body_is_recorded_and_can_be_retried(line, monkeypatch):
    line.add_article()
    line.add_batch()
    with monkeypatch.context() as patch:
        patch.setattr(JobContext, "gateway", lambda *_: 1 / 0)
        job = line.push()
    assert (job.state, job.error["kind"]) == (JobState.FAILED, "crash")
    with line.store.transaction() as session:
        job = line.queue.retry(session, job.id)
    assert line.run(job).state == JobState.SUCCEEDED


def test_an_import_that_commits_after_our_patience_is_not_sent_twice(line, monkeypatch):
    """The server takes longer than our timeout and the settle time begins with the doubt."""
    import threading
    import time

    from labeling.errors import RetryableGatewayError

    line.settings = line.runner.settings = line.settings.model_copy(update={"push_settle_s": 1.5})
    line.add_article(paragraphs=1)
    line.add_batch()
    whole = FakeGateway.import_tasks
    late = []

    def slow(self, project_id, payload):
        monkeypatch.setattr(FakeGateway, "import_tasks", whole)
        late.append(threading.Timer(2.2, whole, (self, project_id, payload)))
        late[0].start()
        time.sleep(1.6)
        raise RetryableGatewayError("No answer in time.", operation="import_tasks")

    monkeypatch.setattr(FakeGateway, "import_tasks", slow)
    job = line.push()
    late[0].join()
    assert job.state == JobState.SUCCEEDED
    assert line.studio_uids() == line.planned_uids()


def test_an_import_that_never_is_answered_ends_the_job_after_three_tries(line):
    line.add_article(paragraphs=1)
    line.add_batch()
    for _ in range(9):
        line.server.fail_next("import_tasks", "500")
    job = line.push()
    assert (job.state, job.error["kind"]) == (JobState.FAILED, "studio_unavailable")
    assert line.server.calls.count("import_tasks") == 3


def test_a_chunk_too_large_for_the_server_is_halved(line, monkeypatch):
    line.add_article(paragraphs=5)
    line.add_batch()
    whole = FakeGateway.import_tasks

    def narrow(self, project_id, payload):
        if payload.count(b'"uid"') > 1:
            raise RejectedGatewayError("Too large.", operation="import_tasks", status=413)
        return whole(self, project_id, payload)

    monkeypatch.setattr(FakeGateway, "import_tasks", narrow)
    assert line.push().state == JobState.SUCCEEDED
    assert line.studio_uids() == line.planned_uids()


def test_tasks_that_vanished_are_told_by_every_push(line):
    line.add_article()
    line.add_batch()
    line.push()
    project = line.lanes()[0].ls_project_id
    line.server.delete_task(line.server.tasks_of(project)[0]["id"])
    for _ in range(2):
        assert line.push().error["kind"] == "studio_incomplete"


def test_a_push_remembers_where_its_tasks_are(line):
    line.add_article()
    line.add_batch()
    line.server.fail_next("import_tasks", "timeout", commit=True)
    line.push()
    there = {
        task["data"]["uid"]: task["id"]
        for task in line.server.tasks_of(line.lanes()[0].ls_project_id)
    }
    with line.session() as session:
        known = dict(session.execute(select(Task.uid, Task.ls_task_id)).all())
    assert known == there


def test_a_body_made_ahead_is_of_what_is_still_planned(line):
    """A halved chunk, a doubt and a set-aside task in between change what is sent next."""
    line.add_article(paragraphs=9)
    line.add_batch()
    line.server.fail_next("import_tasks", "500", after=1)
    line.server.fail_next("import_tasks", "refused", after=2)
    line.server.fail_next("import_tasks", "timeout", commit=True, after=1)
    assert line.push().state == JobState.SUCCEEDED
    assert line.studio_uids() == line.planned_uids()
    assert line.show()["pushed"] == 10


def test_a_body_that_cannot_be_made_fails_the_job_when_its_turn_comes(line, monkeypatch):
    from app.jobs.payloads import TaskPayloads

    line.add_article(paragraphs=5)
    line.add_batch()
    whole = TaskPayloads.of_chunk

    def only_the_first(self, chunk_id):
        if chunk_id > 1:
            raise ZeroDivisionError
        return whole(self, chunk_id)

    with monkeypatch.context() as patch:
        patch.setattr(TaskPayloads, "of_chunk", only_the_first)
        assert line.push().error["kind"] == "crash"
    assert len(line.studio_uids()) == 2
    assert line.push().state == JobState.SUCCEEDED
    assert line.studio_uids() == line.planned_uids()
