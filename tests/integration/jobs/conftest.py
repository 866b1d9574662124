"""The line on a fake server, on both stores, in small chunks and without waiting."""

from __future__ import annotations

import pytest

from tests.line import Line


@pytest.fixture
def settings(settings):
    return settings.model_copy(update={"push_settle_s": 0.0, "push_chunk": 2})


@pytest.fixture
def line(settings, store):
    """An instance whose only connection leads to a fake Label Studio."""
    line = Line(settings, store)
    yield line
    line.queue.close()


@pytest.fixture
def pushed(line):
    """A pushed batch of one lane; the first body paragraph's task is at hand."""
    line.add_article(paragraphs=3)
    line.add_batch()
    line.push()
    return line
