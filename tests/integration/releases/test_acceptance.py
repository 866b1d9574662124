"""What a release promises, from end to end: in other processes, after a kill, on a full disk."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from app.jobs.release import build
from app.models.articles import Article
from app.models.releases import Release, ReleaseRecord
from app.services import releases
from app.services.curation import retract_article
from app.services.reviews import open_review
from config import ROOT
from labeling import decisions as core
from labeling.datasets.plan import ReleasePlan
from tests.integration.review.room import ADA, BEN, RUTH, region
from tests.processes import environment_of

# Each differs in all that could leak into bytes; a locale that is not installed changes nothing.
SURROUNDINGS = (
    {"PYTHONHASHSEED": "1", "TZ": "Pacific/Auckland", "LC_ALL": "C"},
    {"PYTHONHASHSEED": "4711", "TZ": "America/St_Johns", "LC_ALL": "tr_TR.UTF-8"},
)


def flask(settings, *words, exit_code=0, code="", **environment):
    """A command in a process of its own, or in one that runs some code first."""
    program = ["-m", "flask"] if not code else ["-c", code]
    done = subprocess.run(
        [sys.executable, *program, *map(str, words), *([] if code else ["--json"])],
        cwd=ROOT,
        env={**os.environ, **environment_of(settings), **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=180,
    )
    assert done.returncode == exit_code, done.stdout + done.stderr
    return json.loads(done.stdout) if done.stdout.strip() else {}


def tree(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def decide_anew(room, passage, kind, **said):
    """Settle a passage again, with another verdict on one group; give that decision's number."""
    with room.store.transaction() as session:
        open_review(session, "first", passage, actor=RUTH, now=room.now)
    verdicts = {"missing": {"verdict": core.Verdict.REJECT, "reason": "other"}, "label": {}}
    numbers = {}
    for name, usual in {**verdicts, kind: said}.items():
        numbers[name] = room.decide(passage, name, **usual).seq
    room.call("submit", passage)
    return numbers[kind]


@pytest.fixture
def two(room):
    """A second batch of a second article, answered alike by both annotators."""
    line = room.line
    uid = line.add_article("kites")
    line.add_batch("second", annotators=(ADA, BEN), overlap=2, articles=(uid,))
    line.push("second")
    users = {user.email: user.id for user in line.server.users}
    for lane, email in zip(line.lanes("second"), (ADA, BEN), strict=True):
        for task in line.server.tasks_of(lane.ls_project_id):
            line.server.annotate(
                task["id"], [region("k", "PERSON", 0, 7)], completed_by=users[email]
            )
    assert line.sync("second").state == "succeeded"
    return uid


def begin(room, name="news", **plan):
    with room.store.transaction() as session:
        return releases.plan_release(
            session,
            name,
            ReleasePlan(batches=("first",), **plan),
            actor=RUTH,
            notes="",
            now=datetime.now(UTC),
        ).id


def test_three_decisions_and_a_retraction_are_told_and_the_first_release_outlives_the_store(
    room, two, call, tmp_path, settings, store_kind, request
):
    asked = ("release", "news", "--batch", "first", "--batch", "second", "--state", "annotated")
    first = call(*asked)
    assert (first["version"], first["records"]) == ("1.0.0", 9)
    call("export", "news", "1.0.0", "--out", tmp_path / "first")
    reject = {"verdict": core.Verdict.REJECT, "reason": "not one"}
    edit = {"verdict": core.Verdict.EDIT, "reason": "wider"}
    decided = [
        decide_anew(room, room.passages[0], "label", **reject),
        decide_anew(room, room.passages[1], "missing", span=core.SpanEdit("ORG", 20, 24), **edit),
        decide_anew(room, room.passages[2], "label", span=core.SpanEdit("ORG", 8, 15), **edit),
    ]
    with room.store.transaction() as session:
        retract_article(session, two, reason="withdrawn by the outlet", actor=RUTH)
    second = call("release", "news")
    assert (second["version"], second["dropped"]["retracted"]) == ("1.1.0", 5)
    told = call("diff", "news", "1.0.0", "1.1.0")
    assert told["records"] == {"added": 0, "removed": 5, "changed": 3}
    named = [one["decision"] for change in told["changes"] for one in change["decisions"]]
    assert sorted(named) == sorted(decided)
    changed = {c["passage"] for c in told["changes"] if c["decisions"]}
    assert changed == set(room.passages)
    gone = [c for c in told["changes"] if not c["decisions"]]
    assert {(c["kind"], c["after"]) for c in gone} == {("removed", None)}
    with room.store.reading() as session:
        release = session.scalars(select(Release).where(Release.version == "1.0.0")).one()
        assert release.withdrawn == [two]
    room.line.queue.close()
    backup = tmp_path / "backup"
    flask(settings, "backup", "create", backup)
    template = request.getfixturevalue(f"{store_kind}_template")
    with template.copy(tmp_path / "elsewhere") as fresh:
        flask(fresh, "backup", "restore", backup)
        for n, surroundings in enumerate(SURROUNDINGS):
            again = tmp_path / f"again-{n}"
            flask(fresh, "datasets", "rebuild", "news", "1.0.0", "--out", again, **surroundings)
            assert tree(again) == tree(tmp_path / "first")
        assert flask(fresh, "datasets", "verify", tmp_path / "again-0")["ok"]
        assert flask(fresh, "audit", "verify")["ok"]


