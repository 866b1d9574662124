"""Whatever an export holds, every result item is counted once and nothing raises."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from labeling.adoption.export import Export
from labeling.adoption.results import ItemCounts
from labeling.scheme import read_scheme
from tests.unit.adoption.exports import CONFIG, TEXT
from tests.unit.annotations.test_any_result import JSON

CONTROLS = ["ner", "text", "marks, all", "there", "role", "why", "tone", "topic", "stars", "boxes"]
KINDS = ["labels", "hypertextlabels", "choices", "taxonomy", "textarea", "rating", "relation"]
WORDS = st.sampled_from(["Person", "ORG", "lead", "calm", "News", "new", "works_for"]) | st.text()
ITEMS = st.fixed_dictionaries(
    {},
    optional={
        "id": st.sampled_from(["a", "b"]) | JSON,
        "from_name": st.sampled_from(CONTROLS) | JSON,
        "to_name": st.sampled_from(["article", "teaser"]) | JSON,
        "type": st.sampled_from(KINDS) | JSON,
        "from_id": st.sampled_from(["a", "b"]),
        "to_id": st.sampled_from(["a", "b"]),
        "labels": st.lists(WORDS, max_size=2) | JSON,
        "value": st.fixed_dictionaries(
            {"start": st.integers(-1, 9) | st.floats(0, 5), "end": st.integers(3, 30)},
            optional={
                "labels": st.lists(WORDS, max_size=2) | JSON,
                "hypertextlabels": st.lists(WORDS, max_size=2),
                "choices": st.lists(WORDS, max_size=2) | JSON,
                "taxonomy": st.lists(st.lists(WORDS, max_size=2), max_size=2) | JSON,
                "text": st.just(TEXT[:3]) | JSON,
                "rating": JSON,
            },
        )
        | JSON,
    },
)
ANNOTATIONS = st.fixed_dictionaries(
    {"result": st.lists(ITEMS | JSON, max_size=6)},
    optional={
        "id": st.integers(0, 5) | JSON,
        "completed_by": st.fixed_dictionaries({}, optional={"id": JSON, "email": JSON}) | JSON,
        "created_at": JSON,
        "lead_time": JSON,
    },
)
TASKS = st.fixed_dictionaries(
    {"data": st.just({"body": TEXT}) | st.dictionaries(st.just("body"), JSON, max_size=1)},
    optional={"id": JSON, "annotations": st.lists(ANNOTATIONS | JSON, max_size=3) | JSON},
)


@given(st.lists(TASKS | JSON, max_size=4))
def test_the_counts_of_any_export_add_up(tasks: list[Any]) -> None:
    anchor = {"data": {"body": TEXT}, "annotations": []}
    export = Export(json.dumps([anchor, *tasks]), CONFIG)
    counts = ItemCounts()
    unread = 0
    for read in export.tasks():
        unread += len(read.task.odd)
        unread += sum(len(one.result) for one in read.task.annotations) if read.problem else 0
        for one in read.annotations:
            counts.add(one.annotation.result, one.parsed)
    assert counts.total + unread == sum(_items(task) for task in tasks)
    assert read_scheme(export.adopted.config) == export.adopted.scheme
    json.dumps(
        [one.annotation.raw for r in export.tasks() for one in r.annotations], allow_nan=False
    )


def _items(task: Any) -> int:
    """Every item of a task, counted with no help from the reader; whatever is odd counts one."""
    if not isinstance(task, dict) or not isinstance(task.get("data"), dict):
        return 1
    annotations = task.get("annotations")
    if annotations is None:
        return 0
    if not isinstance(annotations, list):
        return 1
    return sum(_of_annotation(one) for one in annotations)


def _of_annotation(one: Any) -> int:
    if not isinstance(one, dict):
        return 1
    result = one.get("result")
    return 0 if result is None else len(result) if isinstance(result, list) else 1
