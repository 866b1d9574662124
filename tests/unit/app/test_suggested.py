"""Suggestions drawn into an article's text, and each in words."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from app.queries.articles import ArticlePage
from app.queries.suggestions import ArticleRelation, ArticleSuggestion, ArticleSuggestions
from app.views.drawing import MOST_TRACKS, Line
from app.views.suggested import Suggested, SuggestedTag, terms_among
from labeling.suggest.lexicon_terms import make_term

TEXT = "“A greedy 😀 plan,” said Ada Orr. She said no more."
QUOTE = ArticleSuggestion(
    "quotes-1", "QUOTE", 0, 18, 0.9, "quotes@1",
    {"kind": "direct", "unclosed": False, "why": "a cue behind it"},
)  # fmt: skip
LOADED = ArticleSuggestion(
    "lexicon-1", "LOADED_TERM", 3, 9, 0.6, "lexicon@1",
    {"entry": "greedy", "voice": "quoted", "type": "emotive"},
)  # fmt: skip
SPEAKER = ArticleSuggestion("quotes-2", "SPEAKER", 24, 31, 0.9, "quotes@1")
TERM = make_term({"surface": "greedy", "topic": "t", "alternatives": ("keen",), "note": "Why."})


def page(spans, relations=(), text=TEXT):
    known = dict.fromkeys(ArticlePage.__dataclass_fields__, "")
    given = {"text": text, "imported_at": datetime.now(UTC), "blocks": (), "passages": ()}
    suggested = ArticleSuggestions(tuple(spans), tuple(relations))
    return ArticlePage(**{**known, **given, "suggested": suggested})


def suggested(*spans, relations=(), terms=None):
    return Suggested(page(spans, relations), terms or {})


def why(*spans, **more):
    return {one.id: one.why for one in suggested(*spans, **more).explained()}


def test_a_piece_is_drawn_with_lines_and_a_tag_where_a_suggestion_ends():
    marks = suggested(QUOTE, LOADED).marks(TEXT, 0)
    assert "".join(segment.text for segment in marks.segments) == TEXT
    assert marks.tracks == 2
    assert [s.lines for s in marks.segments] == [
        (Line(1, "QUOTE"),),
        (Line(1, "QUOTE"), Line(2, "LOADED_TERM")),
        (Line(1, "QUOTE"),),
        (),
    ]
    tags = [tag for segment in marks.segments for tag in segment.tags]
    assert [(tag.id, tag.short) for tag in tags] == [
        ("lexicon-1", "quoted"),
        ("quotes-1", "direct"),
    ]
    assert isinstance(tags[0], SuggestedTag)


def test_a_suggestion_across_two_pieces_is_tagged_once_at_its_end():
    drawn = suggested(QUOTE)
    first, second = drawn.marks(TEXT[:10], 0), drawn.marks(TEXT[10:], 10)
    assert [tag for s in first.segments for tag in s.tags] == []
    assert [tag.id for s in second.segments for tag in s.tags] == ["quotes-1"]


def test_a_quotation_says_its_kind_its_speaker_and_why():
    said_by = ArticleRelation("quotes-1", "quotes-2", "said_by")
    words = why(QUOTE, SPEAKER, relations=[said_by])
    assert words["quotes-1"] == (
        "A full quotation, word for word. Said by Ada Orr. Seen by a cue behind it."
    )
    assert words["quotes-2"] == "Whose words they are."
    again = ArticleRelation("quotes-3", "quotes-2", "said_by")
    two = why(QUOTE, SPEAKER, relations=[said_by, again])
    assert "2 quotations are linked to it." in two["quotes-2"]


def test_an_unclosed_quotation_of_nobody_says_so():
    attrs = {"kind": "partial", "unclosed": True, "continues": "quotes-1"}
    odd = ArticleSuggestion("quotes-9", "QUOTE", 0, 5, 0.4, "quotes@1", attrs)
    words = why(odd)["quotes-9"]
    assert "Nobody was found who says it." in words
    assert "never closed" in words
    assert "goes on from the quotation before" in words


def test_a_loaded_term_says_its_voice_what_it_does_and_plainer_wordings():
    assert why(LOADED, terms={"greedy": TERM})["lexicon-1"] == (
        "It stands inside a quotation. It stirs a feeling. Why. Plainer: keen."
    )
    assert why(LOADED)["lexicon-1"] == "It stands inside a quotation. It stirs a feeling."
    bare = make_term({"surface": "greedy", "topic": "t"})
    assert "Plainer" not in why(LOADED, terms={"greedy": bare})["lexicon-1"]
    (one,) = suggested(LOADED).explained()
    assert (one.text, one.term, one.source) == ("greedy", "greedy", "lexicon@1")


def test_the_terms_among_suggestions_are_named():
    assert terms_among([QUOTE, LOADED, LOADED]) == ["greedy"]


def test_a_label_nobody_knows_is_drawn_without_words():
    odd = ArticleSuggestion("x-1", "ODD", 0, 5, 0.4, "x@1")
    assert why(odd) == {"x-1": ""}


spans = st.lists(
    st.tuples(st.integers(0, 40), st.integers(1, 20)).map(
        lambda at: ArticleSuggestion(f"x-{at}", "ORG", at[0], at[0] + at[1], 0.5, "x@1")
    ),
    max_size=40,
)


@given(spans, st.integers(0, 30), st.integers(1, 30))
def test_the_text_stays_as_it_is_however_many_suggestions_lie_over_it(found, start, length):
    text = "x" * 60
    marks = Suggested(page(found, text=text), {}).marks(text[start : start + length], start)
    assert "".join(s.text for s in marks.segments) == text[start : start + length]
    assert marks.tracks <= MOST_TRACKS
    assert all(line.track <= MOST_TRACKS for s in marks.segments for line in s.lines)
