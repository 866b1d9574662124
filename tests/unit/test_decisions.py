"""Decisions add up to gold, each span with how it was settled; what does not fit is refused."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labeling.agreement.answers import Answer
from labeling.agreement.comparison import compare
from labeling.agreement.rules import Rules, read_rules
from labeling.decisions import (
    Decision,
    DecisionError,
    Link,
    ReviewPolicy,
    SpanEdit,
    Verdict,
    accepting,
    added_group,
    check_decision,
    in_force,
    letters,
    majority_version,
    needs_reason,
)
from labeling.gold import Settled, gold_of
from labeling.review import Conflict, conflicts_of
from labeling.scheme import read_scheme
from labeling.types import Block, Choice, Relation, Role, Span

SCHEME = read_scheme(
    """<View>
  <Labels name="entity" toName="text"><Label value="PERSON"/><Label value="ORG"/></Labels>
  <Labels name="quote" toName="text"><Label value="QUOTE"/><Label value="SPEAKER"/></Labels>
  <Labels name="loaded" toName="text"><Label value="LOADED_TERM"/></Labels>
  <Relations><Relation value="said_by"/></Relations>
  <Text name="text" value="$text"/>
  <Choices name="voice" toName="text" perRegion="true" whenTagName="loaded">
    <Choice value="outlet"/><Choice value="quoted"/>
  </Choices>
  <TextArea name="alternative" toName="text" perRegion="true" whenTagName="loaded"/>
  <Choices name="tone" toName="text"><Choice value="calm"/><Choice value="sharp"/></Choices>
