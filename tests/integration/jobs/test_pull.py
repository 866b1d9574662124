"""Pull: every revision, nothing twice, nothing lost."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import select

from app.models.annotations import (
    Annotation,
    Choice,
    Relation,
    Revision,
    RevisionState,
    Span,
)
from app.models.batches import Lane
from app.models.connections import Account, Annotator
from app.models.jobs import JobState
from labeling.studio.fake_server import LEGACY_TOKEN
from tests.integration.jobs.answers import (
    KIND,
    QUOTE,
    SAID,
    SPEAKER,
    ada,
    annotate,
    first_body,
    synced,
    tasks,
)


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


@pytest.mark.parametrize("kind", ["timeout", "reset", "html", "truncated", "500"])
@pytest.mark.parametrize("request_", ["get_project", "iter_stamps", "read_tasks"])
def test_a_reading_that_breaks_withdraws_nothing_and_the_next_one_finds_all(pushed, kind, request_):
    pushed.page_size = 2
    ls_id = annotate(pushed, [])
    synced(pushed)
    pushed.server.edit_annotation(ls_id, lead_time=3)
    for _ in range(3):
        pushed.server.fail_next(request_, kind)
    job = pushed.sync(full=True)
    assert job.state == JobState.FAILED
    with pushed.session() as session:
        assert session.scalars(select(Annotation.missing)).one() == 0
    assert synced(pushed, full=True)["unchanged"] == 1


def test_a_listing_that_breaks_once_is_read_again(pushed):
    pushed.page_size = 2
    annotate(pushed, [])
    pushed.server.fail_next("iter_stamps", "reset", after=1)
    assert synced(pushed)["revisions_new"] == 1


def test_an_annotation_by_somebody_unknown_here_makes_them_known(pushed):
    stranger = pushed.server.add_user("dora@example.org")
    annotate(pushed, [], completed_by=stranger.id)
    synced(pushed)
    with pushed.session() as session:
        annotation = session.scalars(select(Annotation)).one()
        assert session.get_one(Annotator, annotation.annotator_id).email == "dora@example.org"


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
    # An import gives out the id after the highest one that is left: the deleted one, again.
    again = {"result": [], "completed_by": ada(pushed), "ground_truth": False}
    item = {"data": first_body(pushed)["data"], "annotations": [again]}
    gateway = pushed.connect("", LEGACY_TOKEN)
    gateway.import_tasks(pushed.lanes()[0].ls_project_id, json.dumps([item]).encode())
    synced(pushed)
    with pushed.session() as session:
        assert session.scalars(select(Annotation.ls_id)).all() == [ls_id, ls_id]
    synced(pushed)
    assert pushed.show()["annotated"] == 1
    with pushed.session() as session:
        states = session.scalars(select(Revision.state).order_by(Revision.id)).all()
    assert states == [RevisionState.SUBMITTED, RevisionState.SUBMITTED, RevisionState.WITHDRAWN]


def test_an_account_with_an_odd_address_stops_nothing(pushed):
    odd = pushed.server.add_user("admin@localhost")
    annotate(pushed, [], completed_by=odd.id)
    annotate(pushed, [])
    assert synced(pushed)["revisions_new"] == 2


def test_an_account_that_changed_its_address_moves_over(pushed):
    annotate(pushed, [])
    synced(pushed)
    number = ada(pushed)
    pushed.server.users[:] = [
        type(user)(user.id, "ada.new@example.org") if user.id == number else user
        for user in pushed.server.users
    ]
    pushed.add_batch("second", annotators=("ada.new@example.org",))
    assert pushed.push("second").state == JobState.SUCCEEDED
    with pushed.session() as session:
        account = session.scalars(select(Account).where(Account.ls_user_id == number)).one()
        email = session.get_one(Annotator, account.annotator_id).email
        assert email == "ada.new@example.org"


def test_a_connection_that_leads_elsewhere_forgets_its_accounts(pushed):
    from app.keys import TokenVault
    from app.services.connections import save_connection

    with pushed.store.transaction() as session:
        save_connection(
            session,
            TokenVault(pushed.settings),
            name="fake",
            url="http://other.example.org",
            token="t" * 40,
            actor="system",
        )
    assert pushed.count(Account) == 0


def test_a_task_id_given_out_again_does_not_hide_a_withdrawal(pushed):
    last = tasks(pushed)[-1]
    pushed.server.annotate(last["id"], [], completed_by=ada(pushed))
    synced(pushed)
    pushed.server.delete_task(last["id"])
    data = {**last["data"], "uid": "t-of-somebody-else"}
    project = pushed.lanes()[0].ls_project_id
    gateway = pushed.connect("", LEGACY_TOKEN)
    gateway.import_tasks(project, json.dumps([{"data": data}]).encode())
    assert tasks(pushed)[-1]["id"] == last["id"]
    synced(pushed, full=True)
    assert synced(pushed, full=True)["withdrawn"] == 1
    assert pushed.show()["annotated"] == 0


def test_a_listing_read_twice_counts_once(pushed):
    pushed.page_size = 2
    for task in tasks(pushed):
        pushed.server.annotate(task["id"], [], completed_by=ada(pushed))
    pushed.server.fail_next("iter_stamps", "500", after=1)
    counts = synced(pushed)
    assert (counts["tasks_seen"], counts["revisions_new"], counts["unchanged"]) == (4, 4, 0)
