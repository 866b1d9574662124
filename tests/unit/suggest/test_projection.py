"""Suggestions for an article become those of a passage, in the layers of a scheme."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labeling.scheme import read_scheme
from labeling.suggest.projection import Projection, Proposed
from labeling.types import Attribute, Layer, Relation, Scheme, Span
from tests.line import CONFIG

SCHEME = read_scheme(CONFIG)
QUOTE = Proposed("quotes-1", "quotes@1", "QUOTE", 10, 20, 0.9, {"kind": "direct", "why": "a cue"})
SPEAKER = Proposed("quotes-2", "quotes@1", "SPEAKER", 22, 28, 0.9)
SAID_BY = Relation("quotes-1", "quotes-2", "said_by")


def project(proposed, relations=(), start=10, end=30, scheme=SCHEME):
    return Projection(scheme).of(proposed, relations, start, end)


def test_what_lies_within_the_passage_counts_from_its_begin():
    projected = project([QUOTE, SPEAKER], [SAID_BY])
    assert projected.spans == (
        Span("quotes-1", "quote", "QUOTE", 0, 10, {"kind": "direct"}),
        Span("quotes-2", "quote", "SPEAKER", 12, 18, {}),
    )
    assert projected.relations == (SAID_BY,)
    assert projected.left_out == 0


def test_what_reaches_across_the_border_is_left_out_and_counted():
    projected = project([QUOTE, SPEAKER], [SAID_BY], start=12)
    assert [span.id for span in projected.spans] == ["quotes-2"]
    assert projected.relations == ()
    assert projected.left_out == 1


def test_a_relation_to_another_passage_is_left_out_and_counted():
    projected = project([QUOTE, SPEAKER], [SAID_BY], end=21)
    assert [span.id for span in projected.spans] == ["quotes-1"]
    assert projected.left_out == 1


def test_relations_elsewhere_do_not_matter():
    assert project([QUOTE, SPEAKER], [SAID_BY], start=40, end=50).left_out == 0


def test_labels_and_relations_that_the_scheme_lacks_are_left_out():
    loaded = Proposed("lexicon-1", "lexicon@1", "LOADED_TERM", 12, 15, 0.5)
    cued = Relation("quotes-1", "quotes-2", "cued_by")
    projected = project([QUOTE, SPEAKER, loaded], [cued])
    assert {span.label for span in projected.spans} == {"QUOTE", "SPEAKER"}
    assert projected.relations == ()
    assert projected.left_out == 0


def asking(kind, values=(), *, multiple=False):
    layer = Layer("l", "spans", ("L",), (Attribute("a", values, multiple, kind),))
    return Scheme((layer, Layer("c", "choice", ("L", "M"))), (), (), "")


@pytest.mark.parametrize(
    ("scheme", "value", "kept"),
    [
        (asking("choices", ("x", "y")), "x", True),
        (asking("choices", ("x", "y")), "z", False),
        (asking("choices", ("x", "y")), ["x", "y"], False),
        (asking("choices", ("x", "y"), multiple=True), ["x", "y"], True),
        (asking("choices", ("x", "y"), multiple=True), [], False),
        (asking("textarea"), "words", True),
        (asking("textarea"), "", False),
        (asking("textarea"), None, False),
        (asking("choices", ("x", "y")), True, False),
        (asking("rating"), 3, True),
        (asking("number"), "3", False),
        (asking("number"), True, False),
    ],
)
def test_an_attribute_goes_along_when_the_scheme_takes_its_answer(scheme, value, kept):
    (span,) = project([Proposed("x-1", "x@1", "L", 10, 12, 0.5, {"a": value})], scheme=scheme).spans
    assert dict(span.attrs) == ({"a": value} if kept else {})


def test_of_two_suggesters_that_say_the_same_the_surer_one_is_kept():
    weak = Proposed("a-1", "a@1", "PERSON", 12, 16, 0.4)
    sure = Proposed("b-1", "b@1", "PERSON", 12, 20, 0.8)
    other = Proposed("b-2", "b@1", "ORG", 12, 16, 0.1)
    assert {span.id for span in project([weak, sure, other]).spans} == {"b-1", "b-2"}


def test_one_suggester_may_nest_what_it_says():
    inner = Proposed("quotes-3", "quotes@1", "QUOTE", 12, 15, 0.5)
    assert len(project([QUOTE, inner]).spans) == 2


def test_the_key_of_a_term_is_kept_beside_its_span():
    term = Proposed("x-1", "x@1", "PERSON", 12, 15, 0.5, {"entry": "fat-cat"})
    assert project([term, QUOTE]).terms == {"x-1": "fat-cat"}


spans = st.lists(
    st.builds(
        lambda n, start, length, label: Proposed(
            f"q-{n}", "q@1", label, start, start + length, 0.5
        ),
        st.integers(0, 99),
        st.integers(0, 40),
        st.integers(1, 20),
        st.sampled_from(["QUOTE", "PERSON", "LOADED_TERM"]),
    ),
    unique_by=lambda proposed: proposed.id,
)


@given(spans, st.integers(0, 40), st.integers(1, 30))
def test_every_span_is_pushed_cut_off_or_elsewhere(proposed, start, length):
    end = start + length
    projected = project(proposed, start=start, end=end)
    known = [p for p in proposed if p.label != "LOADED_TERM" and p.start < end and start < p.end]
    assert len(projected.spans) + projected.left_out == len(known)
    assert all(0 <= span.start < span.end <= length for span in projected.spans)
