"""Whether a term bank looks at all sides alike, and what it says when it does not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from config import ROOT
from labeling.suggest.lexicon_balance import balance_of
from labeling.suggest.lexicon_csv import read_terms
from labeling.suggest.lexicon_terms import TYPES, make_term


def term(surface, leans, mirror="", **values):
    return make_term(
        {
            "surface": surface,
            "leans": leans,
            "mirror_of": mirror,
            "topic": "economy",
            "alternatives": ("plain",),
            "note": "Why.",
            **values,
        }
    )


PAIR = (term("fat cat", "left", "union-boss"), term("union boss", "right", "fat-cat"))


def reasons(*terms):
    return [(fault.term, fault.reason) for fault in balance_of(terms).faults]


def test_a_pair_of_mirrors_is_even():
    balance = balance_of((*PAIR, term("so-called", "none")))
    (topic,) = balance.topics
    assert (topic.topic, topic.leans, topic.even) == (
        "economy", {"left": 1, "right": 1, "none": 1}, True,
    )  # fmt: skip
    assert balance.faults == ()
    assert (balance.terms, balance.muted, balance.types) == (3, 0, {"naming": 3})


def test_a_muted_side_makes_a_topic_uneven_and_its_mirror_lonely():
    muted = replace(PAIR[1], status="muted")
    assert reasons(PAIR[0], muted) == [
        ("", "the topic 'economy' has 1 left, 0 right."),
        ("fat-cat", "its mirror 'union-boss' is muted."),
    ]


@pytest.mark.parametrize(
    ("other", "reason"),
    [
        ({"mirror_of": "elsewhere"}, "does not point back"),
        ({"topic": "labour"}, "has another topic"),
        ({"leans": "left"}, "leans to the same side"),
    ],
)
def test_a_mirror_that_is_none_is_worth_mending(other, reason):
    found = reasons(PAIR[0], replace(PAIR[1], **other))
    assert any(key == "fat-cat" and reason in why for key, why in found)


def test_a_mirror_that_is_not_there_is_worth_mending():
    assert ("fat-cat", "its mirror 'union-boss' is not in the bank.") in reasons(PAIR[0])


def test_two_terms_with_one_form_are_worth_mending():
    twice = term("fat cats", "none", key="cats")
    assert ("cats", "the form 'fat cats' is also one of 'fat-cat'.") in reasons(*PAIR, twice)


def test_a_term_without_alternative_note_or_mirror_is_worth_mending():
    bare = replace(PAIR[0], alternatives=(), note="", mirror_of="")
    assert ("fat-cat", "it has no neutral alternative and no note and no mirror.") in reasons(bare)


def test_the_starter_lexicon_is_balanced_and_complete():
    file = read_terms((ROOT / "seeds" / "lexicon" / "starter.csv").read_bytes(), source="starter")
    balance = balance_of(file.terms)
    assert file.faults == ()
    assert balance.faults == ()
    assert balance.terms >= 200
    assert len(balance.topics) >= 8
    assert all(topic.even for topic in balance.topics)
    assert set(balance.types) == set(TYPES)
    for word in ("biased", "wrong"):
        assert not any(word in term.note.lower().split() for term in file.terms)
