"""The shadow in which words are looked for never moves a character."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labeling.suggest.folding import fold, lower


@given(st.text())
def test_every_character_stays_where_it_stands(text):
    assert len(fold(text)) == len(lower(text)) == len(lower(fold(text))) == len(text)


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("the minister’s ‘plan’", "the minister's 'plan'"),
        ("so\u00a0called", "so called"),
        ("job\u2011killing", "job-killing"),
        ("death\ntax", "death tax"),
        ("one — two", "one — two"),
    ],
)
def test_apostrophes_spaces_and_short_dashes_become_plain(written, plain):
    assert fold(written) == plain


def test_a_letter_whose_lower_case_is_two_characters_stays_one():
    assert lower("İSTANBUL") == "İstanbul"


def test_a_final_sigma_is_a_sigma():
    assert lower("ΟΔΟΣ") == lower("οδοσ")


@given(st.text())
def test_lowering_twice_changes_nothing_more(text):
    assert lower(lower(text)) == lower(text)
