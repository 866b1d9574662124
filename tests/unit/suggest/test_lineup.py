"""All suggesters asked at once: checked, voiced, and none in the way of another."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from labeling.suggest import lineup
from labeling.suggest.interface import Document, SuggestedRelation, Suggestion, Suggestions
from labeling.suggest.lexicon import Lexicon, LexiconSuggester
from labeling.suggest.lexicon_terms import make_term
from labeling.suggest.lineup import Lineup, Run
from labeling.types import Block, Role

TEXT = "A regime falls\n\nThe “regime” fell, the regime said."
DOCUMENT = Document(TEXT, (Block(Role.HEADLINE, 0, 16, ""), Block(Role.BODY, 16, len(TEXT), "")))
MARK = Suggestion("m", "PERSON", 0, 1, 0.5)


@dataclass
class Saying:
    """A suggester that gives one answer, or raises it."""

    said: object
    name: str = "saying"
    version: str = "1"
    config_sha: str = ""

    def suggest(self, _document):
        if isinstance(self.said, Exception):
            raise self.said
        return self.said


def quotes(version="1"):
    start = TEXT.index("“")
    span = Suggestion("q", "QUOTE", start, start + 8, 0.9, {"kind": "scare"})
    return Saying(Suggestions([span]), name="quotes", version=version)


def lexicon():
    return LexiconSuggester(Lexicon([make_term({"surface": "regime", "topic": "t"})]))


def test_loaded_terms_get_the_voice_of_the_quotations():
    _, answer = Lineup([quotes(), lexicon()]).answers(DOCUMENT)
    assert [span.attrs["voice"] for span in answer.spans] == ["headline", "quoted", "outlet"]


def test_a_voice_that_a_suggester_gives_itself_is_kept():
    own = Suggestion("l", "LOADED_TERM", 2, 8, 0.5, {"voice": "paraphrased"})
    (answer,) = Lineup([Saying(Suggestions([own]))]).answers(DOCUMENT)
    assert answer.spans == (own,)


def test_whose_quotations_gave_the_voice_is_part_of_the_run():
    one, two = (Lineup([quotes(version), lexicon()]) for version in "12")
    assert one.runs[0] == Run("quotes", "1", "")
    assert one.runs[1].config_sha != two.runs[1].config_sha
    assert Lineup([lexicon()]).runs[0].config_sha == lexicon().config_sha


def test_a_suggester_that_crashes_is_recorded_and_stops_nobody():
    crashing = Saying(RuntimeError("no model"), name="crashing")
    answers = Lineup([crashing, lexicon()], {"absent": "ImportError: no such thing"}).answers(
        DOCUMENT
    )
    assert [(a.run.name, a.problem, len(a.spans)) for a in answers] == [
        ("crashing", "RuntimeError: no model", 0),
        ("lexicon", "", 3),
        ("absent", "ImportError: no such thing", 0),
    ]
    runs = Lineup([crashing, lexicon()], {"absent": "…"}).runs
    assert runs == tuple(answer.run for answer in answers)


def test_an_answer_that_is_none_is_a_problem():
    (answer,) = Lineup([Saying("words")]).answers(DOCUMENT)
    assert answer.problem.startswith("AttributeError")


@pytest.mark.parametrize(
    "bad",
    [
        Suggestion("x", "PERSON", 3, 3, 0.5),
        Suggestion("x", "PERSON", -1, 3, 0.5),
        Suggestion("x", "PERSON", 0, 1000, 0.5),
        Suggestion("x", "PERSON", 0.0, 3, 0.5),
        Suggestion("x", "PERSON", True, 3, 0.5),
        Suggestion("x", "PERSON", 0, None, 0.5),
        Suggestion("x", "", 0, 3, 0.5),
        Suggestion("x", ["PERSON"], 0, 3, 0.5),
        Suggestion("x", "P" * 121, 0, 3, 0.5),
        Suggestion("x", "A\nB", 0, 3, 0.5),
        Suggestion("x", "PERSON", 0, 3, 1.5),
        Suggestion("x", "PERSON", 0, 3, float("nan")),
        Suggestion("x", "PERSON", 0, 3, "high"),
        Suggestion("x", "PERSON", 0, 3, 0.5, {"why": object()}),
        Suggestion("x", "PERSON", 0, 3, 0.5, {"why": "\ud800"}),
        Suggestion("x", "PERSON", 0, 3, 0.5, {"why": "a\0b"}),
        Suggestion("x", "PERSON", 0, 3, 0.5, {"why": "w" * 5000}),
        Suggestion("x", "PERSON", 0, 3, 0.5, {f"n{n}": "why" * 9 for n in range(200)}),
    ],
)
def test_a_span_that_cannot_be_used_is_left_out_with_its_relations_and_counted(bad):
    said = Suggestions([MARK, bad], [SuggestedRelation("m", "x", "said_by", 0.5)])
    (answer,) = Lineup([Saying(said)]).answers(DOCUMENT)
    assert answer.spans == (MARK,)
    assert answer.links == ()
    assert answer.left_out == 2


def test_relations_name_spans_by_their_places_in_the_order_of_the_text():
    spans = [Suggestion("late", "QUOTE", 5, 8, 0.5), Suggestion("early", "SPEAKER", 0, 3, 0.5)]
    relations = [
        SuggestedRelation("late", "early", "said_by", 0.7),
        SuggestedRelation("late", "early", "", 0.7),
        SuggestedRelation("late", "early", "said_by", -1),
    ]
    (answer,) = Lineup([Saying(Suggestions(spans, relations))]).answers(DOCUMENT)
    assert [span.id for span in answer.spans] == ["early", "late"]
    assert [(link.source, link.target, link.label) for link in answer.links] == [(1, 0, "said_by")]
    assert answer.left_out == 2


def test_what_a_quotation_goes_on_from_is_named_as_it_is_known_outside():
    spans = [
        Suggestion("a", "QUOTE", 0, 3, 0.5),
        Suggestion("b", "QUOTE", 5, 8, 0.5, {"continues": "a"}),
        Suggestion("c", "QUOTE", 9, 12, 0.5, {"continues": "z"}),
    ]
    (answer,) = Lineup([Saying(Suggestions(spans))]).answers(DOCUMENT)
    assert [dict(span.attrs) for span in answer.spans] == [
        {}, {"continues": "saying-1"}, {"continues": "z"},
    ]  # fmt: skip


def test_beyond_all_measure_spans_are_counted_and_left_out(monkeypatch):
    monkeypatch.setattr(lineup, "MOST_SPANS", 3)
    spans = [Suggestion(str(n), "PERSON", n, n + 1, 0.5) for n in range(10)]
    (answer,) = Lineup([Saying(Suggestions(spans))]).answers(DOCUMENT)
    assert (len(answer.spans), answer.left_out) == (3, 7)


def test_attributes_of_any_form_are_kept_when_json_can_say_them():
    attrs = {"why": "two\nlines", "n": 3, "list": ["a", {"b": None}], "unclosed": False}
    span = Suggestion("x", "PERSON", 0, 3, 1, attrs)
    (answer,) = Lineup([Saying(Suggestions([span]))]).answers(DOCUMENT)
    assert (answer.spans, answer.left_out) == ((span,), 0)


def test_an_attribute_with_an_odd_name_is_looked_at_as_json():
    assert lineup._are_attrs({"an odd name": "x"})
    assert not lineup._are_attrs({"an odd name": "\x00"})
