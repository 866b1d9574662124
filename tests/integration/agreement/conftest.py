"""A batch of two annotators."""

from __future__ import annotations

import pytest

from tests.line import ADA, BEN, Line


@pytest.fixture
def line(settings, store):
    """Two annotators in lanes of their own, five passages pushed."""
    line = Line(settings, store)
    line.add_article()
    line.add_batch(annotators=(ADA, BEN), overlap=2)
    line.push()
    yield line
    line.queue.close()
