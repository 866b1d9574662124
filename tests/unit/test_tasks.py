"""A task carries its uid and its six variables; its payload is the same bytes every time."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labeling.errors import LabelingError
from labeling.scheme import read_scheme
from labeling.tasks import payload, payload_sha, prediction, result_items, task_item, task_uid
from labeling.types import Relation, Span

SCHEME = read_scheme("""<View>
  <Relations><Relation value="said_by"/></Relations>
  <Labels name="quote" toName="text"><Label value="QUOTE"/><Label value="SPEAKER"/></Labels>
  <Text name="text" value="$text"/>
  <Choices name="kind" toName="text" perRegion="true"><Choice value="direct"/></Choices>
  <Choices name="flags" toName="text" perRegion="true" choice="multiple">
    <Choice value="open"/><Choice value="nested"/></Choices>
  <TextArea name="note" toName="text" perRegion="true" maxSubmissions="1"/>
  <Rating name="sure" toName="text" perRegion="true"/>
  <Taxonomy name="topic" toName="text" perRegion="true">
      <Choice value="A"><Choice value="B"/></Choice></Taxonomy>
</View>""")

NAMES = st.text(min_size=1, max_size=12)


def item(**changes: object) -> dict[str, object]:
    fields: dict[str, object] = {
        "uid": "t-1",
        "text": "“Yes,” she said.",
        "headline": "Vote",
        "context": "",
        "notice": "",
        "round": 1,
        **changes,
    }
    return task_item(**fields)  # type: ignore[arg-type]


@given(
    st.tuples(NAMES, st.integers(0, 9), NAMES, st.integers(1, 9)),
    st.tuples(NAMES, st.integers(0, 9), NAMES, st.integers(1, 9)),
)
def test_two_tasks_have_one_uid_only_when_they_are_the_same_task(
    one: tuple[str, int, str, int], other: tuple[str, int, str, int]
) -> None:
    assert (task_uid(*one) == task_uid(*other)) == (one == other)


def test_a_task_uid_is_short_plain_and_never_changes() -> None:
    assert task_uid("b-1", 2, "p-3", 1) == "t-5ixy445uoknqa73zfn357k5d76"


def test_a_task_carries_the_six_variables_as_text() -> None:
    assert item() == {
        "data": {
            "uid": "t-1",
            "text": "“Yes,” she said.",
            "headline": "Vote",
            "context": "",
            "notice": "",
            "round": "1",
        }
    }


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("headline", None),
        ("context", 3),
        ("text", "nul \0"),
        ("notice", "half \ud83d"),
        ("text", ""),
        ("uid", ""),
    ],
)
def test_a_variable_that_label_studio_cannot_store_is_refused_by_name(
    field: str, value: object
) -> None:
    with pytest.raises(LabelingError, match=f"its {field} is") as caught:
        item(**{field: value})
    assert caught.value.remedy


def marked(
    region: str, place: dict[str, object], control: str, kind: str, given: object, key: str = ""
) -> dict[str, object]:
    """An item about a stretch of text; what is given stands under the kind, or under the key."""
    return {
        "to_name": "text",
        "id": region,
        "from_name": control,
        "type": kind,
        "value": {**place, key or kind: given},
    }


def linked(source: str, target: str, labels: list[str]) -> dict[str, object]:
    return {
        "type": "relation",
        "from_id": source,
        "to_id": target,
        "direction": "right",
        "labels": labels,
    }


def test_suggestions_become_a_prediction_in_label_studios_own_form() -> None:
    text = "🙂 “Yes,” she said."
    spans = (
        Span("q", "quote", "QUOTE", 2, 8, {"kind": "direct", "flags": ["open", "nested"]}),
        Span("s", "quote", "SPEAKER", 9, 12, {"note": "a pronoun", "sure": 2, "topic": ["A / B"]}),
    )
    guess = prediction(
        spans,
        (Relation("q", "s", "said_by"), Relation("s", "q", "")),
        text,
        SCHEME,
        model_version="quotes-1",
    )
    built = item(text=text, suggestions=[guess])["predictions"]
    quote = {"start": 2, "end": 8, "text": "“Yes,”"}
    she = {"start": 9, "end": 12, "text": "she"}
    assert built == [
        {
            "model_version": "quotes-1",
            "result": [
                marked("q", quote, "quote", "labels", ["QUOTE"]),
                marked("q", quote, "kind", "choices", ["direct"]),
                marked("q", quote, "flags", "choices", ["open", "nested"]),
                marked("s", she, "quote", "labels", ["SPEAKER"]),
                marked("s", she, "note", "textarea", ["a pronoun"], key="text"),
                marked("s", she, "sure", "rating", 2),
                marked("s", she, "topic", "taxonomy", [["A", "B"]]),
                linked("q", "s", ["said_by"]),
                linked("s", "q", []),
            ],
        }
    ]


def test_nothing_to_suggest_gives_no_prediction() -> None:
    assert "predictions" not in item(suggestions=[])
    assert result_items((), (), "text", SCHEME) == []


def test_a_payload_does_not_depend_on_the_order_of_keys() -> None:
    assert (
        payload([{"b": 1, "a": "é😀"}])
        == payload([{"a": "é😀", "b": 1}])
        == '[{"a":"é😀","b":1}]'.encode()
    )


def test_a_payload_refuses_what_is_not_json() -> None:
    with pytest.raises(ValueError, match="JSON"):
        payload([{"score": float("nan")}])


@given(st.lists(st.dictionaries(st.text(), st.text() | st.integers() | st.none())))
def test_a_payload_reads_back_as_what_it_was_made_of(items: list[dict[str, object]]) -> None:
    made = payload(items)
    assert json.loads(made) == items
    assert len(payload_sha(made)) == 64
    assert payload_sha(made) != payload_sha(made + b" ")
