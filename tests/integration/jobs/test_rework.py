"""A passage goes back to its annotator's lane as a new round, and the answer comes back."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from app.errors import ConflictError, InvalidInputError, NotFoundError
from app.models.annotations import Annotation, Revision, Span
from app.models.audit import Audit
from app.models.batches import Batch, BatchState
from app.models.passages import Passage
from app.models.tasks import Task
from app.services.rework import request_rework
from tests.integration.jobs.answers import (
    KIND,
    SAID,
    ada,
    annotate,
    first_body,
    synced,
)
from tests.line import ADA, BEN


def region(key, label, start, end):
    value = {"start": start, "end": end, "labels": [label]}
    return {"id": key, "from_name": "quote", "to_name": "text", "type": "labels", "value": value}


QUOTE, SPEAKER = region("q1", "QUOTE", 0, 28), region("s1", "SPEAKER", 34, 46)


def passage_of(line, uid):
    with line.session() as session:
        return session.scalars(
            select(Passage.uid).join(Task, Task.passage_id == Passage.id).where(Task.uid == uid)
        ).one()


@pytest.fixture
def answered(pushed):
    """The batch, with the first body paragraph answered by Ada."""
    pushed.task = first_body(pushed)
    pushed.passage = passage_of(pushed, pushed.task["data"]["uid"])
    pushed.ls_id = annotate(pushed, [QUOTE, KIND, SPEAKER, SAID])
    synced(pushed)
    return pushed


def send_back(line, *, passage=None, annotator=ADA, reason="Look again.", slug="first"):
    with line.store.transaction() as session:
        planned = request_rework(
            session, line.queue, slug, passage or line.passage,
            annotator=annotator, reason=reason, actor="reviewer@example.org",
        )  # fmt: skip
        told = planned.as_json()
    job = line.run(planned.job)
    assert job.error is None, job.error
    return told


def newest(line):
    project = line.lanes()[0].ls_project_id
    return line.server.tasks_of(project)[-1]


def test_the_reason_and_the_earlier_spans_reach_the_same_lane(answered):
    told = send_back(answered, reason="  The speaker is missing a name.  ")
    assert (told["batch"], told["annotator"], told["round"]) == ("first", ADA, 2)
    task = newest(answered)
    assert task["data"]["uid"] == told["task"]
    assert task["data"]["text"] == answered.task["data"]["text"]
    assert task["data"]["notice"] == "The speaker is missing a name."
    assert task["data"]["round"] == "2"
    [shown] = task["predictions"]
    assert shown["model_version"] == "round 1"
    assert {item.get("from_name", "relation") for item in shown["result"]} == {
        "quote", "kind", "relation",
    }  # fmt: skip
    counted = answered.show()
    assert counted["tasks"] == counted["pushed"] == len(answered.planned_uids())


def test_the_answer_comes_back_as_a_revision_of_the_new_round(answered):
    told = send_back(answered)
    answered.server.annotate(newest(answered)["id"], [SPEAKER], completed_by=ada(answered))
    synced(answered)
    with answered.session() as session:
        rows = session.execute(
            select(Task.round, Task.uid, Revision.n, Span.label)
            .join(Annotation, Annotation.task_id == Task.id)
            .join(Revision, Revision.annotation_id == Annotation.id)
            .join(Span, Span.revision_id == Revision.id)
            .order_by(Task.round, Span.region)
        ).all()
    assert [tuple(row) for row in rows] == [
        (1, answered.task["data"]["uid"], 1, "QUOTE"),
        (1, answered.task["data"]["uid"], 1, "SPEAKER"),
        (2, told["task"], 1, "SPEAKER"),
    ]


def test_a_third_round_shows_what_the_second_said(answered):
    send_back(answered)
    answered.server.annotate(newest(answered)["id"], [SPEAKER], completed_by=ada(answered))
    synced(answered)
    assert send_back(answered, reason="And once more.")["round"] == 3
    [shown] = newest(answered)["predictions"]
    assert (shown["model_version"], len(shown["result"])) == ("round 2", 1)


@pytest.mark.parametrize("skipped", [True, False])
def test_an_answer_without_spans_can_go_back_too(pushed, skipped):
    task = first_body(pushed)
    pushed.server.annotate(task["id"], [], completed_by=ada(pushed), was_cancelled=skipped)
    synced(pushed)
    send_back(pushed, passage=passage_of(pushed, task["data"]["uid"]))
    assert newest(pushed)["data"]["round"] == "2"
    assert newest(pushed)["predictions"] == []


def test_what_is_unanswered_cannot_go_back(pushed):
    passage = passage_of(pushed, first_body(pushed)["data"]["uid"])
    with pytest.raises(ConflictError, match="has not answered the passage yet"):
        send_back(pushed, passage=passage)


def test_an_earlier_rework_must_be_answered_first(answered):
    send_back(answered)
    with pytest.raises(ConflictError, match="has not answered round 2"):
        send_back(answered)


@pytest.mark.parametrize("state", [BatchState.CLOSED, BatchState.ARCHIVED, BatchState.DRAFT])
def test_a_batch_that_is_not_open_takes_no_rework(answered, state):
    with answered.store.transaction() as session:
        session.scalars(select(Batch)).one().state = state
    with pytest.raises(ConflictError, match=f"is {state}"):
        send_back(answered)


def test_who_never_had_the_passage_is_not_asked(answered):
    for passage, annotator in ((None, BEN), ("p-none", ADA)):
        with pytest.raises(NotFoundError, match="never had the passage"):
            send_back(answered, passage=passage, annotator=annotator)
    with pytest.raises(InvalidInputError, match="not an e-mail address"):
        send_back(answered, annotator="nobody")


@pytest.mark.parametrize("reason", ["", "  ", "a\x00", "\ud800", "x" * 2001])
def test_a_reason_is_a_text_of_some_length(answered, reason):
    with pytest.raises(InvalidInputError, match="A reason is plain text"):
        send_back(answered, reason=reason)


def test_in_a_shared_lane_nobody_can_be_asked_alone(line):
    line.add_article(paragraphs=2)
    line.add_batch("shared", annotators=(ADA, BEN), deal="shared")
    line.push("shared")
    with line.session() as session:
        passage = session.scalars(select(Passage.uid).order_by(Passage.id)).first()
    with pytest.raises(ConflictError, match="In a shared lane"):
        send_back(line, passage=passage, slug="shared")


def test_who_sent_it_back_is_in_the_audit(answered):
    send_back(answered)
    with answered.session() as session:
        line = session.scalars(select(Audit).where(Audit.action == "rework_requested")).one()
    assert line.actor == "reviewer@example.org"
    assert line.detail == {"passage": answered.passage, "annotator": ADA, "round": 2}
