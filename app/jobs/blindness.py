"""After a sync: look for signs that what came in was not made blind."""

from __future__ import annotations

from app.extensions import Store
from app.jobs.agreement import Transaction
from app.services import blindness


def refresh(store: Store, batch_id: int, transaction: Transaction | None = None) -> int:
    """Look at what is new in a batch, before its answers are compared.

    Args:
        store: where to read; reads are short.
        batch_id: the batch.
        transaction: how to write, such as a job's own fenced transaction.

    Returns:
        How many annotations were flagged.
    """
    writing = transaction or store.transaction
    with store.reading() as session:
        passages, newest = blindness.list_unjudged(session, batch_id)
    flagged = 0
    for first in range(0, len(passages), blindness.CHUNK):
        with writing() as session:
            flagged += blindness.judge(session, batch_id, passages[first : first + blindness.CHUNK])
    if passages:
        with writing() as session:
            blindness.note_judged(session, batch_id, newest)
    return flagged
