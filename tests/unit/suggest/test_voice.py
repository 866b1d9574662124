"""A term has the voice of the words around it."""

from __future__ import annotations

from labeling.suggest.voice import Voice, Voices, voice_of
from labeling.types import Block, Role, Span

BLOCKS = (Block(Role.HEADLINE, 0, 30, "first"), Block(Role.BODY, 30, 100, "below"))


def quote(start: int, end: int, kind: object = "direct") -> Span:
    return Span(f"q{start}", "quote", "QUOTE", start, end, {"kind": kind})


def test_plain_words_are_the_outlets_own():
    assert voice_of(40, 50, [quote(60, 70)], BLOCKS) is Voice.OUTLET


def test_words_inside_quotation_marks_are_quoted_whatever_the_kind():
    for kind in ("direct", "partial", "scare", "pull_quote", ["direct"], None):
        assert voice_of(41, 49, [quote(40, 50, kind)], BLOCKS) is Voice.QUOTED


def test_words_inside_a_paraphrase_are_paraphrased_unless_marks_stand_around_them():
    spans = [quote(40, 90, "paraphrase"), quote(60, 70, "partial")]
    assert voice_of(41, 49, spans, BLOCKS) is Voice.PARAPHRASED
    assert voice_of(61, 69, spans, BLOCKS) is Voice.QUOTED


def test_words_in_a_headline_are_the_headlines_unless_quoted():
    spans = [quote(5, 15, ["paraphrase"]), quote(20, 28)]
    assert voice_of(6, 10, spans, BLOCKS) is Voice.HEADLINE
    assert voice_of(21, 25, spans, BLOCKS) is Voice.QUOTED


def test_words_that_only_reach_into_a_quotation_are_the_outlets():
    assert voice_of(35, 45, [quote(40, 60)], BLOCKS) is Voice.OUTLET
    assert voice_of(55, 65, [quote(40, 60)], BLOCKS) is Voice.OUTLET


def test_only_quotes_count_and_a_nested_one_hides_nothing():
    speaker = Span("s", "quote", "SPEAKER", 30, 100)
    assert voice_of(40, 50, [speaker], BLOCKS) is Voice.OUTLET
    voices = Voices([quote(40, 90), quote(50, 60)], BLOCKS)
    assert voices.of(80, 85) is Voice.QUOTED
