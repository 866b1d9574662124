"""Quotations get a kind and, where somebody is named, a speaker."""

from __future__ import annotations

import pytest

from labeling.suggest.interface import Document, Suggester
from labeling.suggest.quotes import QuoteSuggester
from labeling.types import Block, Role
from tests.unit.suggest.reading import document, kinds, speakers, suggest


def test_it_is_a_suggester():
    assert isinstance(QuoteSuggester(), Suggester)


@pytest.mark.parametrize(
    ("paragraph", "speaker"),
    [
        ("“We will rebuild the quay,” Ana Torv said.", "Ana Torv"),
        ("“We will rebuild the quay,” said Ana Torv, the harbour master.", "Ana Torv"),
        ("“We will rebuild the quay,” said harbour master Ana Torv.", "harbour master Ana Torv"),
        (
            "“We will rebuild the quay,” said the head of the dockers’ union.",
            "the head of the dockers’ union",
        ),
        ("“We will rebuild the quay,” Sen. Ana Torv (I-Karsh) said Tuesday.", "Sen. Ana Torv"),
        ("“We will rebuild the quay,” Torv repeatedly said on Monday.", "Torv"),
        ("“We will rebuild the quay,” Ana Torv crowed.", "Ana Torv"),
        ("“We will rebuild the quay!” Ana Torv said.", "Ana Torv"),
        ("“We will rebuild the quay.” — Ana Torv", "Ana Torv"),
        ("“TORV: We will rebuild the quay.”", "TORV"),
        ("Torv: Rent cap is ‘a slow fuse for owners’", "Torv"),
        ("Ana Torv said: “We will rebuild the quay.”", "Ana Torv"),
        ("Ana Torv, a spokeswoman for the port, said, “We will rebuild it.”", "Ana Torv"),
        ("Ana Torv, 61, of Ostrava, said, “We will rebuild it.”", "Ana Torv"),
        ("Ana Torv, Jr., said, “We will rebuild it.”", "Ana Torv"),
        ("On Monday, Ana Torv, speaking in Ostrava, said, “We will rebuild it.”", "Ana Torv"),
        ("Ana Torv — a critic of the plan — said, “We will rebuild it.”", "Ana Torv"),
        ("“We,” said Torv, “will rebuild the quay.”", "Torv"),
        ("Torv, who has led the union for years, said: “We will rebuild it.”", "Torv"),
        ("Torv, who said, “We will rebuild the quay,” left early.", "Torv"),
        ("The engineer who said “we will rebuild the quay” left early.", "The engineer"),
        ("The mayor of Ostrava told reporters: “We will rebuild it.”", "The mayor of Ostrava"),
        ("According to the ministry, it was “an act of God and no more.”", "the ministry"),
        ("It was “an act of God and no more,” according to the port’s log.", "the port’s log"),
        ("“Will you rebuild the quay?” she asked.", "she"),
        (
            "Navy officer Jon Vale showed the log and said, “They came at night.”",
            "Navy officer Jon Vale",
        ),
        ("In an interview, Jon Vale showed the log and said, “They came at night.”", "Jon Vale"),
        ("Vale took the stage and said, “They came at night and left.”", "Vale"),
        ("OSTRAVA — Ana Torv, in a letter, says it is “a gift to the landlords.”", "Ana Torv"),
        ("Torv said the owners called the cap “a gift to the tenants.”", "Torv"),
        ("Torv said the law would pass, but Vale called it “a gift to the tenants.”", "Vale"),
        ("Torv said that Vale replied, “We will never sell the quay.”", "Vale"),
        ("The union is voting on what it calls “a gift to the landlords.”", "The union"),
        ("The union is voting because it called that “a gift to the landlords.”", "it"),
        ("They went to court to call the law “a gift to the tenants.”", "They"),
        ("Ana Torv had a question for the port: “Who pays for the quay now?”", "Ana Torv"),
        ("Ana Torv had her doubts about “a gift to all the landlords” that day.", "Ana Torv"),
        ("Decrying “a gift to the landlords,” Vale denounced the vote.", "Vale"),
        ("Vale spoke for an hour, adding, “We will never sell the quay.”", "Vale"),
        ("Yet: “We will never sell the quay.”", ""),
        ("And so on: “We will never sell the quay.”", ""),
        ("While it rained “we will never sell” was painted there.", ""),
        ("“We will never sell the quay,” and so it went.", ""),
        ("“We will never sell the quay,” Vale the.", ""),
        ("“We will never sell the quay,” (with a nod) said again.", ""),
    ],
)
def test_the_speaker_is_found_on_either_side_of_the_cue(paragraph, speaker):
    assert speakers(paragraph)[0][1] == speaker


