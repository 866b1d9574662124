"""Deciding: one event a verdict, taken back by another event, added up when submitted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.errors import ConflictError, InvalidInputError
from app.models.batches import Batch
from app.models.passages import Passage
from app.models.review import (
    Decision,
    Gold,
    ItemState,
    Review,
    ReviewItem,
    ReviewState,
    Stage,
)
from app.models.schemes import SchemeVersion
from app.queries.decisions import (
    decided_in,
    gold_of_review,
    list_conflicts,
    list_history,
    list_opinions,
)
from app.services import audit, gold
from app.services.review_items import set_stage, stage_of
from app.services.reviews import (
    LEASE,
    check_reviewer,
    check_seen,
    check_waiting,
    current_revisions,
    find_item,
    open_review,
)
from labeling import decisions as core
from labeling import gold as core_gold
from labeling.opinions import Opinions, compare_opinions
from labeling.scheme import read_scheme
from labeling.types import Scheme


def decide(
    session: Session,
    slug: str,
    passage_uid: str,
    wanted: core.Decision,
    *,
    actor: str,
    now: datetime,
    seen: Sequence[int] | None = None,
) -> Decision:
    """Record a verdict on one group. The reviewer has to be inside, or is let in.

    Args:
        session: a transaction.
        slug: the batch.
        passage_uid: the passage.
        wanted: the verdict; its ``seq`` is given here.
        actor: the reviewer's e-mail address.
        now: the time.
        seen: the row ids of the revisions the verdict rests on; None: the newest.

    Raises:
        ConflictError: an annotator has answered anew or is to answer, or a colleague is inside
            or has settled it.
        DecisionError: the verdict does not fit the passage.
        NotPermittedError, NotFoundError: see ``open_review``.
    """
    one, passage = _inside(session, slug, passage_uid, actor=actor, now=now, seen=seen)
    scheme = scheme_of(session, one.batch_id)
    conflicts = list_conflicts(session, one.batch_id, one.passage_id)
    core.check_decision(wanted, conflicts, scheme, passage.text)
    policy = core.ReviewPolicy.read(session.get_one(Batch, one.batch_id).policy)
    policy.check(wanted, next((c for c in conflicts if c.key == wanted.group), None))
    row = _row(one, wanted, actor, now)
    session.add(row)
    session.flush()
    _note(session, slug, passage, row, "decision_taken")
    return row


def undo(
    session: Session, slug: str, passage_uid: str, *, actor: str, now: datetime
) -> Decision | None:
    """Take back the newest decision of the reviewer's open review that is still in force.

    Returns:
        The decision that no longer counts; None when there is nothing to take back.
    """
    one, passage = _inside(session, slug, passage_uid, actor=actor, now=now, seen=None)
    rows = list_history(session, one.id)
    undone = {row.undoes for row in rows}
    left = [row for row in rows if row.undoes is None and row.seq not in undone]
    if not left:
        return None
    last = left[-1]
    back = Decision(
        **_place(one),
        group=last.group,
        layer=last.layer,
        verdict="undo",
        actor=actor,
        at=now,
        undoes=last.seq,
    )
    session.add(back)
    session.flush()
    _note(session, slug, passage, back, "decision_undone")
    return last


def accept_majorities(
    session: Session, slug: str, passage_uid: str, *, actor: str, now: datetime
) -> int:
    """Accept, at once and recorded as such, every open group on which most agree.

    Raises:
        InvalidInputError: the batch's policy does not allow it.
    """
    one, _ = _inside(session, slug, passage_uid, actor=actor, now=now, seen=None)
    batch = session.get_one(Batch, one.batch_id)
    if not core.ReviewPolicy.read(batch.policy).majority:
        raise InvalidInputError(
            f"In the batch {slug!r} majorities are not accepted all at once.",
            remedy="Decide each group, or ask an admin to change the batch's review policy.",
        )
    decided = decided_in(list_history(session, one.id))
    taken = 0
    for conflict in list_conflicts(session, one.batch_id, one.passage_id):
        wanted = core.accepting(conflict)
        if wanted is not None and conflict.differs and conflict.key not in decided:
            decide(session, slug, passage_uid, wanted, actor=actor, now=now)
            taken += 1
    return taken


def submit(
    session: Session,
    slug: str,
    passage_uid: str,
    *,
    actor: str,
    now: datetime,
    seen: Sequence[int] | None = None,
    bulk: bool = False,
) -> Gold:
    """Settle a passage: its decisions become the gold, or the second opinion on it.

    Args:
        session: a transaction.
        slug, passage_uid: the passage.
        actor: the reviewer's e-mail address, who is inside.
        now: the time.
        seen: the revisions that were seen; None: those seen when it was opened.
        bulk: one of many that were settled because all agreed.

    Raises:
        InvalidInputError: groups are still open.
        ConflictError: an annotator answered anew, or somebody else has settled it meanwhile.
    """
    one, passage = _inside(session, slug, passage_uid, actor=actor, now=now, seen=seen)
    result = gold_of_review(session, one)
    if result.open:
        raise InvalidInputError(
            f"{len(result.open)} of the passage's groups are still open.",
            remedy="Decide each of them: " + ", ".join(result.open),
        )
    _close(session, one, now, bulk=bulk)
    batch, _, item = find_item(session, slug, passage_uid)
    opinion = _opinion(session, item, one, result)
    differ = None if opinion is None else bool(opinion.differ)
    set_stage(batch, item, differ=differ)
    final = item.state == ItemState.REVIEWED
    row = gold.keep(session, item, one, result, now=now, final=final, opinion=opinion)
    detail = {"passage": passage.uid, "stage": one.stage, "bulk": bulk, "differs": bool(differ)}
    audit.record(
        session, actor=actor, action="passage_settled", object=f"batch:{slug}", detail=detail
    )
    session.flush()
    return row


def _opinion(
    session: Session, item: ReviewItem, one: Review, result: core_gold.Gold
) -> Opinions | None:
    """How a second look stands to the first; None where it is none."""
    looks = list_opinions(session, item.batch_id, item.passage_id)
    before = gold.current_gold(session, item)
    if one.stage != Stage.SECOND or Stage.FIRST not in looks or before is None:
        return None
    reviews = looks[Stage.FIRST][0].id, one.id
    return compare_opinions(
        gold.read_gold(session, before),
        result,
        list_conflicts(session, item.batch_id, item.passage_id),
        [decided_in(list_history(session, review)) for review in reviews],
    )


def accept_unanimous(
    session: Session, slug: str, passage_uid: str, *, actor: str, now: datetime
) -> bool:
    """Settle a passage on which all annotators agree; leave it where they do not.

    Returns:
        Whether it was settled.
    """
    _, _, item = find_item(session, slug, passage_uid)
    if item.open or item.answers < 2 or item.state != "ready":
        return False
    check_reviewer(session, item, actor)
    open_review(session, slug, passage_uid, actor=actor, now=now)
    submit(session, slug, passage_uid, actor=actor, now=now, bulk=True)
    return True


def scheme_of(session: Session, batch_id: int) -> Scheme:
    """The scheme of a batch, read."""
    config = session.scalars(
        select(SchemeVersion.config)
        .join(Batch, Batch.scheme_version_id == SchemeVersion.id)
        .where(Batch.id == batch_id)
    ).one()
    return _read(config)


@lru_cache(maxsize=8)
def _read(config: str) -> Scheme:
    return read_scheme(config)


def _inside(
    session: Session,
    slug: str,
    passage_uid: str,
    *,
    actor: str,
    now: datetime,
    seen: Sequence[int] | None,
) -> tuple[Review, Passage]:
    """The reviewer's open review, held for another while, on what they have seen."""
    batch, passage, item = find_item(session, slug, passage_uid)
    check_waiting(batch, item)
    one = session.scalar(
        select(Review).where(
            Review.batch_id == item.batch_id,
            Review.passage_id == item.passage_id,
            Review.state == ReviewState.OPEN,
            Review.stage == stage_of(item.state),
            Review.reviewer == actor,
        )
    )
    if one is None:
        _check_unsettled(session, item)
        one = open_review(session, slug, passage_uid, actor=actor, now=now)
    check_seen(one, current_revisions(session, item), seen)
    one.leased_until = now + LEASE
    return one, passage


