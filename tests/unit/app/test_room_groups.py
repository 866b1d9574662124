"""What a reviewer is shown of a group, and where it stands after each verdict."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from app.queries.room_groups import RoomGroup, make_groups
from labeling.agreement.groups import Kind
from labeling.decisions import Decision, Link, SpanEdit, Verdict
from labeling.review import Conflict

TEXT = "Mara Venn of the Harbour Union spoke."
LETTERS = {"1": "B", "2": "A", "3": "C"}


def version(who: str, start: int, end: int, label: str = "ORG", **more: Any) -> dict[str, Any]:
    place = {"annotator": who, "region": f"r{who}", "start": start, "end": end, "label": label}
    return {**place, "attrs": {}, "links": [], **more}


def conflict(*versions: dict[str, Any], kind: Kind = Kind.BOUNDARY, **more: Any) -> Conflict:
    base = Conflict(
        layer="entity",
        key="k",
        kind=kind,
        differs=() if kind is Kind.AGREED else (kind,),
        label="ORG",
        start=min((one.get("start", 0) for one in versions), default=0),
        end=max((one.get("end", 0) for one in versions), default=0),
        versions=versions,
        absent=(),
    )
    return replace(base, **more)


BOUNDS = conflict(version("1", 13, 30), version("2", 17, 30), version("3", 17, 30))
QUESTION = conflict(
    {"annotator": "1", "values": ["for"]},
    {"annotator": "2", "values": ["against"]},
    kind=Kind.LABEL,
    layer="stance",
)


def group(one: Conflict, decision: Decision | None = None, *, led: bool = True) -> RoomGroup:
    decided = {} if decision is None else {decision.group: decision}
    return make_groups([one], decided, LETTERS, TEXT, led=led)[0]


def said(verdict: Verdict, **more: Any) -> Decision:
    return Decision("k", more.pop("layer", "entity"), verdict, **more)


def test_versions_that_say_the_same_are_one_option_in_the_order_of_the_letters() -> None:
    found = group(BOUNDS)
    assert [one.letters for one in found.options] == [("A", "C"), ("B",)]
    assert [one.text for one in found.options] == ["Harbour Union", "the Harbour Union"]
    assert [one.most for one in found.options] == [True, False]
    assert (found.state, found.is_settled, found.gold) == ("open", False, None)
    assert not any(one.chosen for one in found.options)


def test_no_majority_is_shown_where_nobody_shall_be_led() -> None:
    assert not any(one.most for one in group(BOUNDS, led=False).options)


def test_what_all_agree_on_is_settled_until_somebody_says_otherwise() -> None:
    agreed = conflict(version("1", 17, 30), version("2", 17, 30), kind=Kind.AGREED)
    found = group(agreed)
    assert (found.state, found.options[0].chosen) == ("agreed", True)
    assert found.gold == SpanEdit("ORG", 17, 30)


def test_an_accepted_version_is_the_gold() -> None:
    found = group(BOUNDS, said(Verdict.ACCEPT, version="1"))
    assert found.state == "accepted"
    assert found.gold == SpanEdit("ORG", 13, 30)
    assert [one.chosen for one in found.options] == [False, True]
    without = group(BOUNDS, said(Verdict.ACCEPT, bulk=True))
    assert [one.chosen for one in without.options] == [True, False]
    assert without.bulk


def test_a_rejected_group_has_no_gold_and_no_relations() -> None:
    links = [{"label": "said_by", "region": "r1", "start": 0, "end": 9}]
    linked = conflict(version("1", 13, 30, links=links), version("2", 17, 30))
    found = group(linked, said(Verdict.REJECT, reason="missed"))
    assert (found.state, found.reason, found.gold, found.links) == ("rejected", "missed", None, ())


def test_an_edited_span_counts_as_it_was_written() -> None:
    span = SpanEdit("PERSON", 0, 9)
    found = group(BOUNDS, said(Verdict.EDIT, span=span, reason="wrong label"))
    assert (found.state, found.gold) == ("edited", span)
    assert not any(one.chosen for one in found.options)


def test_relations_lead_to_the_group_that_holds_their_end() -> None:
    links = [{"label": "said_by", "region": "x", "start": 0, "end": 9}]
    source = conflict(version("1", 13, 30, links=links), kind=Kind.AGREED)
    target = conflict(version("1", 0, 9, "PERSON", region="x"), kind=Kind.AGREED, key="t")
    first, _ = make_groups([source, target], {}, LETTERS, TEXT, led=True)
    assert first.links == (("said_by", "t"),)
    assert first.options[0].links == (("said_by", "Mara Venn"),)
    drawn = said(Verdict.ACCEPT, version="1", links=(Link("about", "t"),))
    first, _ = make_groups([source, target], {"k": drawn}, LETTERS, TEXT, led=True)
    assert first.links == (("about", "t"),)


def test_a_question_about_the_passage_is_answered_by_a_version_or_by_hand() -> None:
    found = group(QUESTION)
    assert found.is_question
    assert [one.values for one in found.options] == [("against",), ("for",)]
    picked = group(QUESTION, said(Verdict.ACCEPT, layer="stance", version="2"))
    assert (picked.values, picked.gold) == (("against",), None)
    answered = group(QUESTION, said(Verdict.ACCEPT, layer="stance", values=("for",)))
    assert [one.chosen for one in answered.options] == [False, True]
    written = group(QUESTION, said(Verdict.EDIT, layer="stance", values=("none",), reason="x"))
    assert (written.state, written.values) == ("edited", ("none",))


def test_what_a_reviewer_added_comes_last_and_is_gone_when_taken_out() -> None:
    span = SpanEdit("PERSON", 0, 9)
    add = Decision("added:1", "entity", Verdict.ADD, span=span, seq=2)
    groups = make_groups([BOUNDS], {"added:1": add}, LETTERS, TEXT, led=True)
    assert [(one.n, one.state, one.text) for one in groups][1] == (2, "added", "Mara Venn")
    assert groups[1].gold == span
    out = replace(add, verdict=Verdict.REJECT, span=None)
    assert len(make_groups([BOUNDS], {"added:1": out}, LETTERS, TEXT, led=True)) == 1


def test_an_added_span_that_annotators_marked_later_is_theirs() -> None:
    key = "added:1"
    add = Decision(key, "entity", Verdict.ADD, span=SpanEdit("ORG", 17, 30), seq=1)
    groups = make_groups([replace(BOUNDS, key=key)], {key: add}, LETTERS, TEXT, led=True)
    assert len(groups) == 1
