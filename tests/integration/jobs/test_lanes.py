"""A lane's project and its annotators' accounts: made once, found again, never mistaken."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from app.models.batches import Chunk, ChunkState, Lane
from app.models.connections import Account, Connection
from app.models.jobs import JobState
from app.models.tasks import Task, TaskState
from app.queries.batches import list_lanes
from labeling.studio.fake_server import INVITE_URL, LEGACY_TOKEN
from tests.line import ADA, BEN, CHLOE


def test_each_blind_lane_has_a_project_and_each_annotator_an_account(line):
    line.add_article(paragraphs=5)
    line.add_batch(annotators=(ADA, BEN, CHLOE), overlap=2)
    line.push()
    shown = line.show()
    assert [lane["annotator"] for lane in shown["lanes"]] == [ADA, BEN, CHLOE]
    assert len({lane["project_id"] for lane in shown["lanes"]}) == 3
    assert shown["tasks"] == shown["pushed"] == 12
    assert {ADA, BEN, CHLOE} <= {user.email for user in line.server.users}
    assert line.count(Account) == 3


def test_a_lane_title_names_no_annotator(line):
    line.add_article()
    line.add_batch(annotators=(ADA, BEN), overlap=2)
    line.push()
    for lane in line.lanes():
        title = line.server.project(lane.ls_project_id)["title"]
        assert "ada" not in title
        assert "ben" not in title


def test_a_shared_lane_asks_for_as_many_annotations_as_the_overlap(line):
    line.add_article()
    line.add_batch(annotators=(ADA, BEN), overlap=2, deal="shared")
    line.push()
    (lane,) = line.lanes()
    assert line.server.project(lane.ls_project_id)["spec"].maximum_annotations == 2
    assert line.show()["lanes"][0]["annotator"] is None


@pytest.mark.parametrize("kind", ["401", "403"])
def test_a_refused_token_is_reported_with_its_remedy(line, kind):
    line.add_article()
    line.add_batch()
    line.server.fail_next("list_users", kind)
    job = line.push()
    assert (job.state, job.error["kind"]) == (JobState.FAILED, "studio_token")
    assert job.error["remedy"]


def test_a_project_whose_creation_was_not_answered_is_not_made_twice(line):
    line.add_article()
    line.add_batch()
    line.server.fail_next("create_project", "timeout", commit=True)
    assert line.push().state == JobState.SUCCEEDED
    assert line.server.calls.count("create_project") == 1
    assert line.studio_uids() == line.planned_uids()


def test_a_project_made_by_a_worker_that_died_before_noting_it_is_found_again(line):
    line.add_article()
    line.add_batch()
    line.push()
    project = line.lanes()[0].ls_project_id
    with line.store.transaction() as session:
        lane = session.scalars(select(Lane)).one()
        lane.ls_project_id = None
        for chunk in session.scalars(select(Chunk)):
            chunk.state = ChunkState.PLANNED
    assert line.push().state == JobState.SUCCEEDED
    assert line.lanes()[0].ls_project_id == project


def test_an_account_made_by_an_unanswered_call_is_used(line):
    line.add_article()
    line.add_batch()
    line.server.fail_next("create_user", "timeout", commit=True)
    assert line.push().state == JobState.SUCCEEDED
    assert [user.email for user in line.server.users].count(ADA) == 1


def test_an_account_that_cannot_be_made_fails_the_job(line):
    line.add_article()
    line.add_batch()
    line.server.fail_next("create_user", "500")
    assert line.push().state == JobState.FAILED


def test_one_lane_that_fails_does_not_stop_the_others(line):
    line.add_article()
    line.add_batch(annotators=(ADA, BEN), overlap=2)
    line.push()
    line.server.delete_project(line.lanes()[0].ls_project_id)
    with line.store.transaction() as session:
        for chunk in session.scalars(select(Chunk)):
            chunk.state = ChunkState.PLANNED
        for task in session.scalars(select(Task)):
            task.state = TaskState.PLANNED
        for lane in session.scalars(select(Lane)):
            lane.pushed = 0
    kept = line.lanes()[1].ls_project_id
    for task in line.server.tasks_of(kept):
        line.server.delete_task(task["id"])
    job = line.push()
    assert (job.state, job.error["kind"]) == (JobState.FAILED, "studio_missing")
    assert len(line.server.tasks_of(kept)) == 5


def test_a_project_of_the_same_number_on_another_server_is_left_alone(line):
    line.add_article()
    line.add_batch()
    line.push()
    project = line.lanes()[0].ls_project_id
    spec = line.server.project(project)["spec"]
    import dataclasses

    line.server.projects[project]["spec"] = dataclasses.replace(spec, marker="somebody else's")
    for job in (line.push(), line.sync(full=True)):
        assert (job.state, job.error["kind"]) == (JobState.FAILED, "studio_missing")
        assert "not the one" in job.error["message"]


def test_a_lane_without_tasks_gets_no_project(line):
    line.add_article(paragraphs=1)
    line.add_batch(annotators=(ADA, BEN, CHLOE), deal="blind")
    assert line.push().state == JobState.SUCCEEDED
    assert sorted(lane.tasks for lane in line.lanes()) == [0, 1, 1]
    assert sum(lane.ls_project_id is None for lane in line.lanes()) == 1


def test_two_projects_with_one_lanes_mark_are_brought_to_a_person(line):
    line.add_article()
    line.add_batch()
    line.push()
    project = line.lanes()[0].ls_project_id
    line.connect("", LEGACY_TOKEN).create_project(line.server.project(project)["spec"])
    with line.store.transaction() as session:
        session.scalars(select(Lane)).one().ls_project_id = None
    job = line.push()
    assert (job.state, job.error["kind"]) == (JobState.FAILED, "conflict")
    assert f"Projects {project}, {project + 1}" in job.error["message"]


def tabs(line, lane=0):
    """The tabs of a lane's project, by title."""
    project = line.lanes()[lane].ls_project_id
    return {tab.title: key for key, tab in line.server.project(project)["tabs"].items()}


