"""A release and its files as jobs: the same as the commands make, whole or not there at all."""

from __future__ import annotations

import json
import zipfile
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from app.errors import ConflictError, NotFoundError
from app.jobs.release_runs import export_dataset, release_dataset
from app.jobs.runtime import CancelledJob, JobContext
from app.models.audit import Audit
from app.models.jobs import Job, JobState
from app.models.releases import Release, ReleaseFile, ReleaseRecord
from app.queries.jobs import get_export_jobs, get_job, get_release_job
from app.services import jobs, release_files
from labeling.datasets.formats.base import FormatError
from labeling.datasets.plan import ReleasePlan
from labeling.datasets.verify import verify_folder
from tests.integration.review.room import RUTH


def ask(room, name="news", **plan):
    with room.store.transaction() as session:
        return release_files.request_release(
            session,
            room.line.queue,
            name,
            ReleasePlan(batches=("first",), **plan),
            actor=RUTH,
            notes="",
            now=datetime.now(UTC),
        )


def ask_files(room, form, name="news", version="1.0.0"):
    with room.store.transaction() as session:
        return release_files.request_files(
            session, room.line.queue, name, version, form, actor=RUTH
        )


def rows(room, table):
    with room.store.reading() as session:
        return list(session.scalars(select(table)))


def place(room, form):
    (release,) = rows(room, Release)
    return release_files.path_of(room.line.settings, release.id, form)


def test_a_job_builds_the_release_that_the_command_builds(room, call):
    job = room.line.run(ask(room))
    assert job.state == JobState.SUCCEEDED, job.error
    by_hand = call("release", "other", "--batch", "first")
    assert job.result == {
        "dataset": "news",
        "version": "1.0.0",
        "records": 3,
        "spans": 6,
        "sha256": by_hand["sha256"],
    }
    assert (job.done, job.total) == (3, 3)
    with room.store.reading() as session:
        shown = get_release_job(session, "news", 1)
    assert (shown.id, shown.title, shown.dataset) == (job.id, "Release", "news")


def test_a_job_that_runs_again_finds_its_release_ready(room):
    job = room.line.run(ask(room))
    (before,) = rows(room, Release)
    context = JobContext(
        room.store, room.line.settings, room.line.connect, job.id, job.fence, job.args, job.name
    )
    assert release_dataset(context)["version"] == "1.0.0"
    (after,) = rows(room, Release)
    assert after.built_at == before.built_at


def test_what_is_asked_for_twice_is_made_once(room):
    room.line.run(ask(room))
    assert ask_files(room, "csv").id == ask_files(room, "csv").id


@pytest.mark.parametrize("form", ["jsonl", "parquet", "brat"])
def test_files_are_packed_whole_and_always_to_the_same_bytes(room, form, tmp_path):
    room.line.run(ask(room))
    job = room.line.run(ask_files(room, form))
    assert job.state == JobState.SUCCEEDED, job.error
    (row,) = rows(room, ReleaseFile)
    path = place(room, form)
    assert release_files.is_there(path, row.bytes)
    assert (job.result["sha256"], job.result["bytes"]) == (row.sha256, row.bytes)
    first = path.read_bytes()
    with zipfile.ZipFile(path) as archive:
        archive.extractall(tmp_path)
    folder = tmp_path / f"news-1.0.0-{form}"
    assert verify_folder(folder).ok
    assert json.loads((folder / "manifest.json").read_bytes())["report"] == row.report
    path.unlink()
    room.line.run(ask_files(room, form))
    assert place(room, form).read_bytes() == first
    assert [one.name for one in path.parent.iterdir()] == [path.name]
    with room.store.reading() as session:
        assert set(get_export_jobs(session, "news", "1.0.0")) == {form}


