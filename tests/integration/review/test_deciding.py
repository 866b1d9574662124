"""A passage is opened, decided group by group, settled; nothing is ever overwritten."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.errors import (
    ConflictError,
    InvalidInputError,
    NotFoundError,
    NotPermittedError,
)
from app.models.audit import Audit
from app.models.batches import Batch
from app.models.review import Decision, Gold, Review, ReviewItem
from app.services import deciding
from app.services.reviews import leave_review, open_review
from app.services.rework import request_rework
from labeling import decisions as core
from labeling.errors import LabelingError
from tests.integration.review.room import RUTH, SAM, TESS, region
from tests.line import ADA

REJECT = {"verdict": core.Verdict.REJECT, "reason": "wrong label"}


def audits(room, *actions):
    with room.store.reading() as session:
        rows = session.scalars(select(Audit).where(Audit.action.in_(actions)).order_by(Audit.seq))
        return [(row.action, row.actor, row.detail["verdict"]) for row in rows]


def test_a_passage_is_ready_when_all_have_answered_and_says_how_much_is_open(room):
    room.say(0, 0, region("a", "PERSON", 0, 7))
    passage = room.sync()
    assert room.item(passage).state == "waiting"
    room.say(1, 0, region("a", "ORG", 0, 7))
    room.sync()
    item = room.item(passage)
    assert (item.state, item.open, item.agreed, item.answers) == ("ready", 1, 0, 2)
    assert (item.kinds, item.disagreement) == ("|label|", 1000)
    assert 0 <= item.sample < 10_000


def test_a_skip_counts_as_done_and_leaves_one_answer(room):
    room.say(0, 0, region("a", "PERSON", 0, 7))
    room.say(1, 0, was_cancelled=True)
    item = room.item(room.sync())
    assert (item.state, item.answers) == ("ready", 1)


def test_decisions_add_up_to_the_gold_of_the_passage(room):
    passage = room.disagree()
    room.decide(passage, "missing", **REJECT)
    room.decide(passage, "label", version=str(_first(room)))
    gold = room.call("submit", passage)
    assert (gold.state, gold.settled_by, gold.stale) == ("reviewed", RUTH, False)
    assert room.gold(passage) == [("PERSON", 0, 7, "unanimous"), ("ORG", 8, 14, "chosen")]
    assert room.item(passage).state == "reviewed"
    told = room.show(passage)
    assert set(told["annotators"]) == {"A", "B"}
    assert [span["settled"] for span in told["gold"]["spans"]] == ["unanimous", "chosen"]


def _first(room):
    """The annotator who said ORG: Ada, in the first lane."""
    return room.line.lanes()[0].annotator_id


def test_what_all_missed_is_added_and_relations_are_drawn(room):
    passage = room.agree(0)
    edit = core.SpanEdit("ORG", 8, 14)
    group = core.added_group("entity", edit)
    room.call("decide", passage, core.Decision(group, "entity", core.Verdict.ADD, span=edit))
    (agreed,) = room.show(passage)["groups"]
    link = (core.Link("said_by", group),)
    wanted = core.Decision(agreed["group"], "entity", core.Verdict.ACCEPT, links=link)
    room.call("decide", passage, wanted)
    assert [one["verdict"] for one in room.show(passage)["added"]] == ["add"]
    gold = room.call("submit", passage)
    assert room.gold(passage) == [("PERSON", 0, 7, "unanimous"), ("ORG", 8, 14, "added")]
    assert [relation["label"] for relation in gold.relations] == ["said_by"]


def test_nothing_is_settled_while_groups_are_open(room):
    passage = room.disagree()
    room.decide(passage, "label")
    with pytest.raises(InvalidInputError, match="1 of the passage's groups"):
        room.call("submit", passage)
    assert room.rows(Gold) == []


def test_a_decision_is_taken_back_by_another_event(room):
    passage = room.disagree()
    first = room.decide(passage, "label")
    second = room.decide(passage, "label", **REJECT)
    assert room.call("undo", passage).seq == second.seq
    assert room.groups(passage)["label"]["decision"]["seq"] == first.seq
    assert room.call("undo", passage).seq == first.seq
    assert room.groups(passage)["label"]["decision"] is None
    assert room.call("undo", passage) is None
    assert len(room.rows(Decision)) == 4
    assert audits(room, "decision_taken", "decision_undone") == [
        ("decision_taken", RUTH, "accept"),
        ("decision_taken", RUTH, "reject"),
        ("decision_undone", RUTH, "undo"),
        ("decision_undone", RUTH, "undo"),
    ]


def test_a_bad_decision_changes_nothing(room):
    passage = room.disagree()
    with pytest.raises(LabelingError, match="needs a reason"):
        room.decide(passage, "label", verdict=core.Verdict.REJECT)
    assert room.rows(Decision) == []
    assert room.rows(Review) == []


def test_nobody_reviews_their_own_annotations_and_the_system_decides_nothing(room):
    passage = room.disagree()
    with pytest.raises(NotPermittedError, match="You annotated"):
        room.decide(passage, "label", actor=ADA)
    with pytest.raises(NotPermittedError, match="system cannot"):
        room.decide(passage, "label", actor="system")


def test_what_nobody_answered_cannot_be_reviewed(room):
    passage = room.disagree()
    with pytest.raises(NotFoundError, match="nothing to review"):
        room.call("submit", "p-none")
    with room.store.transaction() as session, pytest.raises(NotFoundError):
        open_review(session, "nowhere", passage, actor=RUTH, now=room.now)


def test_an_archived_batch_is_not_reviewed_any_more(room):
    passage = room.disagree()
    with room.store.transaction() as session:
        session.scalars(select(Batch)).one().state = "archived"
    with pytest.raises(ConflictError, match="archived"):
        room.decide(passage, "label")


def test_one_reviewer_is_inside_at_a_time_and_a_lease_runs_out(room):
    passage = room.disagree()
    room.decide(passage, "label")
    with pytest.raises(ConflictError, match="has this passage open"):
        room.decide(passage, "label", actor=SAM)
    room.later(9)
    room.decide(passage, "label")
    room.later(9)
    with pytest.raises(ConflictError, match="has this passage open"):
        room.decide(passage, "label", actor=SAM)
    room.later(2)
    room.settle(passage, actor=SAM)
    states = {review.reviewer: review.state for review in room.rows(Review)}
    assert states == {RUTH: "left", SAM: "submitted"}
    assert len(room.rows(Decision)) == 4


def test_who_left_finds_their_decisions_again_unless_somebody_else_came(room):
    passage = room.disagree()
    room.decide(passage, "label")
    with room.store.transaction() as session:
        assert leave_review(session, "first", passage, actor=RUTH)
        assert not leave_review(session, "first", passage, actor=RUTH)
    assert room.show(passage)["reviewer"] is None
    room.decide(passage, "missing", **REJECT)
    room.call("submit", passage)
    assert room.gold(passage)[1][3] == "chosen"
    assert len(room.rows(Review)) == 1


def test_two_who_open_at_the_same_moment_are_told_apart_by_the_store(room):
    passage = room.disagree()
    with room.store.transaction() as session:
        one = open_review(session, "first", passage, actor=RUTH, now=room.now)
        twin = Review(
            batch_id=one.batch_id, passage_id=one.passage_id, stage="first", turn=1,
            reviewer=SAM, revisions=[], opened_at=room.now, leased_until=room.now,
        )  # fmt: skip
        session.add(twin)
        with pytest.raises(IntegrityError):
            session.flush()
        session.rollback()


def test_an_answer_that_comes_in_between_is_shown_and_nothing_is_overwritten(room):
    passage = room.disagree()
    seen = room.show(passage)["revisions"]
    room.decide(passage, "label", **REJECT)
    room.say(1, 0, region("a", "PERSON", 0, 7), region("b", "ORG", 8, 14))
    room.sync()
    assert room.show(passage)["revisions"] != seen
    with pytest.raises(ConflictError, match="answered this passage anew"):
        room.call("submit", passage)
    with room.store.transaction() as session:
        open_review(session, "first", passage, actor=RUTH, now=room.now)
    with pytest.raises(ConflictError, match="answered this passage anew"):
        room.call("submit", passage, seen=seen)
    assert room.rows(Gold) == []


def test_a_newer_answer_marks_the_gold_stale_and_never_changes_it(room):
    passage = room.disagree()
    room.settle(passage)
    before = room.gold(passage)
    edited = room.line.server.tasks_of(room.line.lanes()[1].ls_project_id)[0]
    annotation = edited["annotations"][0]["id"]
    room.line.server.edit_annotation(annotation, result=[])
    room.sync()
    assert room.gold(passage) == before
    (gold,) = room.rows(Gold)
    assert gold.stale
    item = room.item(passage)
    assert (item.state, item.stale) == ("reviewed", True)
    assert room.line.show()["stale"] == 1
    # It can be opened again; the new gold rests on the new answer.
    for group in room.show(passage)["groups"]:
        decision = core.Decision(group["group"], group["layer"], core.Verdict.ACCEPT)
        room.call("decide", passage, decision)
    room.call("submit", passage)
    older, gold = room.rows(Gold)
    assert (older.current, older.stale) == (False, True)
    assert (gold.current, gold.stale) == (True, False)
    assert not room.item(passage).stale
    assert [review.turn for review in room.rows(Review)] == [1, 2]


def test_majorities_are_accepted_at_once_only_where_the_policy_allows(room):
    passage = room.disagree()
    with pytest.raises(InvalidInputError, match="not accepted all at once"):
        room.call("accept_majorities", passage)
    room.set_policy(majority=True)
    # One of two is no majority.
    assert room.call("accept_majorities", passage) == 0


def test_what_two_of_three_say_is_accepted_and_recorded_as_a_majority(room):
    passage = room.two_of_three()
    room.set_policy(majority=True)
    with room.store.transaction() as session:
        act = {"actor": RUTH, "now": room.now}
        assert deciding.accept_majorities(session, "three", passage, **act) == 1
        deciding.submit(session, "three", passage, **act)
    assert room.gold(passage) == [("ORG", 0, 7, "majority")]


def test_a_passage_that_was_sent_back_waits_and_comes_back_marked(room):
    passage = room.disagree()
    queue = room.line.queue
    with room.store.transaction() as session:
        request_rework(
            session, queue, "first", passage, annotator=ADA, reason="Look at the label.", actor=RUTH
        )
    assert (room.item(passage).state, room.item(passage).came_back) == ("rework", False)
    room.line.push()
    lane = room.line.lanes()[0]
    again = next(
        task
        for task in room.line.server.tasks_of(lane.ls_project_id)
        if task["data"]["notice"] and task["data"]["round"] == "2"
    )
    users = {user.email: user.id for user in room.line.server.users}
    room.line.server.annotate(again["id"], [region("b", "PERSON", 8, 14)], completed_by=users[ADA])
    room.line.sync()
    assert (room.item(passage).state, room.item(passage).came_back) == ("ready", True)


def test_nobody_settles_what_was_sent_back_and_whoever_was_inside_is_let_out(room):
    passage = room.disagree()
    room.decide(passage, "label", actor=SAM)
    with room.store.transaction() as session:
        request_rework(
            session, room.line.queue, "first", passage, annotator=ADA, reason="?", actor=RUTH
        )
    (review,) = room.rows(Review)
    assert (review.reviewer, review.state) == (SAM, "left")
    for act in (
        lambda: room.decide(passage, "missing", actor=SAM, **REJECT),
        lambda: room.call("submit", passage, actor=SAM),
        lambda: room.call("undo", passage, actor=SAM),
    ):
        with pytest.raises(ConflictError, match="sent back and waits"):
            act()
    # Once the batch is closed no answer is due any more.
    with room.store.transaction() as session:
        session.scalars(select(Batch)).one().state = "closed"
    room.settle(passage, actor=SAM)
    assert len(room.rows(Gold)) == 1


def test_what_a_colleague_settled_is_decided_anew_only_when_it_is_opened_again(room):
    passage = room.disagree()
    room.settle(passage)
    for act in (
        lambda: room.decide(passage, "label", actor=SAM),
        lambda: room.call("submit", passage, actor=SAM),
    ):
        with pytest.raises(ConflictError, match=f"{RUTH} has settled"):
            act()
    with room.store.transaction() as session:
        open_review(session, "first", passage, actor=SAM, now=room.now)
    room.settle(passage, actor=SAM)
    assert [(row.settled_by, row.current) for row in sorted(room.rows(Gold), key=_by_id)] == [
        (RUTH, False),
        (SAM, True),
    ]


def _by_id(row):
    return row.id


def test_a_look_begun_at_another_stage_is_ended(room):
    room.set_policy(second=100)
    passage = room.disagree()
    room.settle(passage)
    room.decide(passage, "label", actor=SAM)
    with room.store.transaction() as session:
        session.scalars(
            select(ReviewItem).where(ReviewItem.state == "second")
        ).one().state = "ready"
    room.decide(passage, "label", actor=TESS)
    states = {(review.stage, review.reviewer): review.state for review in room.rows(Review)}
    assert states == {
        ("first", RUTH): "submitted", ("second", SAM): "left", ("first", TESS): "open",
    }  # fmt: skip


def test_a_second_reviewer_who_agrees_settles_it_and_one_who_does_not_calls_a_third(room):
    room.set_policy(second=100)
    same, other = room.disagree(0), room.disagree(1)
    for passage in (same, other):
        assert room.settle(passage).state == "pending"
        assert room.item(passage).state == "second"
        with pytest.raises(NotPermittedError, match="reviewed this passage already"):
            room.settle(passage)
    assert room.settle(same, actor=SAM).state == "reviewed"
    room.decide(other, "missing", actor=SAM)
    room.decide(other, "label", actor=SAM)
    assert room.call("submit", other, actor=SAM).state == "pending"
    assert room.item(other).state == "adjudication"
    assert [span[0] for span in room.gold(other)] == ["PERSON", "ORG"]
    for earlier in (RUTH, SAM):
        with pytest.raises(NotPermittedError):
            room.settle(other, actor=earlier)
    assert room.settle(other, actor=TESS).state == "reviewed"
    assert room.item(other).state == "reviewed"


def test_a_second_look_compares_answers_and_relations_too(room):
    room.set_policy(second=100)
    passage = room.agree(0)
    _submit(room, passage, RUTH)
    (group,) = room.show(passage)["groups"]
    edit = core.SpanEdit("PERSON", 0, 7)
    again = core.added_group("entity", edit)
    room.call(
        "decide", passage, core.Decision(again, "entity", core.Verdict.ADD, span=edit), actor=SAM
    )
    link = (core.Link("said_by", again),)
    wanted = core.Decision(group["group"], "entity", core.Verdict.ACCEPT, links=link)
    room.call("decide", passage, wanted, actor=SAM)
    assert room.call("submit", passage, actor=SAM).state == "pending"
    assert room.item(passage).state == "adjudication"


def _submit(room, passage, actor):
    with room.store.transaction() as session:
        open_review(session, "first", passage, actor=actor, now=room.now)
    return room.call("submit", passage, actor=actor)


def test_of_two_submissions_one_finds_it_done(room):
    passage = room.agree(0)
    _submit(room, passage, RUTH)
    (review,) = room.rows(Review)
    with room.store.transaction() as session:
        from app.services.deciding import _close

        with pytest.raises(ConflictError, match="submitted already"):
            _close(session, session.get_one(Review, review.id), room.now, bulk=False)
