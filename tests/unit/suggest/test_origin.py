"""What became of suggestions, told by comparing what was pushed with what came back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labeling.suggest.origin import Origin, marks_of, origins_of, voices_of
from labeling.types import Role, Span


def span(ident, start, end, label="QUOTE", layer="quote", **attrs):
    return Span(ident, layer, label, start, end, attrs)


PUSHED = [span("q1", 0, 10, kind="direct"), span("s1", 15, 20, "SPEAKER")]


def of(*spans, pushed=PUSHED):
    found = origins_of(spans, pushed)
    return found.spans, found.suggestions


@pytest.mark.parametrize(
    ("came_back", "origin"),
    [
        (span("q1", 0, 10, kind="direct"), "unchanged"),
        (span("zz", 0, 10, kind="direct"), "unchanged"),
        (span("q1", 0, 10, kind="direct", speaker="known"), "unchanged"),
        (span("q1", 0, 10, kind="partial"), "changed"),
        (span("q1", 0, 10), "changed"),
        (span("q1", 0, 9, kind="direct"), "changed"),
        (span("q1", 0, 10, "CUE", kind="direct"), "changed"),
        (span("q1", 30, 40, "LOADED_TERM", "loaded"), "changed"),
        (span("zz", 4, 12, kind="direct"), "changed"),
        (span("zz", 4, 12, "LOADED_TERM", "loaded"), "manual"),
        (span("zz", 10, 14), "manual"),
    ],
)
def test_a_span_was_accepted_changed_or_added_by_hand(came_back, origin):
    spans, suggestions = of(came_back)
    assert spans == {came_back.id: origin}
    assert suggestions["q1"] == ("removed" if origin == "manual" else origin)
    assert suggestions["s1"] == "removed"


def test_without_suggestions_everything_was_added_by_hand():
    assert of(span("a", 0, 5), pushed=[]) == ({"a": "manual"}, {})


def test_one_suggestion_explains_one_span():
    spans, _ = of(span("q1", 0, 10, kind="direct"), span("zz", 2, 8))
    assert spans == {"q1": "unchanged", "zz": "manual"}


def test_an_equal_span_goes_before_one_that_only_kept_the_id():
    spans, suggestions = of(span("q1", 30, 40), span("zz", 0, 10, kind="direct"))
    assert spans == {"q1": "manual", "zz": "unchanged"}
    assert suggestions["q1"] == "unchanged"


def test_of_equal_spans_the_one_that_kept_the_id_is_the_accepted_one():
    spans, _ = of(span("zz", 0, 10, kind="direct"), span("q1", 0, 10, kind="direct"))
    assert spans == {"zz": "manual", "q1": "unchanged"}


def test_of_several_that_overlap_the_nearest_is_the_changed_one():
    spans, _ = of(span("a", 0, 3), span("b", 0, 9))
    assert spans == {"a": "manual", "b": "changed"}


def test_a_second_label_on_a_suggested_region_is_a_change_of_it():
    spans, _ = of(span("q1~2", 0, 10, "LOADED_TERM", "loaded"))
    assert spans == {"q1~2": "changed"}


some = st.lists(
    st.builds(
        lambda n, start, length, label: span(f"r{n}", start, start + length, label),
        st.integers(0, 9),
        st.integers(0, 20),
        st.integers(1, 9),
        st.sampled_from(["QUOTE", "CUE"]),
    ),
    unique_by=lambda one: one.id,
    max_size=6,
)


@given(some, some)
def test_every_span_and_every_suggestion_is_told_of_and_they_fit_each_other(spans, pushed):
    found = origins_of(spans, pushed)
    assert set(found.spans) == {one.id for one in spans}
    assert set(found.suggestions) == {one.id for one in pushed}
    for origin in (Origin.UNCHANGED, Origin.CHANGED):
        told = list(found.spans.values()).count(origin)
        assert told == list(found.suggestions.values()).count(origin)


@given(some)
def test_what_comes_back_as_it_was_pushed_is_unchanged(pushed):
    assert set(origins_of(pushed, pushed).spans.values()) <= {Origin.UNCHANGED}


def test_the_voice_of_a_loaded_term_is_computed_unless_it_was_answered():
    spans = [
        span("q", 0, 10, kind="direct"),
        span("a", 2, 5, "LOADED_TERM", "loaded"),
        span("b", 12, 15, "LOADED_TERM", "loaded"),
        span("c", 2, 5, "LOADED_TERM", "loaded", voice="outlet"),
    ]
    assert voices_of(spans, Role.BODY, 20) == {"a": "quoted", "b": "outlet", "c": "outlet"}
    assert voices_of(spans, Role.HEADLINE, 20)["b"] == "headline"


def test_records_tell_voice_and_origin_in_their_own_words():
    spans = [
        span("q1", 0, 10, kind="direct"),
        span("s1", 15, 19, "SPEAKER"),
        span("l", 2, 5, "LOADED_TERM", "loaded"),
    ]
    assert marks_of(spans, PUSHED, Role.BODY, 20) == {
        "q1": (None, "suggested"), "s1": (None, "changed"), "l": ("quoted", "manual"),
    }  # fmt: skip
    assert marks_of(spans, (), Role.BODY, 20)["q1"] == (None, "manual")
    assert marks_of(spans, None, Role.BODY, 20) == {
        "q1": (None, None), "s1": (None, None), "l": ("quoted", None),
    }  # fmt: skip
