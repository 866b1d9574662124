"""One suite on both gateways: what holds on the real server holds on the fake."""

from __future__ import annotations

import json
import uuid
from typing import TYPE_CHECKING, Any

import pytest

from labeling.errors import AuthGatewayError, MissingGatewayError, RejectedGatewayError
from labeling.studio.gateway import MINIMUM_VERSION, ProjectSpec, RawTask, StudioGateway

if TYPE_CHECKING:
    from tests.contract.benches import Bench

CONFIG = """<View>
  <Relations><Relation value="said_by"/></Relations>
  <Labels name="entity" toName="text"><Label value="PERSON"/></Labels>
  <Labels name="quote" toName="text"><Label value="QUOTE"/></Labels>
  <Choices name="kind" toName="text" perRegion="true"><Choice value="direct"/></Choices>
  <Text name="text" value="$text"/>
</View>"""
EMOJI_TEXT = "🎈 “Nobody asked us,” said Ada Bell 👩‍🚒 in the hall."


def make_project(studio: StudioGateway, **changes: Any) -> int:
    marker = f"marker {uuid.uuid4()}"
    fields = {
        "title": "One lane",
        "config": CONFIG,
        "instruction_html": "<p>Read first.</p>",
        "marker": marker,
        **changes,
    }
    return studio.create_project(ProjectSpec(**fields)).id


def push(studio: StudioGateway, project: int, *uids: str, text: str = "A text.") -> list[int]:
    items = [{"data": {"uid": uid, "text": text}} for uid in uids]
    assert studio.import_tasks(project, json.dumps(items).encode()) == len(uids)
    refs = studio.list_task_refs(project)
    return [ref.ls_task_id for ref in refs if ref.uid in uids]


def new_user(studio: StudioGateway) -> int:
    return studio.create_user(f"ann-{uuid.uuid4().hex[:8]}@example.org").id


def read(studio: StudioGateway, project: int, since: str | None = None) -> list[RawTask]:
    return [task for page in studio.iter_tasks(project, since=since) for task in page]


@pytest.mark.parametrize("kind", ["legacy", "personal"])
def test_both_kinds_of_token_are_told_apart_and_work(bench: Bench, kind: str) -> None:
    info = bench.gateway(kind).check()
    assert info.token_kind == kind
    assert info.user_email == "admin@example.org"
    assert info.version.split(".") > MINIMUM_VERSION.split(".")


def test_a_wrong_token_is_refused_with_a_remedy(bench: Bench) -> None:
    token = "0" * 40
    with pytest.raises(AuthGatewayError) as caught:
        bench.gateway_with_token(token).check()
    assert "Account & Settings" in caught.value.remedy
    assert caught.value.status == 401
    assert token not in str(caught.value)


def test_a_new_user_is_listed(bench: Bench) -> None:
    studio = bench.gateway()
    made = studio.create_user("Bea.Bell@example.org")
    assert made.email == "Bea.Bell@example.org"
    assert made in studio.list_users()


def test_the_same_address_twice_is_refused_and_named(bench: Bench) -> None:
    studio = bench.gateway()
    studio.create_user("twice@example.org")
    with pytest.raises(RejectedGatewayError, match="email") as caught:
        studio.create_user("twice@example.org")
    assert caught.value.status == 400


def test_a_project_is_found_by_its_marker(bench: Bench) -> None:
    studio = bench.gateway()
    project = make_project(studio, title="A title of its own", marker="lane 7 of batch x")
    found = [p for p in studio.list_projects() if "lane 7 of batch x" in p.description]
    assert [(p.id, p.title, p.task_count) for p in found] == [(project, "A title of its own", 0)]
    assert studio.get_project(project) == found[0]


def test_a_long_title_is_cut_to_what_the_server_takes(bench: Bench) -> None:
    studio = bench.gateway()
    assert studio.get_project(make_project(studio, title="x" * 80)).title == "x" * 50


