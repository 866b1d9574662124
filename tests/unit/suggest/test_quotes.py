"""Quotations get a kind and, where somebody is named, a speaker."""

from __future__ import annotations

import pytest

from labeling.suggest.interface import Suggester
from labeling.suggest.quotes import QuoteSuggester
from tests.unit.suggest.reading import speakers


def test_it_is_a_suggester():
    assert isinstance(QuoteSuggester(), Suggester)


@pytest.mark.parametrize(
    ("paragraph", "speaker"),
    [
        ("“We will rebuild the quay,” Ana Torv said.", "Ana Torv"),
        ("“We will rebuild the quay,” said Ana Torv, the harbour master.", "Ana Torv"),
        ("Ana Torv said: “We will rebuild the quay.”", "Ana Torv"),
        ("Ana Torv, a spokeswoman for the port, said, “We will rebuild it.”", "Ana Torv"),
        ("“We,” said Torv, “will rebuild the quay.”", "Torv"),
        ("Torv, who has led the union for years, said: “We will rebuild it.”", "Torv"),
        ("The mayor of Ostrava told reporters: “We will rebuild it.”", "The mayor of Ostrava"),
        ("According to the ministry, it was “an act of God and no more.”", "the ministry"),
        ("“Will you rebuild the quay?” she asked.", "she"),
    ],
)
def test_the_speaker_is_found_on_either_side_of_the_cue(paragraph, speaker):
    assert speakers(paragraph)[0][1] == speaker


def test_both_parts_of_a_split_quotation_have_the_speaker():
    told = speakers("“We go,” said Jon Vale, “and we stay away.” Then: “Ask the port.”")
    assert [speaker for _, speaker in told] == ["Jon Vale", "Jon Vale", "Jon Vale"]
