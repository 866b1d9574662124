"""A difference between releases is told in spans, each counted in one kind only."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labeling.datasets import diff
from labeling.datasets.diff import diff_records
from tests.unit.formats.records import bare_record, records, rich_record

NOTHING = {
    "records": {"added": 0, "removed": 0, "changed": 0},
    "spans": {"added": 0, "removed": 0, "moved": 0, "relabelled": 0, "attributes": 0},
    "splits": {},
    "labels": [],
}


def changed(**spans: int) -> dict[str, Any]:
    """The counts of one changed record with these span changes."""
    records = {"added": 0, "removed": 0, "changed": 1}
    return {**NOTHING, "records": records, "spans": {**NOTHING["spans"], **spans}}


def with_span(place: int, **columns: Any) -> dict[str, Any]:
    record = copy.deepcopy(rich_record())
    record["gold"]["spans"][place].update(columns)
    return record


def test_a_release_does_not_differ_from_itself() -> None:
    ones = [bare_record("p-1"), rich_record("p-2")]
    assert diff_records(ones, copy.deepcopy(ones)).as_json() == NOTHING


def test_records_that_came_and_went_are_counted_with_their_spans() -> None:
    old, new = [bare_record("p-1"), rich_record("p-2")], [bare_record("p-1"), bare_record("p-3")]
    difference = diff_records(old, new)
    told = difference.as_json()
    assert told["records"] == {"added": 1, "removed": 1, "changed": 0}
    assert told["spans"] == {**NOTHING["spans"], "removed": 5}
    assert {"layer": "loaded", "label": "LOADED_TERM", "delta": -1} in told["labels"]
    assert difference.changed == [("removed", "p-2"), ("added", "p-3")]
    assert {change.kind for change in difference.changes} == {"removed"}


def test_a_span_is_moved_relabelled_or_has_other_attributes() -> None:
    old = [rich_record()]
    for columns, kind in (
        ({"attrs": {"kind": "partial"}}, "attributes"),
        ({"voice": "outlet"}, "attributes"),
        ({"label": "SPEAKER"}, "relabelled"),
        ({"end": 30}, "moved"),
    ):
        difference = diff_records(old, [with_span(0, **columns)])
        labels = difference.as_json().pop("labels")
        assert difference.as_json() == {**changed(**{kind: 1}), "labels": labels}
        assert len(labels) == (2 if kind == "relabelled" else 0)
        (change,) = difference.changes
        assert change.before is not None
        assert change.after is not None
        assert change.before | columns == change.after


def test_a_span_in_another_place_is_another_span() -> None:
    told = diff_records([rich_record()], [with_span(0, start=40, end=41)]).as_json()
    assert told == changed(removed=1, added=1)


def test_of_two_that_overlap_the_nearest_is_the_one_that_moved() -> None:
    new = with_span(0, end=30)
    far = {**new["gold"]["spans"][0], "id": "far", "end": 5}
    new["gold"]["spans"].append(far)
    difference = diff_records([rich_record()], [new])
    assert difference.spans == {"moved": 1, "added": 1}


def test_a_record_that_changed_splits_is_told() -> None:
    difference = diff_records([rich_record(split="train")], [rich_record(split="test")])
    assert difference.as_json() == {**changed(), "splits": {"train → test": 1}}


@given(old=records(), new=records())
def test_every_span_of_either_side_is_accounted_for(old, new) -> None:
    new["passage"] = old["passage"]
    difference = diff_records([old], [new])
    before, after = len(old["gold"]["spans"]), len(new["gold"]["spans"])
    assert after - before == difference.spans["added"] - difference.spans["removed"]
    assert sum(difference.labels.values()) == after - before
    turned = diff_records([new], [old])
    assert turned.spans["added"] == difference.spans["removed"]
    assert turned.spans["moved"] == difference.spans["moved"]


@given(st.lists(records(), max_size=3, unique_by=lambda r: r["passage"]["uid"]))
def test_the_difference_to_nothing_is_everything(ones) -> None:
    ordered = sorted(ones, key=lambda r: r["passage"]["uid"])
    difference = diff_records([], ordered)
    assert difference.records["added"] == len(ones)
    assert difference.spans["added"] == sum(len(one["gold"]["spans"]) for one in ones)


def test_lists_of_changes_end_somewhere_and_the_counts_do_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(diff, "_MOST_CHANGES", 1)
    difference = diff_records([], [rich_record("p-1"), rich_record("p-2")])
    assert (difference.records["added"], difference.spans["added"]) == (2, 10)
    assert (len(difference.changed), len(difference.changes)) == (1, 1)
