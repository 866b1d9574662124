"""Every item of a result ends in exactly one place, whatever the server sent."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labeling.annotations import content_sha, parse_result
from labeling.scheme import read_scheme
from labeling.tasks import result_items
from labeling.types import Choice, ParsedAnnotation, Relation, Span

SCHEME = read_scheme("""<View>
  <Relations><Relation value="said_by"/><Relation value="about"/></Relations>
  <Labels name="entity" toName="text"><Label value="PERSON"/><Label value="ORG"/></Labels>
  <Labels name="quote" toName="text"><Label value="QUOTE"/><Label value="SPEAKER"/></Labels>
  <Text name="text" value="$text"/>
  <View visibleWhen="region-selected" whenTagName="quote">
    <Choices name="kind" toName="text" perRegion="true">
      <Choice value="direct"/><Choice value="partial"/></Choices>
    <Choices name="flags" toName="text" perRegion="true" choice="multiple">
      <Choice value="open"/><Choice value="nested"/></Choices>
    <TextArea name="note" toName="text" perRegion="true" maxSubmissions="1"/>
    <Rating name="sure" toName="text" perRegion="true"/>
    <Taxonomy name="topic" toName="text" perRegion="true">
      <Choice value="A"><Choice value="B"/></Choice></Taxonomy>
  </View>
  <Choices name="tone" toName="text"><Choice value="calm"/><Choice value="loud"/></Choices>
  <TextArea name="remark" toName="text"/>
  <Rating name="stars" toName="text"/>
