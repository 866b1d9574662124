"""A project on the server becomes a batch, is never written to, and keeps being pulled."""

from __future__ import annotations

from collections import Counter

import pytest
from sqlalchemy import func, select

from app.errors import ConflictError
from app.models.adoption import Adoption
from app.models.annotations import Annotation, Quarantine, Revision, Span
from app.models.articles import Article
from app.models.batches import Batch, Lane
from app.models.connections import Account, Annotator
from app.models.jobs import JobState
from app.models.tasks import Task
from app.services.adoption import request_adoption
from labeling.studio.gateway import ProjectSpec
from tests.foreign import CONFIG, project, recount

ITEMS = ("spans", "relations", "attributes", "choices", "quarantined_items")


@pytest.fixture
def foreign(line):
    """A project of others on the fake server, with its annotators' accounts."""
    tasks = project(40)
    for who in range(1, 5):
        if who > 1:
            line.server.add_user(f"annotator{who}@example.org")
    number = line.server.add_project("Old work", ProjectSpec("Old work", CONFIG, "", ""))["id"]
    for task in tasks:
        ls_task_id = max(line.server.tasks, default=0) + 1
        line.server._add_task(number, {"data": task["data"]})
        for one in task.get("annotations", task.get("completions", ())):
            who = one["completed_by"]
            line.server.annotate(
                ls_task_id,
                one["result"],
                who["id"] if isinstance(who, dict) else who,
                was_cancelled=one["was_cancelled"],
                lead_time=one["lead_time"],
            )
    line.foreign = number
    return tasks


def adopt(line, slug="old", *, pseudonyms=False):
    with line.store.transaction() as session:
        job = request_adoption(
            session, line.queue, slug, connection="fake", project=line.foreign,
            pseudonyms=pseudonyms, actor="admin@example.org",
        )  # fmt: skip
    return line.run(job)


def result(job):
    assert job.error is None, job.error
    return job.result


def test_a_project_is_adopted_and_nothing_is_written_there(line, foreign):
    before = line.server.tasks_of(line.foreign)
    expected = recount(foreign)
    line.server.calls.clear()
    answer = result(adopt(line))
    assert answer["batch"] == "old"
    assert (answer["tasks"], answer["annotations"]) == (expected["tasks"], expected["annotations"])
    assert sum(answer[name] for name in ITEMS) == expected["items"]
    assert set(line.server.calls) == {"get_project", "list_users", "iter_tasks"}
    assert line.server.tasks_of(line.foreign) == before
    assert line.count(Quarantine) == answer["quarantined_items"]
    shown = line.show("old")
    assert (shown["state"], shown["quarantined"]) == ("open", answer["quarantined_items"])
    with line.session() as session:
        emails = set(session.scalars(select(Annotator.email)))
        assert emails == {"admin@example.org"} | {f"annotator{n}@example.org" for n in (2, 3, 4)}


def test_what_happens_there_later_comes_with_a_sync(line, foreign):
    adopt(line)
    tasks = line.server.tasks_of(line.foreign)
    first = tasks[1]
    line.server.edit_annotation(first["annotations"][0]["id"], result=[])
    line.server.annotate(first["id"], [], completed_by=2)
    line.server._add_task(line.foreign, {"data": {"body": "A new text.", "source": "wire"}})
    new = max(line.server.tasks)
    line.server.annotate(new, [], completed_by=line.server.add_user("new@example.org").id)
    counts = result(line.sync("old"))
    assert (counts["revisions_new"], counts["quarantined_new"]) == (3, 0)
    with line.session() as session:
        assert session.scalar(select(func.count()).where(Task.ls_task_id == new)) == 1
        assert "new@example.org" in set(session.scalars(select(Annotator.email)))
    counts = result(line.sync("old", full=True))
    assert (counts["revisions_new"], counts["withdrawn"]) == (0, 0)
    line.show("old")


def test_what_is_deleted_there_is_withdrawn_after_two_complete_listings(line, foreign):
    adopt(line)
    line.server.delete_annotation(line.server.tasks_of(line.foreign)[1]["annotations"][0]["id"])
    withdrawn = [result(line.sync("old", full=True))["withdrawn"] for _ in range(3)]
    assert sum(withdrawn) == 1


