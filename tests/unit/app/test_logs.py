"""Logs go to stderr, one line an event, in one form for ours and others'."""

from __future__ import annotations

import json
import logging

import pytest

from app import logs


@pytest.fixture
def logged(capsys, monkeypatch):
    """What was logged so far; the logging of the tests themselves is put back afterwards."""
    root = logging.getLogger()
    monkeypatch.setattr(root, "handlers", root.handlers)
    before = root.level
    yield lambda: capsys.readouterr().err
    root.setLevel(before)


def test_json_lines_hold_the_event_and_its_fields(logged):
    logs.configure("INFO", as_json=True)
    logs.get_logger().info("chunk_sent", lane=3)
    logging.getLogger("other").warning("from a library")
    ours, theirs = (json.loads(line) for line in logged().splitlines())
    assert (ours["event"], ours["lane"], ours["level"]) == ("chunk_sent", 3, "info")
    assert (theirs["event"], theirs["level"]) == ("from a library", "warning")
    assert ours["timestamp"].endswith("Z")


def test_a_value_cannot_begin_a_line_of_its_own(logged):
    logs.configure("INFO", as_json=True)
    logs.get_logger().info("sign_in_failed", address="1\r\n2\u2028{}\x1b[31m")
    assert len(logged().splitlines()) == 1


def test_lines_for_people_name_event_and_fields(logged):
    logs.configure("WARNING", as_json=False)
    logs.get_logger().warning("lane_lost", lane=3)
    logs.get_logger().info("not worth a line")
    told = logged()
    assert "lane_lost" in told
    assert "lane=3" in told
    assert "not worth" not in told
