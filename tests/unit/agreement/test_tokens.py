"""Tokens and the labels over them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labeling.agreement.tokens import token_bounds, token_labels


def tokens(text):
    return [text[start:end] for start, end in zip(*token_bounds(text), strict=True)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("Don’t go.", ["Don’t", "go", "."]),
        ("“We can't,” he said", ["“", "We", "can't", ",", "”", "he", "said"]),
        (
            "a well-known U.S. plan costs 1,000.50",
            ["a", "well-known", "U.S", ".", "plan", "costs", "1,000.50"],
        ),
        ("新聞 and ข่าว", ["新", "聞", "and", "ข", "่", "า", "ว"]),
        ("two\u00a0words\n\nmore", ["two", "words", "more"]),
        ("😀 yes", ["😀", "yes"]),
    ],
)
def test_what_a_token_is(text, expected):
    assert tokens(text) == expected


@given(st.text())
def test_tokens_are_in_order_and_cover_all_that_is_no_white_space(text):
    starts, ends = token_bounds(text)
    assert all(start < end for start, end in zip(starts, ends, strict=True))
    assert all(end <= start for end, start in zip(ends, starts[1:], strict=False))
    covered = {at for start, end in zip(starts, ends, strict=True) for at in range(start, end)}
    assert all(at in covered or char.isspace() for at, char in enumerate(text))


def test_a_span_covers_the_tokens_it_shares_a_character_with():
    bounds = token_bounds("one two three")
    assert token_labels(bounds, [(4, 8, "A")]) == ["", "A", ""]
    assert token_labels(bounds, [(2, 5, "A")]) == ["A", "A", ""]


def test_several_labels_over_a_token_are_a_value_of_their_own():
    bounds = token_bounds("one two three")
    assert token_labels(bounds, [(0, 7, "B"), (4, 13, "A"), (4, 7, "A")]) == ["B", "A+B", "A"]