</View>"""
)
RULES: Rules = read_rules(None, SCHEME)
TEXT = "“The death tax is theft,” said Ann Bell of Quay Watch, who opposes it."
QUOTE = (0, 25)
TERM = (5, 14)
SPEAKER = (31, 39)
ORG = (43, 53)


def span(key: str, layer: str, label: str, place: tuple[int, int], **attrs: Any) -> Span:
    return Span(key, layer, label, *place, attrs)


def conflicts(*answers: tuple[Any, ...]) -> list[Conflict]:
    """The conflicts of annotators 1, 2, 3 …; an answer is spans, relations and choices."""
    given = [
        Answer(
            str(n),
            tuple(one for one in answer if isinstance(one, Span)),
            tuple(one for one in answer if isinstance(one, Relation)),
            tuple(one for one in answer if isinstance(one, Choice)),
        )
        for n, answer in enumerate(answers, start=1)
    ]
    return list(conflicts_of(compare(given, TEXT, SCHEME, RULES)))


def told(gold: Any) -> list[tuple[Any, ...]]:
    return [(one.span.label, one.span.start, one.span.end, one.settled.value) for one in gold.spans]


def accept(conflict: Conflict, version: str | None = None, **more: Any) -> Decision:
    return Decision(conflict.key, conflict.layer, Verdict.ACCEPT, version=version, **more)


PERSON = span("p", "entity", "PERSON", SPEAKER)
WIDE = span("p", "entity", "PERSON", (26, 39))


def test_what_all_say_is_gold_without_a_decision_and_one_voice_is_single() -> None:
    both = gold_of(conflicts((PERSON,), (PERSON,)), {})
    assert (told(both), both.open) == ([("PERSON", 31, 39, "unanimous")], ())
    alone = gold_of(conflicts((PERSON,)), {})
    assert told(alone) == [("PERSON", 31, 39, "single")]


def test_a_conflict_is_open_until_it_is_decided() -> None:
    (one,) = found = conflicts((PERSON,), (WIDE,))
    assert gold_of(found, {}).open == (one.key,)
    gold = gold_of(found, {one.key: accept(one, "2", seq=7)})
    assert (told(gold), gold.open) == ([("PERSON", 26, 39, "chosen")], ())
    assert gold.spans[0].decision == 7


def test_a_majority_is_recorded_as_such_and_never_taken_by_itself() -> None:
    (one,) = found = conflicts((PERSON,), (WIDE,), (PERSON,))
    assert gold_of(found, {}).open == (one.key,)
    wanted = accepting(one)
    assert wanted == accept(one, "1", bulk=True)
    assert told(gold_of(found, {one.key: wanted})) == [("PERSON", 31, 39, "majority")]
    # Without a version, accepting means what most of them gave.
    assert told(gold_of(found, {one.key: accept(one)})) == [("PERSON", 31, 39, "chosen")]


def test_where_most_marked_nothing_the_majority_rejects() -> None:
    (one,) = found = conflicts((PERSON,), (), ())
    assert majority_version(one) is None
    wanted = accepting(one)
    assert wanted is not None
    assert (wanted.verdict, wanted.bulk) == (Verdict.REJECT, True)
    gold = gold_of(found, {one.key: wanted})
    assert (gold.spans, gold.open) == ((), ())


def test_where_opinions_are_even_there_is_no_majority() -> None:
    (one,) = found = conflicts((PERSON,), (WIDE,))
    assert accepting(one) is None
    # Accepting without naming a version then means the first.
    assert told(gold_of(found, {one.key: accept(one)})) == [("PERSON", 31, 39, "chosen")]
    (missing,) = conflicts((PERSON,), ())
    assert accepting(missing) is None


def test_an_agreed_group_can_be_overturned() -> None:
    (one,) = found = conflicts((PERSON,), (PERSON,))
    reject = Decision(one.key, "entity", Verdict.REJECT, reason="wrong label")
    assert gold_of(found, {one.key: reject}).spans == ()
    edit = Decision(
        one.key, "entity", Verdict.EDIT, span=SpanEdit("ORG", *ORG), reason="wrong bounds"
    )
    assert told(gold_of(found, {one.key: edit})) == [("ORG", 43, 53, "edited")]


def test_a_span_that_all_missed_can_be_added_edited_and_taken_out_again() -> None:
    edit = SpanEdit("ORG", *ORG)
    group = added_group("entity", edit)
    add = Decision(group, "entity", Verdict.ADD, span=edit)
    assert told(gold_of([], {group: add})) == [("ORG", 43, 53, "added")]
    out = Decision(group, "entity", Verdict.REJECT, span=edit)
    assert gold_of([], {group: out}).spans == ()
    bare = Decision(group, "entity", Verdict.REJECT)
    assert gold_of([], {group: bare}).spans == ()


def test_a_decision_about_a_group_that_was_remade_does_not_count() -> None:
    (old,) = conflicts((PERSON,), ())
    (new,) = found = conflicts((WIDE,), ())
    assert old.key != new.key
    gold = gold_of(found, {old.key: accept(old, "1")})
    assert (gold.spans, gold.open) == ((), (new.key,))


def quoted(kind: str = "said_by") -> list[Any]:
    return [
        span("q", "quote", "QUOTE", QUOTE),
        span("s", "quote", "SPEAKER", SPEAKER),
        Relation("q", "s", kind),
    ]


def test_relations_follow_the_versions_that_were_chosen() -> None:
    found = conflicts(quoted(), quoted())
    gold = gold_of(found, {})
    ids = {one.span.label: one.span.id for one in gold.spans}
    assert gold.relations == (Relation(ids["QUOTE"], ids["SPEAKER"], "said_by"),)


def test_a_relation_to_a_span_that_was_rejected_is_gone() -> None:
    found = conflicts(quoted(), quoted())
    speaker = next(one for one in found if one.label == "SPEAKER")
    reject = Decision(speaker.key, "quote", Verdict.REJECT, reason="wrong speaker")
    assert gold_of(found, {speaker.key: reject}).relations == ()


def test_a_reviewer_may_draw_relations_anew_also_to_what_was_added() -> None:
    found = conflicts(quoted()[:2], quoted()[:2])
    quote = next(one for one in found if one.label == "QUOTE")
    edit = SpanEdit("SPEAKER", *ORG)
    group = added_group("quote", edit)
    decided = {
        quote.key: accept(quote, "1", links=(Link("said_by", group),)),
        group: Decision(group, "quote", Verdict.ADD, span=edit),
    }
    gold = gold_of(found, decided)
    places = {one.span.id: one.span.start for one in gold.spans}
    assert [(places[r.from_id], places[r.to_id], r.label) for r in gold.relations] == [
        (0, ORG[0], "said_by")
    ]


def test_the_voice_of_a_term_comes_from_the_gold_quotes_unless_people_said_it() -> None:
    term = span("l", "loaded", "LOADED_TERM", TERM)
    blocks = [Block(Role.BODY, 0, len(TEXT), "")]
    inside = gold_of(conflicts([*quoted(), term], [*quoted(), term]), {}, blocks)
    assert [one.voice for one in inside.spans if one.span.layer == "loaded"] == ["quoted"]
    assert [one.voice for one in inside.spans if one.span.layer == "quote"] == [None, None]
    outside = gold_of(conflicts((term,), (term,)), {}, blocks)
    assert [one.voice for one in outside.spans] == ["outlet"]
    headline = [Block(Role.HEADLINE, 0, len(TEXT), "")]
    assert gold_of(conflicts((term,), (term,)), {}, headline).spans[0].voice == "headline"
    said = span("l", "loaded", "LOADED_TERM", TERM, voice=["quoted"])
    assert gold_of(conflicts((said,), (said,)), {}, blocks).spans[0].voice == "quoted"


def test_answers_about_the_whole_passage_are_settled_too() -> None:
    calm, sharp = Choice("tone", ("calm",)), Choice("tone", ("sharp",))
    agreed = gold_of(conflicts((calm,), (calm,)), {})
    assert (agreed.choices, agreed.settled) == ((calm,), {"tone": Settled.UNANIMOUS})
    (one,) = found = conflicts((calm,), (sharp,))
    assert gold_of(found, {}).open == (one.key,)
    chosen = gold_of(found, {one.key: accept(one, "2")})
    assert (chosen.choices, chosen.settled) == ((sharp,), {"tone": Settled.CHOSEN})
    by_answer = gold_of(found, {one.key: accept(one, values=("calm",))})
    assert (by_answer.choices, by_answer.settled) == ((calm,), {"tone": Settled.CHOSEN})
    own = Decision(one.key, "tone", Verdict.EDIT, values=("calm", "sharp"), reason="other")
    edited = gold_of(found, {one.key: own})
    assert edited.settled == {"tone": Settled.EDITED}


def test_the_newest_decision_in_force_counts_and_an_undone_one_does_not() -> None:
    (one,) = conflicts((PERSON,), (WIDE,))
    first, second = accept(one, "1", seq=1), accept(one, "2", seq=2)
    assert in_force([second, first]) == {one.key: second}
    assert in_force([second, first], [2]) == {one.key: first}
    assert in_force([second, first], [1, 2]) == {}


@given(st.permutations(["1", "2", "3"]))
def test_letters_depend_on_the_passage_and_not_on_the_order_of_people(order: list[str]) -> None:
    named = letters(order, "b-1", "p-1")
    assert named == letters(["1", "2", "3"], "b-1", "p-1")
    assert sorted(named.values()) == ["A", "B", "C"]


def test_letters_are_drawn_anew_for_each_passage_and_go_beyond_z() -> None:
    drawn = {letters(["1", "2"], "b", f"p-{n}")["1"] for n in range(20)}
    assert drawn == {"A", "B"}
    many = letters([str(n) for n in range(30)], "b", "p")
    assert {"A", "Z", "AA", "AD"} <= set(many.values())


@given(
    st.lists(
        st.lists(
            st.tuples(st.integers(0, 60), st.integers(1, 9), st.sampled_from(["PERSON", "ORG"])),
            max_size=4,
        ),
        min_size=1,
        max_size=4,
    )
)
def test_deciding_everything_by_the_first_version_leaves_nothing_open(marks: Any) -> None:
    found = conflicts(
        *(
            [span(f"r{n}", "entity", label, (a, a + size)) for n, (a, size, label) in enumerate(x)]
            for x in marks
        )
    )
    decided = {one.key: accept(one, str(one.versions[0]["annotator"])) for one in found}
    gold = gold_of(found, decided)
    assert gold.open == ()
    assert len(gold.spans) == len(found)
    assert len({one.span.id for one in gold.spans}) == len(found)
    assert all(0 <= one.span.start < one.span.end for one in gold.spans)


LABEL = conflicts((PERSON,), (span("p", "entity", "ORG", SPEAKER),))[0]
TONE = conflicts((Choice("tone", ("calm",)),), (Choice("tone", ("sharp",)),))[0]
AGREED = conflicts((PERSON,), (PERSON,))[0]


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        (Decision("x", "mood", Verdict.REJECT), "no layer 'mood'"),
        (Decision("x", "entity", Verdict.REJECT), "no group 'x'"),
        (Decision("added:x", "entity", Verdict.ACCEPT), "no group 'added:x'"),
        (Decision("x", "entity", Verdict.ADD, span=SpanEdit("ORG", 0, 1)), "needs a name"),
        (Decision("added:x", "entity", Verdict.ADD), "needs a name and a place"),
        (Decision(LABEL.key, "quote", Verdict.REJECT, reason="r"), "layer 'entity'"),
        (Decision(LABEL.key, "entity", Verdict.ACCEPT, version="9"), "no version by '9'"),
        (Decision(LABEL.key, "entity", Verdict.REJECT, reason=" "), "needs a reason"),
        (Decision(LABEL.key, "entity", Verdict.EDIT, reason="r"), "needs the span"),
        (Decision(TONE.key, "tone", Verdict.EDIT, reason="r"), "needs the answer"),
        (
            Decision("added:x", "entity", Verdict.ADD, span=SpanEdit("WORK", 0, 1)),
            "no label 'WORK'",
        ),
        (Decision("added:x", "tone", Verdict.ADD, span=SpanEdit("calm", 0, 1)), "no label"),
        (
            Decision("added:x", "entity", Verdict.ADD, span=SpanEdit("ORG", 60, 99)),
            "not a stretch",
        ),
        (
            Decision(
                "added:x", "loaded", Verdict.ADD, span=SpanEdit("LOADED_TERM", 0, 1, {"a": 1})
            ),
            "no question 'a'",
        ),
        (
            Decision(
                "added:x",
                "loaded",
                Verdict.ADD,
                span=SpanEdit("LOADED_TERM", 0, 1, {"voice": ["mine"]}),
            ),
            "'mine' is no answer",
        ),
        (Decision(TONE.key, "tone", Verdict.ACCEPT, values=("loud",)), "loud is no answer"),
        (
            Decision(LABEL.key, "entity", Verdict.ACCEPT, values=("PERSON",)),
            "This is no answer",
        ),
    ],
)
def test_a_decision_that_does_not_fit_is_refused(wanted: Decision, said: str) -> None:
    with pytest.raises(DecisionError, match=said):
        check_decision(wanted, [LABEL, TONE], SCHEME, TEXT)


@pytest.mark.parametrize(
    "wanted",
    [
        accept(LABEL, "2"),
        Decision(LABEL.key, "entity", Verdict.REJECT, reason="wrong label"),
        Decision(TONE.key, "tone", Verdict.ACCEPT, values=("calm",)),
        Decision("added:x", "entity", Verdict.REJECT),
        Decision(
            "added:x",
            "loaded",
            Verdict.ADD,
            span=SpanEdit("LOADED_TERM", *TERM, {"voice": "quoted", "alternative": ["levy"]}),
        ),
    ],
)
def test_a_decision_that_fits_is_taken(wanted: Decision) -> None:
    check_decision(wanted, [LABEL, TONE], SCHEME, TEXT)


def test_a_reason_is_needed_to_reject_to_edit_and_to_answer_what_nobody_did() -> None:
    assert not needs_reason(accept(AGREED), AGREED)
    assert needs_reason(Decision(AGREED.key, "entity", Verdict.REJECT), AGREED)
    assert not needs_reason(Decision("added:x", "entity", Verdict.REJECT), None)
    assert not needs_reason(Decision("added:x", "entity", Verdict.ADD), None)
    both = Decision(TONE.key, "tone", Verdict.ACCEPT, values=("calm", "sharp"))
    assert needs_reason(both, TONE)
    assert needs_reason(both, None)


def test_a_policy_reads_what_was_kept_and_draws_second_looks() -> None:
    assert ReviewPolicy.read(None) == ReviewPolicy()
    policy = ReviewPolicy.read({"second": 25, "majority": True})
    assert policy.majority
    assert [policy.wants_second(n) for n in (0, 2499, 2500)] == [True, True, False]
    assert not ReviewPolicy().wants_second(0)