def test_a_broken_config_is_refused_with_the_servers_reason(bench: Bench) -> None:
    with pytest.raises(RejectedGatewayError, match="label_config"):
        make_project(bench.gateway(), config="<View>")


def test_a_title_too_short_is_refused(bench: Bench) -> None:
    with pytest.raises(RejectedGatewayError, match="title"):
        make_project(bench.gateway(), title="x")


def test_imported_tasks_are_counted_found_and_listed(bench: Bench) -> None:
    studio = bench.gateway(page_size=2)
    project = make_project(studio)
    ids = push(studio, project, "a", "b", "c", "d", "e")
    assert studio.count_tasks(project) == studio.get_project(project).task_count == 5
    refs = studio.list_task_refs(project)
    assert [(ref.ls_task_id, ref.uid) for ref in refs] == list(zip(ids, "abcde", strict=True))
    assert [ref.uid for ref in studio.find_tasks(project, ["e", "nobody", "b"])] == ["b", "e"]


def test_nothing_is_found_for_no_uid(bench: Bench) -> None:
    studio = bench.gateway()
    project = make_project(studio)
    push(studio, project, "a")
    assert studio.find_tasks(project, []) == []


def test_many_long_uids_are_found_although_an_address_has_a_limit(bench: Bench) -> None:
    studio = bench.gateway()
    project = make_project(studio)
    uids = [f"{n:064d}" for n in range(600)]
    push(studio, project, *uids)
    assert [ref.uid for ref in studio.find_tasks(project, uids)] == uids


def test_an_import_sent_twice_makes_twins_and_both_are_shown(bench: Bench) -> None:
    studio = bench.gateway()
    project = make_project(studio)
    push(studio, project, "a", "b")
    push(studio, project, "a")
    assert [ref.uid for ref in studio.find_tasks(project, ["a"])] == ["a", "a"]


def test_a_task_without_uid_is_listed_with_an_empty_one(bench: Bench) -> None:
    studio = bench.gateway()
    project = make_project(studio)
    studio.import_tasks(project, b'[{"data": {"text": "A text."}}, {"text": "flat", "uid": 7}]')
    assert [ref.uid for ref in studio.list_task_refs(project)] == ["", ""]


def test_one_bad_item_refuses_the_whole_import_and_is_named(bench: Bench) -> None:
    studio = bench.gateway()
    project = make_project(studio)
    items = [
        {"data": {"uid": "a", "text": "A text."}},
        {"data": {"uid": "b", "body": "Secret words"}},
        {"data": {"uid": "c", "text": "A text."}},
    ]
    with pytest.raises(RejectedGatewayError) as caught:
        studio.import_tasks(project, json.dumps(items).encode())
    first, second, third = caught.value.item_errors
    assert first is None
    assert third is None
    assert second is not None
    assert '"text" key is expected' in second
    assert "Secret words" not in second + str(caught.value)
    assert studio.count_tasks(project) == 0


@pytest.mark.parametrize("payload", [b"[]", b'[{"data"'])
def test_a_payload_that_is_no_list_of_tasks_is_refused_whole(bench: Bench, payload: bytes) -> None:
    studio = bench.gateway()
    project = make_project(studio)
    with pytest.raises(RejectedGatewayError) as caught:
        studio.import_tasks(project, payload)
    assert caught.value.item_errors == ()
    assert studio.count_tasks(project) == 0


def test_every_call_on_a_missing_project_says_so(bench: Bench) -> None:
    studio = bench.gateway()
    project = make_project(studio)
    bench.delete_project(project)
    calls = [
        lambda: studio.get_project(project),
        lambda: studio.count_tasks(project),
        lambda: studio.import_tasks(project, b'[{"data": {"uid": "a", "text": "x"}}]'),
        lambda: studio.find_tasks(project, ["a"]),
        lambda: studio.list_task_refs(project),
        lambda: read(studio, project),
    ]
    for call in calls:
        with pytest.raises(MissingGatewayError):
            call()
    assert project not in {found.id for found in studio.list_projects()}


