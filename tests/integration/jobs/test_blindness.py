"""What was not made blind is flagged by the sync that brings it, shown, and kept out."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from app.jobs import blindness
from app.keys import TokenVault
from app.models.agreement import Comparison
from app.models.annotations import Annotation
from app.models.batches import Batch
from app.models.passages import Passage
from app.models.suggestions import Prediction, PredictionSpan
from app.services.connections import save_connection
from labeling.studio.fake_server import LEGACY_TOKEN
from tests.integration.agreement.test_conflicts import region
from tests.line import ADA, BEN, CHLOE, Line

CHANCE, OTHER = "0Z1Fk_x-9a", "qW8r-T_y2U"


@pytest.fixture
def line(settings, store):
    """Three annotators in lanes of their own; every passage goes to two of them."""
    line = Line(settings, store)
    line.add_article()
    line.add_batch(annotators=(ADA, BEN, CHLOE), overlap=3)
    line.push()
    yield line
    line.queue.close()


def user(line, email):
    known = {one.email: one.id for one in line.server.users}
    return known.get(email) or line.server.add_user(email).id


def say(line, lane, *regions, by=None, task=0, **more):
    """An answer to a task of a lane, by its own annotator unless told otherwise."""
    project = line.lanes()[lane].ls_project_id
    who = by or (ADA, BEN, CHLOE)[lane]
    found = line.server.tasks_of(project)[task]
    return line.server.annotate(found["id"], list(regions), completed_by=user(line, who), **more)


def flags(line):
    return line.show()["blind"]["flags"]


def compared(line):
    """How many answers were compared, by passage."""
    with line.session() as session:
        return [len(answers) for answers in session.scalars(select(Comparison.answers))]


def test_three_who_work_alone_are_clean(line):
    for lane, key in enumerate(("0Z1Fk_x-9a", "qW8r-T_y2U", "77abCd_e-1")):
        say(line, lane, region(key, "PERSON", 0, 7))
    line.sync()
    assert line.show()["blind"] == {"mode": "lanes", "violations": 0, "flags": []}
    assert compared(line) == [3]


def test_a_stranger_in_a_lane_is_flagged_and_left_out(line):
    say(line, 0, region("a", "PERSON", 0, 7))
    say(line, 0, region("a", "PERSON", 0, 7), by="mallory@example.org")
    say(line, 1, region("a", "PERSON", 0, 7), by=ADA, task=0)
    line.sync()
    shown = line.show()["blind"]
    assert shown["violations"] == 2
    assert [(one["lane"], one["annotator"], one["signs"]) for one in shown["flags"]] == [
        (1, "mallory@example.org", ["stranger"]),
        (2, ADA, ["stranger"]),
    ]
    assert all(one["passage"] and one["reason"] for one in shown["flags"])
    assert compared(line) == [1]


def test_a_copy_of_anothers_annotation_is_flagged(line):
    first = say(line, 0, region("a", "PERSON", 0, 7))
    say(line, 1, region("b", "PERSON", 0, 7), parent_annotation=first)
    line.sync()
    assert [(one["lane"], one["signs"]) for one in flags(line)] == [(2, ["parent_annotation"])]


def test_regions_that_went_from_lane_to_lane_are_flagged_where_they_came_later(line):
    say(line, 1, region(CHANCE, "PERSON", 0, 7))
    line.sync()
    say(line, 0, region(CHANCE, "PERSON", 0, 7), region(OTHER, "ORG", 8, 14))
    line.sync()
    assert [(one["lane"], one["signs"]) for one in flags(line)] == [(1, ["copied_regions"])]
    assert compared(line) == [1]


def test_the_first_one_is_found_out_although_the_copy_was_synced_before(line):
    say(line, 0, region(CHANCE, "PERSON", 0, 7))
    copy = say(line, 1, region(CHANCE, "PERSON", 0, 7))
    task = line.server.tasks_of(line.lanes()[0].ls_project_id)[0]
    hidden = line.server.tasks[task["id"]]["annotations"]
    kept = list(hidden)
    hidden.clear()
    line.sync()
    assert flags(line) == []
    hidden.extend(kept)
    line.server._touch(line.server.tasks[task["id"]])
    line.sync()
    assert [(one["lane"], one["annotation"]) for one in flags(line)] == [(2, copy)]


def test_what_every_lane_took_up_from_our_suggestion_is_no_sign(line):
    for lane in (0, 1):
        say(line, lane, {**region(CHANCE, "PERSON", 0, 7), "origin": "prediction"})
    line.sync()
    assert flags(line) == []


def test_regions_that_we_pushed_as_suggestions_are_no_sign_even_where_nothing_says_so(line, store):
    with store.transaction() as session:
        passages = session.scalars(select(Passage.id)).all()
        for n, passage in enumerate(passages):
            prediction = Prediction(
                passage_id=passage, sha=f"{n:064}", model_version="x", relations=[]
            )
            prediction.spans.append(
                PredictionSpan(
                    ord=0, region=CHANCE, layer="entity", label="PERSON", start=0, end=7, attrs={}
                )
            )
            session.add(prediction)
    for lane in (0, 1):
        say(line, lane, region(CHANCE, "PERSON", 0, 7))
    say(line, 2, region(OTHER, "PERSON", 0, 7))
    line.sync()
    assert flags(line) == []


def test_a_flag_stays_when_the_copy_is_corrected_and_is_counted_once(line):
    first = say(line, 0, region("a", "PERSON", 0, 7))
    copy = say(line, 1, region("b", "PERSON", 0, 7), by=ADA, parent_annotation=first)
    line.sync()
    assert [one["signs"] for one in flags(line)] == [["parent_annotation", "stranger"]]
    line.server.edit_annotation(copy, result=[region("c", "ORG", 8, 14)], parent_annotation=None)
    line.sync()
    assert line.show()["blind"]["violations"] == 1
    assert line.lanes()[1].flagged == 1


def test_a_sync_that_died_before_the_look_leaves_it_to_the_next(line, store):
    say(line, 0, by="mallory@example.org")
    line.sync()
    with store.transaction() as session:
        session.query(Annotation).update({"flag": "", "flag_reason": ""})
        session.query(Batch).update({"judged_revision": 0})
        for lane in line.lanes():
            session.merge(lane).flagged = 0
    batch = line.lanes()[0].batch_id
    assert blindness.refresh(store, batch) == 1
    assert blindness.refresh(store, batch) == 0
    assert line.show()["blind"]["violations"] == 1


def test_lanes_on_servers_of_their_own_are_said_to_be_so(line, store):
    with store.transaction() as session:
        for name in ("second", "third"):
            save_connection(
                session, TokenVault(line.settings), name=name, url=f"http://{name}.example.org",
                token=LEGACY_TOKEN, actor="system",
            )  # fmt: skip
    people = (ADA, BEN, CHLOE)
    line.add_batch(
        "apart",
        annotators=people,
        overlap=3,
        connection="fake",
        lanes={BEN: "second", CHLOE: "third"},
    )
    line.add_batch("half", annotators=people, overlap=3, connection="fake", lanes={BEN: "second"})
    assert line.show("apart")["blind"]["mode"] == "servers"
    assert line.show("half")["blind"]["mode"] == "lanes"


def test_a_shared_lane_promises_nothing_and_flags_nothing(line):
    line.add_batch("open", annotators=(ADA, BEN), deal="shared", overlap=2)
    line.push("open")
    (lane,) = line.lanes("open")
    task = line.server.tasks_of(lane.ls_project_id)[0]
    line.server.annotate(task["id"], completed_by=user(line, "mallory@example.org"))
    line.sync("open")
    assert line.show("open")["blind"] == {"mode": "none", "violations": 0, "flags": []}
