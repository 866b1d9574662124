"""Words reported without marks are told from the outlet's own, where it is plain."""

from __future__ import annotations

import pytest

from tests.unit.suggest.reading import suggest


def paraphrases(paragraph: str) -> list[tuple[str, str]]:
    text, answer = suggest(paragraph)
    spans = {span.id: span for span in answer.spans}
    return [
        (text[quote.start : quote.end], text[speaker.start : speaker.end])
        for relation in answer.relations
        if (quote := spans[relation.from_id]).attrs["kind"] == "paraphrase"
        if (speaker := spans[relation.to_id])
    ]


@pytest.mark.parametrize(
    ("paragraph", "words", "speaker"),
    [
        ("Torv said that the quay would stay open.", "the quay would stay open", "Torv"),
        ("Torv told us today that rents would fall by half.", "rents would fall by half", "Torv"),
        ("Landlords say the cap will empty streets.", "the cap will empty streets", "Landlords"),
        ("The quay must stay open, Vale said Tuesday.", "The quay must stay open", "Vale"),
        ("The quay must stay open, according to Vale.", "The quay must stay open", "Vale"),
        ("According to Vale, the quay must stay open.", "the quay must stay open", "Vale"),
    ],
)  # fmt: skip
def test_a_reported_clause_is_a_paraphrase(paragraph, words, speaker):
    assert paraphrases(paragraph) == [(words, speaker)]


def test_quoted_words_may_stand_inside_a_paraphrase():
    words = "the vote on the new cap was “a gift to all.”"
    assert paraphrases(f"Vale said that {words}") == [(words, "Vale")]


@pytest.mark.parametrize(
    "paragraph",
    [
        "The quay stayed open all week.",
        "Torv said Tuesday.",
        "Torv said she agreed.",
        "Torv said on Tuesday in the old customs house by the water.",
        "Torv announced the closing of the quay.",
        "Vale said “the quay will never be sold.”",
        "Then said nobody, it was late.",
        "According to plan.",
        "According to the union the quay must stay open.",
        "“We go now,” and much later, Vale said.",
        "Nobody went, and it rained; Vale said.",
        "All went according to and beyond.",
        "Torv denounced the owners of the quay by the water.",
    ],
)
def test_what_is_not_plain_is_left_to_the_outlet(paragraph):
    assert paraphrases(paragraph) == []
