"""What the forms of the review room say; odd ones say nothing, or what to do instead."""

from __future__ import annotations

import pytest
from werkzeug.datastructures import MultiDict

from app.errors import InvalidInputError
from app.queries.review_queue import Sieve
from app.views.room_form import queue_query, read_decision, read_links, read_seen, read_sieve
from labeling.types import Attribute, Layer, Scheme

SCHEME = Scheme(
    layers=(
        Layer(
            "quote",
            "spans",
            ("QUOTE",),
            (
                Attribute("kind", ("direct", "partial")),
                Attribute("marks", ("a", "b"), multiple=True),
                Attribute("score", (), kind="rating"),
                Attribute("share", (), kind="number"),
                Attribute("plain", (), kind="textarea"),
            ),
        ),
        Layer("stance", "choice", ("for", "against")),
    ),
    relations=("said_by",),
    variables=(),
    sha="",
)
EDIT = [("verdict", "edit"), ("group", "k"), ("layer", "quote"), ("span-label", "QUOTE")]
PLACE = [("start", "1"), ("end", "4")]


def form(*fields: tuple[str, str]) -> MultiDict[str, str]:
    return MultiDict(list(fields))


def test_a_picked_version_names_its_group_and_its_letter() -> None:
    body = read_decision(form(("pick", "a=b=C")), "p", SCHEME)
    assert (body.verdict, body.group, body.version) == ("accept", "a=b", "C")


def test_a_rejection_carries_the_reason_and_what_was_written_beside_it() -> None:
    fields = form(("reject", "k"), ("reason", "missed"), ("words", " by all "))
    assert read_decision(fields, "p", SCHEME).reason == "missed: by all"
    assert read_decision(form(("reject", "k")), "p", SCHEME).reason == ""


def test_an_edit_reads_each_answer_in_its_own_form() -> None:
    answers = [
        ("attr.kind", "direct"), ("attr.marks", "a"), ("attr.marks", "b"), ("attr.score", "3"),
        ("attr.share", "0.5"), ("attr.plain", ""), ("attr.other", "x"),
    ]  # fmt: skip
    span = read_decision(form(*EDIT, *PLACE, *answers), "p", SCHEME).span
    assert span is not None
    assert (span.label, span.start, span.end) == ("QUOTE", 1, 4)
    assert span.attrs == {"kind": "direct", "marks": ["a", "b"], "score": 3, "share": 0.5}


def test_an_added_span_names_layer_and_label_at_once() -> None:
    fields = form(
        ("verdict", "add"), ("span-label", "quote/QUOTE"), ("label", "ORG"), ("group", "x"), *PLACE
    )
    body = read_decision(fields, "p", SCHEME)
    assert (body.verdict, body.layer, body.group) == ("add", "quote", "")
    assert body.span is not None
    assert body.span.label == "QUOTE"


def test_a_question_is_answered_by_its_values() -> None:
    fields = form(("verdict", "edit"), ("layer", "stance"), ("values", "for"), ("reason", "other"))
    body = read_decision(fields, "p", SCHEME)
    assert (body.values, body.span) == (["for"], None)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ([], "nothing to do"),
        ([("verdict", "undo")], "nothing to do"),
        (EDIT, "begins and ends"),
        ([*EDIT, ("start", "x"), ("end", "4")], "begins and ends"),
        ([*EDIT, *PLACE, ("attr.share", "half")], "not a number"),
    ],
    ids=str,
)
def test_a_form_that_cannot_be_used_says_why(fields: list[tuple[str, str]], words: str) -> None:
    with pytest.raises(InvalidInputError, match=words):
        read_decision(form(*fields), "p", SCHEME)


def test_empty_rows_of_relations_count_for_nothing() -> None:
    rows = [("link-label", "said_by"), ("link-to", "k"), ("link-label", "said_by"), ("link-to", "")]
    assert [(one.label, one.to) for one in read_links(form(*rows))] == [("said_by", "k")]


def test_what_a_page_showed_is_read_as_numbers_and_oddities_are_left_out() -> None:
    seen = read_seen(form(("seen", f"3 x 1 {2**40}"), ("base", "7")))
    assert (seen.revisions, seen.base) == ((3, 1), 7)
    assert read_seen(form(("base", "x"))).base == 0


def test_a_queue_is_named_by_its_address() -> None:
    given = form(
        ("kind", "label"), ("order", "age"), ("sample", "5"), ("show", "stale"), ("x", "y")
    )
    wanted = Sieve(show="stale", kind="label", order="age", sample=5.0)
    assert read_sieve(given) == wanted
    assert queue_query(given) == {"show": "stale", "kind": "label", "sample": "5", "order": "age"}
    assert read_sieve(form(("sample", "0"), ("order", "up"), ("show", "all"))) == Sieve()
