"""Whole words, and which of several matches is kept."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labeling.suggest.words import Grounds, is_whole, longest_first
from labeling.types import Block, Role


@pytest.mark.parametrize(
    ("text", "word", "whole"),
    [
        ("the council said", "council", True),
        ("councillor", "council", False),
        ("subcouncil", "council", False),
        ("the council's plan", "council", True),
        ("the council's", "council", True),
        ("i can't say", "can", False),
        ("the council'sx", "council", False),
        ("'council'", "council", True),
        ("council2", "council", False),
        ("cafe\u0301 society", "cafe", False),
        ("(council)", "council", True),
        ("d'etat", "etat", True),
        ("😀council😀", "council", True),
        ("anti-woke", "woke", True),
        ("council'", "council", True),
    ],
)
def test_a_word_is_whole_when_it_begins_and_ends_where_words_do(text, word, whole):
    start = text.index(word)
    assert is_whole(text, start, start + len(word)) is whole


def test_a_term_that_ends_in_a_sign_may_be_followed_by_a_letter():
    assert is_whole("x+y", 0, 2)


matches = st.lists(
    st.tuples(st.integers(0, 60), st.integers(1, 20)).map(lambda at: (at[0], at[0] + at[1]))
)


@given(matches)
def test_kept_matches_are_disjoint_in_order_and_no_better_one_was_left_out(found):
    kept = longest_first(found)
    assert kept == sorted(kept)
    assert all(one[1] <= two[0] for one, two in pairwise(kept))
    for start, end in found:
        over = [k for k in kept if k[0] < end and start < k[1]]
        assert any(k[1] - k[0] >= end - start for k in over)


def test_of_two_matches_as_long_the_first_is_kept():
    assert longest_first([(3, 8), (0, 5)]) == [(0, 5)]


def test_the_ground_is_what_becomes_passages():
    text = "Head\n\nBy Ada\n\nBody"
    blocks = (
        Block(Role.HEADLINE, 0, 6, ""),
        Block(Role.BYLINE, 6, 14, ""),
        Block(Role.BODY, 14, 18, ""),
    )
    grounds = Grounds(text, blocks)
    assert grounds.hold(0, 4)
    assert grounds.hold(14, 18)
    assert not grounds.hold(6, 12)
    assert not grounds.hold(3, 8)
    assert not grounds.hold(12, 16)


def test_without_blocks_all_is_ground_and_without_passages_nothing_is():
    assert Grounds("words", ()).hold(0, 5)
    assert not Grounds("words", (Block(Role.BYLINE, 0, 5, ""),)).hold(0, 5)
