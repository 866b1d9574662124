"""After a sync or an adoption: compare what changed, then bring the figures up to date.

Called at the end of a job, and by commands that work in their own process. What was done is
found in the rows, so beginning again after a crash does only the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.orm import Session

from app.extensions import Store
from app.queries.agreement import get_layers, get_report, iter_compared
from app.services import conflicts
from labeling.types import Attribute, Layer

Transaction = Callable[[], AbstractContextManager[Session]]


def refresh(store: Store, batch_id: int, transaction: Transaction | None = None) -> int:
    """Bring a batch's conflicts and figures of agreement up to date.

    Only passages whose revisions are new are compared; the figures are added up from what is
    kept of every passage.

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
        if not passages and get_report(session, batch_id).report is not None:
            return 0
        layers = [read_layer(layer) for layer in get_layers(session, batch_id)]
    for chunk in _chunks(passages):
        with writing() as session:
            conflicts.remake(session, batch_id, chunk, now=datetime.now(UTC))
    # Loads numpy, which no command that only reads its help shall wait for.
    from labeling.agreement.report import make_report

    report = make_report(list(iter_compared(store, batch_id)), layers)
    with writing() as session:
        # In this order: whoever finds the passages seen finds their figures, too.
        conflicts.note_seen(session, batch_id, newest)
        conflicts.keep_report(session, batch_id, report, datetime.now(UTC))
    return len(passages)


def read_layer(kept: dict[str, Any]) -> Layer:
    """A layer from the form in which a scheme version keeps it."""
    return Layer(
        kept["name"],
        kept["kind"],
        tuple(kept["labels"]),
        tuple(
            Attribute(one["name"], tuple(one["values"]), one["multiple"], one["kind"])
            for one in kept["attributes"]
        ),
    )


def _chunks(ids: list[int]) -> Iterator[list[int]]:
    for first in range(0, len(ids), conflicts.CHUNK):
        yield ids[first : first + conflicts.CHUNK]
