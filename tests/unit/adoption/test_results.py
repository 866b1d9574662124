"""Every item of an adopted result is a span, a relation, an answer, or set aside with a reason."""

from typing import Any

import pytest

from labeling.adoption.config import read_config
from labeling.adoption.results import ItemCounts, read_result
from labeling.adoption.scheme import stored_scheme
from labeling.types import Choice, ParsedAnnotation, Relation, Span
from tests.unit.adoption.exports import CONFIG, TEXT, adopted, answer, region, relation


def read(*items: Any, **more: Any) -> ParsedAnnotation:
    return read_result(list(items), TEXT, adopted(list(items), **more))


def aside(*items: Any, **more: Any) -> list[tuple[int, str, str]]:
    found = read(*items, **more).set_aside
    assert all(one.raw is items[one.index] for one in found)
    return [(one.index, one.kind, one.reason) for one in found]


def test_regions_answers_and_relations_are_read_under_the_names_of_the_scheme() -> None:
    found = read(
        region(0, 3, key="r"),
        answer("role", "choices", ["lead"]),
        answer("why", "textarea", ["named first"]),
        region(9, 12, key="s", labels=["ORG"]),
        relation(direction="left"),
        answer("tone", "choices", ["calm"], key="t"),
        answer("topic", "taxonomy", [["News", "World"]], key="u"),
        answer("stars", "rating", 4, key="v"),
        answer("count", "number", 2.5, key="w"),
        answer("day", "datetime", "2026-11-01", key="x"),
    )
    assert found.set_aside == ()
    assert found.spans == (
        Span("r", "ner", "Person", 0, 3, {"role": "lead", "why": "named first"}),
        Span("s", "ner", "ORG", 9, 12),
    )
    assert found.relations == (Relation("s", "r", "works_for"),)
    assert found.choices == (
        Choice("tone", ("calm",)),
        Choice("topic", ("News / World",)),
        Choice("stars", ("4",)),
        Choice("count", ("2.5",)),
        Choice("day", ("2026-11-01",)),
    )
    assert found.attributes == 2


@pytest.mark.parametrize(
    "value",
    [
        {"start": 0, "end": 3, "labels": ["Person"]},
        {"start": 0.0, "end": 3.0, "labels": ["Person"]},
        {"start": 0, "end": 3, "text": "Ada", "ner": ["Person"]},
        {"start": 0, "end": 3, "hypertextlabels": ["Person"]},
        {"start": 0, "end": 3, "labels": "Person"},
        {"start": 0, "end": 3, "labels": [], "textlabels": ["Person"]},
    ],
)
@pytest.mark.parametrize("kind", ["labels", "ner", "hypertextlabels", None, 5])
def test_labels_are_found_wherever_a_kind_of_control_writes_them(value: dict, kind: Any) -> None:
    if kind != "ner" and "ner" in value:
        kind = "ner"
    found = read(region(value=value, type=kind))
    assert found.spans == (Span("r", "ner", "Person", 0, 3),)


def test_what_the_config_does_not_offer_is_carried() -> None:
    found = read(
        region(labels=["GPE"]),
        answer("role", "choices", ["lead", "aide"]),
        answer("tone", "choices", ["loud"], key="t"),
        region(9, 12, key="s"),
        relation(labels=["knows"]),
    )
    assert found.set_aside == ()
    assert [span.label for span in found.spans] == ["GPE", "Person"]
    assert found.spans[0].attrs == {"role": ["lead", "aide"]}
    assert found.relations == (Relation("r", "s", "knows"),)


def test_the_line_end_of_two_characters_counts_two_and_its_garbling_is_known() -> None:
    found = read(
        region(4, 12, value={"start": 4, "end": 12, "text": "met\\n\\nBob", "labels": ["A"]})
    )
    assert found.spans == (Span("r", "ner", "A", 4, 12),)


def test_offsets_that_are_off_are_set_aside_with_what_was_said() -> None:
    off = region(value={"start": 8, "end": 11, "text": "Bob", "labels": ["Person"]})
    assert aside(off) == [
        (0, "text_mismatch", "Label Studio says 'Bob' where the passage has '\\nBo'")
    ]


@pytest.mark.parametrize(
    ("item", "kind", "reason"),
    [
        (region(to_name="teaser", from_name="marks, all"), "other_object", "<Text> 'teaser'"),
        (region(to_name=None, from_name="there"), "other_object", "<Text> 'teaser'"),
        (region(from_name="boxes", type="rectanglelabels"), "unsupported", "<RectangleLabels>"),
        (region(from_name="ghost"), "unknown_control", "no control 'ghost'"),
        (region(from_name={"a": 1}), "unknown_control", "no control {'a': 1}"),
        (region(value="nothing"), "bad_item", "not an object"),
        (region(0.5, 3), "bad_offsets", "not whole numbers"),
        (region("/p[1]", "/p[1]"), "bad_offsets", "not whole numbers"),
        (region(0, 99), "bad_offsets", "no stretch"),
        (region(labels=[]), "unknown_label", "no label"),
        (region(labels=["$var"]), "unknown_label", "offers no"),
        (answer("role", "choices", ["lead"], key="x"), "dangling_attribute", "is not there"),
        (relation(), "dangling_relation", "is not there"),
        ("text", "bad_item", "holds objects"),
    ],
)
def test_what_cannot_be_read_is_set_aside_as_it_came(item: Any, kind: str, reason: str) -> None:
    [(index, found, why)] = aside(item)
    assert (index, found) == (0, kind)
    assert reason in why


def test_a_region_of_the_main_text_is_kept_when_its_control_also_marks_another() -> None:
    found = read(region(from_name="marks, all", labels=["X"], to_name="nowhere"))
    assert found.spans == (Span("r", "marks_ all", "X", 0, 3),)


def test_regions_in_html_are_set_aside_and_answers_about_the_whole_are_kept() -> None:
    config = (
        '<View><HyperText name="h" value="$h"/><HyperTextLabels name="ner" toName="h">'
        '<Label value="A"/></HyperTextLabels><Rating name="stars" toName="h"/></View>'
    )
    items = [region(0, 3, to_name="h"), answer("stars", "rating", 2)]
    found = read(*items, config=config)
    assert found.choices == (Choice("stars", ("2",)),)
    assert [(one.kind, "<HyperText>" in one.reason) for one in found.set_aside] == [
        ("unsupported", True)
    ]


def test_items_are_counted_once_whatever_is_made_of_them() -> None:
    items = [
        region(labels=["Person", "ORG"]),
        region(9, 12, key="s"),
        relation(direction="bi"),
        answer("role", "choices", ["lead"]),
        answer("tone", "choices", ["calm"]),
        answer("tone", "choices", ["calm"]),
        None,
    ]
    counts = ItemCounts()
    counts.add(items, read(*items))
    assert counts == ItemCounts(spans=2, relations=1, attributes=1, choices=1, set_aside=2)
    assert counts.total == len(items)


def test_what_a_person_took_as_it_is_no_longer_is_set_aside() -> None:
    known = adopted()
    again = stored_scheme(read_config(CONFIG), known.config)
    assert again == known
    items = [region(labels=["GPE"]), answer("role", "choices", ["lead"]), region(0, 99, key="s")]
    assert len(read_result(items, TEXT, again).set_aside) == 3
    found = read_result(items, TEXT, again, accepted={0, 2})
    assert found.spans == (Span("r", "ner", "GPE", 0, 3, {"role": "lead"}),)
    assert [one.index for one in found.set_aside] == [2]
