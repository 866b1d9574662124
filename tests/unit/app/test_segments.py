"""Cutting a text at the borders of its spans, and laying their lines so that all are seen."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from app.queries.segments import cut, lay_tracks
from labeling.types import Span

TEXTS = st.text(min_size=1, max_size=40)


@st.composite
def texts_with_bounds(draw):
    text = draw(TEXTS)
    starts = st.integers(0, len(text) - 1)
    pairs = draw(st.lists(st.tuples(starts, st.integers(1, 10)), max_size=12))
    return text, [(start, min(len(text), start + size)) for start, size in pairs]


def spans(bounds):
    return [Span(str(i), "entity", "ORG", start, end) for i, (start, end) in enumerate(bounds)]


@given(texts_with_bounds())
def test_the_segments_one_after_the_other_are_the_text(drawn):
    text, bounds = drawn
    segments = cut(text, bounds)
    assert "".join(segment.text for segment in segments) == text
    assert all(segment.text for segment in segments)


@given(texts_with_bounds())
def test_a_segment_knows_exactly_the_spans_that_cover_it(drawn):
    text, bounds = drawn
    for segment in cut(text, bounds):
        for index, (start, end) in enumerate(bounds):
            covers = start <= segment.start and segment.end <= end
            touches = start < segment.end and segment.start < end
            assert (index in segment.covering) == covers == touches


@given(texts_with_bounds())
def test_every_span_ends_in_exactly_one_segment(drawn):
    text, bounds = drawn
    ending = [index for segment in cut(text, bounds) for index in segment.ending]
    assert sorted(ending) == list(range(len(bounds)))


@given(texts_with_bounds())
def test_spans_that_overlap_are_on_different_tracks(drawn):
    _, bounds = drawn
    tracks = lay_tracks(spans(bounds))
    for i, (start, end) in enumerate(bounds):
        for j, (other_start, other_end) in enumerate(bounds[:i]):
            if start < other_end and other_start < end:
                assert tracks[i] != tracks[j]


@given(texts_with_bounds())
def test_there_are_no_more_tracks_than_the_deepest_overlap_needs(drawn):
    text, bounds = drawn
    deepest = max((len(segment.covering) for segment in cut(text, bounds)), default=0)
    assert max(lay_tracks(spans(bounds)), default=-1) + 1 == deepest


def test_a_loaded_term_inside_a_quote_lies_under_it():
    assert lay_tracks(spans([(4, 8), (0, 20)])) == (1, 0)


def test_an_empty_text_has_no_segments():
    assert cut("", []) == ()
