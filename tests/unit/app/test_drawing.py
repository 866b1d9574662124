"""A passage drawn for its page."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from app.queries.annotations import Answer, PassagePage
from app.views.drawing import MOST_TRACKS, draw, sign_of
from labeling.types import Relation, Span

TEXT = "“A greedy 😀 plan,” said Ada Orr."
QUOTE = Span("q", "quote", "QUOTE", 0, 18, {"kind": "direct"})
LOADED = Span("l", "loaded", "LOADED_TERM", 3, 9, {"type": ["naming", "pull_quote"]})
SPEAKER = Span("s", "quote", "SPEAKER", 24, 31, {})

ANSWER = Answer(
    annotator="ada@example.org",
    ls_user_id=2,
    round=1,
    task_url=None,
    state="submitted",
    revision=1,
    updated_at="",
    lead_time=None,
    set_aside=0,
    spans=(QUOTE, LOADED, SPEAKER),
    relations=(Relation("q", "s", "said_by"), Relation("q", "gone", "said_by")),
    choices=(),
)


def passage(*answers, text=TEXT):
    return PassagePage(
        uid="p",
        role="body",
        text=text,
        batch="b",
        article_uid="a",
        article="",
        outlet="",
        published_at=None,
        answers=answers,
        waiting=(),
        quarantined=(),
        previous=None,
        next=None,
    )


def segment_at(drawing, words):
    return next(segment for segment in drawing.segments if words in segment.text)


def test_a_loaded_term_inside_a_quote_of_the_same_annotator_shows_both_lines():
    lines = segment_at(draw(passage(ANSWER)), "greedy").lines
    assert [(line.track, line.label) for line in lines] == [(1, "QUOTE"), (2, "LOADED_TERM")]


def test_annotators_have_tracks_of_their_own_with_one_left_free_between_them():
    drawing = draw(passage(ANSWER, ANSWER))
    lines = segment_at(drawing, "greedy").lines
    assert [line.track for line in lines] == [1, 2, 4, 5]
    assert drawing.tracks == 5
    assert segment_at(drawing, "greedy").title == (
        "A QUOTE · A LOADED_TERM · B QUOTE · B LOADED_TERM"
    )


def test_an_annotator_without_spans_takes_no_room():
    drawing = draw(passage(replace(ANSWER, spans=(), relations=()), ANSWER))
    assert [column.first_track for column in drawing.columns] == [1, 1]
    assert drawing.tracks == 2


def test_lanes_that_do_not_fit_are_counted_and_keep_their_column():
    drawing = draw(passage(*[ANSWER] * 10))
    assert drawing.left_out == 2
    assert drawing.tracks <= MOST_TRACKS
    assert len(drawing.columns) == 10


def test_six_annotators_of_three_layers_fit():
    entity = Span("e", "entity", "PERSON", 3, 9, {})
    deep = replace(ANSWER, spans=(QUOTE, LOADED, entity), relations=())
    assert draw(passage(*[deep] * 6)).left_out == 0


def test_tags_stand_where_their_spans_end_with_the_answers_in_words():
    column = draw(passage(ANSWER)).columns[0]
    tags = {tag.label: tag for segment in column.segments for tag in segment.tags}
    assert tags["LOADED_TERM"].answers == ("naming, pull quote",)
    assert tags["QUOTE"].title == "kind: direct"
    ends = [segment.text for segment in column.segments if segment.tags]
    assert ends[0] == "greedy"


def test_a_relation_is_written_with_the_words_it_links_and_one_without_an_end_is_not():
    links = draw(passage(ANSWER)).columns[0].links
    assert [(link.source, link.label, link.target) for link in links] == [
        ("“A greedy 😀 plan,”", "said_by", "Ada Orr")
    ]


@given(st.text(min_size=1, max_size=30), st.data())
def test_the_drawn_text_and_every_column_are_the_passage_unchanged(text, data):
    starts = st.integers(0, len(text) - 1)
    bounds = data.draw(st.lists(st.tuples(starts, st.integers(1, 9)), max_size=6))
    spans = tuple(
        Span(str(i), "entity", "ORG", start, min(len(text), start + size))
        for i, (start, size) in enumerate(bounds)
    )
    drawing = draw(passage(replace(ANSWER, spans=spans, relations=()), text=text))
    assert "".join(segment.text for segment in drawing.segments) == text
    assert "".join(segment.text for segment in drawing.columns[0].segments) == text


def test_annotators_get_letters_and_then_letters_with_numbers():
    assert [sign_of(i) for i in (0, 25, 26, 53)] == ["A", "Z", "A2", "B3"]