</View>""")

TEXT = "🙂 “We won’t pay,” said Ada Lovelace.\nShe left."


def region(
    name: str = "quote", label: str = "QUOTE", key: Any = "q", **value: Any
) -> dict[str, Any]:
    place = {"start": 2, "end": 17, "labels": [label], **value}
    return {"id": key, "from_name": name, "to_name": "text", "type": "labels", "value": place}


def answer(name: str, kind: str, given: Any, key: Any = "q") -> dict[str, Any]:
    place = {"start": 2, "end": 17, "text" if kind == "textarea" else kind: given}
    return {"id": key, "from_name": name, "type": kind, "value": place}


def relation(source: Any = "q", target: Any = "s", **more: Any) -> dict[str, Any]:
    link = {"from_id": source, "to_id": target, "direction": "right", "labels": ["said_by"]}
    return {"type": "relation", **link, **more}


SPEAKER = region(label="SPEAKER", key="s", start=23, end=35)


def parsed(*items: Any) -> ParsedAnnotation:
    return parse_result(list(items), TEXT, SCHEME)


def aside(*items: Any) -> list[tuple[int, str]]:
    found = parsed(*items).set_aside
    assert all(entry.raw is items[entry.index] and entry.reason for entry in found)
    return [(entry.index, entry.kind) for entry in found]


def test_offsets_count_code_points_so_an_emoji_before_a_span_counts_one() -> None:
    (span,) = parsed(region(text="“We won’t pay,”")).spans
    assert span == Span("q", "quote", "QUOTE", 2, 17, {})
    assert TEXT[span.start : span.end] == "“We won’t pay,”"


def test_answers_about_a_region_become_attributes_of_its_span() -> None:
    found = parsed(
        region(),
        answer("kind", "choices", ["direct"]),
        answer("flags", "choices", ["open", "nested"]),
        answer("note", "textarea", ["as heard"]),
        answer("sure", "rating", 2),
        answer("topic", "taxonomy", [["A"], ["A", "B"]]),
    )
    assert found.spans[0].attrs == {
        "kind": "direct",
        "flags": ["open", "nested"],
        "note": "as heard",
        "sure": 2,
        "topic": ["A", "A / B"],
    }
    assert found.attributes == 5
    assert found.set_aside == ()


def test_answers_and_relations_may_stand_before_their_regions() -> None:
    found = parsed(relation(), answer("kind", "choices", ["direct"]), region(), SPEAKER)
    assert found.relations == (Relation("q", "s", "said_by"),)
    assert found.spans[0].attrs == {"kind": "direct"}
    assert found.set_aside == ()


def test_a_free_text_answer_may_come_as_text_instead_of_a_list() -> None:
    assert parsed(region(), answer("note", "textarea", "heard")).spans[0].attrs == {"note": "heard"}


def test_task_level_answers_become_choices() -> None:
    found = parsed(
        answer("tone", "choices", ["calm"]),
        answer("remark", "textarea", ["one", "two"]),
        answer("stars", "rating", 4),
    )
    assert found.choices == (
        Choice("tone", ("calm",)),
        Choice("remark", ("one", "two")),
        Choice("stars", ("4",)),
    )
    assert found.set_aside == ()


def test_several_labels_on_one_region_give_a_span_each() -> None:
    found = parsed(
        region(labels=["QUOTE", "SPEAKER", "QUOTE"]),
        region("entity", "PERSON"),
        answer("kind", "choices", ["direct"]),
        relation("q", "s"),
        SPEAKER,
    )
    assert [(span.id, span.layer, span.label) for span in found.spans] == [
        ("q", "quote", "QUOTE"),
        ("q~2", "quote", "SPEAKER"),
        ("q~3", "entity", "PERSON"),
        ("s", "quote", "SPEAKER"),
    ]
    assert [dict(span.attrs) for span in found.spans] == [{"kind": "direct"}] * 2 + [{}, {}]
    assert found.relations == (Relation("q", "s", "said_by"),)


def test_a_relation_to_a_name_that_is_also_the_speaker_means_the_speaker() -> None:
    both = region("entity", "PERSON", "s", start=23, end=35)
    found = parsed(region(), both, SPEAKER, relation())
    assert [(span.id, span.label) for span in found.spans[1:]] == [
        ("s", "PERSON"),
        ("s~2", "SPEAKER"),
    ]
    assert found.relations == (Relation("q", "s~2", "said_by"),)


def test_a_region_without_an_id_is_kept_under_a_made_up_one() -> None:
    nameless = [
        region(key=None),
        region(key=None),
        region(key="#0"),
        region(key=7),
        region(key=True),
    ]
    assert [span.id for span in parsed(*nameless).spans] == ["#0", "#1", "7", "#4"]
    assert aside(*nameless) == [(2, "bad_item")]


def test_labels_may_stand_under_the_controls_own_type() -> None:
    item = region()
    item["type"] = "hypertextlabels"
    item["value"]["hypertextlabels"] = item["value"].pop("labels")
    assert parsed(item).spans[0].label == "QUOTE"


@pytest.mark.parametrize(
    ("said", "start", "end"),
    [
        ("Lovelace.\\n\\nShe", 27, 40),
        ("Lovelace. She", 27, 40),
        ("Lovelace.She", 27, 40),
        (None, 27, 40),
    ],
)
def test_a_slice_told_with_garbled_white_space_is_still_the_slice(
    said: str | None, start: int, end: int
) -> None:
    assert aside(region(start=start, end=end, text=said)) == []


@pytest.mark.parametrize(
    "said", ["“We won't pay,”", "", "“We won’t pay,” ,", 5, ["“We won’t pay,”"]]
)
def test_a_slice_that_says_something_else_is_set_aside(said: object) -> None:
    assert aside(region(text=said)) == [(0, "text_mismatch")]


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (True, 17),
        (2, True),
        (2.0, 17),
        ("2", 17),
        (None, 17),
        (-1, 17),
        (17, 2),
        (5, 5),
        (2, len(TEXT) + 1),
        (2, 10**30),
    ],
)
def test_offsets_that_mark_no_stretch_of_the_passage_are_set_aside(start: Any, end: Any) -> None:
    assert aside(region(start=start, end=end)) == [(0, "bad_offsets")]


def test_a_span_may_reach_from_the_first_to_the_last_character() -> None:
    assert aside(region(start=0, end=len(TEXT), text=TEXT)) == []


@pytest.mark.parametrize(
    ("item", "kind"),
    [
        (None, "bad_item"),
        (["x"], "bad_item"),
        ({}, "unknown_control"),
        ({"from_name": ["quote"]}, "unknown_control"),
        (region("verdict"), "unknown_control"),
        ({**region(), "value": None}, "bad_item"),
        (region(label="CUE"), "unknown_label"),
        (region(labels=["QUOTE", "CUE"]), "unknown_label"),
        (region(labels=[["QUOTE"]]), "unknown_label"),
        (region(labels=[]), "unknown_label"),
        (region(labels="QUOTE"), "unknown_label"),
        (answer("tone", "choices", ["cross"]), "unknown_label"),
        (answer("tone", "choices", []), "bad_item"),
        (answer("tone", "choices", None), "bad_item"),
        (answer("tone", "choices", [[]]), "bad_item"),
        (answer("tone", "rating", 4), "unknown_label"),
        (answer("remark", "textarea", ["half \ud83d"]), "bad_item"),
        (answer("stars", "rating", True), "bad_item"),
        (answer("stars", "rating", float("nan")), "bad_item"),
        (answer("stars", "rating", "4"), "bad_item"),
        ({**answer("tone", "choices", ["calm"]), "type": {}}, "bad_item"),
        (answer("kind", "choices", ["direct"]), "dangling_attribute"),
        (answer("kind", "choices", ["direct"], key=None), "dangling_attribute"),
        (relation(), "dangling_relation"),
        (relation(None, {}), "dangling_relation"),
    ],
)
def test_an_item_that_cannot_be_read_is_set_aside_under_a_stable_word(item: Any, kind: str) -> None:
    found = parsed(item)
    assert aside(item) == [(0, kind)]
    assert (found.spans, found.relations, found.choices, found.attributes) == ((), (), (), 0)


@pytest.mark.parametrize(
    ("item", "kind"),
    [
        (answer("kind", "choices", ["direct", "partial"]), "bad_item"),
        (answer("kind", "choices", ["scare"]), "unknown_label"),
        (answer("kind", "textarea", ["direct"]), "bad_item"),
        (answer("sure", "rating", "high"), "bad_item"),
        (relation(direction="up"), "bad_item"),
        (relation(direction=["up"]), "bad_item"),
        (relation(labels="said_by"), "bad_item"),
        (relation(labels=["cued_by"]), "unknown_label"),
        (relation("q", "gone"), "dangling_relation"),
        (answer("kind", "choices", ["direct"], key="gone"), "dangling_attribute"),
        (region(start=23, end=35), "bad_item"),
    ],
)
def test_a_bad_item_leaves_the_good_ones_alone(item: Any, kind: str) -> None:
    assert aside(region(), SPEAKER, item) == [(2, kind)]
    assert parsed(region(), SPEAKER, item).spans == parsed(region(), SPEAKER).spans


def test_a_second_answer_to_the_same_question_is_set_aside_not_overwritten() -> None:
    kinds = [answer("kind", "choices", [kind]) for kind in ("direct", "partial")]
    tones = [answer("tone", "choices", [tone]) for tone in ("calm", "loud")]
    found = parsed(region(), *kinds, *tones)
    assert found.spans[0].attrs == {"kind": "direct"}
    assert found.choices == (Choice("tone", ("calm",)),)
    assert [(entry.index, entry.kind) for entry in found.set_aside] == [
        (2, "bad_item"),
        (4, "bad_item"),
    ]


def test_what_hangs_on_a_span_that_was_set_aside_is_set_aside_with_that_reason() -> None:
    items = [region(end=999), SPEAKER, answer("kind", "choices", ["direct"]), relation()]
    assert aside(*items) == [
        (0, "bad_offsets"),
        (2, "dangling_attribute"),
        (3, "dangling_relation"),
    ]
    for entry in parsed(*items).set_aside[1:]:
        assert "was set aside itself" in entry.reason


def test_an_answer_that_is_not_asked_in_the_regions_layer_is_set_aside() -> None:
    items = [region("entity", "PERSON"), answer("kind", "choices", ["direct"])]
    assert aside(*items) == [(1, "dangling_attribute")]
    assert "for which it is not asked" in parsed(*items).set_aside[0].reason


@pytest.mark.parametrize(
    ("link", "read"),
    [
        (relation(), [("q", "s", "said_by")]),
        (relation(direction="left"), [("s", "q", "said_by")]),
        (relation(direction="bi"), [("q", "s", "said_by"), ("s", "q", "said_by")]),
        (relation(direction=None), [("q", "s", "said_by")]),
        (relation(labels=None), [("q", "s", "")]),
        (relation(labels=[]), [("q", "s", "")]),
        (relation(labels=["about", "said_by"]), [("q", "s", "about"), ("q", "s", "said_by")]),
    ],
)
def test_a_relation_is_read_with_its_direction_and_labels(
    link: dict[str, Any], read: list[tuple[str, str, str]]
) -> None:
    assert parsed(region(), SPEAKER, link).relations == tuple(Relation(*one) for one in read)


def test_a_line_drawn_without_a_label_is_the_only_relation_the_scheme_knows() -> None:
    only = replace(SCHEME, relations=("said_by",))
    unlabeled = relation()
    del unlabeled["labels"]
    found = parse_result([region(), SPEAKER, unlabeled], TEXT, only)
    assert found.relations == (Relation("q", "s", "said_by"),)


def test_a_reason_stays_short_however_large_the_rubbish_is() -> None:
    items = [region("x" * 10**6), region(label="y" * 10**6), region(text="z" * 10**6), "w" * 10**6]
    assert all(len(entry.reason) < 300 for entry in parsed(*items).set_aside)
    assert len(parsed(*items).set_aside) == 4


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


def test_a_revision_is_the_same_whatever_the_order_of_its_keys() -> None:
    item = region(text="½ 😀")
    turned = dict(reversed(item.items()))
    assert content_sha([item], False) == content_sha([turned], False)


def test_a_revision_differs_by_content_by_order_and_by_being_skipped() -> None:
    shas = {
        content_sha([], False),
        content_sha([], True),
        content_sha([region(), SPEAKER], False),
        content_sha([SPEAKER, region()], False),
        content_sha([region(end=16), SPEAKER], False),
        content_sha(["\ud83d"], False),
    }
    assert len(shas) == 6
