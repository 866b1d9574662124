"""The worker process: one on SQLite, any number on PostgreSQL, none that loses a job."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.jobs.runtime import now
from app.keys import TokenVault
from app.models.batches import Chunk, ChunkState
from app.models.jobs import Job, JobState, Worker
from app.queries.jobs import get_job
from app.services.articles import ArticleFields, prepare_article, store_article
from app.services.batches import BatchPlan, create_batch
from app.services.connections import save_connection
from app.services.pushing import request_push
from config import ROOT
from labeling.studio.sdk_gateway import SdkGateway
from tests.faults.proxy import Strike
from tests.line import article_text
from tests.processes import WorkerUnderTest, environment_of, wait_until

pytestmark = [pytest.mark.studio, pytest.mark.slow]


@pytest.fixture
def settings(settings):
    return settings.model_copy(update={"push_chunk": 5, "push_settle_s": 0.5})


@pytest.fixture
def planned(settings, store, studio, proxy, queue):
    """A batch of 60 passages behind the proxy, and the job that pushes it."""
    with store.transaction() as session:
        prepared = prepare_article(
            article_text("boats", paragraphs=59),
            source="boats.txt",
            fields=ArticleFields(outlet="Gull"),
            max_bytes=1_000_000,
        )
        store_article(session, prepared)
        save_connection(
            session,
            TokenVault(settings),
            name="local",
            url=proxy.url,
            token=studio.token,
            actor="system",
        )
        plan = BatchPlan(slug="sixty", scheme="news", annotators=("ada@example.org",))
        batch = create_batch(session, plan, actor="system")
        job = request_push(session, queue, "sixty", actor="system")
        return job.id, batch.lanes[0].id


def state(store, job_id):
    with store.reading() as session:
        return session.get_one(Job, job_id).state


def pushed_once(store, studio, lane_id):
    from app.models.batches import Lane
    from app.models.tasks import Task

    with store.reading() as session:
        project = session.get_one(Lane, lane_id).ls_project_id
        uids = sorted(session.scalars(select(Task.uid).where(Task.lane_id == lane_id)))
    refs = SdkGateway(studio.url, studio.token).list_task_refs(project)
    return sorted(ref.uid for ref in refs) == uids


@pytest.mark.parametrize("store_kind", ["sqlite"])
def test_a_second_worker_on_a_sqlite_instance_refuses_clearly(
    store_kind, settings, store, tmp_path
):
    with WorkerUnderTest(settings, tmp_path / "worker.log") as first:
        second = subprocess.run(
            [sys.executable, "-m", "flask", "worker", "--json"],
            cwd=ROOT,
            env={**__import__("os").environ, **environment_of(settings)},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert second.returncode == 1
        assert str(first.pid) in second.stdout
        assert "PostgreSQL" in second.stdout
        assert first.terminate() == 0


def test_sigterm_parks_a_push_between_two_requests_and_the_next_worker_goes_on(
    store_kind, settings, store, studio, proxy, planned, tmp_path
):
    job_id, lane_id = planned
    worker = WorkerUnderTest(settings, tmp_path / "worker.log")
    strike = Strike(6, "after", lambda: None)
    proxy.arm(strike)
    with worker:
        wait_until(strike.struck.is_set, 60, worker.tail)
        assert worker.terminate() == 0
        assert state(store, job_id) == JobState.RUNNING
        with store.reading() as session:
            states = set(session.scalars(select(Chunk.state)))
        assert states <= {ChunkState.PLANNED, ChunkState.SENT}, "a chunk was torn"
        worker.start()
        wait_until(lambda: state(store, job_id) == JobState.SUCCEEDED, 60, worker.tail)
    assert pushed_once(store, studio, lane_id)


@pytest.mark.parametrize("store_kind", [pytest.param("postgres", marks=pytest.mark.postgres)])
def test_a_dead_workers_job_is_taken_over_by_another(
    store_kind, settings, store, studio, proxy, planned, tmp_path
):
    job_id, lane_id = planned
    first = WorkerUnderTest(settings, tmp_path / "first.log")
    second = WorkerUnderTest(settings, tmp_path / "second.log")
    strike = Strike(5, "during", first.kill)
    proxy.arm(strike)
    with first, second:
        # Whichever took the job, the first is the one that dies: so it starts alone.
        second.kill()
        wait_until(strike.struck.is_set, 60, first.tail)
        died = now()
        second.start()
        wait_until(lambda: state(store, job_id) == JobState.SUCCEEDED, 90, second.tail)
        with store.reading() as session:
            job = session.get_one(Job, job_id)
            assert job.fence == 2
            assert job.ended_at - died < timedelta(seconds=60)
            assert len(session.scalars(select(Worker)).all()) == 1
    assert pushed_once(store, studio, lane_id)


@pytest.mark.parametrize("store_kind", [pytest.param("postgres", marks=pytest.mark.postgres)])
def test_a_frozen_worker_that_wakes_up_writes_nothing_more(
    store_kind, settings, store, studio, proxy, planned, tmp_path
):
    job_id, lane_id = planned
    first = WorkerUnderTest(settings, tmp_path / "first.log")
    second = WorkerUnderTest(settings, tmp_path / "second.log")
    strike = Strike(6, "after", first.pause)
    proxy.arm(strike)
    with first:
        wait_until(strike.struck.is_set, 60, first.tail)
        with second:
            wait_until(lambda: state(store, job_id) == JobState.SUCCEEDED, 90, second.tail)
            first.resume()
            wait_until(lambda: "taken_over" in first.tail(), 30, first.tail)
    assert pushed_once(store, studio, lane_id)


@pytest.mark.parametrize("store_kind", [pytest.param("postgres", marks=pytest.mark.postgres)])
def test_of_three_workers_one_dies_for_good_and_the_others_take_over(
    store_kind, settings, store, studio, proxy, planned, tmp_path
):
    job_id, lane_id = planned
    workers = [WorkerUnderTest(settings, tmp_path / f"{n}.log") for n in range(3)]
    struck = []

    def kill_the_one_at_work():
        # It is known by its row: whichever of the three took the job.
        with store.reading() as session:
            name = session.get_one(Job, job_id).worker
            pid = session.scalars(select(Worker.pid).where(Worker.id == name)).one()
        victim = next(worker for worker in workers if worker.pid == pid)
        victim.kill()
        struck.append((name, now()))

    proxy.arm(Strike(5, "during", kill_the_one_at_work))
    with workers[0], workers[1], workers[2]:
        wait_until(lambda: bool(struck), 60, workers[0].tail)
        dead, died = struck[0]
        wait_until(lambda: taken_over(store, job_id, dead), 30, workers[1].tail)
        with store.reading() as session:
            row = get_job(session, job_id)
            assert row.taken_over
            assert row.worker != dead
            assert row.taken_at - died < timedelta(seconds=30)
        wait_until(lambda: state(store, job_id) == JobState.SUCCEEDED, 90, workers[1].tail)
        with store.reading() as session:
            assert len(session.scalars(select(Worker)).all()) == 2
    assert pushed_once(store, studio, lane_id)


def taken_over(store, job_id, dead):
    with store.reading() as session:
        return session.get_one(Job, job_id).worker != dead
