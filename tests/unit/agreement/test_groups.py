"""Which spans are the same thing, and how annotators differ about it."""

from __future__ import annotations

import itertools
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labeling.agreement.groups import Kind, find_groups
from labeling.agreement.matching import iou
from labeling.agreement.rules import Rules
from tests.unit.agreement.passages import MARKS, answer, answers


def groups(*given_answers, rules=None):
    return find_groups(list(given_answers), MARKS, rules or Rules())


def kinds(*given_answers, **more):
    return [group.kind for group in groups(*given_answers, **more)]


@pytest.mark.parametrize(
    ("ada", "ben", "kind"),
    [
        (["A 0 5"], ["A 0 5"], Kind.AGREED),
        (["A 0 5"], [], Kind.MISSING),
        (["A 0 5"], ["A 0 7"], Kind.BOUNDARY),
        (["A 0 5"], ["B 0 5"], Kind.LABEL),
        (["A 0 5"], ["B 0 7"], Kind.LABEL),
        (["A 0 5 voice=outlet"], ["A 0 5 voice=quoted"], Kind.ATTRIBUTE),
        (["A 0 5 voice=outlet"], ["A 0 5"], Kind.ATTRIBUTE),
        (["A 0 5 note=so"], ["A 0 5 note=thus"], Kind.AGREED),
    ],
)
def test_two_spans_differ_in_one_way(ada, ben, kind):
    assert kinds(answer("ada", *ada), answer("ben", *ben)) == [kind]


def test_a_group_tells_every_difference_and_is_named_by_the_gravest():
    (group,) = groups(answer("ada", "A 0 5 voice=outlet"), answer("ben", "B 0 6 voice=quoted"))
    assert group.kind is Kind.LABEL
    assert group.differs == (Kind.LABEL, Kind.BOUNDARY, Kind.ATTRIBUTE)


def test_one_annotator_alone_agrees_with_themselves():
    assert kinds(answer("ada", "A 0 5", "B 8 9")) == [Kind.AGREED, Kind.AGREED]


def test_nobody_marked_anything_so_there_is_no_group():
    assert groups(answer("ada"), answer("ben")) == ()


def test_a_span_nested_in_another_label_is_never_fused_with_it():
    quote, term = answer("ada", "A 0 40"), answer("ben", "B 10 16")
    assert kinds(quote, term) == [Kind.MISSING, Kind.MISSING]


def test_a_term_inside_a_quote_finds_its_own_twin():
    ada, ben = answer("ada", "A 0 40", "B 10 16"), answer("ben", "A 0 38", "B 10 16")
    found = {group.label: group.kind for group in groups(ada, ben)}
    assert found == {"A": Kind.BOUNDARY, "B": Kind.AGREED}


def test_the_rules_say_how_much_two_labels_must_share():
    ada, ben = answer("ada", "A 0 10"), answer("ben", "B 0 4")
    assert kinds(ada, ben) == [Kind.MISSING, Kind.MISSING]
    assert kinds(ada, ben, rules=Rules(min_iou_other_label=0.3)) == [Kind.LABEL]


def test_the_rules_say_how_much_one_label_must_share():
    ada, ben = answer("ada", "A 0 10"), answer("ben", "A 9 20")
    assert kinds(ada, ben) == [Kind.BOUNDARY]
    assert kinds(ada, ben, rules=Rules(min_iou=0.2)) == [Kind.MISSING, Kind.MISSING]


def test_the_rules_say_which_attributes_count():
    ada = answer("ada", "A 0 5 voice=outlet note=so")
    ben = answer("ben", "A 0 5 voice=quoted note=so")
    assert kinds(ada, ben, rules=Rules(attributes={"mark": ("note",)})) == [Kind.AGREED]
    assert kinds(ada, ben, rules=Rules(attributes={"mark": ()})) == [Kind.AGREED]


def test_the_best_overlap_wins_over_the_first_that_fits():
    ada, ben = answer("ada", "A 0 10", "A 9 19"), answer("ben", "A 8 18")
    pairs = [sorted((m.span.start, m.span.end) for m in g.members) for g in groups(ada, ben)]
    assert pairs == [[(0, 10)], [(8, 18), (9, 19)]]


def test_nothing_is_chained_together_by_a_span_in_the_middle():
    ends = answer("ada", "A 0 10"), answer("ben", "A 8 18"), answer("chloe", "A 16 26")
    for group in groups(*ends):
        for one, two in itertools.combinations(group.members, 2):
            assert iou((one.span.start, one.span.end), (two.span.start, two.span.end)) > 0


