"""What an annotator answers on the fake server, and what a sync makes of it."""

from __future__ import annotations

from app.models.jobs import JobState
from tests.line import ADA

QUOTE = {
    "id": "q1",
    "from_name": "quote",
    "to_name": "text",
    "type": "labels",
    "value": {"start": 0, "end": 26, "text": "“We 😀 count boats number 0,”", "labels": ["QUOTE"]},
}


KIND = {
    "id": "q1",
    "from_name": "kind",
    "to_name": "text",
    "type": "choices",
    "value": {"start": 0, "end": 26, "choices": ["direct"]},
}


SPEAKER = {
    "id": "s1",
    "from_name": "quote",
    "to_name": "text",
    "type": "labels",
    "value": {"start": 32, "end": 44, "text": "Ada Lovelace", "labels": ["SPEAKER"]},
}


SAID = {"type": "relation", "from_id": "q1", "to_id": "s1", "labels": ["said_by"]}


COUNTS = (
    "tasks_seen",
    "revisions_new",
    "revisions_total",
    "unchanged",
    "withdrawn",
    "quarantined",
)


def tasks(line):
    """The server's tasks of the first lane, in order."""
    return line.server.tasks_of(line.lanes()[0].ls_project_id)


def ada(line):
    return next(user.id for user in line.server.users if user.email == ADA)


def first_body(line):
    return next(t for t in tasks(line) if "number 0" in t["data"]["text"])


def annotate(line, result=(), **more):
    return line.server.annotate(
        first_body(line)["id"],
        list(result),
        completed_by=more.pop("completed_by", ada(line)),
        **more,
    )


def synced(line, **options):
    job = line.sync(**options)
    assert job.state == JobState.SUCCEEDED, job.error
    return {count: job.result[count] for count in COUNTS}
