"""Any label config that shows a text can be adopted; what it asks is read as far as it can be."""

import pytest

from labeling.adoption.config import read_config, text_in
from labeling.errors import SchemeError
from labeling.scheme import read_scheme
from labeling.types import Attribute, Layer
from tests.unit.adoption.exports import CONFIG, adopted, answer, region, relation

SHOWN = '<Text name="t" value="$t"/>'
PLAIN = '<View><Text name="t" value="$body"/></View>'


def test_a_foreign_config_becomes_a_scheme_of_our_own_form() -> None:
    made = adopted()
    assert made.scheme.layers == (
        Layer("ner", "spans", ("Person", "ORG"), (Attribute("role", ("lead",)), _why())),
        Layer("text_2", "spans", ("CLAIM",), (_why(),)),
        Layer("marks_ all", "spans", ("X",), (_why(),)),
        Layer("there", "spans", ("T",), (_why(),)),
        Layer("tone", "choice", ("calm",)),
        Layer("topic", "choice", ("News", "News / World")),
        Layer("stars", "choice", ()),
        Layer("count", "choice", ()),
        Layer("day", "choice", ()),
    )
    assert made.scheme.relations == ("works_for",)
    assert made.scheme == read_scheme(made.config)
    assert made.layers["text"] == "text_2"
    assert made.layers["marks, all"] == "marks_ all"


def _why() -> Attribute:
    return Attribute("why", (), kind="textarea")


def test_what_was_answered_beyond_the_config_becomes_part_of_the_scheme() -> None:
    made = adopted(
        [
            region(labels=["GPE", "GPE", "ORG", 7, "x" * 121, "bell\x07", "$var", ""]),
            answer("tone", "choices", ["loud", "calm"]),
            answer("role", "choices", ["lead", "aide"]),
            answer("topic", "taxonomy", [["News", "Local"], ["Sport"], ["a", ""], "b"]),
            answer("why", "textarea", ["one", "two"]),
            answer("empty", "choices", "chosen"),
            answer("stars", "rating", 3),
            answer("unheard", "choices", ["of"]),
            {"from_name": "tone", "type": "choices"},
            relation(labels=["knows", "works_for", None]),
            relation(labels="knows"),
            {"from_name": ["no name"]},
            "no item",
        ]
    )
    layers = {layer.name: layer for layer in made.scheme.layers}
    assert layers["ner"].labels == ("Person", "ORG", "GPE")
    assert layers["tone"].labels == ("calm", "loud")
    assert layers["topic"].labels == ("News", "News / World", "News / Local", "Sport", "b")
    assert layers["empty"].labels == ("chosen",)
    role, why = layers["ner"].attributes
    assert role == Attribute("role", ("lead", "aide"), multiple=True)
    assert why == Attribute("why", (), multiple=True, kind="textarea")
    assert made.scheme.relations == ("works_for", "knows")


def test_words_that_have_no_room_are_not_part_of_the_scheme() -> None:
    words = [f"{n:0100}" for n in range(3_000)]
    made = adopted([region(labels=words)])
    layer = made.scheme.layers[0]
    assert layer.labels[:3] == ("Person", "ORG", words[0])
    assert 1_000 < len(layer.labels) < len(words)


def test_a_config_that_is_nearly_too_long_keeps_its_own_words() -> None:
    offered = "".join(f'<Choice value="{n:0900}"/>' for n in range(500))
    config = (
        f'<View><Text name="t" value="$t"/><Choices name="c" toName="t">{offered}</Choices></View>'
    )
    made = adopted([answer("c", "choices", [f"x{n:0900}" for n in range(200)])], config=config)
    assert len(made.scheme.layers[0].labels) == 500


def test_names_that_no_scheme_can_hold_are_shortened_and_kept_apart() -> None:
    long = "n" * 90
    config = (
        f'<View><Text name="t" value="$t"/><Number name="{long}1" toName="t"/>'
        f'<Number name="{long}2" toName="t"/><Number name="," toName="t"/></View>'
    )
    names = [layer.name for layer in adopted(config=config).scheme.layers]
    assert names == ["n" * 72, "n" * 72 + "_2", "_"]


@pytest.mark.parametrize(
    "config", ["<View>", "<View/>", '<View><Image name="i" value="$i"/></View>']
)
def test_a_config_without_a_text_cannot_be_adopted(config: str) -> None:
    with pytest.raises(SchemeError) as caught:
        adopted(config=config)
    assert caught.value.remedy


def test_a_config_that_asks_nothing_cannot_be_adopted() -> None:
    with pytest.raises(SchemeError, match="nothing to annotate"):
        adopted(config=PLAIN)


def test_plain_text_is_preferred_and_of_several_the_one_that_is_marked() -> None:
    assert read_config(CONFIG).text.name == "article"
    html = '<View><HyperText name="h" value="$h"/><Text name="t" value="$t"/></View>'
    assert read_config(html).text.name == "t"
    assert read_config('<View><HyperText name="h" value="$h"/></View>').text.tag == "HyperText"


@pytest.mark.parametrize(
    ("value", "data", "text"),
    [
        ("$body", {"body": " as it is\r\n"}, " as it is\r\n"),
        ("$body", {"body": 12}, "12"),
        ("$a.b", {"a": {"b": "deep"}}, "deep"),
        ("$a.b", {"a.b": "flat"}, "flat"),
        ("$body", {"$undefined$": "a bare line"}, "a bare line"),
        ("body", {"body": "no dollar"}, "no dollar"),
    ],
)
def test_the_text_is_found_where_the_config_says(value: str, data: dict, text: str) -> None:
    shown = read_config(f'<View><Text name="t" value="{value}"/></View>').text
    assert text_in(data, shown) == (text, "")


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ({}, "has no body"),
        ({"body": None}, "has no body"),
        ({"body": ["x"]}, "is not a text"),
        ({"body": True}, "is not a text"),
        ({"body": ""}, "is empty"),
        ({"body": "a\x00"}, "holds a NUL"),
        ({"body": "\ud83d"}, "half a character"),
    ],
)
def test_a_task_without_a_usable_text_says_why(data: dict, reason: str) -> None:
    text, problem = text_in(data, read_config(PLAIN).text)
    assert text == ""
    assert reason in problem


def test_a_text_that_stands_at_an_address_is_not_in_the_task() -> None:
    shown = read_config('<View><Text name="t" value="$u" valueType="url"/></View>').text
    assert "address" in text_in({"u": "https://example.org/a.txt"}, shown)[1]
