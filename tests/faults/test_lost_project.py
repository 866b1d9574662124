"""A project deleted in the real Label Studio: an alarm with the next sync, and nothing lost."""

from __future__ import annotations

import httpx
import pytest
from sqlalchemy import func, select

from app.jobs.gateways import sdk_gateway
from app.jobs.runner import JobRunner
from app.keys import TokenVault
from app.models.annotations import Revision
from app.models.batches import Lane
from app.models.jobs import Job, JobState
from app.queries.drift import list_lost, show_drift
from app.services.articles import ArticleFields, prepare_article, store_article
from app.services.batches import BatchPlan, create_batch
from app.services.connections import save_connection
from app.services.pushing import request_push
from app.services.syncing import request_sync
from labeling.studio.sdk_gateway import SdkGateway
from tests.line import article_text

pytestmark = [pytest.mark.studio, pytest.mark.slow]


def carried_out(settings, store, plan):
    with store.transaction() as session:
        job = plan(session)
    JobRunner(store, settings, sdk_gateway(settings), "here").run_job(job.id, job.run)
    with store.reading() as session:
        return session.get_one(Job, job.id)


@pytest.fixture
def answered(settings, store, queue, studio):
    """Two lanes of four passages each on the real server, all answered and synced."""
    with store.transaction() as session:
        prepared = prepare_article(
            article_text("boats", paragraphs=3),
            source="boats.txt",
            fields=ArticleFields(outlet="Gull"),
            max_bytes=1_000_000,
        )
        store_article(session, prepared)
        save_connection(
            session, TokenVault(settings), name="real", url=studio.url, token=studio.token,
            actor="system",
        )  # fmt: skip
        people = ("lost-ada@example.org", "lost-ben@example.org")
        create_batch(
            session, BatchPlan("lost", "news", annotators=people, overlap=2), actor="system"
        )
    pushed = carried_out(
        settings, store, lambda session: request_push(session, queue, "lost", actor="system")
    )
    assert pushed.state == JobState.SUCCEEDED, pushed.error
    with store.reading() as session:
        projects = list(session.scalars(select(Lane.ls_project_id).order_by(Lane.n)))
    gateway = SdkGateway(studio.url, studio.token)
    for project in projects:
        for n, ref in enumerate(gateway.list_task_refs(project)):
            gateway.submit_annotation(
                ref.ls_task_id, result=[], completed_by=1,
                unique_id=f"00000000-0000-4000-8000-{project:06d}{n:06d}",
            )  # fmt: skip
    return projects


def test_a_deleted_project_is_an_alarm_with_the_next_sync_and_nothing_is_lost(
    settings, store, queue, studio, answered
):
    def synced(**options):
        return carried_out(
            settings,
            store,
            lambda session: request_sync(session, queue, "lost", actor="system", **options),
        )

    first = synced()
    assert first.state == JobState.SUCCEEDED, first.error
    assert first.result["revisions_total"] == 8
    assert first.result["requests"] <= 3 * 2 + 1  # and the accounts, once
    httpx.delete(
        f"{studio.url}/api/projects/{answered[0]}/",
        headers={"Authorization": f"Token {studio.token}"},
        timeout=60,
        trust_env=False,
    ).raise_for_status()
    lost = synced()
    assert (lost.state, lost.error["kind"]) == (JobState.FAILED, "studio_missing")
    assert (lost.result["lost_projects"], lost.result["withdrawn"]) == (1, 0)
    synced(full=True)
    with store.reading() as session:
        assert session.scalar(select(func.count(Revision.id))) == 8
        assert list_lost(session) == ("lost",)
        kinds = {line["kind"] for line in show_drift(session, "lost")["open"]}
        assert "lost_project" in kinds
        assert [lane.annotated for lane in session.scalars(select(Lane).order_by(Lane.n))] == [4, 4]