@pytest.mark.parametrize(
    "paragraph",
    [
        "The reports of “a great and lasting loss” came late.",
        "The United States “has a great and lasting interest” here.",
        "“We go on and on,” 25 people and 3.",
    ],
)
def test_a_noun_is_no_cue(paragraph):
    _, answer = suggest(paragraph)
    assert not [span for span in answer.spans if span.label == "CUE"]


def test_both_parts_of_a_split_quotation_have_the_speaker():
    told = speakers("“We go,” said Jon Vale, “and we stay away.” Then: “Ask the port.”")
    assert [speaker for _, speaker in told] == ["Jon Vale", "Jon Vale", "Jon Vale"]


def test_a_sentence_without_marks_hands_its_speaker_on():
    told = speakers("The quay must stay open, Vale said. “It feeds a thousand families.”")
    assert told[-1] == ("“It feeds a thousand families.”", "Vale")


def test_a_paragraph_that_announces_gives_its_speaker_to_the_next():
    below = "“It feeds a thousand families in this town.”"
    assert speakers("The Courier reports:", below) == [(below, "The Courier")]
    assert speakers("From the letter of Ana Torv:", below)[0][1] == "the letter of Ana Torv"
    assert speakers("Torv made no bones about it.", below) == [(below, "")]
    assert speakers("It was dark there.", "", below)[0][1] == ""


def test_the_last_speaker_goes_on_at_a_low_score():
    _, answer = suggest("“We stay here,” Vale said.", "“It feeds a thousand families.”")
    assert [relation.score for relation in answer.relations] == [0.9, 0.3]
    assert len([span for span in answer.spans if span.label == "SPEAKER"]) == 1
    told = speakers("“Nobody knows who says this.”", "The quay is long.")
    assert told == [("“Nobody knows who says this.”", "")]


def test_a_quotation_goes_on_in_the_next_paragraph():
    _, answer = suggest(
        "Torv said: “We will rebuild the quay.", "“And we will pay for it.", "“All of it.”"
    )
    first, second, third = [span for span in answer.spans if span.label == "QUOTE"]
    assert (first.attrs["unclosed"], second.attrs["unclosed"]) == (False, False)
    assert (second.attrs["continues"], third.attrs["continues"]) == (first.id, second.id)
    assert [relation.score for relation in answer.relations] == [0.95, 0.5, 0.5]


def test_an_unclosed_quotation_that_does_not_go_on_is_flagged():
    _, answer = suggest("Torv said: “We will rebuild the quay.", "It rained.", "“Yes,” she said.")
    first, second = [span for span in answer.spans if span.label == "QUOTE"]
    assert first.attrs["unclosed"]
    assert first.score < second.score
    assert "continues" not in second.attrs


def test_an_unclosed_quotation_of_nobody_goes_on_too():
    _, answer = suggest("“We will rebuild the quay.", "“And we will pay for it.”")
    assert answer.spans[1].attrs["continues"] == answer.spans[0].id
    assert not answer.relations


def test_a_quotation_within_a_quotation_has_its_own_speaker():
    told = speakers("“He asked, ‘Who pays for all of this?’ and left,” Torv said.")
    assert [speaker for _, speaker in told] == ["Torv", "He"]


@pytest.mark.parametrize(
    ("paragraph", "kind"),
    [
        ("“We will rebuild the quay,” Ana Torv said.", "direct"),
        ("Ana Torv called it “a gift.”", "partial"),
        ("Ana Torv said it was “the end of an age of plenty.”", "partial"),
        ("The “ghost fleet” sailed.", "scare"),
        ("They watched “The Long Tide” again.", "scare"),
        ("“Never again.”", "direct"),
    ],
)
def test_the_kind_follows_from_length_cue_and_sentence(paragraph, kind):
    assert kinds(paragraph)[0][1] == kind


def test_a_dek_that_is_one_quotation_is_a_pull_quote_without_speaker():
    _, answer = suggest("‘We were never asked’", role=Role.DEK)
    assert [(span.label, span.attrs["kind"]) for span in answer.spans] == [("QUOTE", "pull_quote")]
    assert kinds("Torv: ‘We were never asked’", role=Role.HEADLINE)[0][1] != "pull_quote"


def test_blocks_that_are_no_passages_do_not_count():
    with_more = document("“We stay,” Vale said.", "Read: “The long tide”", "“It is ours.”")
    blocks = with_more.blocks
    skipped = Block(Role.BOILERPLATE, blocks[1].start, blocks[1].end, "a test says so")
    answer = QuoteSuggester().suggest(Document(with_more.text, (blocks[0], skipped, blocks[2])))
    assert [relation.score for relation in answer.relations] == [0.9, 0.3]
    assert not [span for span in answer.spans if blocks[1].start <= span.start < blocks[1].end]
