"""The rules of comparison a scheme brings."""

from __future__ import annotations

import pytest

from labeling.agreement.rules import Rules, read_rules, rules_sha
from labeling.errors import SchemeError
from tests.unit.agreement.passages import MARKS, SCHEME


def test_nothing_said_counts_every_closed_question():
    assert read_rules(None, SCHEME) == Rules()
    assert read_rules({}, SCHEME).counted(MARKS) == ("voice",)


def test_what_is_said_is_taken():
    rules = read_rules({"min_iou_other_label": 0.7, "attributes": {"mark": ["note"]}}, SCHEME)
    assert rules.min_iou_other_label == 0.7
    assert rules.min_iou == 0
    assert rules.counted(MARKS) == ("note",)


@pytest.mark.parametrize(
    "said",
    [
        {"min_io": 0.5},
        {"min_iou": 1},
        {"min_iou": -0.1},
        {"min_iou": True},
        {"min_iou": "half"},
        {"attributes": ["voice"]},
        {"attributes": {"tone": []}},
        {"attributes": {"mark": "voice"}},
        {"attributes": {"mark": ["mood"]}},
    ],
)
def test_what_cannot_be_is_refused(said):
    with pytest.raises(SchemeError) as refused:
        read_rules(said, SCHEME)
    assert refused.value.remedy


def test_rules_make_another_version_and_none_do_not():
    assert rules_sha("abc", None) == rules_sha("abc", {}) == "abc"
    assert len(rules_sha("abc", {"min_iou": 0.1})) == 64
    assert rules_sha("abc", {"min_iou": 0.1}) != rules_sha("abc", {"min_iou": 0.2})
