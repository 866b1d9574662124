"""After a push: copies that nobody answered are removed, others are brought to a person."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import select

from app.models.drift import Drift
from app.models.jobs import JobState
from labeling.studio.fake_server import LEGACY_TOKEN


def import_twins(line, *numbers):
    """Send the tasks of these places a second time, behind our back."""
    project = line.lanes()[0].ls_project_id
    twins = [{"data": line.server.tasks_of(project)[n]["data"]} for n in numbers]
    line.connect("", LEGACY_TOKEN).import_tasks(project, json.dumps(twins).encode())
    return line.server.tasks_of(project)


def test_copies_that_nobody_answered_are_removed_by_the_next_push(line):
    line.add_article()
    line.add_batch()
    line.push()
    import_twins(line, 0, 0, 2)
    result = line.push().result
    assert (result["twins"], result["swept"]) == (2, 3)
    assert line.studio_uids() == line.planned_uids()
    assert line.push().result["twins"] == 0


def test_an_answered_copy_is_never_removed_and_two_of_them_ask_a_person(line):
    line.add_article()
    line.add_batch()
    line.push()
    tasks = import_twins(line, 0, 1, 2)
    first, second, third, *_ = tasks
    copies = tasks[-3:]
    line.server.annotate(copies[0]["id"], [])
    line.server.annotate(second["id"], [], was_cancelled=True)
    line.server.annotate(third["id"], [])
    line.server.save_draft(copies[2]["id"])
    result = line.push().result
    assert (result["twins"], result["swept"]) == (3, 2)
    left = {task["id"] for task in line.server.tasks_of(line.lanes()[0].ls_project_id)}
    assert first["id"] not in left
    assert {copies[0]["id"], second["id"], third["id"], copies[2]["id"]} <= left
    assert copies[1]["id"] not in left
    with line.session() as session:
        doubled = session.scalars(select(Drift).where(Drift.kind == "twin")).one()
    assert (doubled.state, doubled.count) == ("open", 1)
    assert doubled.examples == [third["id"], copies[2]["id"]]
    assert line.sync().state == JobState.SUCCEEDED
    assert line.show()["annotated"] == 2


def begin(line, monkeypatch, *, with_draft):
    """Somebody begins to answer whatever is to be deleted, as it is asked for, once."""
    remove, begun = line.server.remove_tasks, []

    def removing(project, filters):
        if not begun:
            newest = line.server.tasks_of(project)[-1]["id"]
            begun.append(newest)
            if with_draft:
                line.server.save_draft(newest)
            else:
                line.server.annotate(newest, [], was_cancelled=True)
        return remove(project, filters)

    monkeypatch.setattr(line.server, "remove_tasks", removing)
    return begun


@pytest.mark.parametrize("with_draft", [True, False])
def test_a_copy_that_is_begun_as_it_is_removed_stays_and_the_other_one_goes(
    line, monkeypatch, with_draft
):
    line.add_article()
    line.add_batch()
    line.push()
    first = import_twins(line, 0)[0]
    begun = begin(line, monkeypatch, with_draft=with_draft)
    result = line.push().result
    assert (result["twins"], result["swept"]) == (1, 1)
    left = {task["id"] for task in line.server.tasks_of(line.lanes()[0].ls_project_id)}
    assert begun[0] in left
    assert first["id"] not in left
    assert line.studio_uids() == line.planned_uids()
    with line.session() as session:
        assert session.scalars(select(Drift).where(Drift.state == "open")).all() == []
    assert line.sync().state == JobState.SUCCEEDED
