"""The queue of reviewers: what is ready, in short reads."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models.passages import Passage
from app.models.review import ItemState, ReviewItem
from app.queries.batches import get_batch

PAGE = 200


def list_ready(session: Session, slug: str, *, after: int = 0) -> list[tuple[int, str]]:
    """Passages of a batch on which all agree and nobody has decided: row id and uid, by id.

    Raises:
        NotFoundError: no such batch.
    """
    batch = get_batch(session, slug)
    rows = session.execute(
        select(ReviewItem.passage_id, Passage.uid)
        .join(Passage, Passage.id == ReviewItem.passage_id)
        .where(
            ReviewItem.batch_id == batch.id,
            ReviewItem.state == ItemState.READY,
            ReviewItem.open == 0,
            ReviewItem.answers >= 2,
            ReviewItem.passage_id > after,
        )
        .order_by(ReviewItem.passage_id)
        .limit(PAGE)
    )
    return [(row[0], row[1]) for row in rows]
