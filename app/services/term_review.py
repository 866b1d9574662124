"""Sending the places of a term to review: their passages are flagged for those who review them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import InvalidInputError
from app.models.batches import Batch, BatchState
from app.models.passages import Passage
from app.models.review import ReviewItem
from app.services import audit

MOST_AT_ONCE = 200
_LONGEST_NOTE = 300


@dataclass(frozen=True, slots=True)
class SentToReview:
    """What became of the passages: flagged in so many batches, or answered by nobody yet."""

    flagged: int
    not_answered: tuple[str, ...]


def send_to_review(
    session: Session, passages: Sequence[str], *, term: str, note: str, actor: str
) -> SentToReview:
    """Flag passages in every batch in which somebody has answered them.

    The queue shows flagged passages with who flagged them and why, the reviewed ones too; what
    was decided stands until a further look comes to something else.

    Args:
        session: a transaction.
        passages: their uids.
        term: the term that stands in them, for the flag's note.
        note: why they are worth a look.
        actor: who sends them.

    Raises:
        InvalidInputError: none was chosen, or too many at once.
    """
    wanted = list(dict.fromkeys(passages))
    if not 0 < len(wanted) <= MOST_AT_ONCE:
        raise InvalidInputError(
            "Choose some places first." if not wanted else "These are too many places at once.",
            remedy=f"Choose from 1 to {MOST_AT_ONCE}.",
        )
    rows = session.execute(
        select(ReviewItem, Passage.uid, Batch.slug)
        .join(Passage, Passage.id == ReviewItem.passage_id)
        .join(Batch, Batch.id == ReviewItem.batch_id)
        .where(Passage.uid.in_(wanted), Batch.state != BatchState.ARCHIVED)
        .order_by(Batch.slug, Passage.id)
        .with_for_update(of=ReviewItem)
    ).all()
    said = f"“{term}”: {note.strip()}" if note.strip() else f"“{term}” is worth a look"
    by_batch: dict[str, list[str]] = {}
    for item, uid, slug in rows:
        item.flagged_by, item.flag_note = actor, said[:_LONGEST_NOTE]
        by_batch.setdefault(slug, []).append(uid)
    for slug, uids in by_batch.items():
        audit.record(
            session,
            actor=actor,
            action="term_sent_to_review",
            object=f"batch:{slug}",
            detail={"term": term, "passages": uids},
        )
    session.flush()
    flagged = {uid for uids in by_batch.values() for uid in uids}
    return SentToReview(len(rows), tuple(uid for uid in wanted if uid not in flagged))
