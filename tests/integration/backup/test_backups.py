"""A backup is whole, tells when it was damaged, and never makes Copydesk push anything twice."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import select, update

from app.models.articles import Article
from app.models.audit import Audit
from app.models.batches import Chunk, Lane
from app.models.jobs import Job
from app.services import backups
from tests.integration.review.room import Room


@pytest.fixture
def room(settings, store):
    """A desk with settled passages."""
    room = Room(settings, store)
    room.settle(room.disagree(0))
    yield room
    room.line.queue.close()


@pytest.fixture
def call(app):
    """Run a command and give its answer."""
    runner = app.test_cli_runner()

    def run(*words, exit_code=0):
        result = runner.invoke(args=[*map(str, words), "--json"])
        assert result.exit_code == exit_code, result.output
        return json.loads(result.stdout)

    run.plain = lambda *words: runner.invoke(args=[*map(str, words)]).output
    return run


def everything(store):
    with store.reading() as session:
        return {
            table.name: list(backups.iter_lines(session, table))
            for table in backups.tables()
            if table.name not in {"audit", "audit_link", "lane", "chunk", "job", "alembic_version"}
        }


def test_what_was_backed_up_comes_back_as_it_was(room, store, call, tmp_path):
    answer = call("backup", "create", tmp_path / "b")
    assert answer["rows"] > 50
    assert call("backup", "verify", tmp_path / "b") == {
        "ok": True, "rows": answer["rows"], "problems": [],
    }  # fmt: skip
    before = everything(store)
    room.settle(room.disagree(1))
    with store.transaction() as session:
        session.execute(update(Article).values(title="gone"))
    restored = call("backup", "restore", tmp_path / "b", "--replace")
    assert restored["rows"] == answer["rows"]
    assert everything(store) == before
    with store.reading() as session:
        assert session.scalars(select(Audit).order_by(Audit.seq.desc())).first().action == (
            "backup_restored"
        )


def test_a_restored_older_backup_pushes_nothing_that_label_studio_has(room, store, call, tmp_path):
    room.line.add_article("kites")
    room.line.add_batch("second", articles=())
    call("backup", "create", tmp_path / "before")
    room.line.push("second")
    pushed = room.line.studio_uids("second")
    room.say(0, 2, {"id": "x", "from_name": "entity", "to_name": "text", "type": "labels",
                    "value": {"start": 0, "end": 3, "labels": ["ORG"]}})  # fmt: skip
    call("backup", "restore", tmp_path / "before", "--replace")
    with store.reading() as session:
        assert {lane.cursor for lane in session.scalars(select(Lane))} == {None}
    room.line.settings = room.line.settings.model_copy(update={"push_settle_s": 0.0})
    room.line.runner.settings = room.line.settings
    job = room.line.push("second")
    assert job.state == "succeeded", job.error
    assert room.line.studio_uids("second") == pushed
    assert room.line.sync().state == "succeeded"
    room.line.show("second")


def test_work_under_way_has_ended_after_a_restore(room, store, call, tmp_path):
    with store.transaction() as session:
        job = session.scalars(select(Job)).first()
        job.state, number = "running", job.id
        session.execute(update(Chunk).values(state="sending"))
    call("backup", "create", tmp_path / "b")
    answer = call("backup", "restore", tmp_path / "b", "--replace")
    assert answer["in_doubt"]["jobs"] == 1
    assert answer["in_doubt"]["chunks"] >= 1
    assert room.line.job(number).state == "failed"
    with store.reading() as session:
        assert set(session.scalars(select(Chunk.state))) == {"unknown"}


def test_new_rows_find_their_numbers_after_a_restore(room, call, tmp_path):
    call("backup", "create", tmp_path / "b")
    call("backup", "restore", tmp_path / "b", "--replace")
    room.line.add_article("kites")
    room.line.add_batch("third")
    assert len(room.line.lanes("third")) == 1


def test_nobodys_work_is_replaced_by_accident(room, call, tmp_path):
    call("backup", "create", tmp_path / "b")
    refused = call("backup", "restore", tmp_path / "b", exit_code=1)
    assert "--replace" in refused["error"]["remedy"]
    again = call("backup", "create", tmp_path / "b", exit_code=1)
    assert "not empty" in again["error"]["message"]


def test_damage_is_found_and_never_restored(room, call, tmp_path):
    call("backup", "create", tmp_path / "b")
    (tmp_path / "b" / "tables" / "article.jsonl").write_text("[]\n")
    (tmp_path / "b" / "tables" / "block.jsonl").unlink()
    found = call("backup", "verify", tmp_path / "b", exit_code=1)
    assert {one["path"] for one in found["problems"]} == {
        "tables/article.jsonl", "tables/block.jsonl",
    }  # fmt: skip
    refused = call("backup", "restore", tmp_path / "b", "--replace", exit_code=1)
    assert "damaged" in refused["error"]["message"]
    assert "NOT as its manifest" in call.plain("backup", "verify", tmp_path / "b")


def edit(folder, **more):
    path = folder / "manifest.json"
    path.write_text(json.dumps({**json.loads(path.read_bytes()), **more}))


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"revision": "0001_create_tables"}, "is of version 0001_create_tables"),
        ({"data_key": "another"}, "another data key"),
        ({"format": "copydesk-release/1"}, "is not a backup"),
        ({"tables": {"lost": 1}}, "does not name lost"),
    ],
)
def test_a_backup_that_does_not_belong_here_is_refused(room, call, tmp_path, more, said):
    call("backup", "create", tmp_path / "b")
    edit(tmp_path / "b", **more)
    refused = call("backup", "restore", tmp_path / "b", "--replace", exit_code=1)
    assert said in refused["error"]["message"]


def test_keys_are_kept_apart_and_closed_to_others(room, settings, call, tmp_path):
    call("backup", "create", tmp_path / "b", "--keys", tmp_path / "k")
    names = {path.name for path in (tmp_path / "k").iterdir()}
    assert names == {"data.key", "secret.key"}
    for path in (tmp_path / "k").iterdir():
        assert path.stat().st_mode & 0o077 == 0
        secret = path.read_bytes().strip()
        for file in (tmp_path / "b").rglob("*"):
            assert not file.is_file() or secret not in file.read_bytes()
    assert (tmp_path / "b").stat().st_mode & 0o077 == 0
    assert "keys are not in it" in call.plain("backup", "create", tmp_path / "c")
    text = call.plain("backup", "restore", tmp_path / "c", "--replace")
    assert "flask sync --full" in text
