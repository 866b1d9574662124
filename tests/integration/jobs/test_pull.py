"""Pull: every revision, nothing twice, nothing lost, and what cannot be trusted set aside."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from app.models.annotations import (
    Annotation,
    Choice,
    Quarantine,
    Relation,
    Revision,
    RevisionState,
    Span,
)
from app.models.batches import Lane
from app.models.connections import Annotator
from app.models.jobs import JobState
from tests.line import ADA

QUOTE = {
    "id": "q1",
    "from_name": "quote",
    "to_name": "text",
    "type": "labels",
    "value": {"start": 0, "end": 26, "text": "“We 😀 count boats number 0,”", "labels": ["QUOTE"]},
}
KIND = {
    "id": "q1",
    "from_name": "kind",
    "to_name": "text",
    "type": "choices",
    "value": {"start": 0, "end": 26, "choices": ["direct"]},
}
SPEAKER = {
    "id": "s1",
    "from_name": "quote",
    "to_name": "text",
    "type": "labels",
    "value": {"start": 32, "end": 44, "text": "Ada Lovelace", "labels": ["SPEAKER"]},
}
SAID = {"type": "relation", "from_id": "q1", "to_id": "s1", "labels": ["said_by"]}
COUNTS = (
    "tasks_seen",
    "revisions_new",
    "revisions_total",
    "unchanged",
    "withdrawn",
    "quarantined",
)


@pytest.fixture
def settings(settings):
    return settings.model_copy(update={"push_settle_s": 0.0})


@pytest.fixture
def pushed(line):
    """A pushed batch of one lane; the first body paragraph's task is at hand."""
    line.add_article(paragraphs=3)
    line.add_batch()
    line.push()
    return line


def tasks(line):
    """The server's tasks of the first lane, in order."""
    return line.server.tasks_of(line.lanes()[0].ls_project_id)


def ada(line):
    return next(user.id for user in line.server.users if user.email == ADA)


def first_body(line):
    return next(t for t in tasks(line) if "number 0" in t["data"]["text"])


def annotate(line, result=(), **more):
    return line.server.annotate(
        first_body(line)["id"],
        list(result),
        completed_by=more.pop("completed_by", ada(line)),
        **more,
    )


def synced(line, **options):
    job = line.sync(**options)
    assert job.state == JobState.SUCCEEDED, job.error
    return {count: job.result[count] for count in COUNTS}


def test_spans_relations_and_attributes_come_back_at_the_right_characters(pushed):
    text = first_body(pushed)["data"]["text"]
    end = text.index("”") + 1
    start = text.index("Ada")
    quote = {**QUOTE, "value": {"start": 0, "end": end, "text": text[:end], "labels": ["QUOTE"]}}
    speaker = {
        **SPEAKER,
        "value": {"start": start, "end": start + 12, "text": "Ada Lovelace", "labels": ["SPEAKER"]},
    }
    annotate(pushed, [quote, KIND, speaker, SAID], lead_time=12.5)
    assert synced(pushed)["revisions_new"] == 1
    with pushed.session() as session:
        spans = session.scalars(select(Span).order_by(Span.start)).all()
        assert [(s.layer, s.label, text[s.start : s.end]) for s in spans] == [
            ("quote", "QUOTE", text[:end]),
            ("quote", "SPEAKER", "Ada Lovelace"),
        ]
        assert spans[0].attrs == {"kind": "direct"}
        relation = session.scalars(select(Relation)).one()
        assert (relation.from_region, relation.to_region, relation.label) == ("q1", "s1", "said_by")
        assert session.scalars(select(Revision)).one().lead_time == 12.5
        assert session.scalars(select(Choice)).all() == []


def test_the_raw_answer_is_kept_whole(pushed):
    annotate(pushed, [SPEAKER])
    synced(pushed)
    with pushed.session() as session:
        raw = session.scalars(select(Revision)).one().raw
    assert raw["result"] == [SPEAKER]