def test_the_newest_id_is_given_out_again_after_its_task_was_deleted(bench: Bench) -> None:
    studio = bench.gateway()
    project = make_project(studio)
    newest = push(studio, project, "a", "b")[-1]
    bench.delete_task(newest)
    assert push(studio, project, "c") == [newest]


RESULT = [
    {
        "id": "q1",
        "from_name": "quote",
        "to_name": "text",
        "type": "labels",
        "origin": "manual",
        "value": {"start": 2, "end": 19, "text": "“Nobody asked us,”", "labels": ["QUOTE"]},
    },
    {
        "id": "q1",
        "from_name": "kind",
        "to_name": "text",
        "type": "choices",
        "value": {"start": 2, "end": 19, "text": "“Nobody asked us,”", "choices": ["direct"]},
    },
    {
        "id": "p1",
        "from_name": "entity",
        "to_name": "text",
        "type": "labels",
        "value": {"start": 25, "end": 33, "text": "Ada Bell", "labels": ["PERSON"]},
    },
    {
        "from_id": "q1",
        "to_id": "p1",
        "type": "relation",
        "direction": "right",
        "labels": ["said_by"],
    },
]


def test_an_annotation_comes_back_untouched_relations_attributes_and_emoji_too(
    bench: Bench,
) -> None:
    studio = bench.gateway()
    project = make_project(studio)
    (task,) = push(studio, project, "a", text=EMOJI_TEXT)
    user = new_user(studio)
    made = studio.submit_annotation(
        task, result=RESULT, completed_by=user, unique_id=str(uuid.uuid4()), lead_time=3.5
    )
    (seen,) = read(studio, project)
    assert seen.data == {"uid": "a", "text": EMOJI_TEXT}
    (annotation,) = seen.annotations
    assert annotation.ls_id == made
    assert annotation.result == RESULT
    assert (annotation.completed_by, annotation.lead_time) == (user, 3.5)
    assert not annotation.was_cancelled
    assert annotation.created_at <= annotation.updated_at <= seen.updated_at
    start, end = (annotation.result[2]["value"][key] for key in ("start", "end"))
    assert seen.data["text"][start:end] != ""
    assert annotation.raw["result"] == RESULT
    assert {"ground_truth", "parent_annotation", "parent_prediction", "last_action"} <= set(
        annotation.raw
    )


def test_a_skip_is_an_annotation_that_was_cancelled(bench: Bench) -> None:
    studio = bench.gateway()
    project = make_project(studio)
    (task,) = push(studio, project, "a")
    studio.submit_annotation(
        task, result=[], completed_by=1, unique_id=str(uuid.uuid4()), was_cancelled=True
    )
    assert [a.was_cancelled for a in read(studio, project)[0].annotations] == [True]


def test_a_unique_id_is_taken_once(bench: Bench) -> None:
    studio = bench.gateway()
    project = make_project(studio)
    (task,) = push(studio, project, "a")
    unique_id = str(uuid.uuid4())
    studio.submit_annotation(task, result=[], completed_by=1, unique_id=unique_id)
    with pytest.raises(RejectedGatewayError) as caught:
        studio.submit_annotation(task, result=[], completed_by=1, unique_id=unique_id)
    assert caught.value.status == 409
    assert len(read(studio, project)[0].annotations) == 1


def test_an_annotation_of_nobody_or_of_no_task_is_refused(bench: Bench) -> None:
    studio = bench.gateway()
    (task,) = push(studio, make_project(studio), "a")
    with pytest.raises(RejectedGatewayError, match="completed_by"):
        studio.submit_annotation(task, result=[], completed_by=999_999, unique_id=str(uuid.uuid4()))
    with pytest.raises(MissingGatewayError):
        studio.submit_annotation(10_000_000, result=[], completed_by=1, unique_id=str(uuid.uuid4()))


