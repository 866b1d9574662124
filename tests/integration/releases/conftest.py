"""A desk that releases: settled passages, and the commands."""

from __future__ import annotations

import json

import pytest

from tests.integration.review.room import Room, region


@pytest.fixture
def room(settings, store):
    """Four passages answered by both annotators and settled; one that nobody reviewed."""
    room = Room(settings, store)
    for task in (0, 1, 2, 3):
        room.disagree(task)
    room.passages = []
    for task in (0, 1, 2):
        passage = room.sync(task)
        room.settle(passage)
        room.passages.append(passage)
    room.open = room.sync(3)
    room.region = region
    yield room
    room.line.queue.close()


@pytest.fixture
def call(app, room):
    """Run `flask datasets …` and give its answer."""
    runner = app.test_cli_runner()

    def run(*words, exit_code=0):
        result = runner.invoke(args=["datasets", *map(str, words), "--json"])
        assert result.exit_code == exit_code, result.output
        return json.loads(result.stdout)

    run.plain = lambda *words: runner.invoke(args=["datasets", *map(str, words)]).output
    return run