def test_two_builds_of_one_state_are_alike_wherever_they_run(room, settings, tmp_path):
    room.line.queue.close()
    trees, hashes = [], set()
    for n, surroundings in enumerate(SURROUNDINGS):
        asked = ("datasets", "release", f"d{n}", "--batch", "first", "--state", "any")
        hashes.add(flask(settings, *asked, **surroundings)["sha256"])
        for form in ("jsonl", "parquet", "csv", "conll", "w3c", "label-studio"):
            out = tmp_path / f"{form}-{n}"
            flask(
                settings, "datasets", "export", f"d{n}", "1.0.0", "--format", form, "--out", out,
                **surroundings,
            )  # fmt: skip
        trees.append(
            {
                f"{form}/{name}": data
                for form in ("jsonl", "parquet", "csv", "conll", "w3c", "label-studio")
                for name, data in tree(tmp_path / f"{form}-{n}").items()
                # These two tell the dataset's name and when it was made.
                if name not in ("manifest.json", "README.md")
            }
        )
    assert len(hashes) == 1
    assert trees[0].keys() == trees[1].keys()
    unlike = {name for name in trees[0] if trees[0][name] != trees[1][name]}
    # A W3C document carries the dataset's name.
    assert {name.partition("/")[0] for name in unlike} <= {"w3c"}


def test_what_happens_during_a_build_changes_nothing_in_it(room, two):
    calm = build(room.store, begin(room, "calm", state="any")).manifest
    asked = begin(room, "busy", state="any")
    told = []

    def meanwhile(done, total):
        told.append((done, total))
        if len(told) == 1:
            room.settle(room.open)
            room.say(0, 4, region("a", "PERSON", 0, 7))
            room.sync(4)
            with room.store.transaction() as session:
                article = session.scalars(select(Article.uid).where(Article.uid != two)).one()
                retract_article(session, article, reason="meanwhile", actor=RUTH)
        elif len(told) == 2:
            decide_anew(room, room.passages[0], "label", verdict=core.Verdict.REJECT, reason="x")

    busy = build(room.store, asked, progress=meanwhile).manifest
    assert len(told) >= 2
    assert busy["records_sha256"] == calm["records_sha256"]
    assert busy["counts"] == calm["counts"]


KILL = """
import os, signal, sys
from sqlalchemy import event
from app import create_app
from app.extensions import get_store
from app.jobs.release import build
app = create_app()
seen = 0
with app.app_context():
    store = get_store()
    def note(_connection, _cursor, statement, *_rest):
        global seen
        seen += statement.startswith(("INSERT", "UPDATE", "DELETE"))
        if seen == int(sys.argv[2]):
            os.kill(os.getpid(), signal.SIGKILL)
    event.listen(store.engine, "after_cursor_execute", note)
    build(store, int(sys.argv[1]))
"""


def test_a_build_that_is_killed_at_any_write_leaves_no_half_release(room, settings, call):
    asked = begin(room)
    for write in (1, 3, 4, 5):
        flask(settings, asked, write, code=KILL, exit_code=-9)
        listed = call("list")["datasets"][0]["releases"]
        assert [(one["version"], one["state"]) for one in listed] == [(None, "building")]
        assert call("export", "news", "1.0.0", "--out", "x", exit_code=1)["error"]
    built = build(room.store, asked)
    assert built.version == "1.0.0"
    with room.store.reading() as session:
        rows = session.scalars(select(ReleaseRecord.ord).order_by(ReleaseRecord.ord)).all()
    assert rows == [0, 1, 2]


FULL = """
import resource, sys
from flask.cli import main
sys.argv = ["flask", *sys.argv[1:], "--json"]
resource.setrlimit(resource.RLIMIT_FSIZE, (2_000, 2_000))
main()
"""


@pytest.mark.parametrize("form", ["jsonl", "parquet"])
def test_a_disk_that_is_full_leaves_no_half_folder(room, settings, call, tmp_path, form):
    call("release", "news", "--batch", "first")
    words = ("datasets", "export", "news", "1.0.0", "--format", form, "--out", tmp_path / "out")
    answer = flask(settings, *words, code=FULL, exit_code=1)
    assert "cannot be written" in answer["error"]["message"]
    assert "Make room" in answer["error"]["remedy"]
    assert [path.name for path in tmp_path.iterdir() if "out" in path.name] == []
