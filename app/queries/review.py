"""The queue of reviewers: what is ready, in short reads; and how a batch is reviewed."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import NotFoundError
from app.models.batches import Batch
from app.models.passages import Passage
from app.models.review import ItemState, ReviewItem
from app.queries.batches import get_batch
from labeling.decisions import ReviewPolicy

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


def get_policy(session: Session, slug: str) -> ReviewPolicy:
    """How a batch is reviewed.

    Raises:
        NotFoundError: no such batch.
    """
    row = session.execute(select(Batch.policy).where(Batch.slug == slug)).one_or_none()
    if row is None:
        raise NotFoundError(
            f"There is no batch {slug!r}.", remedy="See them with: flask batches list"
        )
    return ReviewPolicy.read(row[0])
