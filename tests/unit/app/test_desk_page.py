"""What the desk's page of an article asks the pages of terms for."""

from __future__ import annotations

import pytest

from app.views.desk_page import words_to_find
from labeling.moderation.matching import Finding
from labeling.suggest.lexicon_terms import Term

BANK = {"death-tax": Term("death-tax", "death tax")}


@pytest.mark.parametrize(
    ("text", "term", "words"),
    [
        ("Death taxes", "death-tax", "death tax"),
        ("Death taxes", "", "Death taxes"),
        ("Death taxes", "no-longer-there", "Death taxes"),
        ("x" * 200, "", "x" * 200),
        ("x" * 201, "", ""),
        (" \n", "", ""),
    ],
)
def test_a_loaded_term_is_looked_for_by_its_wording_in_the_bank_or_as_it_stands(text, term, words):
    one = Finding("a", "LOADED_TERM", 0, len(text), text, decided=True, term=term)
    assert words_to_find(one, BANK) == words