def test_syncing_again_adds_nothing(pushed):
    annotate(pushed, [])
    assert synced(pushed)["revisions_new"] == 1
    assert synced(pushed) == {
        "tasks_seen": 4,
        "revisions_new": 0,
        "revisions_total": 1,
        "unchanged": 1,
        "withdrawn": 0,
        "quarantined": 0,
    }
    assert pushed.show()["annotated"] == 1


def test_an_edit_is_a_new_revision_and_the_old_one_stays(pushed):
    ls_id = annotate(pushed, [])
    synced(pushed)
    pushed.server.edit_annotation(ls_id, result=[SPEAKER])
    counts = synced(pushed)
    assert (counts["revisions_new"], counts["revisions_total"]) == (1, 2)
    with pushed.session() as session:
        assert session.scalars(select(Annotation)).one().current == 2
        assert session.scalars(select(Revision.n).order_by(Revision.n)).all() == [1, 2]


def test_a_skip_is_kept_but_is_no_answer(pushed):
    annotate(pushed, [], was_cancelled=True)
    synced(pushed)
    assert pushed.show()["annotated"] == 0
    with pushed.session() as session:
        assert session.scalars(select(Revision.state)).one() == RevisionState.SKIPPED


def test_a_deleted_annotation_is_withdrawn_after_two_complete_listings(pushed):
    ls_id = annotate(pushed, [])
    synced(pushed)
    pushed.server.delete_annotation(ls_id)
    assert synced(pushed)["withdrawn"] == 0
    assert pushed.show()["annotated"] == 1
    assert synced(pushed)["withdrawn"] == 1
    assert pushed.show()["annotated"] == 0
    assert synced(pushed)["withdrawn"] == 0
    with pushed.session() as session:
        states = session.scalars(select(Revision.state).order_by(Revision.n)).all()
    assert states == [RevisionState.SUBMITTED, RevisionState.WITHDRAWN]


def test_a_deleted_task_is_noticed_by_two_full_syncs_only(pushed):
    annotate(pushed, [])
    synced(pushed)
    pushed.server.delete_task(first_body(pushed)["id"])
    assert synced(pushed)["withdrawn"] == 0
    assert synced(pushed, full=True)["withdrawn"] == 0
    assert synced(pushed, full=True)["withdrawn"] == 1


def test_an_annotation_that_comes_back_counts_again(pushed):
    ls_id = annotate(pushed, [])
    synced(pushed)
    pushed.server.delete_annotation(ls_id)
    synced(pushed)
    annotate(pushed, [])
    synced(pushed)
    synced(pushed)
    assert pushed.show()["annotated"] == 1


@pytest.mark.parametrize("kind", ["timeout", "reset", "html", "truncated", "500", "short_listing"])
def test_a_listing_that_breaks_withdraws_nothing_and_the_next_one_finds_all(pushed, kind):
    pushed.page_size = 2
    annotate(pushed, [])
    synced(pushed)
    for _ in range(3):
        pushed.server.fail_next("iter_tasks", kind)
    job = pushed.sync(full=True)
    assert job.state == JobState.FAILED
    with pushed.session() as session:
        assert session.scalars(select(Annotation.missing)).one() == 0
    assert synced(pushed, full=True)["unchanged"] == 1


def test_a_listing_that_breaks_once_is_read_again(pushed):
    pushed.page_size = 2
    annotate(pushed, [])
    pushed.server.fail_next("iter_tasks", "reset", after=1)
    assert synced(pushed)["revisions_new"] == 1


@pytest.mark.parametrize(
    ("item", "kind"),
    [
        ({**SPEAKER, "from_name": "mood"}, "unknown_control"),
        ({**SPEAKER, "value": {"start": 0, "end": 9999, "labels": ["SPEAKER"]}}, "bad_offsets"),
        ({**SPEAKER, "value": {"start": 0, "end": 3, "labels": ["LIAR"]}}, "unknown_label"),
        (
            {**SPEAKER, "value": {"start": 0, "end": 3, "text": "xyz", "labels": ["SPEAKER"]}},
            "text_mismatch",
        ),
        (7, "bad_item"),
        (SAID, "dangling_relation"),
        (KIND, "dangling_attribute"),
    ],
)
def test_what_cannot_be_trusted_is_set_aside_with_its_reason(pushed, item, kind):
    annotate(pushed, [item])
    assert synced(pushed)["quarantined"] == 1
    assert synced(pushed)["quarantined"] == 1
    with pushed.session() as session:
        aside = session.scalars(select(Quarantine)).one()
        assert aside.kind == kind
        assert aside.reason
        assert aside.raw["item"] == item
    assert pushed.show()["quarantined"] == 1