def _check_unsettled(session: Session, item: ReviewItem) -> None:
    """Refuse to decide anew, unasked, what somebody has settled.

    Raises:
        ConflictError: it is settled, and no annotator has answered anew since.
    """
    if item.state == ItemState.REVIEWED and not item.stale:
        settled = gold.current_gold(session, item)
        by = "Somebody" if settled is None else settled.settled_by
        raise ConflictError(
            f"{by} has settled this passage.",
            remedy="Look at what was settled; to decide it anew, open it again.",
        )


def _close(session: Session, one: Review, now: datetime, *, bulk: bool) -> None:
    """Submit in one statement: of two submissions at the same moment one finds it done."""
    closed = session.execute(
        update(Review)
        .where(Review.id == one.id, Review.state == ReviewState.OPEN)
        .values(state=ReviewState.SUBMITTED, submitted_at=now, bulk=bulk)
        .returning(Review.id)
    ).all()
    if not closed:
        raise ConflictError("This review was submitted already.")


def _place(one: Review) -> dict[str, Any]:
    return {
        "review_id": one.id,
        "batch_id": one.batch_id,
        "passage_id": one.passage_id,
        "round": one.turn,
        "revisions": list(one.revisions),
    }


def _row(one: Review, wanted: core.Decision, actor: str, now: datetime) -> Decision:
    span = wanted.span
    return Decision(
        **_place(one),
        group=wanted.group,
        layer=wanted.layer,
        verdict=wanted.verdict.value,
        version=None if wanted.version is None else int(wanted.version),
        span=None if span is None else {**asdict(span), "attrs": dict(span.attrs)},
        values=None if wanted.values is None else list(wanted.values),
        links=None if wanted.links is None else [asdict(link) for link in wanted.links],
        reason=wanted.reason.strip(),
        bulk=wanted.bulk,
        actor=actor,
        at=now,
    )


def _note(session: Session, slug: str, passage: Passage, row: Decision, action: str) -> None:
    detail = {"passage": passage.uid, "group": row.group, "verdict": row.verdict, "seq": row.seq}
    audit.record(session, actor=row.actor, action=action, object=f"batch:{slug}", detail=detail)
