"""After a sync or an adoption: compare what changed, then bring the figures up to date.

Called at the end of a job, and by commands that work in their own process. What was done is
found in the rows, so beginning again after a crash does only the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from app.extensions import Store
from app.services import conflicts

Transaction = Callable[[], AbstractContextManager[Session]]


def refresh(store: Store, batch_id: int, transaction: Transaction | None = None) -> int:
    """Bring a batch's conflicts and figures of agreement up to date.

    Args:
        store: where to read; reads are short.
        batch_id: the batch.
        transaction: how to write, such as a job's own fenced transaction.

    Returns:
        How many passages were compared anew.
    """
    writing = transaction or store.transaction
    with store.reading() as session:
        passages, newest = conflicts.list_uncompared(session, batch_id)
    for chunk in _chunks(passages):
        with writing() as session:
            conflicts.remake(session, batch_id, chunk, now=datetime.now(UTC))
    if passages:
        with writing() as session:
            conflicts.note_seen(session, batch_id, newest)
    return len(passages)


def _chunks(ids: list[int]) -> Iterator[list[int]]:
    for first in range(0, len(ids), conflicts.CHUNK):
        yield ids[first : first + conflicts.CHUNK]
