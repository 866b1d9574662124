"""`flask batches`, `sync`, `jobs`, `schemes`, `datasets`: the contract, and clear refusals."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.jobs.runtime import now
from app.models.jobs import Job, JobState, Worker
from tests.line import ADA, BEN, CHLOE


def create(flask_command, *more, name="first", annotators=(ADA,), exit_code=0):
    named = [word for email in annotators for word in ("--annotator", email)]
    return flask_command("batches", "create", name, *named, *more, exit_code=exit_code)


def test_create_prints_the_deal(flask_command, articles, connection):
    answer = create(flask_command, "--overlap", "2", annotators=(ADA, BEN, CHLOE))
    assert answer["batch"] == "first"
    assert (answer["passages"], answer["tasks"]) == (12, 24)
    assert [lane["annotator"] for lane in answer["lanes"]] == [ADA, BEN, CHLOE]
    assert {lane["tasks"] for lane in answer["lanes"]} == {8}
    assert flask_command("batches", "list") == {"batches": [{"batch": "first", "state": "draft"}]}


def test_show_gives_the_contract_before_the_push(flask_command, articles, connection):
    create(flask_command)
    shown = flask_command("batches", "show", "first")
    assert {k: shown[k] for k in ("batch", "state", "passages", "tasks")} == {
        "batch": "first",
        "state": "draft",
        "passages": 12,
        "tasks": 12,
    }
    assert (shown["pushed"], shown["annotated"], shown["quarantined"]) == (0, 0, 0)
    (lane,) = shown["lanes"]
    assert (lane["annotator"], lane["project_id"], lane["url"]) == (ADA, None, None)


def test_a_shared_lane_of_several_names_nobody(flask_command, articles, connection):
    answer = create(flask_command, "--deal", "shared", annotators=(ADA, BEN))
    assert answer["lanes"] == [{"annotator": None, "tasks": 12}]


def test_the_same_seed_deals_alike(flask_command, articles, connection):
    deals = [
        create(flask_command, "--overlap", "2", "--seed", "7", name=n, annotators=(ADA, BEN, CHLOE))
        for n in ("one", "two")
    ]
    assert deals[0]["lanes"] == deals[1]["lanes"]


@pytest.mark.parametrize(
    ("selectors", "passages"),
    [
        (["outlet=Gull"], 6),
        (["outlet=Gull", "outlet=Heron"], 12),
        (["outlet=Gull", "section=news"], 6),
    ],
)
def test_selectors_choose(flask_command, articles, connection, selectors, passages):
    words = [word for s in selectors for word in ("--articles", s)]
    assert create(flask_command, *words)["passages"] == passages


def test_an_article_is_chosen_by_its_uid(flask_command, articles, connection):
    assert create(flask_command, "--articles", articles[0]["uid"])["passages"] == 6


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--articles", "colour=red"], "colour"),
        (["--articles", "outlet=Nobody"], "No passage"),
        (["--articles", "since=someday"], "someday"),
        (["--articles", "since=2026-01-01"], "No passage"),
        (["--overlap", "2"], "1 annotators"),
        (["--scheme", "none"], "none"),
        (["--connection", "none"], "none"),
        (["--annotator", "nobody"], "nobody"),
    ],
)
def test_a_batch_that_cannot_be_is_refused_and_nothing_is_made(
    flask_command, articles, connection, words, said
):
    error = create(flask_command, *words, exit_code=1)["error"]
    assert said in error["message"]
    assert error["remedy"]
    assert flask_command("batches", "list") == {"batches": []}


@pytest.mark.parametrize("name", ["Ü", "a b", "../x", "-x"])
def test_a_name_must_be_usable_everywhere(flask_command, articles, connection, name):
    result = flask_command.runner.invoke(
        args=["batches", "create", "--annotator", ADA, "--json", "--", name]
    )
    assert result.exit_code == 1
    assert "cannot name a batch" in json.loads(result.stdout)["error"]["message"]


def test_a_name_is_taken_once(flask_command, articles, connection):
    create(flask_command)
    assert create(flask_command, exit_code=1)["error"]["kind"] == "conflict"


def test_without_a_connection_it_says_how_to_add_one(flask_command, articles):
    error = create(flask_command, exit_code=1)["error"]
    assert "flask studio connect" in error["remedy"]


def test_push_without_wait_queues_a_job_and_says_that_no_worker_is_up(
    flask_command, articles, connection
):
    create(flask_command)
    result = flask_command.runner.invoke(args=["batches", "push", "first", "--json"])
    assert result.exit_code == 0
    assert json.loads(result.stdout)["job"] == 1
    assert "No worker" in result.stderr
    assert flask_command("batches", "show", "first")["state"] == "pushing"
    assert flask_command("jobs", "show", "1")["state"] == "queued"


def test_push_with_wait_gives_up_clearly_when_no_worker_comes(
    flask_command, articles, connection, monkeypatch
):
    monkeypatch.setattr("app.cli.waiting.NO_WORKER_AFTER_S", 0.3)
    create(flask_command)
    error = flask_command("batches", "push", "first", "--wait", exit_code=1)["error"]
    assert (error["kind"], "flask worker" in error["remedy"]) == ("setup", True)
    assert flask_command("jobs", "show", "1")["state"] == "queued"


@pytest.fixture
def ended(flask_command, articles, connection, store):
    """A job that ends in a given way as soon as somebody looks for a worker."""

    def arrange(monkeypatch, **values):
        create(flask_command)

        def end(_store):
            with store.transaction() as session:
                job = session.get(Job, 1)
                for name, value in values.items():
                    setattr(job, name, value)
                job.ended_at = now()
            return True

        monkeypatch.setattr("app.cli.waiting._worker_lives", end)

    return arrange


def test_wait_prints_the_counts(flask_command, ended, monkeypatch):
    ended(monkeypatch, state=JobState.SUCCEEDED, result={"pushed": 12})
    assert flask_command("batches", "push", "first", "--wait") == {"job": 1, "pushed": 12}


def test_wait_passes_on_why_a_job_failed(flask_command, ended, monkeypatch):
    error = {"kind": "studio_unavailable", "message": "It is down.", "remedy": "Start it."}
    ended(monkeypatch, state=JobState.FAILED, error=error)
    assert flask_command("batches", "push", "first", "--wait", exit_code=1)["error"] == error


def test_wait_says_when_a_job_was_cancelled(flask_command, ended, monkeypatch):
    ended(monkeypatch, state=JobState.CANCELLED)
    error = flask_command("batches", "push", "first", "--wait", exit_code=1)["error"]
    assert error["kind"] == "cancelled"
    assert "flask jobs retry 1" in error["remedy"]


def test_sync_of_everything_asks_for_each_open_batch(flask_command, articles, connection, store):
    create(flask_command)
    error = flask_command("sync", exit_code=1)["error"]
    assert "flask batches push" in error["remedy"]
    with store.transaction() as session:
        session.add(Worker(id="w", host="h", pid=1, started_at=now(), seen_at=now()))
    flask_command("batches", "push", "first")
    answer = flask_command("sync")
    assert [one["job"] for one in answer["batches"]] == [2]


def test_sync_with_wait_adds_up(flask_command, ended, monkeypatch):
    counts = dict.fromkeys(
        ("tasks_seen", "revisions_new", "revisions_total", "unchanged", "withdrawn", "quarantined"),
        2,
    )
    ended(monkeypatch, state=JobState.SUCCEEDED, result=counts)
    assert flask_command("sync", "first", "--wait")["tasks_seen"] == 2


def test_an_unknown_batch_is_named(flask_command):
    for words in (["batches", "push", "x"], ["batches", "show", "x"], ["sync", "x"]):
        error = flask_command(*words, exit_code=1)["error"]
        assert error["kind"] == "not_found"
        assert "'x'" in error["message"]


def test_jobs_can_be_cancelled_and_retried(flask_command, articles, connection):
    assert flask_command("jobs", "list") == {"jobs": []}
    create(flask_command)
    flask_command("batches", "push", "first")
    assert flask_command("jobs", "cancel", "1")["state"] == "cancelled"
    assert flask_command("jobs", "cancel", "1", exit_code=1)["error"]["kind"] == "conflict"
    assert flask_command("jobs", "retry", "1")["run"] == 2
    assert flask_command("jobs", "retry", "1", exit_code=1)["error"]["kind"] == "conflict"
    assert flask_command("jobs", "list", "--state", "queued")["jobs"][0]["job"] == 1
    assert flask_command("jobs", "show", "9", exit_code=1)["error"]["kind"] == "not_found"
    assert flask_command("jobs", "cancel", "9", exit_code=1)["error"]["kind"] == "not_found"


def test_a_retry_does_not_push_beside_a_newer_job(flask_command, articles, connection):
    create(flask_command)
    flask_command("batches", "push", "first")
    flask_command("jobs", "cancel", "1")
    flask_command("batches", "push", "first")
    assert "already queued" in flask_command("jobs", "retry", "1", exit_code=1)["error"]["message"]


def test_schemes_are_versions(flask_command, tmp_path):
    assert [s["scheme"] for s in flask_command("schemes", "list")["schemes"]] == ["news"]
    config, guide = tmp_path / "c.xml", tmp_path / "g.md"
    config.write_text(
        '<View><Labels name="entity" toName="text"><Label value="PERSON"/></Labels>'
        '<Text name="text" value="$text"/></View>'
    )
    guide.write_text("# How to")
    words = ("schemes", "import", "mine", "--config", str(config), "--guideline", str(guide))
    assert (flask_command(*words)["version"], flask_command(*words)["new"]) == (1, False)
    guide.write_text("# How to, better")
    assert flask_command(*words)["version"] == 2
    config.write_text("<View>")
    error = flask_command(*words, exit_code=1)["error"]
    assert error["kind"] == "bad_scheme"
    config.write_bytes(b"\xff")
    assert "UTF-8" in flask_command(*words, exit_code=1)["error"]["message"]
    listed = {s["scheme"]: s["version"] for s in flask_command("schemes", "list")["schemes"]}
    assert listed == {"mine": 2, "news": 1}


def test_an_export_holds_every_passage(flask_command, articles, connection, tmp_path):
    create(flask_command)
    answer = flask_command("datasets", "export", "first", "--out", str(tmp_path / "out"))
    assert answer["records"] == 12
    (path,) = answer["files"]
    lines = [json.loads(line) for line in Path(path).read_text("utf-8").splitlines()]
    assert len(lines) == 12
    assert all(line["article"]["outlet"] in ("Gull", "Heron") for line in lines)
    again = flask_command("datasets", "export", "first", "--out", str(tmp_path / "out"))
    assert again["sha256"] == answer["sha256"]


def test_an_export_of_nothing_leaves_no_folder(flask_command, tmp_path):
    out = tmp_path / "out"
    flask_command("datasets", "export", "none", "--out", str(out), exit_code=1)
    assert not out.exists()


def test_an_export_to_a_place_that_is_no_folder_is_refused(
    flask_command, articles, connection, tmp_path
):
    create(flask_command)
    (tmp_path / "file").write_text("x")
    error = flask_command(
        "datasets", "export", "first", "--out", str(tmp_path / "file" / "in"), exit_code=1
    )["error"]
    assert error["kind"] == "invalid_input"


def test_people_read_words(flask_command, articles, connection, tmp_path):
    create(flask_command)
    assert "draft" in flask_command.text("batches", "list")
    assert ADA in flask_command.text("batches", "show", "first")
    assert "Next: flask batches push second" in flask_command.text(
        "batches", "create", "second", "--annotator", ADA
    )
    assert "queued" in flask_command.text("batches", "push", "first")
    assert "push" in flask_command.text("jobs", "list")
    assert "state" in flask_command.text("jobs", "show", "1")
    assert "entity" in flask_command.text("schemes", "list")
    assert "12 passages" in flask_command.text(
        "datasets", "export", "first", "--out", str(tmp_path)
    )
    assert "Error:" in flask_command.text("batches", "show", "none", exit_code=1)
