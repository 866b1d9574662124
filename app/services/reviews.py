"""Who is inside a passage: opening it, holding it for a while, leaving it again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.errors import ConflictError, NotFoundError, NotPermittedError
from app.models.batches import Batch, BatchState
from app.models.connections import Annotator
from app.models.passages import Passage
from app.models.review import ItemState, Review, ReviewItem, ReviewState, Stage
from app.queries.decisions import list_answers
from app.services import audit
from app.services.batches import get_batch
from app.services.review_items import earlier_reviewers, stage_of

LEASE = timedelta(minutes=10)


def open_review(
    session: Session, slug: str, passage_uid: str, *, actor: str, now: datetime
) -> Review:
    """Let a reviewer into a passage, or back into it, and hold it for ten minutes.

    Args:
        session: a transaction.
        slug: the batch.
        passage_uid: the passage.
        actor: the reviewer's e-mail address.
        now: the time.

    Returns:
        The reviewer's own open review; what they see from now on is what they answer to.

    Raises:
        NotFoundError: no such batch or passage, or nobody has answered the passage.
        NotPermittedError: the reviewer annotated it, or looked at it at an earlier stage.
        ConflictError: a colleague is inside, or it waits for an annotator.
    """
    batch, passage, item = find_item(session, slug, passage_uid)
    if batch.state == BatchState.ARCHIVED:
        raise ConflictError(f"The batch {slug!r} is archived; nothing in it changes any more.")
    check_waiting(batch, item)
    check_reviewer(session, item, actor)
    stage = stage_of(item.state)
    mine = None
    for one in _inside(session, item):
        if one.stage == stage and one.reviewer == actor:
            mine = one
        elif one.stage == stage and one.leased_until > now:
            raise ConflictError(
                f"{one.reviewer} has this passage open.",
                remedy=f"Take another one, or wait until {one.leased_until:%H:%M} UTC.",
            )
        else:
            # The lease ran out, or the passage is at another stage than when it was opened.
            _let_go(session, slug, passage, one, actor=actor)
    if mine is None:
        mine = _enter(session, item, stage, actor, now)
        action = "review_opened"
        detail = {"passage": passage.uid, "stage": stage, "turn": mine.turn}
        audit.record(session, actor=actor, action=action, object=f"batch:{slug}", detail=detail)
    mine.leased_until = now + LEASE
    mine.revisions = current_revisions(session, item)
    session.flush()
    return mine


def leave_review(session: Session, slug: str, passage_uid: str, *, actor: str) -> bool:
    """Let a passage go without submitting; what was decided is kept in its history.

    Returns:
        Whether the reviewer was inside.
    """
    _, passage, item = find_item(session, slug, passage_uid)
    left = [one for one in _inside(session, item) if one.reviewer == actor]
    for one in left:
        _let_go(session, slug, passage, one, actor=actor)
    return bool(left)


def end_reviews(
    session: Session, slug: str, passage: Passage, item: ReviewItem, *, actor: str
) -> None:
    """Let whoever is inside a passage out: it goes back to an annotator. Decisions are kept."""
    for one in _inside(session, item):
        _let_go(session, slug, passage, one, actor=actor)


def check_waiting(batch: Batch, item: ReviewItem) -> None:
    """Refuse to settle what an annotator is still at work on.

    Raises:
        ConflictError: an answer is due, and the batch is not closed.
    """
    if batch.state != BatchState.CLOSED and item.state in (ItemState.WAITING, ItemState.REWORK):
        raise ConflictError(
            "This passage was sent back and waits for an annotator's answer."
            if item.state == ItemState.REWORK
            else "This passage waits for an annotator's answer.",
            remedy="Take another one; a sync brings the answer.",
        )


def check_reviewer(session: Session, item: ReviewItem, actor: str) -> None:
    """Refuse who may not look at this passage.

    Raises:
        NotPermittedError: nobody reviews their own annotations, or their own review.
    """
    if actor == "system":
        raise NotPermittedError(
            "A review is somebody's: the system cannot decide.",
            remedy="Say who you are: --as EMAIL",
        )
    if actor in annotators_of(session, item):
        raise NotPermittedError(
            "You annotated this passage, so somebody else has to review it.",
            remedy="Take another passage; the queue leaves yours out.",
        )
    done = earlier_reviewers(session, item.batch_id, item.passage_id)
    second_looks = (ItemState.SECOND, ItemState.ADJUDICATION)
    if item.state in second_looks and actor in done.values():
        raise NotPermittedError(
            "You have reviewed this passage already; a second look is somebody else's.",
            remedy="Take another passage; the queue leaves yours out.",
        )


def find_item(session: Session, slug: str, passage_uid: str) -> tuple[Batch, Passage, ReviewItem]:
    """A passage of a batch with its row in the queue.

    Raises:
        NotFoundError: no such batch or passage, or nobody has answered the passage.
    """
    batch = get_batch(session, slug)
    row = session.execute(
        select(Passage, ReviewItem)
        .join(ReviewItem, ReviewItem.passage_id == Passage.id)
        .where(Passage.uid == passage_uid, ReviewItem.batch_id == batch.id)
        .with_for_update(of=ReviewItem)
    ).one_or_none()
    if row is None:
        raise NotFoundError(
            f"There is nothing to review of the passage {passage_uid!r} in the batch {slug!r}.",
            remedy=f"Passages can be reviewed once they are annotated: flask sync {slug}",
        )
    return batch, row[0], row[1]


def annotators_of(session: Session, item: ReviewItem) -> set[str]:
    """The e-mail addresses of all whose answers are compared."""
    ids = [one["annotator"] for one in list_answers(session, item.batch_id, item.passage_id)]
    return set(session.scalars(select(Annotator.email).where(Annotator.id.in_(ids))))


def current_revisions(session: Session, item: ReviewItem) -> list[int]:
    """The row ids of the revisions that count for a passage now."""
    return sorted(one["revision"] for one in list_answers(session, item.batch_id, item.passage_id))


def check_seen(review: Review, current: Sequence[int], seen: Sequence[int] | None) -> None:
    """Refuse what was decided on answers that are no longer the newest.

    Raises:
        ConflictError: an annotator has answered anew meanwhile.
    """
    if list(current) != sorted(seen if seen is not None else review.revisions):
        raise ConflictError(
            "An annotator has answered this passage anew while you had it open.",
            remedy="Look at it again: your decisions are kept, and what changed is marked.",
        )


def _inside(session: Session, item: ReviewItem) -> Sequence[Review]:
    """Who is inside, at whatever stage."""
    return session.scalars(
        select(Review)
        .where(
            Review.batch_id == item.batch_id,
            Review.passage_id == item.passage_id,
            Review.state == ReviewState.OPEN,
        )
        .order_by(Review.id)
        .with_for_update()
    ).all()


def _let_go(session: Session, slug: str, passage: Passage, one: Review, *, actor: str) -> None:
    """End an open review without submitting it."""
    one.state = ReviewState.LEFT
    detail = {"passage": passage.uid, "stage": one.stage, "reviewer": one.reviewer}
    audit.record(session, actor=actor, action="review_left", object=f"batch:{slug}", detail=detail)
    session.flush()


def _enter(session: Session, item: ReviewItem, stage: Stage, actor: str, now: datetime) -> Review:
    """Begin a review, or take up again one that the same reviewer had left."""
    here = select(Review).where(
        Review.batch_id == item.batch_id,
        Review.passage_id == item.passage_id,
        Review.stage == stage,
    )
    submitted = here.where(Review.state == ReviewState.SUBMITTED).subquery()
    turn = (session.scalar(select(func.count()).select_from(submitted)) or 0) + 1
    left = here.where(
        Review.state == ReviewState.LEFT, Review.turn == turn, Review.reviewer == actor
    )
    review = session.scalar(left.order_by(Review.id.desc()).limit(1))
    try:
        with session.begin_nested():
            if review is None:
                review = Review(
                    batch_id=item.batch_id,
                    passage_id=item.passage_id,
                    stage=stage,
                    turn=turn,
                    reviewer=actor,
                    revisions=[],
                    opened_at=now,
                    leased_until=now + LEASE,
                )
                session.add(review)
            review.state = ReviewState.OPEN
    except IntegrityError:
        raise ConflictError(
            "A colleague opened this passage at the same moment.", remedy="Take another one."
        ) from None
    return review
