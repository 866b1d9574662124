"""Every item of a result ends in exactly one place, and what we write is read back the same."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from labeling.annotations import parse_result
from labeling.tasks import result_items
from labeling.types import Relation, Span
from tests.unit.annotations.results import SCHEME, TEXT

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=6,
)
NAMES = ["entity", "quote", "kind", "flags", "note", "sure", "topic", "tone", "remark", "other"]
WORDS = st.sampled_from(["PERSON", "QUOTE", "direct", "open", "calm", "said_by", "A"])
ITEMS = st.fixed_dictionaries(
    {},
    optional={
        "id": st.sampled_from(["a", "b", "#1", "a~2"]) | JSON,
        "from_name": st.sampled_from(NAMES) | JSON,
        "type": st.sampled_from(["labels", "choices", "textarea", "rating", "relation"]) | JSON,
        "from_id": st.sampled_from(["a", "b"]) | JSON,
        "to_id": st.sampled_from(["a", "b"]) | JSON,
        "direction": st.sampled_from(["left", "right", "bi"]) | JSON,
        "labels": st.lists(WORDS, max_size=2) | JSON,
        "value": st.fixed_dictionaries(
            {"start": st.integers(-1, 9) | JSON, "end": st.integers(3, 50) | JSON},
            optional={
                "labels": st.lists(WORDS, max_size=2) | JSON,
                "choices": st.lists(WORDS, max_size=2) | JSON,
                "text": st.just("She") | JSON,
                "rating": JSON,
                "taxonomy": JSON,
            },
        )
        | JSON,
    },
)


@given(st.lists(ITEMS | JSON, max_size=8))
def test_every_item_of_any_rubbish_ends_in_exactly_one_place(result: list[Any]) -> None:
    found = parse_result(result, TEXT, SCHEME)
    lost = [entry.index for entry in found.set_aside]
    assert lost == sorted(set(lost))
    kept = [item for index, item in enumerate(result) if index not in lost]
    links = [item for item in kept if item.get("type") == "relation"]
    marks = [
        item for item in kept if item not in links and item["from_name"] in ("entity", "quote")
    ]
    # Several labels on one region, or on one relation, are several spans or relations.
    assert len(found.spans) >= len(marks)
    assert bool(marks) == bool(found.spans)
    assert bool(links) == bool(found.relations)
    assert len(found.relations) >= len(links)
    assert len(lost) + len(marks) + len(links) + found.attributes + len(found.choices) == len(
        result
    )
    assert len({span.id for span in found.spans}) == len(found.spans)
    for span in found.spans:
        assert 0 <= span.start < span.end <= len(TEXT)


LABELS = st.sampled_from(
    [("entity", "PERSON"), ("entity", "ORG"), ("quote", "QUOTE"), ("quote", "SPEAKER")]
)
ATTRS = st.fixed_dictionaries(
    {},
    optional={
        "kind": st.sampled_from(["direct", "partial"]),
        "flags": st.sampled_from([["open"], ["open", "nested"]]),
        "note": st.text(),
        "sure": st.integers(1, 5),
        "topic": st.sampled_from([["A"], ["A", "A / B"]]),
    },
)


@st.composite
def annotations(draw: st.DrawFn) -> tuple[str, tuple[Span, ...], tuple[Relation, ...]]:
    text = draw(st.text(min_size=1, max_size=40))
    spans = []
    for key in draw(st.lists(st.text("ab~#1", min_size=1), unique=True, max_size=5)):
        layer, label = draw(LABELS)
        start = draw(st.integers(0, len(text) - 1))
        end = draw(st.integers(start + 1, len(text)))
        spans.append(Span(key, layer, label, start, end, draw(ATTRS) if layer == "quote" else {}))
    ids = st.sampled_from([span.id for span in spans] or [""])
    labels = st.sampled_from(["said_by", "about", ""])
    links = st.lists(st.builds(Relation, ids, ids, labels), max_size=3 if spans else 0)
    return text, tuple(spans), tuple(draw(links))


@given(annotations())
def test_what_is_written_for_label_studio_is_read_back_the_same(
    drawn: tuple[str, tuple[Span, ...], tuple[Relation, ...]],
) -> None:
    text, spans, relations = drawn
    result = json.loads(json.dumps(result_items(spans, relations, text, SCHEME)))
    found = parse_result(result, text, SCHEME)
    assert found.set_aside == ()
    assert found.spans == spans
    assert found.relations == relations
