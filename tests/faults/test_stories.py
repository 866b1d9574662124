"""What no single fault brings about: a server that forgets, and one that loses a project."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from app.models.annotations import RevisionState
from app.models.drift import Drift
from app.models.jobs import JobState
from app.services import withdrawals
from tests.faults.rehearsals import rehearsal_line
from tests.rehearsal.oracle import Oracle
from tests.rehearsal.play import come_to_rest
from tests.rehearsal.records import load_kept
from tests.rehearsal.rig import InvariantError, Rig


@pytest.fixture
def pushed(store_kind, request, tmp_path):
    """A pushed batch on the simulated server, and the oracle that watches it."""
    template = request.getfixturevalue(f"{store_kind}_template")
    with rehearsal_line(template, tmp_path / "rehearsal") as line:
        rig = Rig(line, 7, "story")
        with rig.running():
            rig.push()
            yield rig, Oracle(rig)


def answered(rig, oracle, answers):
    for _ in range(answers):
        rig.people.answer()
    rig.sync()
    oracle.after_job()


def forgets(rig, oracle, times):
    """The server lists nothing for a while, as after a restored backup."""
    rig.server.blank = True
    for _ in range(times):
        rig.sync(full=True)
        oracle.after_job()
    rig.server.blank = False


def open_kinds(rig):
    with rig.store.reading() as session:
        return set(session.scalars(select(Drift.kind).where(Drift.state == "open")))


def test_a_server_that_forgets_everything_asks_a_person_and_withdraws_nothing(pushed):
    rig, oracle = pushed
    answered(rig, oracle, 14)
    forgets(rig, oracle, 3)
    assert "mass_withdrawal" in open_kinds(rig)
    come_to_rest(rig, oracle)
    assert open_kinds(rig) == set()


@pytest.mark.parametrize("store_kind", ["sqlite"])
def test_without_the_brake_a_server_that_forgets_is_noticed(store_kind, pushed, monkeypatch):
    rig, oracle = pushed
    monkeypatch.setattr(withdrawals, "is_braked", lambda *_: False)
    answered(rig, oracle, 14)
    with pytest.raises(InvariantError, match="I14"):
        forgets(rig, oracle, 3)


def test_two_false_listings_with_a_true_one_between_withdraw_nothing(pushed):
    rig, oracle = pushed
    answered(rig, oracle, 3)
    for _ in range(3):
        forgets(rig, oracle, 1)
        rig.sync(full=True)
        oracle.after_job()
    come_to_rest(rig, oracle)


def test_a_project_that_was_deleted_is_an_alarm_and_every_answer_is_kept(pushed):
    rig, oracle = pushed
    answered(rig, oracle, 5)
    rig.server.delete_project(min(rig.people.projects))
    for _ in range(3):
        job = rig.try_sync()
        assert (job.state, job.error["kind"]) == (JobState.FAILED, "studio_missing")
        oracle.after_job()
    assert "lost_project" in open_kinds(rig)
    with rig.store.reading() as session:
        kept = load_kept(session, rig.batch_id)
    assert {one.state for one in kept} == {RevisionState.SUBMITTED}
    assert len(kept) == 5
