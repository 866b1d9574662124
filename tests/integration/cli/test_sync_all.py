"""`flask sync` of every open batch: planned together, waited for together, reported together."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import select

from app.cli.sync import COUNTS
from app.jobs.runtime import now
from app.models.batches import Batch, BatchState
from app.models.jobs import Job, JobState
from tests.line import ADA, article_text

DOWN = {"kind": "studio_unavailable", "message": "It is down.", "remedy": "Start it."}
NAMES = ("one", "two", "three")


@pytest.fixture
def batches(flask_command, connection, store, tmp_path):
    """Three open batches."""
    (tmp_path / "a.txt").write_bytes(article_text("boats", paragraphs=2))
    flask_command("articles", "import", str(tmp_path / "a.txt"))
    for name in NAMES:
        flask_command("batches", "create", name, "--annotator", ADA)
    with store.transaction() as session:
        for batch in session.scalars(select(Batch)):
            batch.state = BatchState.OPEN
    return NAMES


@pytest.fixture
def ending(batches, store, monkeypatch):
    """Jobs that end as told by their batch, once all three have been planned."""

    def arrange(failing):
        def end(_store):
            with store.transaction() as session:
                jobs = session.scalars(select(Job)).all()
                slugs = dict(session.execute(select(Batch.id, Batch.slug)).all())
                assert len(jobs) == len(NAMES), "a job was waited for before all were planned"
                for job in jobs:
                    error = failing.get(slugs[job.args["batch"]])
                    job.state = JobState.FAILED if error else JobState.SUCCEEDED
                    job.result, job.error = dict.fromkeys(COUNTS, 2), error
                    job.ended_at = now()
            return True

        monkeypatch.setattr("app.cli.waiting._worker_lives", end)

    return arrange


def test_each_batch_is_named_with_its_counts_and_they_add_up(flask_command, ending):
    ending({})
    answer = flask_command("sync", "--wait")
    assert [one["batch"] for one in answer["batches"]] == ["three", "two", "one"]
    assert all(one["tasks_seen"] == 2 for one in answer["batches"])
    assert {count: answer[count] for count in COUNTS} == dict.fromkeys(COUNTS, 6)
    assert "error" not in answer


def test_one_that_fails_does_not_hide_the_others(flask_command, ending):
    ending({"three": DOWN})
    answer = flask_command("sync", "--wait", exit_code=1)
    ends = {one["batch"]: one for one in answer["batches"]}
    assert ends["three"] == {"batch": "three", "error": DOWN}
    assert (ends["one"]["tasks_seen"], ends["two"]["tasks_seen"]) == (2, 2)
    # What the failed one had read before it failed is in SQL, and counts too.
    assert answer["tasks_seen"] == 6
    assert answer["error"] == {
        "kind": DOWN["kind"],
        "message": "1 of 3 batches failed. three: It is down.",
        "remedy": DOWN["remedy"],
    }


def test_several_that_fail_are_told_together(flask_command, ending):
    ending({"three": DOWN, "one": DOWN | {"kind": "studio_token", "message": "No."}})
    error = flask_command("sync", "--wait", exit_code=1)["error"]
    assert (error["kind"], error["remedy"]) == ("error", "Start it.")
    assert error["message"] == "2 of 3 batches failed. three: It is down.; one: No."


def test_people_read_which_one_failed(flask_command, ending):
    ending({"two": DOWN})
    said = flask_command.text("sync", "--wait", exit_code=1)
    assert "2 batches synced." in said
    assert "two: It is down. Start it." in said


def test_without_a_worker_nobody_waits_for_each_in_turn(flask_command, batches, monkeypatch):
    monkeypatch.setattr("app.cli.waiting.NO_WORKER_AFTER_S", 0.3)
    answer = flask_command("sync", "--wait", exit_code=1)
    assert answer["error"]["kind"] == "setup"
    assert {one["error"]["kind"] for one in answer["batches"]} == {"setup"}
    assert answer["tasks_seen"] == 0


def test_without_wait_the_missing_worker_is_told_once(flask_command, batches):
    result = flask_command.runner.invoke(args=["sync", "--json"])
    assert result.exit_code == 0
    assert result.stderr.count("No worker") == 1
    assert [one["batch"] for one in json.loads(result.stdout)["batches"]] == ["three", "two", "one"]
