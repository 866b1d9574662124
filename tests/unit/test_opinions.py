"""Two reviewers of one passage: what came out otherwise, and what needs no third."""

from __future__ import annotations

import pytest

from labeling.decisions import (
    Decision,
    DecisionError,
    Link,
    ReviewPolicy,
    SpanEdit,
    Verdict,
    added_group,
)
from labeling.gold import gold_of
from labeling.opinions import agreed_decisions, compare_opinions
from labeling.types import Choice
from tests.unit.test_decisions import ORG, SPEAKER, accept, conflicts, span

PERSON = span("p", "entity", "PERSON", SPEAKER)
OTHER = span("p", "entity", "ORG", SPEAKER)
AGREED = span("o", "entity", "ORG", ORG)
FOUND = conflicts((PERSON, AGREED, Choice("tone", ("calm",))), (OTHER, AGREED))
LABEL, SAME, TONE = FOUND


def opinions(first, second):
    decided = [{one.group: one for one in said} for said in (first, second)]
    golds = [gold_of(FOUND, said) for said in decided]
    return compare_opinions(*golds, FOUND, decided)


def reject(conflict):
    return Decision(conflict.key, conflict.layer, Verdict.REJECT, reason="other")


def test_who_settles_alike_differs_in_nothing_however_it_was_settled():
    written = Decision(
        LABEL.key, "entity", Verdict.EDIT, span=SpanEdit("PERSON", *SPEAKER), reason="other"
    )
    found = opinions([accept(LABEL, "1"), accept(TONE)], [written, accept(TONE, "1")])
    assert found.differ == ()
    assert found.groups == 2
    assert found.as_json() == {"differ": [], "groups": 2}


def test_another_version_a_rejection_and_an_answer_are_differences():
    found = opinions([accept(LABEL, "1"), accept(TONE)], [accept(LABEL, "2"), reject(TONE)])
    assert set(found.differ) == {LABEL.key, TONE.key}
    # What all annotators agree on counts once a reviewer overturns it.
    found = opinions(
        [accept(LABEL, "1"), reject(TONE)], [accept(LABEL, "1"), reject(TONE), reject(SAME)]
    )
    assert found.differ == (SAME.key,)
    assert found.groups == 3


def test_what_one_added_is_a_difference_and_what_both_added_is_none():
    edit = SpanEdit("QUOTE", 0, 25)
    group = added_group("quote", edit)
    add = Decision(group, "quote", Verdict.ADD, span=edit)
    own = [accept(LABEL, "1"), reject(TONE)]
    assert opinions([*own, add], own).differ == (group,)
    elsewhere = Decision("added:else", "quote", Verdict.ADD, span=edit)
    assert opinions([*own, add], [*own, elsewhere]).differ == ()


def test_relations_and_attributes_count():
    link = (Link("said_by", SAME.key),)
    own = [reject(TONE)]
    linked = accept(LABEL, "1", links=link)
    assert opinions([*own, linked], [*own, accept(LABEL, "1")]).differ == (LABEL.key,)
    sure, unsure = (
        Decision(
            LABEL.key, "entity", Verdict.EDIT, reason="other",
            span=SpanEdit("PERSON", *SPEAKER, {"sure": value}),
        )
        for value in (["a", "b"], "a")
    )  # fmt: skip
    assert opinions([*own, sure], [*own, unsure]).differ == (LABEL.key,)


def test_an_adjudication_begins_with_what_both_settled_alike():
    first = {LABEL.key: accept(LABEL, "1"), TONE.key: reject(TONE)}
    second = {LABEL.key: accept(LABEL, "2"), TONE.key: reject(TONE), SAME.key: accept(SAME)}
    agreed = agreed_decisions(first, second, [LABEL.key])
    assert agreed == {TONE.key: reject(TONE), SAME.key: accept(SAME)}


def test_what_two_reviewers_settled_otherwise_is_open_though_all_annotators_agree():
    decided = {LABEL.key: accept(LABEL, "1"), TONE.key: reject(TONE)}
    assert gold_of(FOUND, decided).open == ()
    edit = SpanEdit("QUOTE", 0, 25)
    group = added_group("quote", edit)
    contested = (SAME.key, group)
    assert gold_of(FOUND, decided, contested=contested).open == contested
    told = {
        SAME.key: accept(SAME),
        group: Decision(group, "quote", Verdict.REJECT, reason="other"),
    }
    assert gold_of(FOUND, {**decided, **told}, contested=contested).open == ()


def test_a_policy_is_kept_as_it_was_said():
    policy = ReviewPolicy(second=2.5, reasons=("missed",))
    assert ReviewPolicy.read(policy.as_json()) == policy
    assert ReviewPolicy(second=5.0).as_json()["second"] == 5


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"majority": True, "calibration": True}, "calibration cannot"),
        ({"second": -1}, "between 0 and 100"),
        ({"reasons": ()}, "at least one"),
        ({"reasons": ("x" * 81,)}, "1 to 80"),
    ],
)
def test_a_policy_of_parts_that_do_not_fit_is_refused(said, why):
    with pytest.raises(DecisionError, match=why):
        ReviewPolicy(**said)


def test_in_calibration_a_version_is_named_where_annotators_differ():
    policy = ReviewPolicy(calibration=True)
    with pytest.raises(DecisionError, match="which version"):
        policy.check(accept(LABEL), LABEL)
    for decision, conflict in (
        (accept(LABEL, "1"), LABEL),
        (accept(SAME), SAME),
        (reject(LABEL), LABEL),
        (accept(TONE, values=("calm",)), TONE),
        (accept(LABEL), None),
    ):
        policy.check(decision, conflict)
    ReviewPolicy().check(accept(LABEL), LABEL)
