"""Terms found in a text: exactly those that a slow and simple search finds."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labeling.suggest.folding import fold, lower
from labeling.suggest.interface import Document, Suggester
from labeling.suggest.lexicon import Lexicon, LexiconSuggester
from labeling.suggest.lexicon_forms import forms_of
from labeling.suggest.lexicon_terms import make_term
from labeling.suggest.words import is_whole, longest_first
from labeling.types import Block, Role


def term(surface, **values):
    return make_term({"surface": surface, "topic": "t", **values})


def found(text, *terms):
    return [(text[m.start : m.end], m.term.key) for m in Lexicon(terms).find(text)]


def test_terms_are_found_in_all_their_forms_behind_emoji_and_across_line_ends():
    text = "😀 The death\ntax’s friends; DEATH-TAXES, and the Death\u00a0Tax."
    assert [words for words, _ in found(text, term("death tax"))] == [
        "death\ntax’s", "DEATH-TAXES", "Death\u00a0Tax",
    ]  # fmt: skip


def test_a_blank_line_is_no_space():
    assert found("death\n\ntax", term("death tax")) == []


def test_the_longest_wins_and_none_lies_over_another():
    terms = (term("big"), term("big oil"), term("oil money"))
    assert found("big oil money", *terms) == [("oil money", "oil-money"), ("big", "big")][::-1]


def test_case_matters_where_a_term_says_so():
    terms = (
        term("Right", case="exact", part="fixed", key="the-right"),
        term("green", case="initial", part="fixed"),
    )
    assert found("the Right is right, RIGHT?", *terms) == [("Right", "the-right")]
    assert found("Green GREEN green", *terms) == [("Green", "green"), ("GREEN", "green")]


def test_of_two_terms_with_one_form_the_one_that_asks_for_more_is_meant():
    terms = (term("right", part="fixed"), term("Right", case="exact", part="fixed", key="party"))
    assert found("Right right", *terms) == [("Right", "party"), ("right", "right")]


def test_a_muted_term_is_not_looked_for_and_an_empty_bank_finds_nothing():
    assert found("a regime", term("regime", status="muted")) == []
    assert found("a regime") == []


def naive(text, terms):
    """Every form at every place, by the same rules and without any cleverness."""
    folded = fold(text)
    low = lower(folded)
    matches = set()
    for one in terms:
        for form in forms_of(one):
            pattern = lower(fold(form.text))
            for start in range(len(low) - len(pattern) + 1):
                end = start + len(pattern)
                if low[start:end] != pattern or not is_whole(low, start, end):
                    continue
                if one.case == "exact" and folded[start:end] != fold(form.text):
                    continue
                if one.case == "initial" and not folded[start].isupper():
                    continue
                matches.add((start, end))
    return longest_first(matches)


words = st.sampled_from(["ab", "aB", "b", "a-b", "ba", "b'a", "tax", "é", "aé", "İb", "ΣΑ"])
wordings = st.lists(words, min_size=1, max_size=3).map(" ".join)
signs = st.sampled_from([" ", "\n", "-", "’", "'", ".", "😀", "s", "\u0301", "’s ", "‑"])
texts = st.lists(st.one_of(words, signs), max_size=30).map("".join)


@given(
    texts,
    st.lists(
        st.tuples(
            wordings,
            st.sampled_from(["any", "exact", "initial"]),
            st.sampled_from(["noun", "verb", "fixed"]),
        ),
        max_size=6,
    ),
)
def test_the_sweep_finds_what_a_simple_search_finds(text, entries):
    terms = [
        term(surface, key=f"k{n}", case=case, part=part)
        for n, (surface, case, part) in enumerate(entries)
        if sum(char.isalnum() for char in surface) >= 2
    ]
    assert [(m.start, m.end) for m in Lexicon(terms).find(text)] == naive(text, terms)


@pytest.fixture
def document():
    text = "The regime\n\nBy Regime Writer\n\nA regime, and regimes."
    blocks = (
        Block(Role.HEADLINE, 0, 12, ""),
        Block(Role.BYLINE, 12, 30, ""),
        Block(Role.BODY, 30, len(text), ""),
    )
    return Document(text, blocks)


def test_the_suggester_proposes_terms_in_what_becomes_passages(document):
    suggester = LexiconSuggester(Lexicon([term("regime", type="naming")]))
    assert isinstance(suggester, Suggester)
    said = suggester.suggest(document)
    assert [document.text[s.start : s.end] for s in said.spans] == ["regime", "regime", "regimes"]
    assert {s.label for s in said.spans} == {"LOADED_TERM"}
    assert said.spans[0].attrs == {"term": "regime", "entry": "regime", "type": "naming"}
    assert said.spans[0].score > said.spans[2].score
    assert suggester.suggest(document) == said


def test_only_what_shapes_the_answers_changes_the_hash():
    def sha(*terms):
        return LexiconSuggester(Lexicon(terms)).config_sha

    one, two = term("regime"), term("crony")
    assert sha(one, two) == sha(two, one)
    assert sha(one) == sha(term("regime", note="Changed.", alternatives=("government",)))
    assert sha(one, term("crony", status="muted")) == sha(one)
    assert sha(one) != sha(term("regime", case="exact"))


def test_a_lexicon_built_beforehand_finds_the_same():
    lexicon = Lexicon([term("regime")])
    assert lexicon.build() is lexicon
    assert [m.term.key for m in lexicon.find("a regime")] == ["regime"]
