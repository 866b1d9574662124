"""Spans, relations, attributes and choices are read from what annotators did."""

from dataclasses import replace
from typing import Any

import pytest

from labeling.annotations import parse_result
from labeling.types import Choice, Relation, Span
from tests.unit.annotations.results import (
    SCHEME,
    SPEAKER,
    TEXT,
    answer,
    aside,
    parsed,
    region,
    relation,
)


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
