"""The review room."""

import pytest

from tests.integration.review.room import Room


@pytest.fixture
def room(settings, store):
    """Two annotators in lanes of their own, five passages pushed, reviewers with accounts."""
    room = Room(settings, store)
    yield room
    room.line.queue.close()
