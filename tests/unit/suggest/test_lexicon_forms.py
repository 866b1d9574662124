"""Which forms of a term are looked for."""

from __future__ import annotations

import pytest

from labeling.suggest.lexicon_forms import forms_of, plural
from labeling.suggest.lexicon_terms import make_term


def forms(surface, **values):
    return {form.text for form in forms_of(make_term({"surface": surface, "topic": "t", **values}))}


@pytest.mark.parametrize(
    ("word", "many"),
    [
        ("regime", "regimes"),
        ("oligarchy", "oligarchies"),
        ("monkey", "monkeys"),
        ("tax", "taxes"),
        ("witch", "witches"),
        ("hatchet man", "hatchet men"),
        ("Holy Man", "Holy Men"),
        ("job-creating person", "job-creating people"),
    ],
)
def test_the_last_word_makes_the_plural(word, many):
    assert plural(word) == many


def test_a_noun_has_plural_possessive_and_both_spellings():
    assert forms("death tax") == {
        "death tax", "death-tax", "death taxes", "death-taxes", "death tax's", "death-tax's",
    }  # fmt: skip
    assert forms("gun-man") == {
        "gun-man", "gun man", "gun-men", "gun men", "gun-man's", "gun man's", "gun-men's",
        "gun men's",
    }  # fmt: skip


def test_a_variant_is_inflected_too():
    assert {"rag", "rags", "rag's"} <= forms("newspaper", variants=("rag",))


@pytest.mark.parametrize(
    ("verb", "third", "past", "participle"),
    [
        ("slam", "slams", "slammed", "slamming"),
        ("accuse", "accuses", "accused", "accusing"),
        ("decry", "decries", "decried", "decrying"),
        ("blast", "blasts", "blasted", "blasting"),
        ("crush dissent", "crushes dissent", "crushed dissent", "crushing dissent"),
        ("vow", "vows", "vowed", "vowing"),
        ("free", "frees", "freed", "freeing"),
    ],
)
def test_a_verb_has_its_regular_forms(verb, third, past, participle):
    assert {verb, third, past, participle} <= forms(verb, part="verb")


def test_a_fixed_term_stands_as_it_is_but_for_hyphens():
    assert forms("so-called", part="fixed") == {"so-called", "so called"}


def test_each_form_says_how_it_came_about():
    found = {f.text: f for f in forms_of(make_term({"surface": "fat cat", "topic": "t"}))}
    assert found["fat cat"].given
    assert found["fat cat"].why == "as written"
    assert not found["fat cats"].given
    assert found["fat-cats"].why == "plural, spelled with hyphens"
    hyphened = {f.text: f.why for f in forms_of(make_term({"surface": "do-gooder", "topic": "t"}))}
    assert hyphened["do gooder"] == "as written, spelled apart"
