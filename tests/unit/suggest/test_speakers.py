"""A subject is read from the words around a verb, by word classes and capitals alone."""

from __future__ import annotations

import pytest

from labeling.suggest.quotes.phrases import first_phrase, phrase_after
from labeling.suggest.quotes.speakers import subject_before
from tests.unit.suggest.reading import speakers, suggest

QUOTED = "\x02\x02\x05"


@pytest.mark.parametrize(
    ("before", "subject"),
    [
        ("Torv", "Torv"),
        ("Torv on Monday", "Torv"),
        ("Torv late Tuesday", "Torv"),
        ("Torv (I-Karsh)", "Torv"),
        ("Torv (I-Karsh), a lawyer,", "Torv"),
        ("a lot) Torv", "Torv"),
        ("Torv, a lawyer, a mother, a runner,", "Torv"),
        ("Torv, a lawyer, a mother, a runner, a reader,", None),
        (f"{QUOTED} a lawyer,", "a lawyer"),
        ("Torv,,", None),
        ("oh),", None),
        ("(oh),", None),
        ("oh)", None),
        ("While it rained and", None),
        ("Yesterday Torv", "Torv"),
        ("the harbour master Torv", "the harbour master Torv"),
        ("then officer Torv", "officer Torv"),
        ("so & Torv", "Torv"),
        ("the dockers’", "the dockers"),
        ("the owners of the quay", "the owners of the quay"),
        ("Mr. Vale Jr. ", "Mr. Vale Jr."),
        ("25", None),
        ("", None),
        ("who", "who"),
        ("called", None),
    ],
)
def test_a_subject_ends_before_its_verb(before, subject):
    found = subject_before(before, 0, len(before))
    assert (before[found.start : found.end] if found else None) == subject


@pytest.mark.parametrize(
    ("behind", "subject"),
    [
        ("Ana Torv of the port in a letter", "Ana Torv of the port"),
        ("Ana Torv.", "Ana Torv"),
        ("the head of the union", "the head of the union"),
        ("the", None),
        ("some", "some"),
        ("called", None),
        ("rain fell", None),
        ("rain", None),
        ("Tuesday", None),
        ("leader of ", "leader"),
        ("dockers of the quay in May", "dockers of the quay"),
        ("", None),
    ],
)
def test_a_phrase_begins_behind_a_cue(behind, subject):
    found = phrase_after(behind, 0, len(behind))
    assert (behind[found.start : found.end] if found else None) == subject


@pytest.mark.parametrize(
    ("sentence", "subject"),
    [
        ("In May, when it rained, Torv left the port", "Torv"),
        ("In May, in rain, in wind, in hail, Torv left", "Torv"),
        ("In May, in rain, in wind, in hail, in snow, Torv left", None),
        ("In May Torv left", None),
        ("OSTRAVA (Wire) — Torv left", "Torv"),
        ("and", None),
    ],
)
def test_the_first_phrase_stands_behind_what_leads_in(sentence, subject):
    found = first_phrase(sentence, 0, len(sentence))
    assert (sentence[found.start : found.end] if found else None) == subject


@pytest.mark.parametrize(
    ("paragraph", "speaker"),
    [
        ("It rained (a lot). Torv said “we stay here for now.”", "Torv"),
        ("And said and called “a gift to all of us.”", ""),
        ("“We stay here for now,” said in a letter.", ""),
        ("“We stay here for now,” denounced as a gift.", ""),
        ("“We stay here for now” " + "la, " * 200 + "Torv said.", ""),
        ("La Torv said, " + "la, " * 200 + "“we stay here for now” again.", "La Torv"),
    ],
)
def test_what_is_far_or_unnamed_is_no_speaker(paragraph, speaker):
    assert speakers(paragraph)[0][1] == speaker


def test_a_paragraph_that_only_judges_announces_nobody():
    below = "“It feeds a thousand families in this town.”"
    assert speakers("Torv denounced the port.", below) == [(below, "")]


def test_a_quotation_that_goes_on_may_name_its_speaker_itself():
    told = speakers("Torv said: “We will rebuild it.", "“And we will pay for it,” she said.")
    assert [speaker for _, speaker in told] == ["Torv", "she"]


def test_a_noun_behind_a_comma_is_no_cue():
    _, answer = suggest("There were, reports of “a great and lasting loss” aside, no news.")
    assert not [span for span in answer.spans if span.label == "CUE"]


def test_a_cue_is_a_whole_word():
    _, answer = suggest("The NewSaid group and the said-so of “a great and lasting loss” met.")
    assert not [span for span in answer.spans if span.label == "CUE"]
