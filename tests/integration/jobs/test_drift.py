"""Whatever people do in Label Studio has an outcome here and a line on the drift page."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.errors import ConflictError, NotFoundError
from app.models.annotations import Annotation, Quarantine, Revision, RevisionState
from app.models.batches import Batch, Tally
from app.models.jobs import Job, JobState
from app.queries import usual as ordinary
from app.queries.drift import KINDS, show_drift
from app.queue import AGREEMENT
from app.services import withdrawals
from labeling.studio.fake_server import LEGACY_TOKEN
from tests.integration.jobs.answers import SPEAKER, ada, annotate, first_body, synced, tasks


def drift(line):
    """The open lines of the first batch, by kind."""
    with line.session() as session:
        shown = show_drift(session, "first")
    assert {one["kind"] for one in shown["open"]} <= set(KINDS)
    return {one["kind"]: one for one in shown["open"]}


def usual(line):
    """What is usual in the first batch: what is kept of it is what a count gives."""
    with line.session() as session:
        batch_id = session.scalars(select(Batch.id)).one()
        counted = ordinary.count_usual(session, batch_id)
        shown = show_drift(session, "first")["usual"]
    assert shown == {ordinary.KINDS[kind].title: number for kind, number in counted.items()}
    return shown


def states(line):
    with line.session() as session:
        return list(session.scalars(select(Revision.state).order_by(Revision.id)))


def an_hour_passes(line):
    """What was done so far lies behind the overlap: only a full sync lists it again."""
    line.server.now += timedelta(hours=1)
    line.server._touch(line.server.tasks[tasks(line)[-1]["id"]])
    synced(line)


def test_nothing_differs_after_an_ordinary_sync(pushed):
    annotate(pushed, [])
    synced(pushed)
    assert drift(pushed) == {}


def test_skips_edits_and_second_answers_are_counted_as_usual(pushed):
    first, second, third, _ = tasks(pushed)
    stranger = pushed.server.add_user("dora@example.org").id
    edited = pushed.server.annotate(first["id"], [], completed_by=ada(pushed))
    pushed.server.annotate(first["id"], [], completed_by=ada(pushed))
    pushed.server.annotate(second["id"], [], completed_by=ada(pushed), was_cancelled=True)
    pushed.server.annotate(third["id"], [], completed_by=stranger)
    pushed.server.save_draft(third["id"])
    synced(pushed)
    pushed.server.edit_annotation(edited, result=[SPEAKER])
    synced(pushed)
    found = usual(pushed)
    assert found["Skips"] == found["Edits"] == found["Second answers by one person"] == 1
    assert found["Answers by somebody who is not the lane's"] == 1
    assert found["Withdrawn"] == found["Drafts"] == 0
    assert drift(pushed) == {}


def test_a_text_changed_by_hand_is_a_line_until_it_is_put_back(pushed):
    task = first_body(pushed)
    annotate(pushed, [])
    synced(pushed)
    pushed.server.edit_task_data(task["id"], {**task["data"], "text": "something else"})
    synced(pushed, full=True)
    synced(pushed, full=True)
    line = drift(pushed)["text_changed"]
    assert (line["count"], line["examples"]) == (1, [str(task["id"])])
    assert pushed.show()["annotated"] == 1
    pushed.server.edit_task_data(task["id"], task["data"])
    synced(pushed)
    assert drift(pushed) == {}
    assert states(pushed) == [RevisionState.SUBMITTED]


def test_a_round_changed_by_hand_is_a_line_and_its_answers_are_taken(pushed):
    task = first_body(pushed)
    pushed.server.edit_task_data(task["id"], {**task["data"], "round": "7"})
    annotate(pushed, [])
    assert synced(pushed)["revisions_new"] == 1
    assert drift(pushed)["data_changed"]["count"] == 1


def test_data_overwritten_by_a_script_loses_no_answer(pushed):
    task = first_body(pushed)
    annotate(pushed, [])
    synced(pushed)
    pushed.server.edit_task_data(task["id"], {"review_status": "done"})
    for _ in range(3):
        synced(pushed, full=True)
    assert drift(pushed)["overwritten"]["count"] == 1
    assert states(pushed) == [RevisionState.SUBMITTED]
    annotate_again = pushed.server.annotate(task["id"], [], completed_by=ada(pushed))
    assert synced(pushed)["quarantined"] == 1
    pushed.server.edit_task_data(task["id"], task["data"])
    assert synced(pushed)["quarantined"] == 0
    assert drift(pushed) == {}
    with pushed.session() as session:
        known = session.scalars(select(Annotation.ls_id).order_by(Annotation.ls_id)).all()
    assert known[-1] == annotate_again


@pytest.mark.parametrize("data", [{"text": "Other"}, {"uid": "", "text": "Other"}])
def test_an_answer_deleted_from_a_task_that_was_spoiled_is_withdrawn_after_two_listings(
    pushed, data
):
    gone, kept = (annotate(pushed, [SPEAKER], completed_by=ada(pushed)) for _ in range(2))
    task = first_body(pushed)
    synced(pushed)
    pushed.server.edit_task_data(task["id"], {**task["data"], **data})
    assert synced(pushed)["withdrawn"] == 0
    pushed.server.delete_annotation(gone)
    assert [synced(pushed, full=True)["withdrawn"] for _ in range(3)] == [0, 1, 0]
    with pushed.session() as session:
        rows = session.execute(
            select(Annotation.ls_id, Revision.state)
            .join(Revision, Revision.annotation_id == Annotation.id)
            .order_by(Annotation.id, Revision.n)
        ).all()
    assert [tuple(row) for row in rows] == [
        (gone, "submitted"), (gone, "withdrawn"), (kept, "submitted"),
    ]  # fmt: skip


def test_a_task_that_somebody_added_is_a_line(pushed):
    project = pushed.lanes()[0].ls_project_id
    gateway = pushed.connect("", LEGACY_TOKEN)
    gateway.import_tasks(project, b'[{"data": {"text": "Theirs.", "uid": "x"}}]')
    synced(pushed)
    assert drift(pushed)["foreign_task"]["count"] == 1
    pushed.server.delete_task(tasks(pushed)[-1]["id"])
    for _ in range(2):
        synced(pushed, full=True)
    assert drift(pushed) == {}


def test_a_deleted_task_is_a_line_after_two_full_syncs(pushed):
    annotate(pushed, [])
    synced(pushed)
    pushed.server.delete_task(first_body(pushed)["id"])
    synced(pushed, full=True)
    assert drift(pushed) == {}
    synced(pushed, full=True)
    assert drift(pushed)["task_gone"]["count"] == 1
    assert usual(pushed)["Withdrawn"] == 1


def test_a_task_that_comes_back_is_no_longer_a_line(pushed):
    synced(pushed)
    lost = pushed.server.tasks.pop(first_body(pushed)["id"])
    for _ in range(2):
        synced(pushed, full=True)
    assert drift(pushed)["task_gone"]["count"] == 1
    pushed.server.tasks[lost["id"]] = lost
    synced(pushed, full=True)
    assert drift(pushed) == {}


def test_a_changed_label_config_is_a_line_until_it_is_put_back(pushed):
    project = pushed.lanes()[0].ls_project_id
    config = pushed.server.project(project)["config"]
    pushed.server.edit_config(project, config.replace("ORG", "PLACE"))
    synced(pushed)
    assert drift(pushed)["config_changed"]["examples"] == [f"project {project}"]
    pushed.server.edit_config(project, config)
    synced(pushed)
    assert drift(pushed) == {}


def test_an_annotation_moved_without_a_trace_is_found_by_a_full_sync(pushed):
    first, second, *_ = tasks(pushed)
    ls_id = pushed.server.annotate(first["id"], [], completed_by=ada(pushed))
    synced(pushed)
    an_hour_passes(pushed)
    pushed.server.move_annotation(ls_id, second["id"])
    assert synced(pushed)["revisions_new"] == 0
    synced(pushed, full=True)
    assert drift(pushed)["moved"]["count"] == 1
    assert pushed.show()["annotated"] == 2
    synced(pushed, full=True)
    assert pushed.show()["annotated"] == 1
    assert drift(pushed)["moved"]["count"] == 1


def test_an_annotation_moved_between_two_copies_stays_one_answer(pushed):
    project = pushed.lanes()[0].ls_project_id
    first = tasks(pushed)[0]
    ls_id = pushed.server.annotate(first["id"], [], completed_by=ada(pushed))
    twin = json.dumps([{"data": first["data"]}]).encode()
    pushed.connect("", LEGACY_TOKEN).import_tasks(project, twin)
    synced(pushed, full=True)
    assert drift(pushed)["twin"]["count"] == 1
    pushed.server.move_annotation(ls_id, tasks(pushed)[-1]["id"])
    for _ in range(3):
        synced(pushed, full=True)
    assert drift(pushed)["moved"]["count"] == 1
    assert states(pushed) == [RevisionState.SUBMITTED]
    pushed.push()
    synced(pushed, full=True)
    synced(pushed, full=True)
    assert "twin" not in drift(pushed)
    assert pushed.show()["annotated"] == 1


def test_ids_given_out_again_are_a_line(pushed):
    last = tasks(pushed)[-1]
    synced(pushed)
    pushed.server.delete_task(last["id"])
    data = {**last["data"], "uid": "t-of-somebody-else"}
    project = pushed.lanes()[0].ls_project_id
    pushed.connect("", LEGACY_TOKEN).import_tasks(project, json.dumps([{"data": data}]).encode())
    synced(pushed)
    assert drift(pushed)["reused_id"]["count"] == 1


def test_a_lost_project_is_a_line_and_an_alarm_and_the_other_lanes_are_synced(line):
    line.add_article(paragraphs=3)
    line.add_batch(annotators=("ada@example.org", "ben@example.org"), overlap=2)
    line.push()
    first, second = line.lanes()
    task = line.server.tasks_of(second.ls_project_id)[0]
    line.server.annotate(task["id"], [])
    line.server.delete_project(first.ls_project_id)
    job = line.sync()
    assert (job.state, job.error["kind"]) == (JobState.FAILED, "studio_missing")
    assert job.result["lost_projects"] == 1
    assert job.result["revisions_new"] == 1
    assert drift(line)["lost_project"]["lane"] == first.n
    lost, kept = line.lanes()
    assert lost.lost_at is not None
    assert kept.lost_at is None
    since = lost.lost_at
    line.sync()
    assert line.lanes()[0].lost_at == since


@pytest.fixture
def many(line):
    """A batch of 60 answered tasks, synced."""
    line.add_article(paragraphs=59)
    line.add_batch()
    line.push()
    for task in tasks(line):
        line.server.annotate(task["id"], [], completed_by=ada(line))
    synced(line)
    return line


def vanish(line, number):
    for task in tasks(line)[:number]:
        line.server.delete_annotation(task["annotations"][0]["id"])


def test_a_handful_of_deletions_is_withdrawn_without_a_question(many):
    vanish(many, 3)
    synced(many)
    assert synced(many)["withdrawn"] == 3
    assert drift(many) == {}


@pytest.mark.parametrize("number", [5, 21])
def test_more_than_a_twentieth_or_twenty_at_once_ask_a_person(many, number):
    vanish(many, number)
    for _ in range(3):
        assert synced(many)["withdrawn"] == 0
    assert drift(many)["mass_withdrawal"]["count"] == number
    assert many.show()["annotated"] == 60


@pytest.mark.parametrize(
    ("due", "living", "asks"), [(4, 4, False), (5, 100, False), (6, 100, True), (21, 9999, True)]
)
def test_where_the_brake_begins(due, living, asks):
    assert withdrawals.is_braked(due, living) is asks


def answer(line, *, withdraw):
    line_id = drift(line)["mass_withdrawal"]["id"]
    with line.store.transaction() as session:
        return withdrawals.answer(
            session, line.queue, "first", line_id, withdraw=withdraw, actor="a@b.org"
        )


def test_an_accepted_withdrawal_is_carried_out_at_once(many):
    vanish(many, 30)
    for _ in range(2):
        synced(many)
    assert answer(many, withdraw=True) == 30
    with many.session() as session:
        planned = session.scalars(select(Job.state).where(Job.name == AGREEMENT)).all()
    assert planned == [JobState.QUEUED]
    assert many.show()["annotated"] == 30
    assert drift(many) == {}
    assert synced(many, full=True)["withdrawn"] == 0


def test_answers_that_were_kept_count_and_are_not_asked_about_again(many):
    vanish(many, 30)
    for _ in range(2):
        synced(many)
    question = drift(many)["mass_withdrawal"]["id"]
    assert answer(many, withdraw=False) == 30
    for _ in range(3):
        assert synced(many, full=True)["withdrawn"] == 0
    assert many.show()["annotated"] == 60
    assert drift(many) == {}
    assert usual(many)["Kept although deleted"] == 30
    with many.session() as session:
        assert session.scalar(select(Tally.value).where(Tally.name.like("usual:%:kept"))) == 30
    with many.store.transaction() as session, pytest.raises(ConflictError):
        withdrawals.answer(session, many.queue, "first", question, withdraw=True, actor="a@b.org")
    with many.store.transaction() as session, pytest.raises(NotFoundError):
        withdrawals.answer(session, many.queue, "first", 9999, withdraw=True, actor="a@b.org")


def test_a_question_closes_by_itself_when_the_answers_are_back(many):
    gone = [many.server.tasks[task["id"]]["annotations"].pop() for task in tasks(many)]
    for task in many.server.tasks.values():
        many.server._touch(task)
    for _ in range(2):
        synced(many)
    assert drift(many)["mass_withdrawal"]["count"] == 60
    for task, annotation in zip(many.server.tasks.values(), gone, strict=True):
        task["annotations"].append(annotation)
        many.server._touch(task)
    synced(many)
    assert drift(many) == {}
    assert many.show()["annotated"] == 60
    assert many.count(Revision) == 60


def test_an_incremental_sync_takes_three_requests_and_a_quiet_one_two(many):
    many.server.edit_annotation(tasks(many)[0]["annotations"][0]["id"], result=[SPEAKER])
    assert many.sync().result["requests"] == 3
    assert many.sync().result["requests"] == 2
    assert many.sync(full=True).result["requests"] == 2


def test_a_deletion_outside_the_overlap_is_noticed_by_the_full_sync(many):
    an_hour_passes(many)
    task = tasks(many)[0]
    before = many.server.tasks[task["id"]]["updated_at"]
    many.server.delete_annotation(task["annotations"][0]["id"])
    many.server.tasks[task["id"]]["updated_at"] = before
    assert synced(many)["withdrawn"] == 0
    assert synced(many, full=True)["withdrawn"] == 0
    assert synced(many, full=True)["withdrawn"] == 1


def test_many_tasks_are_read_ahead_and_an_error_on_the_way_is_not_lost(line):
    line.settings = line.runner.settings = line.settings.model_copy(update={"push_chunk": 1000})
    line.add_article(paragraphs=1199)
    line.add_batch()
    line.push()
    for task in tasks(line)[::100]:
        line.server.annotate(task["id"], [7], completed_by=ada(line))
    for _ in range(3):
        line.server.fail_next("read_tasks", "reset", after=1)
    assert line.sync().state == JobState.SUCCEEDED
    shown = line.show()
    assert shown["annotated"] == shown["quarantined"] == 12
    assert line.count(Quarantine) == 12
