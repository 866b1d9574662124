"""What cannot be trusted is set aside with a reason, and leaves the rest alone."""

from typing import Any

import pytest

from labeling.annotations import parse_result
from labeling.types import Choice
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


def test_a_reason_stays_short_however_large_the_rubbish_is() -> None:
    items = [region("x" * 10**6), region(label="y" * 10**6), region(text="z" * 10**6), "w" * 10**6]
    assert all(len(entry.reason) < 300 for entry in parsed(*items).set_aside)
    assert len(parsed(*items).set_aside) == 4


def test_an_item_that_a_person_took_as_it_is_counts() -> None:
    items = [
        region(label="VOICE"),
        region("entity", "PERSON", "e", text="not this"),
        answer("kind", "choices", ["odd"]),
        answer("tone", "choices", ["soft"], key=None),
        relation("q", "e", labels=["heard"]),
    ]
    taken = parse_result(items, TEXT, SCHEME, accepted=range(5))
    assert taken.set_aside == ()
    assert [span.label for span in taken.spans] == ["VOICE", "PERSON"]
    assert (taken.spans[0].attrs, taken.relations[0].label) == ({"kind": "odd"}, "heard")
    assert taken.choices == (Choice("tone", ("soft",)),)
    assert [index for index, _ in aside(*items)] == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("label", ["", "x" * 121, "a\0", "\ud800", 7, ["a"]])
def test_a_label_that_has_no_room_cannot_be_taken(label: Any) -> None:
    found = parse_result([region(label=label)], TEXT, SCHEME, accepted={0})
    assert [entry.kind for entry in found.set_aside] == ["unknown_label"]
