"""One suite on both gateways: what changed, reading by id, and deleting what nobody answered."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from labeling.errors import MissingGatewayError
from tests.contract.test_gateway import CONFIG, RESULT, make_project, push, read

if TYPE_CHECKING:
    from labeling.studio.gateway import StudioGateway, TaskStamp
    from tests.contract.benches import Bench


def stamps(studio: StudioGateway, project: int, since: str | None = None) -> list[TaskStamp]:
    return [stamp for page in studio.iter_stamps(project, since=since) for stamp in page]


def test_an_import_tells_the_ids_in_the_order_sent(bench: Bench) -> None:
    studio = bench.gateway()
    project = make_project(studio)
    items = b'[{"data": {"uid": "z", "text": "A."}}, {"data": {"uid": "a", "text": "B."}}]'
    stored = studio.import_tasks(project, items)
    assert stored == 2
    assert [ref.uid for ref in studio.list_task_refs(project)] == ["z", "a"]
    assert [ref.ls_task_id for ref in studio.list_task_refs(project)] == list(stored.ids)


def test_a_project_tells_its_config_and_the_servers_clock(bench: Bench) -> None:
    studio = bench.gateway()
    project = make_project(studio)
    push(studio, project, "a")
    told = studio.get_project(project)
    assert told.config == CONFIG
    (task,) = read(studio, project)
    # The clock tells whole seconds, rounded down.
    assert told.at[:19] >= task.updated_at[:19]
    assert len(told.at) == len(task.updated_at)


@pytest.mark.parametrize("page_size", [2, 1000])
def test_stamps_tell_times_and_annotations_of_every_task(bench: Bench, page_size: int) -> None:
    studio = bench.gateway(page_size=page_size)
    project = make_project(studio)
    ids = push(studio, project, *"abcde")
    one, two = (bench.annotate(ids[1], RESULT[:1], 1) for _ in range(2))
    bench.annotate(ids[3], [], 1, was_cancelled=True)
    told = {stamp.ls_task_id: stamp for stamp in stamps(studio, project)}
    assert list(told) == ids
    assert told[ids[0]].annotations == frozenset()
    assert told[ids[1]].annotations == {one, two}
    assert len(told[ids[3]].annotations or ()) == 1
    tasks = {task.ls_task_id: task for task in read(studio, project)}
    assert all(told[key].updated_at == tasks[key].updated_at for key in ids)


def test_stamps_since_a_moment_hold_what_changed_at_it_or_later(bench: Bench) -> None:
    studio = bench.gateway()
    project = make_project(studio)
    ids = push(studio, project, "a", "b", "c")
    bench.set_updated_at(ids[:1], "2026-03-01T10:00:00.000000Z")
    bench.set_updated_at(ids[1:], "2026-03-01T10:00:00.000001Z")
    changed = stamps(studio, project, "2026-03-01T10:00:00.000001Z")
    assert [stamp.ls_task_id for stamp in changed] == ids[1:]
    assert stamps(studio, project, "2026-03-01T10:00:01Z") == []


def test_a_long_list_of_annotations_is_told_as_unknown_rather_than_short(bench: Bench) -> None:
    studio = bench.gateway()
    project = make_project(studio)
    (task,) = push(studio, project, "a")
    for _ in range(300):
        bench.annotate(task, [], 1)
    (stamp,) = stamps(studio, project)
    assert stamp.annotations is None


def test_tasks_are_read_by_id_and_what_is_gone_is_left_out(bench: Bench) -> None:
    studio = bench.gateway()
    project = make_project(studio)
    ids = push(studio, project, *"abcd")
    bench.annotate(ids[2], RESULT, 1, lead_time=3.5)
    bench.delete_task(ids[0])
    tasks = [task for page in studio.read_tasks(project, ids[:3]) for task in page]
    assert [task.data["uid"] for task in tasks] == ["b", "c"]
    assert [task for task in read(studio, project) if task.data["uid"] != "d"] == tasks
    assert list(studio.read_tasks(project, [])) == []


def test_many_tasks_read_by_id_are_the_same_as_those_that_are_listed(bench: Bench) -> None:
    studio = bench.gateway()
    project = make_project(studio)
    ids = push(studio, project, *(f"u{n:04d}" for n in range(1501)), text="See s3://a/b.c 😀")
    bench.annotate(ids[0], RESULT, 1, lead_time=3.5)
    bench.annotate(ids[700], RESULT, 1, was_cancelled=True)
    pages = list(studio.read_tasks(project, ids))
    assert [len(page) for page in pages] == [1000, 501]
    found = {task.ls_task_id: task for page in pages for task in page}
    listed = read(studio, project)
    assert sorted(found) == ids
    for task in listed:
        twin = found[task.ls_task_id]
        assert (twin.data, twin.updated_at) == (task.data, task.updated_at)
        for one, other in zip(task.annotations, twin.annotations, strict=True):
            assert (one.ls_id, one.result, one.lead_time) == (
                other.ls_id, other.result, other.lead_time,
            )  # fmt: skip
            assert (one.created_at, one.updated_at) == (other.created_at, other.updated_at)
            assert (one.completed_by, one.was_cancelled) == (
                other.completed_by,
                other.was_cancelled,
            )
            assert {"parent_annotation", "parent_prediction"} <= set(other.raw)


def test_a_task_that_somebody_began_to_answer_is_never_deleted(bench: Bench) -> None:
    studio = bench.gateway()
    project = make_project(studio)
    ids = push(studio, project, *"abcde")
    bench.annotate(ids[0], [], 1)
    bench.annotate(ids[1], [], 1, was_cancelled=True)
    bench.save_draft(ids[2])
    assert studio.delete_tasks(project, ids[:4]) == 1
    assert [ref.uid for ref in studio.list_task_refs(project)] == ["a", "b", "c", "e"]
    assert studio.delete_tasks(project, []) == 0
    assert studio.count_tasks(project) == 4


def test_what_is_asked_of_a_project_that_is_gone_is_missing(bench: Bench) -> None:
    studio = bench.gateway()
    project = make_project(studio)
    (task,) = push(studio, project, "a")
    bench.delete_project(project)
    for ask in (
        lambda: list(studio.iter_stamps(project, since=None)),
        lambda: list(studio.read_tasks(project, [task])),
        lambda: studio.delete_tasks(project, [task]),
    ):
        with pytest.raises(MissingGatewayError):
            ask()


def test_requests_are_counted(bench: Bench) -> None:
    studio = bench.gateway()
    project = make_project(studio)
    before = studio.requests
    studio.get_project(project)
    assert studio.requests == before + 1
