"""A term is found wherever it stands as a word, and nowhere else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labeling.concordance import CONTEXT_CHARS, TermError, find_forms, find_term

WORDS = st.text(st.sampled_from("aAbſK é_1'’-\n\u00a0"), max_size=60)


def places(text: str, term: str) -> list[tuple[int, int]]:
    return [(one.start, one.end) for one in find_term(text, term)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("An attack. ATTACK!", ["attack", "ATTACK"]),
        ("attack-ready, attack's, attack’s", ["attack", "attack", "attack"]),
        ("attacked counterattack attack_1 attack2 éattack", []),
        ("", []),
    ],
)
def test_a_word_ends_where_letters_digits_and_underscores_end(text, found) -> None:
    assert [one.match for one in find_term(text, "attack")] == found


def test_a_term_of_several_words_and_one_that_ends_in_a_mark() -> None:
    assert places("the death tax, a Death Tax", "death tax") == [(4, 13), (17, 26)]
    assert places("so-called “so-called”", "so-called") == [(0, 9), (11, 20)]
    assert places("pro- and proX", "pro-") == [(0, 4)]
    assert places("no no no", "no no") == [(0, 5), (3, 8)]


def test_contexts_are_one_line_and_not_too_long() -> None:
    (one,) = find_term("a\n" * 100 + "zeal" + "\nb" * 100, "zeal")
    assert len(one.left) == len(one.right) == CONTEXT_CHARS
    assert "\n" not in one.left + one.right


@given(WORDS, st.sampled_from(["a", "ab", "b a", "a-", "'a", "é"]))
def test_it_finds_what_a_plain_scan_finds(text: str, term: str) -> None:
    def word(at: int) -> bool:
        return 0 <= at < len(text) and (text[at].isalnum() or text[at] == "_")

    plain = [
        (at, at + len(term))
        for at in range(len(text) - len(term) + 1)
        if text[at : at + len(term)].lower() == term
        and not (term[0].isalnum() and word(at - 1))
        and not (term[-1].isalnum() and word(at + len(term)))
    ]
    assert places(text, term) == plain
    assert all(text[one.start : one.end] == one.match for one in find_term(text, term))


@pytest.mark.parametrize("term", ["", "  ", "x" * 201])
def test_a_term_that_cannot_be_looked_for_is_refused(term: str) -> None:
    with pytest.raises(TermError) as caught:
        find_term("text", term)
    assert caught.value.remedy


def test_of_forms_that_begin_together_the_longest_is_told() -> None:
    forms = ("attack's", "attack", "attacks", "heart attack")
    found = find_forms("An attack's end; heart attacks, attack", forms)
    assert [(one.match, form) for one, form in found] == [
        ("attack's", "attack's"),
        ("attacks", "attacks"),
        ("attack", "attack"),
    ]
    assert [one.match for one, _ in find_forms("heart attack", forms)] == ["heart attack", "attack"]
