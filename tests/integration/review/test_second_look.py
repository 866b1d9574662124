"""A second look is blind to the first; where the two differ, a third decides only that."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import select

from app.errors import InvalidInputError
from app.models.agreement import Agreement
from app.models.review import Gold, Review
from app.services.room import Seat, add_note
from labeling import decisions as core
from tests.integration.review.room import RUTH, SAM, TESS

REJECT = {"verdict": core.Verdict.REJECT, "reason": "wrong label"}


@pytest.fixture
def seen_once(room):
    """A passage of which every one gets a second look, settled by Ruth."""
    room.set_policy(second=100)
    passage = room.disagree()
    room.settle(passage)
    return passage


def test_a_second_look_is_told_nothing_of_the_first(room, seen_once):
    told = room.show(seen_once)
    assert (told["state"], told["gold"], told["reviewer"], told["opinions"]) == (
        "second", None, None, [],
    )  # fmt: skip
    assert [group["decision"] for group in told["groups"]] == [None] * 3
    assert RUTH not in json.dumps(told)
    room.decide(seen_once, "label", actor=SAM)
    told = room.show(seen_once)
    assert (told["reviewer"], told["stage"]) == (SAM, "second")
    assert room.groups(seen_once)["missing"]["decision"] is None
    assert RUTH not in json.dumps(told)


def test_a_second_look_is_told_no_remark_of_the_first(room):
    room.set_policy(second=100)
    passage = room.disagree()
    seats = [Seat("first", passage, who, room.now) for who in (RUTH, SAM)]
    with room.store.transaction() as session:
        add_note(session, seats[0], "Odd.")
    assert [one["text"] for one in room.show(passage)["notes"]] == ["Odd."]
    room.settle(passage)
    assert room.show(passage)["notes"] == []
    with room.store.transaction() as session:
        add_note(session, seats[1], "Plain.")
    room.decide(passage, "label", actor=SAM)
    assert [one["text"] for one in room.show(passage)["notes"]] == ["Plain."]


def test_what_a_second_look_came_to_is_kept_and_what_it_differs_in(room, seen_once):
    room.decide(seen_once, "missing", actor=SAM)
    room.decide(seen_once, "label", actor=SAM)
    room.call("submit", seen_once, actor=SAM)
    first, second = sorted(room.rows(Gold), key=lambda row: row.id)
    assert [(row.settled_by, row.state, row.current) for row in (first, second)] == [
        (RUTH, "pending", True),
        (SAM, "pending", False),
    ]
    missing = room.groups(seen_once)["missing"]["group"]
    assert (first.opinion, second.opinion) == (None, {"differ": [missing], "groups": 2})


def test_a_third_decides_only_what_the_two_settled_otherwise(room, seen_once):
    room.decide(seen_once, "missing", actor=SAM)
    room.decide(seen_once, "label", actor=SAM)
    room.decide(seen_once, "agreed", actor=SAM, **REJECT)
    room.call("submit", seen_once, actor=SAM)
    told = room.show(seen_once)
    groups = {group["kind"]: group for group in told["groups"]}
    assert told["state"] == "adjudication"
    assert set(told["differ"]) == {groups["missing"]["group"], groups["agreed"]["group"]}
    assert groups["label"]["decision"]["verdict"] == "accept"
    assert groups["missing"]["decision"] is None
    assert [one["stage"] for one in told["opinions"]] == ["first", "second"]
    assert [len(one["gold"]["spans"]) for one in told["opinions"]] == [2, 2]
    assert RUTH not in json.dumps(told)
    with pytest.raises(InvalidInputError, match="2 of the passage's groups"):
        room.call("submit", seen_once, actor=TESS)
    # What all annotators agree on is open here, for one of the two overturned it.
    room.decide(seen_once, "agreed", actor=TESS)
    room.decide(seen_once, "missing", actor=TESS, **REJECT)
    assert room.call("submit", seen_once, actor=TESS).state == "reviewed"
    assert [span[0] for span in room.gold(seen_once)] == ["PERSON", "ORG"]
    assert len(room.rows(Gold)) == 3


def test_a_third_may_also_overturn_what_the_two_settled_alike(room, seen_once):
    room.decide(seen_once, "missing", actor=SAM)
    room.decide(seen_once, "label", actor=SAM)
    room.call("submit", seen_once, actor=SAM)
    room.decide(seen_once, "label", actor=TESS, **REJECT)
    room.decide(seen_once, "missing", actor=TESS, **REJECT)
    room.call("submit", seen_once, actor=TESS)
    assert [span[0] for span in room.gold(seen_once)] == ["PERSON"]


def test_a_look_that_was_left_is_taken_up_by_somebody_else(room, seen_once):
    room.decide(seen_once, "label", actor=SAM)
    room.later(11)
    room.settle(seen_once, actor=TESS)
    assert room.item(seen_once).state == "reviewed"
    with room.store.reading() as session:
        states = session.execute(select(Review.reviewer, Review.state).order_by(Review.id)).all()
    assert [tuple(row) for row in states] == [
        (RUTH, "submitted"), (SAM, "left"), (TESS, "submitted"),
    ]  # fmt: skip


def test_how_far_reviewers_and_annotators_agree_with_the_gold_is_counted(room, app):
    room.set_policy(second=100)
    for n in range(4):
        passage = room.disagree(n)
        room.settle(passage)
        if n == 3:
            room.decide(passage, "missing", actor=SAM)
            room.decide(passage, "label", actor=SAM)
            room.call("submit", passage, actor=SAM)
        else:
            room.settle(passage, actor=SAM)
    runner = app.test_cli_runner()
    told = json.loads(runner.invoke(args=["review", "agreement", "first", "--json"]).stdout)
    assert (told["batch"], told["reviewers"], told["passages"]) == ("first", [RUTH, SAM], 4)
    assert told["passages_alike"] == {"value": None, "ci95": None, "n": 4, "reason": "too few"}
    assert told["groups_alike"]["n"] == 8
    assert told["layers"]["entity"]["pairs"][0]["n"] == 4
    text = runner.invoke(args=["review", "agreement", "first"]).stdout
    assert "4 passages settled by two" in text
    assert "too few (n 4)" in text
    with room.store.reading() as session:
        report = session.scalars(select(Agreement)).one().report
    ada, ben = report["layers"]["entity"]["against_gold"]
    # The passage that waits for a third has no gold yet.
    assert (ada["passages"], ben["passages"]) == (3, 3)
    assert ada["f1_exact"]["reason"] == "too few"


def test_without_second_looks_nothing_is_said_of_reviewers(room, app):
    runner = app.test_cli_runner()
    told = json.loads(runner.invoke(args=["review", "agreement", "first", "--json"]).stdout)
    assert told["passages"] == 0
    assert told["groups_alike"]["reason"] == "nothing settled twice"
