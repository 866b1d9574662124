"""A policy is read from TOML as it is written, or refused with the place and the remedy."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config import ROOT
from labeling.moderation.matching import rule_in_words
from labeling.moderation.policy import LARGEST, Of, PolicyError, Verdict, read_policy
from labeling.suggest.lexicon_csv import read_terms

HOUSE = (ROOT / "seeds" / "policies" / "house.toml").read_text(encoding="utf-8")
HEAD = """name = "ours"
[style]
plain = "Say it
   plainly."
[reasons]
own = "In our own voice"
"""
HEAD = HEAD.replace('"Say it\n   plainly."', '"""Say it\n   plainly."""')
RULE = """[[rule]]
name = "first"
label = "LOADED_TERM"
verdict = "needs_edit"
reason = "own"
style = "plain"
"""


def read(text):
    return read_policy(text, source="ours.toml")


def test_what_is_not_said_has_a_default():
    policy = read(HEAD + RULE)
    assert (policy.name, policy.title, policy.note, policy.in_force) == ("ours", "ours", "", True)
    assert policy.style == {"plain": "Say it plainly."}
    (rule,) = policy.rules
    assert (rule.label, rule.voice, rule.term) == (("LOADED_TERM",), (), ())
    assert (rule.verdict, rule.of, rule.at_least, rule.at_most) == (
        Verdict.NEEDS_EDIT,
        Of.ANY,
        1,
        None,
    )


def test_everything_a_rule_may_say_is_read():
    more = """type = ["emotive", "naming"]
voice = ["outlet", "headline"]
term = "death-tax"
outlet = "Gull"
section = ["politics"]
of = "decided"
at_least = 2
at_most = 3
"""
    (rule,) = read(HEAD + RULE + more).rules
    assert rule.type == ("emotive", "naming")
    assert (rule.term, rule.outlet, rule.section) == (("death-tax",), ("Gull",), ("politics",))
    assert (rule.of, rule.at_least, rule.at_most) == (Of.DECIDED, 2, 3)
    assert rule_in_words(rule) == (
        "loaded terms of the type emotive or naming, of these: “death-tax”, in the outlet's own "
        "voice or in the headline, decided; from 2 to 3 of them in one article; only articles of "
        "Gull in the section politics"
    )


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ("", "loaded terms"),
        ("at_least = 2", "loaded terms; at least 2 of them in one article"),
        ("at_least = 2\nat_most = 2", "loaded terms; exactly 2 of them in one article"),
        ('of = "suggested"', "loaded terms, suggested, not yet decided"),
        ('section = ["a", "b", "c"]', "loaded terms; only articles in the section a, b or c"),
    ],
)
def test_a_rule_says_in_words_what_it_looks_for(more, words):
    assert rule_in_words(read(HEAD + RULE + more).rules[0]) == words


def test_a_rule_may_be_about_any_label():
    text = HEAD + RULE.replace('label = "LOADED_TERM"', 'voice = "quoted"')
    assert rule_in_words(read(text).rules[0]) == "spans of any label, quoted"


@pytest.mark.parametrize(
    ("text", "where", "what"),
    [
        ("name = = 1", "ours.toml is not TOML", "line 1"),
        ("x" * (LARGEST + 1), "ours.toml", "characters"),
        (RULE, "ours.toml", "`name` is ''"),
        (HEAD.replace('"ours"', '"Our Policy"') + RULE, "ours.toml", "'Our Policy'"),
        (HEAD.replace('"ours"', "3") + RULE, "ours.toml", "`name` is no text"),
        ('title = "\\u0000"\n' + HEAD + RULE, "ours.toml", "control character"),
        (f'title = "{"x" * 201}"\n' + HEAD + RULE, "ours.toml", "longer than 200"),
        ("in_force = 1\n" + HEAD + RULE, "ours.toml", "neither true nor false"),
        ("colour = 1\n" + HEAD + RULE, "ours.toml", "'colour' is not known"),
        (HEAD, "ours.toml", "it has 0 rules"),
        ("rule = 1\n" + HEAD, "ours.toml", "`rule` is no list"),
        ("rule = [1]\n" + HEAD, "ours.toml", "`rule` is no list"),
        ('name = "x"\nstyle = 1\n' + RULE, "ours.toml", "`style` is no table"),
        ('name = "x"\n[style]\na = 1\n' + RULE, "ours.toml", "`style` is no table"),
        (HEAD + RULE + RULE, "ours.toml", "two rules are called 'first'"),
        (HEAD + RULE.replace('"first"', '""'), "rule 1", "`name` is ''"),
        (HEAD + RULE + "colour = 1", "rule 'first'", "'colour' is not known"),
        (HEAD + RULE + 'voice = "loud"', "rule 'first'", "outlet, quoted, paraphrased, headline"),
        (HEAD + RULE + "voice = [1]", "rule 'first'", "`voice` is no list of texts"),
        (HEAD + RULE + 'term = " "', "rule 'first'", "`term` is no list of texts"),
        (HEAD + RULE.replace("needs_edit", "ban"), "rule 'first'", "fine, needs_edit, escalate"),
        (HEAD + RULE.replace('"own"', '"x"'), "rule 'first'", "[reasons] does not have"),
        (HEAD + RULE.replace('"plain"', '"x"'), "rule 'first'", "[style] does not have"),
        ('name = "x"\n' + RULE, "rule 'first'", "what is there: nothing yet"),
        (HEAD + RULE + 'of = "x"', "rule 'first'", "any, decided, suggested"),
        (HEAD + RULE + "at_least = 0", "rule 'first'", "`at_least` is 0"),
        (HEAD + RULE + "at_least = true", "rule 'first'", "no whole number"),
        (HEAD + RULE + 'at_most = "2"', "rule 'first'", "no whole number"),
        (HEAD + RULE + "at_least = 3\nat_most = 2", "rule 'first'", "at_most is less"),
        (HEAD + RULE.replace('label = "LOADED_TERM"\n', ""), "rule 'first'", "which spans"),
    ],
)
def test_a_fault_names_its_place_and_what_to_do(text, where, what):
    with pytest.raises(PolicyError) as caught:
        read(text)
    assert where in caught.value.message
    assert what in caught.value.message + caught.value.remedy
    assert caught.value.remedy
    assert caught.value.kind == "bad_policy"


def test_blanks_and_comments_make_no_new_policy():
    assert read(HEAD + RULE).sha == read("# ours\n\n" + HEAD + "\n" + RULE).sha
    assert read(HEAD + RULE).sha != read(HEAD + RULE + "at_least = 2").sha


@given(st.text())
def test_no_text_breaks_the_reader(text):
    with pytest.raises(PolicyError, match=r"ours\.toml"):
        read(text)


def test_the_house_policy_names_both_of_each_pair_and_no_side():
    policy = read_policy(HOUSE, source="house.toml")
    terms = {
        term.key: term
        for term in read_terms(
            (ROOT / "seeds" / "lexicon" / "starter.csv").read_bytes(), source="starter.csv"
        ).terms
    }
    named = [term for rule in policy.rules for term in rule.term]
    assert named
    for key in named:
        assert key in terms, f"{key} is not in the starter lexicon"
    counted = Counter(terms[key].leans for key in named)
    assert counted["state"] == counted["opposition"]
    assert counted["left"] == counted["right"]
    for key in named:
        mirrored = terms[key].mirror_of
        assert mirrored in named
    for rule in policy.rules:
        assert not rule.outlet
        assert not rule.section