def test_mending_an_answer_supersedes_what_was_set_aside(pushed):
    ls_id = annotate(pushed, [{"foo": 1}])
    synced(pushed)
    pushed.server.edit_annotation(ls_id, result=[])
    assert synced(pushed)["quarantined"] == 0
    with pushed.session() as session:
        assert session.scalars(select(Quarantine.state)).one() == "superseded"
    assert pushed.show()["quarantined"] == 0


def test_a_task_whose_text_was_changed_by_hand_is_set_aside(pushed):
    task = first_body(pushed)
    annotate(pushed, [])
    pushed.server.edit_task_data(task["id"], {**task["data"], "text": "something else"})
    assert synced(pushed)["quarantined"] == 1
    with pushed.session() as session:
        assert session.scalars(select(Quarantine.kind)).one() == "text_changed"
    assert pushed.show()["annotated"] == 0


@pytest.mark.parametrize(
    "data", [{"uid": "t-unknown", "text": "x"}, {"text": 7}, {"uid": 5, "text": "\ud800"}]
)
def test_a_task_that_is_none_of_ours_is_set_aside(pushed, data):
    task = first_body(pushed)
    annotate(pushed, [])
    pushed.server.edit_task_data(task["id"], data)
    assert synced(pushed)["quarantined"] == 1
    with pushed.session() as session:
        assert session.scalars(select(Quarantine.kind)).one() == "unknown_task"


def test_a_text_that_is_no_text_is_a_changed_text(pushed):
    task = first_body(pushed)
    annotate(pushed, [])
    pushed.server.edit_task_data(task["id"], {**task["data"], "text": "\ud800"})
    assert synced(pushed)["quarantined"] == 1


def test_an_annotation_by_somebody_unknown_here_makes_them_known(pushed):
    stranger = pushed.server.add_user("dora@example.org")
    annotate(pushed, [], completed_by=stranger.id)
    synced(pushed)
    with pushed.session() as session:
        annotation = session.scalars(select(Annotation)).one()
        assert session.get_one(Annotator, annotation.annotator_id).email == "dora@example.org"


def test_garbage_ids_are_stored_on_both_stores(pushed):
    item = {**SPEAKER, "id": "x\x00" * 200, "value": {"start": 0, "end": 3, "labels": ["SPEAKER"]}}
    annotate(pushed, [item])
    assert synced(pushed)["quarantined"] == 0
    with pushed.session() as session:
        assert session.scalars(select(Span.region)).one().startswith("sha-")


def test_a_project_that_vanished_is_an_alarm_and_loses_nothing(pushed):
    annotate(pushed, [])
    synced(pushed)
    pushed.server.delete_project(pushed.lanes()[0].ls_project_id)
    job = pushed.sync()
    assert (job.state, job.error["kind"]) == (JobState.FAILED, "studio_missing")
    assert "kept" in job.error["message"]
    with pushed.session() as session:
        assert session.scalars(select(Lane.lost_at)).one() is not None
    assert pushed.show()["annotated"] == 1


def test_a_batch_that_was_never_pushed_syncs_to_nothing(line):
    line.add_article()
    line.add_batch()
    assert synced(line)["tasks_seen"] == 0


def test_a_reused_id_is_told_apart_by_when_it_was_made(pushed):
    ls_id = annotate(pushed, [])
    synced(pushed)
    pushed.server.delete_annotation(ls_id)
    again = annotate(pushed, [SPEAKER | {"value": {"start": 0, "end": 3, "labels": ["SPEAKER"]}}])
    synced(pushed)
    assert pushed.count(Annotation) == (1 if again != ls_id else 2) or again != ls_id
    synced(pushed)
    assert pushed.show()["annotated"] == 1
