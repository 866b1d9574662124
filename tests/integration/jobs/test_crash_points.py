"""A worker that dies before or after any one of its transactions, in push and in sync.

Every point is tried in turn, until a run needs no further transaction. What follows is what
the engine does after a kill: the same run again, from its first line.
"""

from __future__ import annotations

from contextlib import contextmanager

import pytest

from app.extensions import Store
from app.models.annotations import Annotation, Revision
from app.models.jobs import JobState
from app.services.pushing import request_push
from app.services.syncing import request_sync
from tests.integration.jobs.answers import SPEAKER, ada
from tests.line import ADA, BEN


class Killed(BaseException):
    """Not an Exception: nothing in the product may catch it, as nothing catches a kill -9."""


class Killer:
    """Dies at the ``at``-th transaction, before it begins or after it has been committed."""

    def __init__(self, monkeypatch, at, when):
        self.struck = False
        whole, seen = Store.transaction, [0]
        killer = self

        @contextmanager
        def transaction(store):
            seen[0] += 1
            mine = seen[0] == at
            if mine and when == "before":
                killer.struck = True
                raise Killed
            with whole(store) as session:
                yield session
            if mine and when == "after":
                killer.struck = True
                raise Killed

        monkeypatch.setattr(Store, "transaction", transaction)


def killed_at(line, job, monkeypatch, at, when):
    """Run a job until the killer strikes, then again; say whether it struck."""
    with monkeypatch.context() as patch:
        killer = Killer(patch, at, when)
        try:
            line.runner.run_job(job.id, job.run)
        except Killed:
            assert killer.struck
    job = line.run(job)
    assert job.state == JobState.SUCCEEDED, job.error
    return killer.struck


@pytest.mark.parametrize("store_kind", ["sqlite"])
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_push_survives_a_kill_at_each_of_its_transactions(store_kind, line, monkeypatch, when):
    line.add_article(paragraphs=2)
    at, struck = 0, True
    while struck:
        at += 1
        slug = f"push-{at}"
        line.add_batch(slug, annotators=(ADA, BEN), overlap=2)
        with line.store.transaction() as session:
            job = request_push(session, line.queue, slug, actor="system")
        struck = killed_at(line, job, monkeypatch, at, when)
        assert line.show(slug)["pushed"] == 6
        assert len(line.studio_uids(slug)) == len(set(line.studio_uids(slug))) == 6
    assert at > 15
    uids = [uid for n in range(1, at + 1) for uid in line.studio_uids(f"push-{n}")]
    assert sorted(uids) == line.planned_uids()
    assert len(line.server.projects) == 2 * at


@pytest.mark.parametrize("store_kind", ["sqlite"])
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_sync_survives_a_kill_at_each_of_its_transactions(store_kind, line, monkeypatch, when):
    line.add_article(paragraphs=3)
    line.page_size = 2
    at, struck = 0, True
    while struck:
        at += 1
        slug = f"sync-{at}"
        line.add_batch(slug)
        line.push(slug)
        stranger = line.server.add_user(f"dora{at}@example.org")
        for task in line.server.tasks_of(line.lanes(slug)[0].ls_project_id):
            line.server.annotate(task["id"], [SPEAKER, 7], completed_by=ada(line))
            line.server.annotate(task["id"], [], completed_by=stranger.id)
        with line.store.transaction() as session:
            job = request_sync(session, line.queue, slug, actor="system")
        struck = killed_at(line, job, monkeypatch, at, when)
        assert line.show(slug)["annotated"] == 4
        assert line.job(job.id).result["revisions_total"] == 8
    assert at > 6
    assert line.count(Annotation) == line.count(Revision) == 8 * at
