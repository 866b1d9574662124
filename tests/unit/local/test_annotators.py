"""Simulated annotators: the same on every run, valid, and not alike."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labeling.annotations import parse_result
from labeling.tasks import result_items
from labeling.types import Attribute, Layer, Scheme
from local.annotators import (
    TENDENCIES,
    Tendency,
    annotate,
    is_left_out,
    tendency_of,
)

SCHEME = Scheme(
    layers=(
        Layer("entity", "spans", ("PERSON", "ORG", "GPE", "LOC", "NORP", "EVENT", "WORK")),
        Layer(
            "quote",
            "spans",
            ("QUOTE", "SPEAKER", "CUE"),
            (Attribute("quote_kind", ("direct", "mixed", "indirect")),),
        ),
        Layer(
            "loaded",
            "spans",
            ("LOADED_TERM",),
            (
                Attribute("loaded_kind", ("euphemism", "slur"), multiple=True),
                Attribute("suggestion", (), kind="textarea"),
            ),
        ),
    ),
    relations=("said_by", "coref"),
    variables=("text",),
    sha="",
)
TEXT = (
    "“We won’t pay this death tax 😀,” said Ada Lovelace of the Tenants’ Party in Riverton. "
    'The regime cut funds for the River Council, Ben Okoro said. "Corporate greed," he added.'
)


@pytest.mark.parametrize("tendency", TENDENCIES)
@given(text=st.one_of(st.text(max_size=120), st.just(TEXT)), uid=st.text(max_size=12))
def test_whatever_the_passage_our_own_reader_takes_every_item(
    tendency: Tendency, text: str, uid: str
) -> None:
    work = annotate(uid, text, tendency, SCHEME)
    parsed = parse_result(result_items(work.spans, work.relations, text, SCHEME), text, SCHEME)
    assert parsed.set_aside == ()
    assert len(parsed.spans) == len(work.spans)
    assert len(parsed.relations) == len(work.relations)


def _work(tendency: Tendency) -> list[Any]:
    return [annotate(f"t-{number}", TEXT, tendency, SCHEME) for number in range(60)]


def test_the_same_task_is_annotated_the_same_way_again() -> None:
    assert _work(TENDENCIES[0]) == _work(TENDENCIES[0])


def test_annotators_differ_from_one_another() -> None:
    marked = [
        {
            (span.layer, span.label, span.start, span.end)
            for span in annotate("t-3", TEXT, one, SCHEME).spans
        }
        for one in TENDENCIES
    ]
    assert len({frozenset(spans) for spans in marked}) == 3


def test_the_careful_one_marks_more_than_the_others() -> None:
    careful, *others = (sum(len(work.spans) for work in _work(one)) for one in TENDENCIES)
    assert all(careful > other for other in others)


def test_some_passages_are_skipped_and_then_nothing_is_marked() -> None:
    skipped = [work for work in _work(TENDENCIES[2]) if work.skipped]
    assert 0 < len(skipped) < 15
    assert all(work.spans == () and work.relations == () for work in skipped)


def test_quotes_are_joined_to_speakers_of_the_same_annotation() -> None:
    works = [work for work in _work(TENDENCIES[0]) if work.relations]
    assert len(works) > 40
    for work in works:
        labels = {span.id: span.label for span in work.spans}
        for relation in work.relations:
            assert labels[relation.from_id] == "QUOTE"
            assert labels[relation.to_id] == "SPEAKER"


def test_the_time_it_took_is_plausible() -> None:
    assert all(3 < work.lead_time < 300 for work in _work(TENDENCIES[0]))


def test_a_scheme_without_our_layers_is_left_unmarked() -> None:
    other = Scheme((Layer("topic", "choice", ("a",)),), (), ("text",), "")
    assert all(annotate(f"t-{n}", TEXT, TENDENCIES[0], other).spans == () for n in range(20))


def test_about_a_tenth_of_the_tasks_is_left_for_people() -> None:
    left = sum(is_left_out(f"t-{number}") for number in range(2000))
    assert 140 < left < 260


def test_each_annotator_has_a_tendency_whatever_the_order_of_the_lanes() -> None:
    emails = ["chloe@example.org", "ada@example.org", "ben@example.org"]
    assert [tendency_of(email, emails) for email in sorted(emails)] == list(TENDENCIES)
