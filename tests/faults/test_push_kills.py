"""The worker is killed with -9 in the middle of a push to the real server, again and again."""

from __future__ import annotations

import random
from collections import Counter

import pytest
from sqlalchemy import select

from app.keys import TokenVault
from app.models.batches import Batch, Lane
from app.models.jobs import Job, JobState
from app.models.tasks import Task
from app.services.articles import ArticleFields, prepare_article, store_article
from app.services.batches import BatchPlan, create_batch
from app.services.connections import save_connection
from app.services.progress import recount
from app.services.pushing import request_push
from labeling.studio.sdk_gateway import SdkGateway
from tests.faults.proxy import POINTS, Strike
from tests.line import article_text
from tests.processes import WorkerUnderTest, wait_until

pytestmark = [pytest.mark.studio, pytest.mark.slow]
PASSAGES, CHUNK, SETTLE_S = 2000, 20, 1.0
# Accounts, project, 100 imports, the count: a kill may fall on any of them.
REQUESTS = PASSAGES // CHUNK + 5


@pytest.fixture
def settings(settings):
    return settings.model_copy(update={"push_chunk": CHUNK, "push_settle_s": SETTLE_S})


def test_every_passage_is_one_task_although_the_worker_was_killed(
    settings, store, studio, proxy, queue, tmp_path, fault_runs
):
    _fill(store, settings, proxy.url, studio.token)
    gateway = SdkGateway(studio.url, studio.token)
    luck = random.Random(20_261_123)
    outcomes = Counter()
    for run in range(fault_runs):
        at, point = luck.randint(1, REQUESTS), luck.choice(POINTS)
        slug = f"run-{run}"
        lane, planned = _killed_push(settings, store, proxy, queue, tmp_path, slug, at, point)
        there = Counter(ref.uid for ref in gateway.list_task_refs(lane.ls_project_id))
        assert there == Counter(planned), f"run {run}: killed {point} request {at}"
        with store.reading() as session:
            assert recount(session, lane.id)["pushed"] == PASSAGES
        markers = [p for p in gateway.list_projects() if lane.uid in p.description]
        assert len(markers) == 1
        outcomes[point] += 1
    print(f"push kills: {fault_runs} runs, 0 lost, 0 twice; points {dict(outcomes)}")


def _killed_push(settings, store, proxy, queue, folder, slug, at, point):
    with store.transaction() as session:
        create_batch(
            session,
            BatchPlan(slug=slug, scheme="news", annotators=("ada@example.org",)),
            actor="system",
        )
        job_id = request_push(session, queue, slug, actor="system").id
    worker = WorkerUnderTest(settings, folder / f"{slug}.log")
    strike = Strike(at, point, worker.kill)
    proxy.arm(strike)
    with worker:
        wait_until(lambda: strike.struck.is_set() or _ended(store, job_id), 120, worker.tail)
        if strike.struck.is_set():
            worker.wait_for_death()
            worker.start()
        wait_until(lambda: _ended(store, job_id), 180, worker.tail)
    with store.reading() as session:
        job = session.get_one(Job, job_id)
        assert job.state == JobState.SUCCEEDED, job.error
        lane = session.scalars(select(Lane).join(Batch).where(Batch.slug == slug)).one()
        return lane, list(session.scalars(select(Task.uid).where(Task.lane_id == lane.id)))


def _ended(store, job_id):
    with store.reading() as session:
        return session.get_one(Job, job_id).ended_at is not None


def _fill(store, settings, url, token):
    with store.transaction() as session:
        for n in range(PASSAGES // 100):
            prepared = prepare_article(
                article_text(f"boats{n}", paragraphs=99),
                source=f"{n}.txt",
                fields=ArticleFields(outlet="Gull"),
                max_bytes=1_000_000,
            )
            assert store_article(session, prepared).passages == 100
        save_connection(
            session, TokenVault(settings), name="local", url=url, token=token, actor="system"
        )
