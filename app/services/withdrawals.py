"""What vanished from Label Studio: withdrawn after two complete listings, many only by a person.

A listing that is wrong, a restored backup or a slip in the data manager can make hundreds of
answers vanish at once. So many at once are held, and a person says whether they are withdrawn
or kept.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.errors import ConflictError, NotFoundError
from app.models.annotations import Annotation, Revision, RevisionState
from app.models.batches import Batch, Lane
from app.models.drift import Drift, DriftState
from app.models.tasks import Task
from app.queue import AGREEMENT, Queue
from app.services import audit, drift, revisions, tally
from app.services.reconciling import refresh_annotated
from app.services.revisions import Known, NewRevision
from app.services.setting_aside import AsideDesk

LISTINGS_TO_WITHDRAW = 2
WITHDRAWN_SHA = hashlib.sha256(b"withdrawn").hexdigest()

# The brake: more than this many at once, or more than this share of a lane's answers, ask a
# person. A handful never does, or one slip in a small lane would.
MANY, SHARE, HANDFUL = 20, 0.05, 5


def settle(session: Session, lane_id: int, now: datetime) -> int:
    """At the end of a lane's sync: withdraw what two listings lacked, or ask about it.

    Returns:
        How many annotations were withdrawn.
    """
    due = _due(session, lane_id)
    asked = drift.is_open(session, lane_id, drift.MASS_WITHDRAWAL)
    if due and (asked or is_braked(len(due), _living(session, lane_id))):
        examples = [known.ls_task_id for known in due]
        drift.note(session, lane_id, drift.MASS_WITHDRAWAL, len(due), examples, now)
        return 0
    drift.note(session, lane_id, drift.MASS_WITHDRAWAL, 0, (), now)
    _withdraw(session, lane_id, due, now)
    return len(due)


def is_braked(due: int, living: int) -> bool:
    """Whether so many withdrawals at once ask a person."""
    return due > MANY or (due >= HANDFUL and due > SHARE * living)


def answer(
    session: Session, queue: Queue, slug: str, drift_id: int, *, withdraw: bool, actor: str
) -> int:
    """Say what becomes of answers that vanished in great number.

    Withdrawn ones are taken out of the comparisons by a job, so that gold which rested on them
    is marked, also in a batch that is not synced any more.

    Args:
        withdraw: True: they are withdrawn. False: they are kept, although they are gone there.

    Returns:
        How many annotations it was about.

    Raises:
        NotFoundError: the batch has no such question.
        ConflictError: it was answered, or is over.
    """
    asked, batch_id = _question(session, slug, drift_id)
    if asked.state != DriftState.OPEN:
        raise ConflictError("This has been decided, or the answers are back.")
    now = datetime.now(UTC)
    due = _due(session, asked.lane_id)
    if withdraw:
        _withdraw(session, asked.lane_id, due, now)
        key = f"agreement:{batch_id}"
        args = {"batch": batch_id}
        queue.plan(session, AGREEMENT, key=key, actor=actor, partition=key, args=args)
    else:
        for known in due:
            known.set(kept=True, missing=0)
        revisions.store(session, due, (), now)
    asked.state, asked.actor, asked.last_at = DriftState.ANSWERED, actor, now
    tally.forget_usual(session, batch_id)
    audit.record(
        session,
        actor=actor,
        action="withdrawals_accepted" if withdraw else "withdrawals_refused",
        object=f"batch:{slug}",
        detail={"lane": asked.lane_id, "annotations": len(due)},
    )
    return len(due)


def _question(session: Session, slug: str, drift_id: int) -> tuple[Drift, int]:
    """The question, locked, and its batch."""
    found = session.execute(
        select(Drift, Batch.id)
        .join(Lane, Lane.id == Drift.lane_id)
        .join(Batch, Batch.id == Lane.batch_id)
        .where(Batch.slug == slug, Drift.id == drift_id, Drift.kind == drift.MASS_WITHDRAWAL)
        .with_for_update(of=Drift)
    ).one_or_none()
    if found is None:
        raise NotFoundError(
            f"Batch {slug!r} has no withdrawals {drift_id} to decide on.",
            remedy=f"See what there is with: flask batches drift {slug}",
        )
    return found[0], found[1]


def _due(session: Session, lane_id: int) -> list[Known]:
    rows = session.execute(
        revisions.known_columns()
        .join(Task, Task.id == Annotation.task_id)
        .where(
            Task.lane_id == lane_id,
            Annotation.missing >= LISTINGS_TO_WITHDRAW,
            Annotation.kept.is_(False),
        )
        .order_by(Annotation.id)
    )
    found = [revisions.as_known(row) for row in rows]
    return [known for known in found if known.state != RevisionState.WITHDRAWN]


def _living(session: Session, lane_id: int) -> int:
    return (
        session.scalar(
            select(func.count(Annotation.id))
            .join(Task, Task.id == Annotation.task_id)
            .join(
                Revision,
                (Revision.annotation_id == Annotation.id) & (Revision.n == Annotation.current),
            )
            .where(Task.lane_id == lane_id, Revision.state != RevisionState.WITHDRAWN)
        )
        or 0
    )


def _withdraw(session: Session, lane_id: int, due: Sequence[Known], now: datetime) -> None:
    if not due:
        return
    gone: list[NewRevision] = []
    for known in due:
        known.set(current=known.current + 1)
        gone.append(NewRevision(known, known.current, RevisionState.WITHDRAWN, WITHDRAWN_SHA))
    revisions.store(session, due, gone, now)
    desk = AsideDesk(lane_id, now)
    for known in due:
        desk.superseded(known.id)
    desk.write(session)
    refresh_annotated(session, lane_id, (known.task_id for known in due))
