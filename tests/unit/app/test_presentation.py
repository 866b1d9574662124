"""How values look on a page."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from flask import Flask

from app.views import presentation as look


@pytest.mark.parametrize(
    ("part", "whole", "said"),
    [
        (0, 0, "–"),
        (0, 9, "0%"),
        (1, 1000, "1%"),
        (999, 1000, "99%"),
        (5, 5, "100%"),
        (1, 3, "33%"),
    ],
)
def test_a_share_is_whole_only_when_nothing_is_left(part, whole, said):
    assert look.share(part, whole) == said


def test_numbers_times_and_counts_are_written_as_people_write_them():
    evening = datetime(2026, 3, 9, 23, 5, tzinfo=timezone(timedelta(hours=-2)))
    assert look.number(1820) == "1,820"
    assert look.moment(evening) == "10 Mar 2026, 01:05 UTC"
    assert look.day(datetime(2026, 3, 9, tzinfo=UTC)) == "9 Mar 2026"
    assert look.plural(1, "passage") == "1 passage"
    assert look.plural(2400, "passage") == "2,400 passages"
    assert look.plural(0, "batch", "batches") == "0 batches"
    assert look.duration(72.4) == "1 min 12 s"
    assert look.duration(9) == "9 s"


def test_a_state_nobody_foresaw_is_shown_by_its_name():
    assert look.state_look("half_done") == ("quiet", "·", "half done")
    assert look.state_look("failed") == ("bad", "!", "failed")


def test_labels_of_other_schemes_share_a_colour():
    assert look.label_class("LOADED_TERM") == "label-loaded-term"
    assert look.label_class('x" onclick="') == "label-other"


@pytest.mark.parametrize(
    ("asked", "changes", "given"),
    [
        ("/a?outlet=Gull&after=9", {"section": "world"}, "/a?outlet=Gull&section=world"),
        ("/a?outlet=Gull", {"outlet": None}, "/a"),
        ("/a?outlet=Gull", {"after": 7}, "/a?outlet=Gull&after=7"),
        ("/a", {"outlet": ""}, "/a?outlet="),
        ("/a?_external=1&_scheme=evil", {}, "/a?_external=1&_scheme=evil"),
    ],
)
def test_a_link_of_a_list_changes_one_part_of_its_address(asked, changes, given):
    with Flask(__name__).test_request_context(asked):
        assert look.url_with(**changes) == given
