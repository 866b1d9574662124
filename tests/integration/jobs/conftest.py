"""The line on a fake server, on both stores."""

from __future__ import annotations

import pytest

from tests.line import Line


@pytest.fixture
def line(settings, store):
    """An instance whose only connection leads to a fake Label Studio."""
    line = Line(settings, store)
    yield line
    line.queue.close()