def test_a_label_that_turns_up_later_is_set_aside(line, foreign):
    adopt(line)
    task = line.server.tasks_of(line.foreign)[1]
    value = {"start": 0, "end": 3, "labels": ["Never seen"]}
    item = {"id": "n", "from_name": "claims", "to_name": "post", "type": "labels", "value": value}
    line.server.annotate(task["id"], [item])
    assert result(line.sync("old"))["quarantined_new"] == 1
    with line.session() as session:
        last = session.scalars(select(Quarantine).order_by(Quarantine.id.desc())).first()
        assert (last.kind, last.raw["item"], last.item) == ("unknown_label", item, 0)


def test_pseudonyms_last_through_every_later_sync(line, foreign):
    adopt(line, pseudonyms=True)
    line.server.add_user("robin@example.org")
    line.server.annotate(max(line.server.tasks), [], completed_by=5)
    result(line.sync("old"))
    with line.session() as session:
        people = session.execute(select(Annotator.email, Annotator.pseudonym)).all()
        assert len(people) == 5
        assert {email.rpartition("@")[2] for email, _ in people} == {"old.invalid"}
        assert session.scalars(select(Account)).all() == []
        told = session.scalars(select(Revision.raw)).all()
        assert {type(raw["completed_by"]) for raw in told} == {int}


@pytest.mark.parametrize("after", range(4))
def test_a_broken_reading_is_gone_on_with(line, foreign, after):
    line.page_size = 15
    line.server.fail_next("iter_tasks", "reset", after=after)
    line.server.fail_next("iter_tasks", "500", after=1)
    answer = result(adopt(line))
    assert sum(answer[name] for name in ITEMS) == recount(foreign)["items"]
    assert line.count(Quarantine) == answer["quarantined_items"]


def test_an_adoption_that_failed_is_tried_again(line, foreign):
    line.page_size = 15
    for _ in range(3):
        line.server.fail_next("iter_tasks", "reset", after=4 if _ == 0 else 0)
    job = adopt(line)
    assert job.state == JobState.FAILED
    assert line.show("old")["state"] == "draft"
    answer = result(adopt(line))
    assert sum(answer[name] for name in ITEMS) == recount(foreign)["items"]
    assert line.count(Adoption) == 1
    assert line.show("old")["state"] == "open"


def test_a_project_is_adopted_once(line, foreign):
    adopt(line)
    for slug, said in (("old", "already a batch"), ("other", "belongs to the batch 'old'")):
        with pytest.raises(ConflictError, match=said):
            adopt(line, slug)


def test_a_lanes_own_project_cannot_be_adopted(pushed):
    pushed.foreign = pushed.lanes()[0].ls_project_id
    with pytest.raises(ConflictError, match="belongs to the batch 'first'"):
        adopt(pushed, "other")


def test_a_project_that_is_gone_is_said_so_and_raises_the_alarm_later(line, foreign):
    adopt(line)
    line.server.delete_project(line.foreign)
    assert line.sync("old").error["kind"] == "studio_missing"
    with line.session() as session:
        assert session.scalars(select(Lane.lost_at)).one() is not None
    line.foreign = 99
    assert adopt(line, "other").error["kind"] == "studio_missing"
    assert line.count(Batch) == 1


def test_a_project_without_a_text_is_refused(line):
    config = '<View><Image name="i" value="$i"/></View>'
    line.foreign = line.server.add_project("Pictures", ProjectSpec("Pictures", config, "", ""))[
        "id"
    ]
    assert adopt(line).error["kind"] == "bad_scheme"
    assert line.count(Batch) == 0


def test_the_annotations_are_those_of_the_people_who_made_them(line, foreign):
    adopt(line)
    with line.session() as session:
        who = select(Annotator.email).join(Annotation, Annotation.annotator_id == Annotator.id)
        found = Counter(session.scalars(who))
        assert session.scalar(select(func.count()).select_from(Span)) > 300
        assert set(session.scalars(select(Article.kind))) == {"adopted"}
    told = Counter()
    for task in foreign:
        for one in task.get("annotations", task.get("completions", ())):
            who = one["completed_by"]
            told[who["id"] if isinstance(who, dict) else who] += "body" in task["data"]
    assert sorted(found.values()) == sorted(told.values())
