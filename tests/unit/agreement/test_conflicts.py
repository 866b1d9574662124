"""Conflicts as they are kept."""

from __future__ import annotations

import json

from hypothesis import given

from labeling.agreement.comparison import compare
from labeling.agreement.groups import Kind
from labeling.agreement.rules import Rules
from labeling.review import conflicts_of
from tests.unit.agreement.passages import SCHEME, TEXT, answer, answers


def conflicts(*given_answers):
    return conflicts_of(compare(given_answers, TEXT, SCHEME, Rules()))


def test_a_conflict_carries_each_version_and_who_has_none():
    ada = answer("ada", "A 0 9 voice=outlet", "B 20 25", links=[(0, 1)])
    first, second = conflicts(ada, answer("ben", "A 0 8"), answer("chloe"))
    assert (first.kind, first.start, first.end, first.label) == (Kind.MISSING, 0, 9, "A")
    assert first.differs == (Kind.MISSING, Kind.BOUNDARY, Kind.ATTRIBUTE, Kind.SPEAKER)
    assert first.absent == ("chloe",)
    assert first.labels == ("", "A")
    assert first.versions[0] == {
        "annotator": "ada", "region": "0", "start": 0, "end": 9, "label": "A",
        "attrs": {"voice": "outlet"},
        "links": [{"label": "said_by", "region": "1", "start": 20, "end": 25}],
    }  # fmt: skip
    assert second.absent == ("ben", "chloe")


def test_a_question_about_the_whole_passage_is_a_conflict_of_its_own():
    calm, loud = answer("ada", tone="calm"), answer("ben", tone="loud")
    (found,) = conflicts(calm, loud)
    assert (found.layer, found.kind, found.labels) == ("tone", Kind.LABEL, ("calm", "loud"))
    assert found.versions[0] == {"annotator": "ada", "values": ["calm"]}
    assert found.label == "calm"
    (agreed,) = conflicts(calm, answer("ben", tone="calm"))
    assert (agreed.kind, agreed.differs) == (Kind.AGREED, ())
    (missing,) = conflicts(calm, answer("ben"))
    assert (missing.kind, missing.absent) == (Kind.MISSING, ("ben",))


def test_a_key_stays_while_bounds_and_labels_do():
    def key(*spans):
        return conflicts(answer("ada", *spans), answer("ben", "A 0 5"))[0].key

    assert key("A 0 5 voice=outlet") == key("A 0 5 voice=quoted")
    assert len({key("A 0 5"), key("A 0 6"), key("B 0 5")}) == 3


def test_a_span_marked_twice_has_two_keys():
    found = conflicts(answer("ada", "A 0 5", "A 0 5"))
    assert len({one.key for one in found}) == 2


@given(answers())
def test_conflicts_are_json_with_keys_of_their_own(given_answers):
    found = conflicts(*given_answers)
    assert len({(one.layer, one.key) for one in found}) == len(found)
    json.dumps([one.versions for one in found])
    starts = [one.start for one in found]
    assert starts == sorted(starts)
