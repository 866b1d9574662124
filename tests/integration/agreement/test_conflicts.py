"""Conflicts are there after a sync, follow every change, and leave out what does not count."""

from __future__ import annotations

from contextlib import contextmanager

import pytest
from sqlalchemy import delete, select, update

from app.jobs import agreement
from app.models.agreement import Agreement, Comparison, Conflict
from app.models.annotations import Annotation, Revision
from app.models.batches import Batch
from tests.integration.agreement.answers import region, say
from tests.line import ADA, BEN, CHLOE, Line


def conflicts(line):
    with line.session() as session:
        rows = session.scalars(select(Conflict).order_by(Conflict.passage_id, Conflict.id))
        return list(rows)


def people(line):
    with line.session() as session:
        rows = session.execute(select(Annotation.annotator_id, Annotation.id))
        return {row[0] for row in rows}


def test_a_sync_leaves_the_conflicts_of_what_it_brought(line):
    say(line, 0, 0, region("a", "PERSON", 0, 7), region("b", "ORG", 8, 14))
    say(line, 1, 0, region("a", "PERSON", 0, 7), region("b", "PERSON", 8, 14))
    say(line, 0, 1, region("a", "ORG", 0, 3))
    assert line.sync().state == "succeeded"
    found = conflicts(line)
    assert [(one.kind, one.labels) for one in found] == [
        ("agreed", "|PERSON|"),
        ("label", "|ORG|PERSON|"),
        ("agreed", "|ORG|"),
    ]
    assert {version["annotator"] for version in found[0].spans} == people(line)
    with line.session() as session:
        rows = list(session.scalars(select(Comparison).order_by(Comparison.passage_id)))
        assert [len(row.answers) for row in rows] == [2, 1]
        revisions = {one["revision"] for row in rows for one in row.answers}
        assert revisions == set(session.scalars(select(Revision.id)))


def test_an_unchanged_sync_compares_nothing_again(line, store):
    say(line, 0, 0, region("a", "PERSON", 0, 7))
    line.sync()
    (before,) = conflicts(line)
    line.sync(full=True)
    assert [one.id for one in conflicts(line)] == [before.id]
    assert agreement.refresh(store, line.lanes()[0].batch_id) == 0


def test_only_the_passages_that_changed_are_remade(line):
    first = say(line, 0, 0, region("a", "PERSON", 0, 7))
    say(line, 0, 1, region("a", "PERSON", 0, 7))
    line.sync()
    with line.session() as session:
        session.execute(update(Conflict).values(label="as it was"))
        session.commit()
    line.server.edit_annotation(first, result=[region("a", "ORG", 0, 7)])
    line.sync()
    assert sorted(one.label for one in conflicts(line)) == ["ORG", "as it was"]


def test_skips_and_withdrawn_answers_do_not_count(line):
    mine = say(line, 0, 0, region("a", "PERSON", 0, 7))
    say(line, 1, 0, was_cancelled=True)
    line.sync()
    (one,) = conflicts(line)
    assert (one.kind, one.absent) == ("agreed", [])
    line.server.delete_annotation(mine)
    line.sync(full=True)
    line.sync(full=True)
    assert conflicts(line) == []
    assert line.count(Comparison) == 0


def test_a_crash_while_comparing_loses_nothing(line, store, monkeypatch):
    monkeypatch.setattr("app.services.conflicts.CHUNK", 2)
    for task in range(5):
        say(line, 0, task, region("a", "PERSON", 0, 7))
    line.sync()
    before = [(one.passage_id, one.key) for one in conflicts(line)]
    with store.transaction() as session:
        for table in (Conflict, Comparison, Agreement):
            session.execute(delete(table))
    batch, begun = line.lanes()[0].batch_id, []

    @contextmanager
    def failing_at_the_second():
        begun.append(1)
        with store.transaction() as session:
            yield session
            if len(begun) == 2:
                raise ConnectionError

    with pytest.raises(ConnectionError):
        agreement.refresh(store, batch, failing_at_the_second)
    assert len(conflicts(line)) == 2
    assert agreement.refresh(store, batch) == 5
    assert [(one.passage_id, one.key) for one in conflicts(line)] == before


def test_comparing_in_pieces_reaches_every_passage(line, store, monkeypatch):
    monkeypatch.setattr("app.services.conflicts.CHUNK", 2)
    for task in range(5):
        say(line, 0, task, region("a", "PERSON", 0, 7))
    line.sync()
    assert len({one.passage_id for one in conflicts(line)}) == 5
    with line.session() as session:
        seen = session.scalars(select(Agreement.seen_revision)).one()
        assert seen == max(session.scalars(select(Revision.id)))


def test_two_annotators_in_one_shared_lane_are_compared(settings, store):
    line = Line(settings, store)
    line.add_article()
    line.add_batch(annotators=(ADA, BEN, CHLOE), overlap=3, deal="shared")
    line.push()
    (lane,) = line.lanes()
    task = line.server.tasks_of(lane.ls_project_id)[0]
    users = {user.email: user.id for user in line.server.users}
    for email, end in ((ADA, 7), (BEN, 7), (CHLOE, 9)):
        line.server.annotate(task["id"], [region("a", "PERSON", 0, end)], completed_by=users[email])
    line.sync()
    (one,) = conflicts(line)
    assert one.kind == "boundary"
    assert len(one.spans) == 3
    line.queue.close()


def test_two_batches_over_one_passage_are_kept_apart(line, store):
    line.add_batch("second", annotators=(BEN,))
    line.push("second")
    say(line, 0, 0, region("a", "PERSON", 0, 7))
    task = line.server.tasks_of(line.lanes("second")[0].ls_project_id)[0]
    ben = next(user.id for user in line.server.users if user.email == BEN)
    line.server.annotate(task["id"], [region("a", "ORG", 0, 7)], completed_by=ben)
    line.sync()
    line.sync("second")
    with line.session() as session:
        rows = session.execute(
            select(Batch.slug, Conflict.label).join(Conflict, Conflict.batch_id == Batch.id)
        ).all()
    assert sorted(map(tuple, rows)) == [("first", "PERSON"), ("second", "ORG")]


def test_an_annotation_that_was_flagged_counts_no_longer(line, store):
    say(line, 0, 0, region("a", "PERSON", 0, 7))
    mine = say(line, 1, 0, region("a", "ORG", 0, 7))
    line.sync()
    assert [one.kind for one in conflicts(line)] == ["label"]
    with store.transaction() as session:
        session.execute(update(Annotation).where(Annotation.ls_id == mine).values(flag="copied"))
    assert agreement.refresh(store, line.lanes()[0].batch_id) == 1
    assert [one.kind for one in conflicts(line)] == ["agreed"]
    assert agreement.refresh(store, line.lanes()[0].batch_id) == 0
