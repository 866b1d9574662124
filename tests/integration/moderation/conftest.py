"""The moderation desk."""

import pytest

from tests.integration.moderation.floor import Floor


@pytest.fixture
def floor(settings, store):
    """Moderators with accounts, and the house policy."""
    floor = Floor(settings, store)
    yield floor
    floor.line.queue.close()
