"""The instance of a rehearsal, and the figures of all of them for the end of the run."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from app.extensions import Store
from tests.line import Line
from tests.rehearsal.ledger import note_states
from tests.rehearsal.matrix import Figures
from tests.rehearsal.rig import SETTLE_S, careless

# By what was run: told at the end of the run.
TOLD: dict[str, Figures] = {}


@contextmanager
def rehearsal_line(template: Any, folder: Path) -> Iterator[Line]:
    """An instance with one article of seven passages, sent in chunks of three."""
    with template.copy(folder) as made, quiet():
        settings = made.model_copy(update={"push_settle_s": SETTLE_S, "push_chunk": 3})
        store = careless(Store(settings.sqlalchemy_url))
        note_states(store)
        line = Line(settings, store)
        line.add_article(paragraphs=6)
        yield line
        line.queue.close()
        store.dispose()


@contextmanager
def quiet() -> Iterator[None]:
    """Thousands of runs fill a log that nobody reads."""
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(logging.NOTSET)
