"""What rules match, how serious it is, and how it is said."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from labeling.moderation.matching import (
    Finding,
    Place,
    basis,
    fits,
    match_in_words,
    match_policy,
    proposal,
    severity,
)
from labeling.moderation.policy import Of, Policy, Rule, Verdict

OWN = Finding("a", "LOADED_TERM", 0, 6, "regime", False, "naming", "outlet", "regime")
QUOTED = replace(OWN, id="b", start=20, end=26, voice="quoted")
DECIDED = replace(OWN, id="c", start=40, end=46, decided=True, text="Régime’s\nmen", term="")
QUOTE = Finding("d", "QUOTE", 18, 30, "“the regime”", False, "direct")
RULE = Rule("own", Verdict.NEEDS_EDIT, "own", "plain", label=("LOADED_TERM",), voice=("outlet",))
FINE = Rule("fine", Verdict.FINE, "said", "plain", label=("LOADED_TERM",), voice=("quoted",))
GULL = Place("Gull", "politics")


def policy(*rules, in_force=True):
    return Policy("ours", "Ours", "", in_force, {"plain": "Plain."}, {"own": "x"}, rules)


def test_the_same_term_in_two_voices_gives_two_results():
    matches = match_policy(policy(RULE, FINE), GULL, [OWN, QUOTED])
    assert [(m.rule.name, [f.id for f in m.findings]) for m in matches] == [
        ("own", ["a"]),
        ("fine", ["b"]),
    ]
    assert proposal(matches[:1]) is Verdict.NEEDS_EDIT
    assert proposal(matches[1:]) is Verdict.FINE
    assert proposal(matches) is Verdict.NEEDS_EDIT
    assert proposal(()) is None


def test_a_policy_that_is_not_in_force_matches_nothing():
    assert match_policy(policy(RULE, in_force=False), GULL, [OWN]) == ()


def test_a_rule_holds_where_it_says():
    there = replace(RULE, outlet=("Gull",), section=("politics", "law"))
    assert match_policy(policy(there), GULL, [OWN])
    assert not match_policy(policy(there), Place("Tern", "politics"), [OWN])
    assert not match_policy(policy(there), Place("Gull", "sport"), [OWN])


def test_a_rule_counts():
    several = replace(RULE, at_least=2, at_most=2)
    other = replace(OWN, id="x", start=60, end=66)
    assert not match_policy(policy(several), GULL, [OWN])
    assert match_policy(policy(several), GULL, [OWN, other])
    assert not match_policy(policy(several), GULL, [OWN, other, DECIDED])


def test_a_rule_may_ask_for_what_was_decided_or_only_suggested():
    assert fits(replace(RULE, of=Of.DECIDED), DECIDED)
    assert not fits(replace(RULE, of=Of.DECIDED), OWN)
    assert fits(replace(RULE, of=Of.SUGGESTED), OWN)
    assert not fits(replace(RULE, of=Of.SUGGESTED), DECIDED)


def test_a_term_is_known_by_its_id_or_its_words():
    assert fits(replace(RULE, term=("regime",)), OWN)
    assert fits(replace(RULE, term=("RÉGIME's  men",)), DECIDED)
    assert not fits(replace(RULE, term=("junta",)), OWN)
    assert not fits(replace(RULE, type=("emotive",)), OWN)
    assert not fits(RULE, QUOTE)


def test_a_match_says_what_it_found_and_how_far_that_is_known():
    (own,) = match_policy(policy(RULE), GULL, [OWN, DECIDED])
    assert match_in_words(own) == (
        "2 loaded terms in the outlet's own voice: “regime”, “Régime’s men” "
        "(1 decided, 1 only suggested)"
    )
    quotes = Rule("q", Verdict.FINE, "own", "plain", label=("QUOTE",))
    (quote,) = match_policy(policy(quotes), GULL, [QUOTE])
    assert match_in_words(quote) == "1 quote: ““the regime”” (1 only suggested)"
    mixed = Rule("m", Verdict.FINE, "own", "plain", type=("naming", "direct"))
    person = Finding("p", "PERSON", 1, 99, "x" * 98, True, "naming")
    (match,) = match_policy(policy(mixed), GULL, [OWN, QUOTE, person])
    assert match_in_words(match).startswith("3 spans: “regime”, ““the regime””, “xxx")
    assert "…” (1 decided, 2 only suggested)" in match_in_words(match)
    people = Rule("p", Verdict.FINE, "own", "plain", label=("PERSON",))
    five = [replace(person, id=str(n), text=f"Ann {n}") for n in range(6)]
    (match,) = match_policy(policy(people), GULL, five)
    assert match_in_words(match) == (
        "6 PERSONs: “Ann 0”, “Ann 1”, “Ann 2”, “Ann 3” and 2 more (6 decided)"
    )


def test_the_verdict_weighs_more_than_any_number_of_spans():
    grave = replace(RULE, name="grave", verdict=Verdict.ESCALATE)
    one = match_policy(policy(grave), GULL, [OWN])
    many = match_policy(policy(RULE), GULL, [replace(OWN, id=str(n)) for n in range(20_000)])
    assert severity(one) > severity(many) > severity(match_policy(policy(FINE), GULL, [QUOTED]))
    assert severity(match_policy(policy(FINE), GULL, [QUOTED])) > severity(()) == 0


def test_what_a_verdict_rests_on_has_a_name_that_changes_with_it():
    name = basis(GULL, [OWN], "p")
    assert name == basis(GULL, [OWN], "p")
    others = [
        basis(GULL, [replace(OWN, decided=True)], "p"),
        basis(GULL, [OWN, QUOTED], "p"),
        basis(GULL, [OWN], "q"),
        basis(Place("Tern"), [OWN], "p"),
    ]
    assert len({name, *others}) == 5


FINDINGS = st.lists(
    st.builds(
        Finding,
        id=st.uuids().map(str),
        label=st.sampled_from(["LOADED_TERM", "QUOTE", "PERSON"]),
        start=st.integers(0, 50),
        end=st.integers(51, 99),
        text=st.text(max_size=70),
        decided=st.booleans(),
        type=st.sampled_from(["", "naming", "direct"]),
        voice=st.sampled_from(["", "outlet", "quoted"]),
        term=st.sampled_from(["", "regime"]),
    ),
    max_size=8,
)
RULES = st.builds(
    Rule,
    name=st.just("r"),
    verdict=st.sampled_from(list(Verdict)),
    reason=st.just("own"),
    style=st.just("plain"),
    label=st.sampled_from([(), ("LOADED_TERM",), ("QUOTE", "PERSON")]),
    voice=st.sampled_from([(), ("outlet",), ("quoted", "outlet")]),
    of=st.sampled_from(list(Of)),
    at_least=st.integers(1, 3),
    at_most=st.none() | st.integers(3, 5),
)


@given(RULES, FINDINGS)
def test_a_match_holds_all_spans_that_fit_and_no_other(rule, findings):
    fitting = [one for one in findings if fits(rule, one)]
    matches = match_policy(policy(rule), GULL, findings)
    enough = len(fitting) >= rule.at_least and len(fitting) <= (rule.at_most or len(fitting))
    assert [list(match.findings) for match in matches] == ([fitting] if enough else [])
    for match in matches:
        assert match_in_words(match)


@given(RULES, FINDINGS, st.randoms())
def test_no_order_of_the_spans_changes_the_proposal(rule, findings, random):
    shuffled = list(findings)
    random.shuffle(shuffled)
    one, other = (match_policy(policy(rule, FINE), GULL, f) for f in (findings, shuffled))
    assert (proposal(one), severity(one)) == (proposal(other), severity(other))
