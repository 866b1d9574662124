"""The index of terms proposes every text in which a term stands."""

from __future__ import annotations

import re
import sys
import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from labeling.concordance import find_term
from labeling.term_index import (
    ANYWHERE,
    BLOCK,
    ODD,
    key_of,
    pack,
    unpack,
    words_of,
    words_of_term,
)

# Letters that meet each other without case, lengthen with it, or stand between words and signs.
ODD_CHARS = "aAsSſßẞiIİıkKKÅåΣσςιΙͅιᾳέΐΐﬅﬆµμǅǆⒶⓐⅧé_1'’-—…😀攻撃 \n\u00a0\u200b\u0301ŉև"
TEXTS = st.one_of(
    st.text(st.sampled_from(ODD_CHARS), max_size=40),
    st.text(max_size=40),
    st.text("ab -", max_size=30),
)


def proposed(text: str, term: str) -> bool:
    words = words_of_term(term)
    held = words_of(text)
    return words is None or words <= held or ANYWHERE in held


@given(TEXTS, st.data())
def test_every_text_with_the_term_is_proposed(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    piece = text[start : start + data.draw(st.integers(1, 12))]
    change = data.draw(st.sampled_from([str, str.upper, str.lower, str.title, str.casefold]))
    term = data.draw(st.one_of(st.just(change(piece)), TEXTS))[:200]
    if term.strip() and find_term(text, term):
        assert proposed(text, term)


def test_whatever_a_search_takes_for_the_same_letter_is_the_same_word() -> None:
    every = [chr(code) for code in range(sys.maxunicode + 1) if not 0xD800 <= code < 0xE000]
    cased = {c for c in every if c != c.lower() or c != c.upper() or c != c.casefold()}
    cased |= {k for c in cased for k in c.lower() + c.upper() + c.casefold()}
    together = "".join(sorted(cased))
    for char in sorted(cased):
        for twin in re.findall(re.escape(char), together, re.IGNORECASE):
            if ODD not in (char, twin):
                assert words_of(f"a{char}b") == words_of(f"a{twin}b"), (char, twin)
    others = "".join(char for char in every if char not in cased)
    assert not re.findall(f"[{re.escape(together)}]", others, re.IGNORECASE)


def test_folding_parts_words_where_the_search_does() -> None:
    every = "".join(chr(code) for code in range(sys.maxunicode + 1) if chr(code) != ODD)
    known = [char for char in every if unicodedata.category(char) not in ("Cn", "Co", "Cs")]
    for kind in (r"\w", r"\s", r"[^\w\s]"):
        of_kind = re.findall(kind, "".join(known))
        folded = "".join(words_of(" ".join(of_kind))) if kind != r"\s" else ""
        assert len(re.findall(kind, folded)) == len(folded)
        assert kind == r"\s" or folded
        assert kind != r"\s" or not words_of("".join(of_kind))


@given(st.sets(st.integers(0, BLOCK - 1)))
def test_places_come_back_in_order(places: set[int]) -> None:
    assert list(unpack(pack(places))) == sorted(places)


def test_a_word_has_the_same_number_everywhere() -> None:
    assert key_of("attack") == -943_706_821
    assert key_of(ANYWHERE) == -(2**31)
    assert -(2**31) <= key_of("\ud800") < 2**31


def test_terms_that_hold_the_odd_mark_cannot_be_looked_up_by_words() -> None:
    assert words_of_term(f"a{ODD}") is None
    assert ANYWHERE in words_of(f"a{ODD}b")
    assert ANYWHERE not in words_of("ab")
    assert words_of_term("Death-Tax’s") == {"death", "-", "tax", "’", "s"}
