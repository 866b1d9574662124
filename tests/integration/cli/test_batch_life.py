"""`flask batches close | reopen | archive | edit` answer in one object, and in words."""

from __future__ import annotations

from tests.integration.cli.test_batches import create
from tests.line import ADA, BEN


def test_closing_says_what_is_undone_and_by_whom(flask_command, articles, connection):
    create(flask_command, "--overlap", "2", annotators=(ADA, BEN))
    assert flask_command("batches", "close", "first") == {
        "batch": "first",
        "state": "closed",
        "undone": 24,
        "lanes": [
            {"annotator": email, "tasks": 12, "annotated": 0, "undone": 12} for email in (ADA, BEN)
        ],
    }
    assert flask_command("batches", "close", "first", exit_code=1)["error"]["kind"] == "conflict"
    assert flask_command("batches", "push", "first", exit_code=1)["error"]["kind"] == "conflict"
    assert flask_command("batches", "reopen", "first") == {"batch": "first", "state": "draft"}
    assert "24 of 24 tasks are undone" in flask_command.text("batches", "close", "first")
    archived = {"batch": "first", "state": "archived"}
    assert flask_command("batches", "archive", "first") == archived
    assert flask_command("sync", "first", exit_code=1)["error"]["kind"] == "conflict"


def test_what_is_not_given_stays(flask_command, articles, connection):
    create(flask_command, "--owner", "desk@example.org", "--due", "2027-01-31", "--note", "One.")
    edit = ("batches", "edit", "first")
    kept = {"batch": "first", "owner": "desk@example.org", "due": "2027-01-31", "note": "Two."}
    assert flask_command(*edit, "--note", "Two.") == kept
    assert flask_command(*edit, "--no-due", "--owner", "") == {**kept, "due": None, "owner": ""}
    assert flask_command(*edit, "--due", "2027-02-01")["due"] == "2027-02-01"
