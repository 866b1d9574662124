"""Paragraphs are found in texts laid out in every usual way."""

from __future__ import annotations

import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labeling.text.paragraphs import paragraphs_of

FIRST = (
    "The ferry company that links the islands with the mainland will stop its night boats "
    "from Monday, after a winter in which fuel cost more than all the tickets it sold."
)
SECOND = (
    "Passengers who had booked were told by text message; several of them learned of it "
    "only on the quay, where a notice in three languages had been taped to the ticket machine."
)
THIRD = (
    "The harbour master, who has kept the log for thirty years, could remember no week "
    "without a night boat, not even in the year of the great storm and the long strike."
)
PROSE = (FIRST, SECOND, THIRD)
SHORT_WORDS = st.text(st.sampled_from("ab .\n\t\u00a0“🗳"), max_size=80)


def paragraphs(text: str) -> list[str]:
    return [" ".join(text[cut.start : cut.end].split()) for cut in paragraphs_of(text)]


@given(SHORT_WORDS)
def test_paragraphs_tile_any_text(text: str) -> None:
    cuts = paragraphs_of(text)
    assert "".join(text[cut.start : cut.end] for cut in cuts) == text
    assert all(cut.start < cut.end for cut in cuts)


@pytest.mark.parametrize("gap", ["\n", "\n\n", "\n \u00a0\n", "\n\n\n\n"])
def test_blank_lines_and_single_line_ends_both_part_paragraphs(gap: str) -> None:
    assert paragraphs(gap.join([FIRST, SECOND, THIRD])) == [FIRST, SECOND, THIRD]


def test_a_mixed_layout_is_cut_at_each_line() -> None:
    text = f"{FIRST}\n{SECOND}\n\n{THIRD}"
    assert paragraphs(text) == [FIRST, SECOND, THIRD]
    assert [cut.close for cut in paragraphs_of(text)] == [False, True, False]


@pytest.mark.parametrize("width", [60, 72, 80, 100])
def test_text_wrapped_at_a_width_is_joined_again(width: int) -> None:
    wrapped = [textwrap.fill(text, width, break_on_hyphens=False) for text in PROSE]
    assert paragraphs("\n\n".join(wrapped)) == list(PROSE)


def test_a_header_above_wrapped_text_stays_apart() -> None:
    text = f"Night boats to stop\nBy Ana Torv\n\n{textwrap.fill(FIRST, 40)}"
    assert paragraphs(text) == ["Night boats to stop", "By Ana Torv", FIRST]


def test_short_paragraphs_on_single_lines_are_not_taken_for_wrapped_text() -> None:
    lines = [
        "The boats will stop on Monday.",
        "“We cannot go on,” the owner said.",
        "Nobody answered him.",
        "The quay was empty by nine.",
    ]
    assert paragraphs("\n".join(lines)) == lines


def test_blank_lines_belong_to_the_paragraph_before_them_and_at_the_top_to_the_first() -> None:
    text = "\n\n  One\n\n \nTwo\n\n"
    assert [text[cut.start : cut.end] for cut in paragraphs_of(text)] == [
        "\n\n  One\n\n \n",
        "Two\n\n",
    ]


def test_a_blank_text_is_one_paragraph_and_an_empty_one_is_none() -> None:
    assert [(cut.start, cut.end) for cut in paragraphs_of(" \n\n")] == [(0, 3)]
    assert paragraphs_of("") == ()