def test_a_lane_has_its_tabs_once_and_hands_over_the_one_of_what_is_to_do(line):
    line.add_article()
    line.add_batch()
    line.push()
    line.push()
    (lane,) = line.lanes()
    assert tabs(line) == {"To do": lane.todo_tab, "Rework": lane.rework_tab}
    with line.session() as session:
        (row,) = list_lanes(session, lane.batch_id)
    assert row.stream_url.endswith(
        f"/projects/{lane.ls_project_id}/data?tab={lane.todo_tab}&labeling=1"
    )


def test_a_tab_whose_making_was_not_answered_is_found_again(line):
    line.add_article()
    line.add_batch()
    line.server.fail_next("create_tab", "500", commit=True, after=1)
    line.push()
    line.push()
    assert sorted(tabs(line)) == ["Rework", "To do"]
    assert line.show()["pushed"] == 5


def test_a_server_that_refuses_tabs_and_links_does_not_stop_a_push(line):
    line.add_article()
    line.add_batch()
    line.server.fail_next("list_tabs", "404")
    line.server.fail_next("invite_url", "403")
    assert line.push().state == JobState.SUCCEEDED
    (lane,) = line.lanes()
    with line.session() as session:
        (row,) = list_lanes(session, lane.batch_id)
    assert row.stream_url.endswith(f"/projects/{lane.ls_project_id}/data?labeling=1")


def test_the_invite_link_is_kept_with_the_connection_and_asked_for_again_for_new_people(line):
    line.add_article()
    line.add_batch()
    line.push()
    with line.session() as session:
        assert session.scalars(select(Connection.invite_url)).one() == INVITE_URL
    before = line.server.calls.count("invite_url")
    line.push()
    assert line.server.calls.count("invite_url") == before == 1
    line.add_batch("second", annotators=(BEN,))
    line.push("second")
    assert line.server.calls.count("invite_url") == 2
