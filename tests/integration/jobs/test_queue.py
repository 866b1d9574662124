"""The job port: one queued job for the same work, planned with the caller's own changes."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select

from app.models.articles import Article
from app.models.jobs import Job
from app.queue import SYNC, Queue


@pytest.fixture
def queue(settings):
    queue = Queue(settings)
    yield queue
    queue.close()


def plan(store, queue, key="sync:1"):
    with store.transaction() as session:
        return queue.plan(session, SYNC, key=key, actor="system", partition="p").id


def test_many_clicks_at_once_plan_one_job(store, queue):
    plan(store, queue, key="sync:0")
    with ThreadPoolExecutor(8) as pool:
        ids = list(pool.map(lambda _: plan(store, queue), range(16)))
    assert len(set(ids)) == 1
    with store.reading() as session:
        assert session.scalar(select(func.count(Job.id))) == 2


def test_a_job_whose_transaction_fails_was_never_planned(store, queue):
    def plan_and_fail():
        with store.transaction() as session:
            queue.plan(session, SYNC, key="sync:1", actor="system", partition="p")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        plan_and_fail()
    with store.reading() as session:
        assert session.scalar(select(func.count(Job.id))) == 0
    assert queue.client.list_workflows() == []


def test_the_engine_keeps_arguments_as_json(store, queue):
    job_id = plan(store, queue)
    (workflow,) = queue.client.list_workflows()
    assert workflow.workflow_id == f"job-{job_id}-1"
    assert list(workflow.input["args"]) == [job_id, 1]
    assert workflow.app_version == "1"


def test_a_store_hands_out_time_in_utc_only(store):
    from datetime import datetime

    from sqlalchemy.exc import StatementError

    with pytest.raises(StatementError, match="without a zone"), store.transaction() as session:
        session.add(Article(uid="a-1", imported_at=datetime(2026, 1, 1)))  # noqa: DTZ001