def test_a_draft_is_no_annotation_and_changes_no_time(bench: Bench) -> None:
    studio = bench.gateway()
    project = make_project(studio)
    (task,) = push(studio, project, "a")
    (before,) = read(studio, project)
    bench.save_draft(task)
    assert read(studio, project) == [before]


def test_whatever_changes_a_task_shows_in_the_next_incremental_reading(bench: Bench) -> None:
    studio = bench.gateway()
    project = make_project(studio)
    first, second, _ = push(studio, project, "a", "b", "c")
    annotation = bench.annotate(second, [], 1)
    seen = max(task.updated_at for task in read(studio, project))

    def changed() -> list[str]:
        nonlocal seen
        tasks = [task for task in read(studio, project, seen) if task.updated_at > seen]
        seen = max([seen, *(task.updated_at for task in tasks)])
        return [task.data["uid"] for task in tasks]

    assert changed() == []
    bench.edit_annotation(annotation, result=[RESULT[2]])
    assert changed() == ["b"]
    bench.edit_task_data(first, {"uid": "a", "text": "Other words."})
    assert changed() == ["a"]
    bench.delete_annotation(annotation)
    assert changed() == ["b"]
    assert [len(task.annotations) for task in read(studio, project)] == [0, 0, 0]


def test_the_moment_itself_is_part_of_an_incremental_reading(bench: Bench) -> None:
    studio = bench.gateway()
    project = make_project(studio)
    ids = push(studio, project, "a", "b", "c")
    bench.set_updated_at(ids[:1], "2026-03-01T10:00:00.000000Z")
    bench.set_updated_at(ids[1:2], "2026-03-01T10:00:00.000001Z")
    bench.set_updated_at(ids[2:], "2026-03-01T10:00:01.000000Z")

    def uids(since: str) -> list[str]:
        return [task.data["uid"] for task in read(studio, project, since)]

    assert uids("2026-03-01T10:00:00.000000Z") == ["a", "b", "c"]
    assert uids("2026-03-01T10:00:00.000001Z") == ["b", "c"]
    assert uids("2026-03-01T11:00:00.000002+01:00") == ["c"]
    assert uids("2026-03-01T10:00:01") == ["c"]
    assert uids("2026-03-01T10:00:02Z") == []


@pytest.mark.parametrize("page_size", [1, 2, 3, 7, 8])
@pytest.mark.parametrize("since", [None, "2026-03-01T10:00:00.000000Z"])
def test_ties_and_page_borders_lose_and_repeat_nothing(
    bench: Bench, page_size: int, since: str | None
) -> None:
    studio = bench.gateway(page_size=page_size)
    project = make_project(studio)
    ids = push(studio, project, *"abcdefg")
    bench.set_updated_at([ids[6]], "2026-03-01T10:00:00.000000Z")
    bench.set_updated_at([ids[1], ids[3], ids[4], ids[5]], "2026-03-01T10:00:00.000500Z")
    bench.set_updated_at([ids[0], ids[2]], "2026-03-01T10:00:02.000000Z")
    tasks = read(studio, project, since)
    assert [task.data["uid"] for task in tasks] == ["g", "b", "d", "e", "f", "a", "c"]
    assert tasks[1].updated_at == "2026-03-01T10:00:00.000500Z"


def test_an_empty_project_is_read_as_no_page(bench: Bench) -> None:
    studio = bench.gateway()
    project = make_project(studio)
    assert list(studio.iter_tasks(project, since=None)) == []
    assert studio.list_task_refs(project) == []
    assert studio.count_tasks(project) == 0


def test_a_task_that_changes_while_it_is_read_comes_again(bench: Bench) -> None:
    studio = bench.gateway(page_size=3)
    project = make_project(studio)
    ids = push(studio, project, *"abcde")
    pages = studio.iter_tasks(project, since=None)
    seen = [task.data["uid"] for task in next(pages)]
    bench.annotate(ids[0], [], 1)
    seen += [task.data["uid"] for page in pages for task in page]
    assert sorted(seen) == ["a", "a", "b", "c", "d", "e"]
    assert seen[-1] == "a"