def test_what_was_downloaded_by_whom_is_written_down(room):
    room.line.run(ask(room))
    settings = room.line.settings

    def send(form):
        with room.store.transaction() as session:
            return release_files.file_to_send(session, settings, "news", "1.0.0", form, actor=RUTH)

    assert send("jsonl") is None
    room.line.run(ask_files(room, "jsonl"))
    path, sha256 = send("jsonl")
    (row,) = rows(room, ReleaseFile)
    assert (path.stat().st_size, sha256) == (row.bytes, row.sha256)
    acts = [(one.action, one.actor, one.object) for one in rows(room, Audit)]
    assert acts.count(("files_downloaded", RUTH, "dataset:news")) == 1
    path.write_bytes(b"half")
    assert send("jsonl") is None
    with pytest.raises(FormatError, match="no format 'xml'"):
        send("xml")


def test_a_release_is_given_up_when_its_job_is_cancelled_before_it_begins(room):
    job = ask(room)
    with room.store.transaction() as session:
        jobs.cancel_job(session, room.line.queue, job.id, actor=RUTH)
    (release,) = rows(room, Release)
    assert (release.state, release.problem) == ("failed", f"Cancelled by {RUTH}.")
    assert room.line.run(ask(room)).state == JobState.SUCCEEDED


def cancelled_at_work(room, job):
    """The job in the hands of a worker, when somebody has just cancelled it."""
    with room.store.transaction() as session:
        taken = session.get_one(Job, job.id)
        taken.state, taken.fence = JobState.CANCELLING, 1
    return JobContext(
        room.store, room.line.settings, room.line.connect, job.id, 1, job.args, job.name
    )


def test_a_release_is_given_up_when_its_job_is_cancelled_at_work(room):
    job = ask(room)
    context = cancelled_at_work(room, job)
    with pytest.raises(CancelledJob):
        release_dataset(context)
    (release,) = rows(room, Release)
    assert (release.state, release.problem) == ("failed", "Cancelled.")
    assert rows(room, ReleaseRecord) == []


def test_files_that_are_cancelled_at_work_leave_nothing(room):
    room.line.run(ask(room))
    job = ask_files(room, "jsonl")
    context = cancelled_at_work(room, job)
    with pytest.raises(CancelledJob):
        export_dataset(context)
    assert rows(room, ReleaseFile) == []
    assert list((room.line.settings.instance / "releases").iterdir()) == []


def test_what_a_killed_run_left_behind_is_removed_by_the_next(room):
    room.line.run(ask(room))
    (release,) = rows(room, Release)
    work = release_files.make_place(room.line.settings, release.id, "jsonl")
    (work / "half").write_bytes(b"x" * 10)
    assert room.line.run(ask_files(room, "jsonl")).state == JobState.SUCCEEDED
    assert not work.exists()


def test_a_release_that_fails_says_why_on_its_job(room):
    job = room.line.run(ask(room, languages=("fr",)))
    assert job.state == JobState.FAILED
    assert "Nothing would be in this release" in job.error["message"]
    assert job.error["remedy"]


def test_a_format_that_cannot_hold_it_is_refused_before_anything_is_planned(room):
    room.line.run(ask(room, offsets_only=True))
    with pytest.raises(ConflictError, match="offsets only"):
        ask_files(room, "brat")
    with pytest.raises(NotFoundError):
        ask_files(room, "jsonl", version="9.0.0")
    with room.store.reading() as session:
        assert get_export_jobs(session, "news", "1.0.0") == {}
        with pytest.raises(NotFoundError):
            get_job(session, 9_999)


def test_a_disk_that_is_full_is_said_and_nothing_stays(room, monkeypatch):
    room.line.run(ask(room))

    def full(*_args):
        raise OSError(28, "No space left on device")

    # The disk's own answer, at the one place where it is asked.
    monkeypatch.setattr("os.fsync", full)
    job = room.line.run(ask_files(room, "jsonl"))
    assert job.state == JobState.FAILED
    assert "No space left on device" in job.error["message"]
    assert "Make room" in job.error["remedy"]
    assert list((room.line.settings.instance / "releases").iterdir()) == []
