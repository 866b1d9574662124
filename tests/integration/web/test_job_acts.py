"""Stopping a job and running it again leaves a line, wherever it was asked for."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from app.models.audit import Audit
from app.queue import SYNC
from tests.instances import PEOPLE


@pytest.fixture
def job(app, store) -> int:
    with store.transaction() as session:
        queue = app.extensions["queue"]
        return queue.plan(session, SYNC, key="sync:1", actor="system", partition="sync:1").id


def lines(store) -> list[tuple[str, str, str]]:
    with store.reading() as session:
        rows = session.execute(
            select(Audit.actor, Audit.action, Audit.object)
            .where(Audit.action.like("job_%"))
            .order_by(Audit.seq)
        )
        return [tuple(row) for row in rows]


def test_the_page_says_who_stopped_a_job_and_who_ran_it_again(admin, job, store):
    assert admin.send(f"/jobs/{job}/cancel").status_code == 303
    assert admin.send(f"/jobs/{job}/cancel").status_code == 409
    assert admin.send(f"/jobs/{job}/retry").status_code == 303
    who, what = PEOPLE["admin"], f"job:{job}"
    assert lines(store) == [(who, "job_cancelled", what), (who, "job_retried", what)]


def test_the_command_line_says_the_same(runner, job, store):
    who = PEOPLE["admin"]
    for verb in ("cancel", "retry"):
        assert runner.invoke(args=["jobs", verb, str(job), "--as", who]).exit_code == 0
    what = f"job:{job}"
    assert lines(store) == [(who, "job_cancelled", what), (who, "job_retried", what)]