def test_one_span_where_another_has_two_is_split_or_merged():
    whole, parts = answer("ada", "A 0 20"), answer("ben", "A 0 9", "A 10 20")
    assert kinds(whole, parts) == [Kind.SPLIT_MERGE, Kind.SPLIT_MERGE]


def test_a_span_nested_in_the_same_label_is_missing_not_split():
    nested, plain = answer("ada", "A 0 20", "A 5 9"), answer("ben", "A 0 20")
    assert kinds(nested, plain) == [Kind.AGREED, Kind.MISSING]


def test_three_annotators_fall_into_one_group_with_one_absent():
    (group,) = groups(answer("ada", "A 0 5"), answer("ben"), answer("chloe", "A 0 6"))
    assert [member.annotator for member in group.members] == ["ada", "chloe"]
    assert group.absent == ("ben",)
    assert group.differs == (Kind.MISSING, Kind.BOUNDARY)


def test_the_label_of_a_group_is_what_most_say():
    (group,) = groups(answer("ada", "B 0 5"), answer("ben", "A 0 5"), answer("chloe", "B 0 5"))
    assert group.label == "B"
    (tied,) = groups(answer("ada", "B 0 5"), answer("ben", "A 0 5"))
    assert tied.label == "A"


def test_a_speaker_named_by_one_alone_is_a_difference():
    ada = answer("ada", "A 0 9", "B 20 25", links=[(0, 1)])
    ben = answer("ben", "A 0 9", "B 20 25")
    assert kinds(ada, ben) == [Kind.SPEAKER, Kind.AGREED]


def test_two_speakers_are_a_difference_and_two_mentions_that_overlap_are_not():
    ada = answer("ada", "A 0 9", "B 20 25", "B 30 35", links=[(0, 1)])
    ben = answer("ben", "A 0 9", "B 20 25", "B 30 35", links=[(0, 2)])
    assert kinds(ada, ben)[0] is Kind.SPEAKER
    close = answer("ben", "A 0 9", "B 20 27", "B 30 35", links=[(0, 1)])
    assert kinds(ada, close) == [Kind.AGREED, Kind.BOUNDARY, Kind.AGREED]


def test_a_relation_to_a_span_that_is_not_there_is_let_go():
    ada = answer("ada", "A 0 9", links=[(0, 5), (7, 0)])
    assert kinds(ada, answer("ben", "A 0 9")) == [Kind.AGREED]


def test_several_answers_to_a_question_agree_in_any_order():
    ada, ben = answer("ada", "A 0 5"), answer("ben", "A 0 5")
    ada.spans[0].attrs["voice"] = ["quoted", "outlet"]
    ben.spans[0].attrs["voice"] = ["outlet", "quoted"]
    assert kinds(ada, ben) == [Kind.AGREED]


@given(answers())
def test_every_span_is_in_one_group_and_nobody_twice_in_any(given_answers):
    found = find_groups(given_answers, MARKS, Rules())
    names = {answer.annotator for answer in given_answers}
    spans = [(m.annotator, m.span.id) for group in found for m in group.members]
    assert sorted(spans) == sorted((a.annotator, s.id) for a in given_answers for s in a.spans)
    for group in found:
        there = [member.annotator for member in group.members]
        assert len(set(there)) == len(there)
        assert set(there) | set(group.absent) == names
        assert not set(there) & set(group.absent)


@given(answers(most=2))
def test_what_two_marked_alike_is_always_in_one_group(given_answers):
    if len(given_answers) < 2:
        return
    ada, ben = ([(s.label, s.start, s.end) for s in one.spans] for one in given_answers)
    agreed = sum(min(ada.count(key), ben.count(key)) for key in set(ada))
    alike = 0
    for group in find_groups(given_answers, MARKS, Rules()):
        keys = {(m.span.label, m.span.start, m.span.end) for m in group.members}
        alike += len(group.members) == 2 and len(keys) == 1
    assert alike == agreed


@given(answers(), st.randoms(use_true_random=False))
def test_the_order_in_which_spans_come_does_not_matter(given_answers, chance: random.Random):
    shuffled = [
        type(one)(one.annotator, tuple(chance.sample(one.spans, len(one.spans))))
        for one in given_answers
    ]

    def content(these):
        found = find_groups(these, MARKS, Rules())
        return [
            (g.kind, [(m.annotator, m.span.start, m.span.end, m.span.label) for m in g.members])
            for g in found
        ]

    assert content(given_answers) == content(shuffled)
