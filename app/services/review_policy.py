"""How a batch is reviewed: set by an admin, kept with the batch, written down."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.errors import ConflictError
from app.models.batches import BatchState
from app.services import audit
from app.services.batches import get_batch
from labeling.decisions import ReviewPolicy


def set_policy(session: Session, slug: str, policy: ReviewPolicy, *, actor: str) -> ReviewPolicy:
    """Change how a batch is reviewed, from now on; what was settled stays settled.

    A larger share of second looks counts for passages that are settled after the change.

    Args:
        session: a transaction.
        slug: the batch.
        policy: the whole policy.
        actor: who changes it.

    Raises:
        NotFoundError: there is no such batch.
        ConflictError: it is archived.
    """
    batch = get_batch(session, slug)
    if batch.state == BatchState.ARCHIVED:
        raise ConflictError(
            f"Batch {slug!r} is archived; nothing in it changes any more.",
            remedy="Create a new batch for more work.",
        )
    before = ReviewPolicy.read(batch.policy)
    if policy == before:
        return policy
    batch.policy = policy.as_json()
    audit.record(
        session,
        actor=actor,
        action="review_policy_changed",
        object=f"batch:{slug}",
        detail={"before": before.as_json(), "after": policy.as_json()},
    )
    session.flush()
    return policy
