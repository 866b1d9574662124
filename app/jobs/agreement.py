"""After a sync or an adoption: compare what changed, then bring the figures up to date.

Called at the end of a job, and by commands that work in their own process. What was done is
found in the rows, so beginning again after a crash does only the rest.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing
from typing import Any

from sqlalchemy.orm import Session

from app.extensions import Store
from app.jobs.runtime import JobContext, now
from app.queries.agreement import (
    count_compared,
    get_edition,
    get_layers,
    iter_compared,
    list_work,
)
from app.queries.gold_figures import GoldCounts, read_gold_counts
from app.queue import AGREEMENT, Queue
from app.services import conflicts, gold_comparison
from labeling.agreement.report import (
    ComparedPassage,
    against_gold,
    between_reviewers,
    make_report,
    summary,
)
from labeling.types import Attribute, Layer

Transaction = Callable[[], AbstractContextManager[Session]]

# A sync does so much at its own end, a second's work; beyond it, a job of its own does it.
SOON_CHANGED = 500
SOON_PASSAGES = 2000


def follow(ctx: JobContext, batch_id: int) -> None:
    """At the end of a job that brought revisions: see that they are compared.

    What is little is done here and now, so that whoever waited for the job finds it done.
    """
    with ctx.store.reading() as session:
        changed, _ = conflicts.list_uncompared(session, batch_id)
        passages = count_compared(session, batch_id)
    if len(changed) <= SOON_CHANGED and passages + len(changed) <= SOON_PASSAGES:
        refresh(ctx.store, batch_id, ctx.transaction)
        return
    left = len(changed)
    if left <= SOON_CHANGED:
        compare_changed(ctx.store, batch_id, ctx.transaction)
        left = 0
    with closing(Queue(ctx.settings)) as queue, ctx.transaction() as session:
        queue.plan(
            session,
            AGREEMENT,
            key=f"agreement:{batch_id}",
            actor="system",
            partition=f"agreement:{batch_id}",
            args={"batch": batch_id},
            total=left,
        )


def agreement_batch(ctx: JobContext) -> dict[str, Any]:
    """The job: bring a batch's conflicts and figures up to date."""

    def step(done: int, total: int) -> None:
        ctx.checkpoint(done=done, message=f"Compared {done:,} of {total:,} passages")

    changed = refresh(ctx.store, ctx.args["batch"], ctx.transaction, step)
    return {"compared": changed}


def refresh(
    store: Store,
    batch_id: int,
    transaction: Transaction | None = None,
    step: Callable[[int, int], None] | None = None,
) -> int:
    """Bring a batch's conflicts and figures of agreement up to date.

    Only passages whose revisions are new are compared; the figures are added up from what is
    kept of every passage.

    Args:
        store: where to read; reads are short.
        batch_id: the batch.
        transaction: how to write, such as a job's own fenced transaction.
        step: told how many passages of how many are compared.

    Returns:
        How many passages were compared anew.
    """
    writing = transaction or store.transaction
    changed = compare_changed(store, batch_id, writing, step)
    _compare_golds(store, batch_id, writing)
    with store.reading() as session:
        edition, computed = get_edition(session, batch_id)
        if computed == edition:
            return changed
        layers = [read_layer(layer) for layer in get_layers(session, batch_id)]
    passages: list[ComparedPassage] = []
    fates: dict[str, Counter[str]] = defaultdict(Counter)
    for passage, answers in iter_compared(store, batch_id):
        passages.append(passage)
        for one in answers:
            fates[str(one["annotator"])].update(one.get("suggested", {}))
    report = make_report(passages, layers)
    report["work"] = [
        {**one, "suggested": dict(fates[one["annotator"]])} for one in list_work(store, batch_id)
    ]
    _add_gold(report, read_gold_counts(store, batch_id), layers)
    with writing() as session:
        conflicts.keep_report(
            session, batch_id, report, summary(report), edition=edition, now=now()
        )
    return changed


def _add_gold(report: dict[str, Any], counts: GoldCounts, layers: list[Layer]) -> None:
    """Add what rests on gold: annotators against it, and two reviewers against each other."""
    for name, rows in against_gold(counts.annotators, layers).items():
        report["layers"][name]["against_gold"] = rows
    if counts.looks:
        report["reviewers"] = between_reviewers(counts.looks, layers)


def _compare_golds(store: Store, batch_id: int, transaction: Transaction) -> None:
    """Compare the gold that is new since last time."""
    with store.reading() as session:
        new = gold_comparison.list_uncompared(session, batch_id)
    for chunk in _chunks(new, gold_comparison.CHUNK):
        with transaction() as session:
            gold_comparison.compare_golds(session, batch_id, chunk)


def compare_changed(
    store: Store,
    batch_id: int,
    transaction: Transaction,
    step: Callable[[int, int], None] | None = None,
) -> int:
    """Compare the passages of a batch whose revisions are new; gives how many there were."""
    with store.reading() as session:
        passages, newest = conflicts.list_uncompared(session, batch_id)
        known = conflicts.newest_seen(session, batch_id)
    done = 0
    for chunk in _chunks(passages, conflicts.CHUNK):
        with transaction() as session:
            conflicts.remake(session, batch_id, chunk, now=now())
        done += len(chunk)
        if step is not None:
            step(done, len(passages))
    if newest != known:
        with transaction() as session:
            conflicts.note_seen(session, batch_id, newest)
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


def _chunks(ids: list[int], size: int) -> Iterator[list[int]]:
    for first in range(0, len(ids), size):
        yield ids[first : first + size]
