"""What cannot be trusted is set aside with its reason, once, and closed when it is mended."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from app.models.annotations import (
    Quarantine,
    Span,
)
from tests.integration.jobs.answers import (
    KIND,
    SAID,
    SPEAKER,
    annotate,
    first_body,
    synced,
)


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


def test_garbage_ids_are_stored_on_both_stores(pushed):
    item = {**SPEAKER, "id": "x\x00" * 200, "value": {"start": 0, "end": 3, "labels": ["SPEAKER"]}}
    annotate(pushed, [item])
    assert synced(pushed)["quarantined"] == 0
    with pushed.session() as session:
        assert session.scalars(select(Span.region)).one().startswith("sha-")


def test_a_withdrawn_annotation_leaves_nothing_open(pushed):
    ls_id = annotate(pushed, [7])
    assert synced(pushed)["quarantined"] == 1
    pushed.server.delete_annotation(ls_id)
    synced(pushed)
    assert synced(pushed)["quarantined"] == 0
    assert pushed.show()["quarantined"] == 0


def test_one_annotation_on_a_changed_text_is_one_open_item_until_the_text_is_back(pushed):
    task = first_body(pushed)
    ls_id = annotate(pushed, [])
    changed = {**task["data"], "text": "something else"}
    pushed.server.edit_task_data(task["id"], changed)
    for result in ([7], [8], []):
        pushed.server.edit_annotation(ls_id, result=result)
        assert synced(pushed)["quarantined"] == 1
    pushed.server.edit_task_data(task["id"], task["data"])
    assert synced(pushed)["quarantined"] == 0
    assert pushed.show()["annotated"] == 1
    pushed.server.edit_task_data(task["id"], changed)
    assert synced(pushed)["quarantined"] == 1
    assert pushed.show()["quarantined"] == 1
