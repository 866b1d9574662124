"""Exports of Label Studio, Community or Enterprise, old or new, are read task by task."""

import json
from typing import Any

import pytest

from labeling.adoption.export import Person, export_tasks, person_of
from labeling.errors import ExportError
from labeling.types import Span
from tests.unit.adoption.exports import annotation, export, region, task


def read(*tasks: Any) -> list[Any]:
    return list(export_tasks(json.dumps(list(tasks))))


def test_a_task_is_read_with_its_annotations_and_nothing_of_drafts_or_predictions() -> None:
    made = annotation(
        (region(),),
        was_cancelled=True,
        created_at="2024-05-01T10:00:00Z",
        updated_at="2024-05-01T12:00:00.5+02:00",
        lead_time=3,
    )
    [found] = read(task(made, predictions=[{"result": [region()]}], drafts=[{"result": [1]}]))
    assert (found.n, found.ls_task_id, found.data) == (0, 1, task()["data"])
    [one] = found.annotations
    assert (one.ls_id, one.was_cancelled, one.lead_time) == (5, True, 3.0)
    assert one.created_at == "2024-05-01T10:00:00.000000Z"
    assert one.updated_at == "2024-05-01T10:00:00.500000Z"
    assert one.result == [region()]
    assert one.raw == made


def test_what_the_annotators_said_is_read_by_the_config() -> None:
    [found] = export(task(annotation((region(),)), annotation((), 2, id=6))).tasks()
    assert found.problem == ""
    assert [one.parsed.spans for one in found.annotations] == [
        (Span("r", "ner", "Person", 0, 3),),
        (),
    ]


def test_a_task_without_text_says_why_and_its_annotations_are_not_read() -> None:
    [found] = export(task(annotation((region(),)), data={"other": "x"})).tasks()
    assert "has no body" in found.problem
    assert found.annotations == ()
    assert len(found.task.annotations) == 1


def test_the_completions_of_old_exports_are_annotations() -> None:
    made = {"id": 9, "result": [], "created_at": 1_600_000_000}
    [found] = read({"id": 3, "data": {}, "completions": [made]})
    assert found.annotations[0].created_at == "2020-09-13T12:26:40.000000Z"


@pytest.mark.parametrize(
    ("told", "person"),
    [
        (7, Person("id:7", 7)),
        ("7", Person("id:7", 7)),
        (
            {"id": 7, "email": " Ada@Example.org ", "first_name": "A"},
            Person("id:7", 7, "ada@example.org"),
        ),
        ({"email": "ada@example.org"}, Person("name:ada@example.org", None, "ada@example.org")),
        ({"username": "ada"}, Person("name:ada", None)),
        ({"id": 2**40, "email": 5}, Person("nth:2")),
        ("Ada@example.org", Person("name:ada@example.org", None, "ada@example.org")),
        ("", Person("nth:2")),
        (None, Person("nth:2")),
        (True, Person("nth:2")),
    ],
)
def test_who_annotated_may_be_told_in_many_ways(told: Any, person: Person) -> None:
    assert person_of(told, 2) == person


def test_the_nameless_are_told_apart_within_a_task() -> None:
    [found] = read(task(annotation(completed_by=None), annotation(), annotation(completed_by=None)))
    assert [one.person.key for one in found.annotations] == ["nth:1", "id:1", "nth:2"]


@pytest.mark.parametrize("entry", [5, None, "x", {"result": "notjson"}, {"result": {}}])
def test_what_is_no_annotation_is_given_back(entry: Any) -> None:
    [found] = read(task(entry, annotation(None)))
    assert found.odd == (entry,)
    assert found.annotations[0].result == []


def test_what_is_no_list_of_annotations_is_given_back() -> None:
    [found] = read({"id": 1, "data": {}, "annotations": "none"})
    assert found.odd == ("none",)


def test_what_is_no_task_is_given_back_among_those_that_are() -> None:
    found = read("x", task(), {"id": 4})
    assert [one.odd for one in found] == [("x",), (), ({"id": 4},)]


@pytest.mark.parametrize("told", ["yesterday", [], None, 1e300])
def test_a_time_that_is_none_is_left_out(told: Any) -> None:
    [found] = read(task(annotation(created_at=told, lead_time="long", id="x")))
    one = found.annotations[0]
    assert (one.created_at, one.lead_time, one.ls_id) == ("", None, None)


def test_one_object_a_line_and_a_byte_order_mark_are_read_as_well() -> None:
    lines = "\ufeff" + "\n".join(json.dumps(task(key=n)) for n in range(3))
    assert [one.ls_task_id for one in export_tasks(lines)] == [0, 1, 2]


def test_numbers_that_no_store_holds_stay_as_the_words_that_were_written() -> None:
    text = json.dumps([task(annotation(lead_time="@", tag="#"))])
    text = text.replace('"@"', "NaN").replace('"#"', "[1e999, -Infinity, " + "9" * 301 + "]")
    [found] = export_tasks(text)
    assert found.annotations[0].lead_time is None
    assert found.annotations[0].raw["tag"] == ["1e999", "-Infinity", "9" * 301]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "holds no task"),
        ("[]", "holds no task"),
        ("id,text\n1,a", "line 1: the file is not JSON"),
        ('[{"data": {}},\n {"data"', "line 2: the file is not JSON"),
        ('[{"data": {}},', "ends in the middle"),
        ("[" * 100_000, "not JSON that can be read (RecursionError)"),
        ('[{"id": 1, "text": "a", "annotator": 1, "annotation_id": 2}]', "JSON_MIN"),
        ('[{"text": "a"}]', "nothing in the file is a task"),
        ("[1]", "nothing in the file is a task"),
    ],
)
def test_a_file_that_is_no_export_says_what_it_is(text: str, reason: str) -> None:
    with pytest.raises(ExportError) as caught:
        list(export_tasks(text))
    assert reason in caught.value.message
    assert caught.value.remedy


def test_everybody_is_known_before_the_first_task_is_read() -> None:
    told = {"id": 1, "email": "ada@example.org"}
    made = export(
        task(annotation(completed_by=1), annotation(completed_by=1), annotation(completed_by=9)),
        task(annotation(completed_by=told), annotation(completed_by=1)),
    )
    assert made.people == (Person("id:1", 1, "ada@example.org"), Person("id:9", 9))
    assert made.most_annotators == 2
