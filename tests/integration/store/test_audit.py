"""The audit log is a chain: whatever is altered, removed, added or cut off later is found."""

from __future__ import annotations

import json
import random
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from sqlalchemy import delete, func, insert, select, update

from app.extensions import Store
from app.models.audit import Audit, AuditLink
from app.queries.audit import Head
from app.services import audit, audit_check
from tests.line import Line

EDITS = 40


@pytest.fixture
def line(settings, store):
    """An instance in which something was done."""
    line = Line(settings, store)
    line.add_article()
    line.add_batch()
    line.push()
    with store.transaction() as session:
        for n in range(30):
            detail = {"n": n, 3: ("a", "b"), "share": 0.1 * n, "word": "überall 😀"}
            audit.record(
                session, actor="ada@example.org", action="counted", object=f"thing:{n}",
                detail=detail,
            )  # fmt: skip
    yield line
    line.queue.close()


@pytest.fixture
def verify(app):
    """Run `flask audit verify` and give its answer."""
    runner = app.test_cli_runner()

    def run(*words, exit_code=0):
        result = runner.invoke(args=["audit", "verify", *words, "--json"])
        assert result.exit_code == exit_code, result.output
        return json.loads(result.stdout)

    run.plain = lambda: runner.invoke(args=["audit", "verify"]).output
    run.doctor = lambda: json.loads(runner.invoke(args=["doctor", "--json"]).stdout)
    return run


@contextmanager
def tampering(store):
    """A connection of somebody who does not care for our rules."""
    with store.engine.connect() as connection:
        if store.is_sqlite:
            connection.exec_driver_sql("COMMIT")
            connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
            connection.exec_driver_sql("BEGIN")
        else:
            connection.exec_driver_sql("SET session_replication_role = replica")
        yield connection
        connection.commit()
    store.dispose()


def kinds(answer):
    return {problem["kind"] for problem in answer["problems"]}


def test_all_that_was_done_is_linked_in_its_order(line, store, verify):
    answer = verify()
    assert answer["ok"]
    assert answer["rows"] == line.count(Audit) == line.count(AuditLink)
    number, _, sha = answer["head"].partition(":")
    assert int(number) == answer["rows"]
    assert len(sha) == 64
    assert "ok: " in verify.plain()
    assert verify("--head", answer["head"])["ok"]


def test_a_log_without_lines_is_sound(store, settings):
    with tampering(store) as connection:
        connection.execute(delete(AuditLink))
        connection.execute(delete(Audit))
    found = audit_check.read_chain(store, newest=5)
    assert (found.ok, found.rows, found.head) == (True, 0, None)
    audit_check.keep_head(settings, found.head)
    audit_check.hold_against(found, store, audit_check.read_head(settings))
    assert found.ok


def test_every_edit_of_a_line_or_a_link_is_found(line, store, settings, verify):
    verify()
    chance = random.Random(7)
    with store.reading() as session:
        lines = session.execute(select(Audit.__table__).order_by(Audit.seq)).mappings().all()
        links = session.execute(select(AuditLink.__table__).order_by(AuditLink.n)).mappings().all()
    edits = {
        "actor": lambda row: {"actor": row["actor"] + "x"},
        "action": lambda row: {"action": "nothing_done"},
        "object": lambda row: {"object": "thing:other"},
        "detail": lambda row: {"detail": {**row["detail"], "n": "another"}},
        "at": lambda row: {"at": row["at"].replace(year=1999)},
    }
    for _ in range(EDITS):
        row = chance.choice(lines)
        change = edits[chance.choice(sorted(edits))](row)
        with tampering(store) as connection:
            connection.execute(update(Audit).where(Audit.seq == row["seq"]).values(**change))
        found = audit_check.read_chain(store)
        assert [(p["kind"], p["seq"]) for p in found.problems] == [("altered", row["seq"])], change
        with tampering(store) as connection:
            connection.execute(update(Audit).where(Audit.seq == row["seq"]).values(**row))
    for _ in range(EDITS // 4):
        one, other = chance.sample(list(links), 2)
        with tampering(store) as connection:
            for n, sha in ((one["n"], other["sha"]), (other["n"], one["sha"])):
                connection.execute(update(AuditLink).where(AuditLink.n == n).values(sha=sha))
        assert not audit_check.read_chain(store).ok
        with tampering(store) as connection:
            for link in (one, other):
                connection.execute(
                    update(AuditLink).where(AuditLink.n == link["n"]).values(sha=link["sha"])
                )
    assert verify()["ok"]


def test_two_lines_that_were_swapped_are_found(line, store, verify):
    with store.reading() as session:
        one, other = (
            session.execute(select(Audit.__table__).order_by(Audit.seq).limit(2)).mappings().all()
        )
    with tampering(store) as connection:
        for seq, row in ((one["seq"], other), (other["seq"], one)):
            connection.execute(update(Audit).where(Audit.seq == seq).values({**row, "seq": seq}))
    answer = verify(exit_code=1)
    assert answer["count"] == 2
    assert kinds(answer) == {"altered"}


@pytest.mark.parametrize("also_link", [False, True])
def test_a_line_that_was_taken_out_is_found(line, store, verify, also_link):
    with store.reading() as session:
        n, seq = session.execute(
            select(AuditLink.n, AuditLink.seq).order_by(AuditLink.n).limit(1)
        ).one()
    with tampering(store) as connection:
        if also_link:
            connection.execute(delete(AuditLink).where(AuditLink.n == n))
        connection.execute(delete(Audit).where(Audit.seq == seq))
    answer = verify(exit_code=1)
    assert "removed" in kinds(answer)
    assert "NOT as it was written" in verify.plain()


def test_a_line_that_was_slipped_in_is_found(line, store, verify):
    with store.reading() as session:
        row = dict(
            session.execute(select(Audit.__table__).order_by(Audit.seq).limit(1)).mappings().one()
        )
    with tampering(store) as connection:
        connection.execute(insert(Audit).values(**{**row, "seq": 9_999}))
    answer = verify(exit_code=1)
    assert kinds(answer) == {"added"}
    checks = {check["name"]: check for check in verify.doctor()["checks"]}
    assert checks["audit log"]["state"] == "fail"
    assert checks["audit log"]["remedy"] == "See all of it: flask audit verify"


def test_an_end_that_was_cut_off_is_found_by_what_was_seen_before(line, store, verify):
    noted = verify()["head"]
    with tampering(store) as connection:
        last = connection.scalar(select(func.max(AuditLink.n)))
        seqs = connection.scalars(select(AuditLink.seq).where(AuditLink.n > last - 5)).all()
        connection.execute(delete(AuditLink).where(AuditLink.n > last - 5))
        connection.execute(delete(Audit).where(Audit.seq.in_(seqs)))
    assert kinds(verify(exit_code=1)) == {"cut_off"}
    assert kinds(verify("--head", noted, exit_code=1)) == {"cut_off"}
    assert verify("--accept")["ok"]
    assert verify()["ok"]


def test_a_chain_that_was_made_anew_is_found_by_what_was_seen_before(line, store, verify):
    verify()
    with store.reading() as session:
        lines = session.scalars(select(Audit).order_by(Audit.seq)).all()
    with tampering(store) as connection:
        connection.execute(delete(AuditLink))
        connection.execute(update(Audit).where(Audit.seq == lines[0].seq).values(actor="nobody"))
        sha = audit.FIRST
        lines[0].actor = "nobody"
        for n, one in enumerate(lines, start=1):
            sha = audit.link_sha(sha, one)
            connection.execute(insert(AuditLink).values(n=n, seq=one.seq, sha=sha))
    assert kinds(verify(exit_code=1)) == {"replaced"}


def test_a_checkpoint_that_says_nothing_does_not_pass_for_none(line, settings, verify):
    verify()
    (settings.instance / audit_check.HEAD_FILE).write_text("{}")
    assert kinds(verify(exit_code=1)) == {"cut_off"}
    assert audit_check.read_head(settings) != Head(0, "")


def test_a_head_that_is_none_is_refused(line, verify):
    assert "not a place" in verify("--head", "7", exit_code=1)["error"]["message"]


def test_what_is_rolled_back_is_neither_there_nor_linked(line, store, verify):
    before = verify()["rows"]
    with store.transaction() as session:
        audit.record(session, actor="a", action="kept", object="x")
        with session.begin_nested() as inner:
            audit.record(session, actor="a", action="given_up", object="x")
            session.flush()
            inner.rollback()
        with session.begin_nested():
            audit.record(session, actor="a", action="also_kept", object="x")
    with store.transaction() as session:
        audit.record(session, actor="a", action="lost", object="x")
        session.rollback()
    with store.transaction() as session, session.begin_nested() as inner:
        audit.record(session, actor="a", action="taken_back", object="x")
        inner.rollback()
    assert verify()["rows"] == before + 2
    with store.reading() as session:
        acts = session.scalars(select(Audit.action).where(Audit.object == "x"))
        assert sorted(acts) == ["also_kept", "kept"]


def test_many_writers_at_once_make_one_chain(line, settings, verify):
    before = verify()["rows"]
    begin = threading.Barrier(6)

    def write(who):
        store = Store(settings.sqlalchemy_url)
        begin.wait(timeout=60)
        for n in range(10):
            with store.transaction() as session:
                for part in range(3):
                    audit.record(session, actor=f"w{who}", action="wrote", object=f"x:{n}.{part}")
                    session.flush()
        store.dispose()

    with ThreadPoolExecutor(6) as pool:
        for done in [pool.submit(write, who) for who in range(6)]:
            done.result()
    answer = verify()
    assert (answer["ok"], answer["rows"]) == (True, before + 180)


def test_lines_from_before_the_chain_are_linked_by_the_migration(line, store, app, verify):
    verify()
    runner = app.test_cli_runner()
    for words in (("downgrade", "0014_moderation"), ("upgrade",)):
        result = runner.invoke(args=["db", *words, "--json"])
        assert result.exit_code == 0, result.output
    answer = verify("--accept")
    assert answer["rows"] == line.count(Audit)
    with store.transaction() as session:
        audit.record(session, actor="a", action="went_on", object="x")
    assert verify()["rows"] == answer["rows"] + 1


def test_a_restored_log_is_sound_and_says_that_it_was_restored(line, store, app, verify, tmp_path):
    runner = app.test_cli_runner()

    def call(*words):
        result = runner.invoke(args=["backup", *map(str, words), "--json"])
        assert result.exit_code == 0, result.output

    call("create", tmp_path / "b")
    with store.transaction() as session:
        audit.record(session, actor="a", action="done_after_the_backup", object="x")
    verify()
    call("restore", tmp_path / "b", "--replace")
    answer = verify()
    assert answer["ok"]
    with store.reading() as session:
        newest = session.scalars(select(Audit).order_by(Audit.seq.desc())).first()
    assert newest.action == "backup_restored"


def test_the_doctor_looks_at_the_newest_lines(line, verify):
    verify()
    checks = {check["name"]: check for check in verify.doctor()["checks"]}
    assert checks["audit log"]["state"] == "ok"


def test_the_newest_links_are_held_against_the_one_before_them(line, store):
    assert audit_check.read_chain(store, newest=3).rows == 3
    with tampering(store) as connection:
        newest = connection.scalar(select(func.max(Audit.seq)))
        connection.execute(update(Audit).where(Audit.seq == newest).values(actor="x"))
    assert audit_check.read_chain(store, newest=3).count == 1
