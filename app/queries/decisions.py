"""Reads of what was decided: a passage's conflicts, the decisions in force, the gold."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.models.agreement import Comparison, Conflict
from app.models.batches import Batch
from app.models.passages import Passage
from app.models.review import Decision, Gold, ItemState, Review, ReviewItem, ReviewState, Stage
from labeling import decisions as core
from labeling import review
from labeling.agreement.groups import Kind
from labeling.gold import Gold as GoldValue
from labeling.gold import gold_of
from labeling.opinions import agreed_decisions
from labeling.types import Block, Role


def list_conflicts(session: Session, batch_id: int, passage_id: int) -> list[review.Conflict]:
    """A passage's groups as the core knows them, in the order of a reviewer's work."""
    rows = session.scalars(
        select(Conflict)
        .where(Conflict.batch_id == batch_id, Conflict.passage_id == passage_id)
        .order_by(Conflict.id)
    )
    return [
        review.Conflict(
            layer=row.layer,
            key=row.key,
            kind=Kind(row.kind),
            differs=tuple(Kind(kind) for kind in row.differs),
            label=row.label,
            start=row.start,
            end=row.end,
            versions=tuple({**one, "annotator": str(one["annotator"])} for one in row.spans),
            absent=tuple(str(one) for one in row.absent),
        )
        for row in rows
    ]


def letters_of(session: Session, batch: Batch, passage: Passage) -> dict[str, str]:
    """The letters by which reviewers know a passage's annotators (row ids, as text)."""
    answers = list_answers(session, batch.id, passage.id)
    return core.letters([str(one["annotator"]) for one in answers], batch.uid, passage.uid)


def list_answers(session: Session, batch_id: int, passage_id: int) -> list[dict[str, Any]]:
    """The answers that are compared: ``annotator``, ``annotation``, ``revision``, ``round``."""
    answers = session.scalar(
        select(Comparison.answers).where(
            Comparison.batch_id == batch_id, Comparison.passage_id == passage_id
        )
    )
    return list(answers or [])


def count_stale(session: Session, batch_id: int) -> int:
    """How many settled passages of a batch have answers newer than what they rest on."""
    stale = select(func.count()).where(Gold.batch_id == batch_id, Gold.current, Gold.stale)
    return session.scalar(stale) or 0


def list_history(session: Session, review_id: int) -> list[Decision]:
    """All decisions of a review, undone ones and the undoing among them, oldest first."""
    return list(
        session.scalars(
            select(Decision).where(Decision.review_id == review_id).order_by(Decision.seq)
        )
    )


def decided_in(rows: Sequence[Decision]) -> dict[str, core.Decision]:
    """The decisions in force of a review's history, by group."""
    undone = [row.undoes for row in rows if row.undoes is not None]
    return core.in_force([_value(row) for row in rows if row.undoes is None], undone)


def gold_of_review(session: Session, one: Review) -> GoldValue:
    """What a review comes to as it stands."""
    passage = session.get_one(Passage, one.passage_id)
    conflicts = list_conflicts(session, one.batch_id, one.passage_id)
    block = Block(Role(passage.role), 0, len(passage.text), "")
    decided, contested = decided_of_review(session, one)
    return gold_of(conflicts, decided, [block], contested)


def decided_of_review(
    session: Session, one: Review
) -> tuple[dict[str, core.Decision], tuple[str, ...]]:
    """The decisions that count in a review, and the groups it has to decide.

    An adjudication begins with what the two before it settled alike.
    """
    own = decided_in(list_history(session, one.id))
    if one.stage != Stage.ADJUDICATION:
        return own, ()
    before, differ = settled_alike(session, one.batch_id, one.passage_id)
    return {**before, **own}, differ


def settled_alike(
    session: Session, batch_id: int, passage_id: int
) -> tuple[dict[str, core.Decision], tuple[str, ...]]:
    """What the first and the second reviewer settled alike, and the groups they did not."""
    looks = list_opinions(session, batch_id, passage_id)
    if Stage.SECOND not in looks:
        return {}, ()
    differ = looks[Stage.SECOND][1]
    decided = {
        stage: decided_in(list_history(session, review.id)) for stage, (review, _) in looks.items()
    }
    return agreed_decisions(decided[Stage.FIRST], decided[Stage.SECOND], differ), differ


def decisions_in_sight(
    session: Session, item: ReviewItem, one: Review | None
) -> tuple[dict[str, core.Decision], tuple[str, ...]]:
    """The decisions a reader sees, and the groups that two reviewers settled otherwise.

    Args:
        item: the passage's row in the queue.
        one: the reader's own review, or the last one where everybody may see it.
    """
    if one is not None:
        return decided_of_review(session, one)
    if item.state == ItemState.ADJUDICATION:
        return settled_alike(session, item.batch_id, item.passage_id)
    return {}, ()


def list_proposals(
    session: Session, batch_id: int, passage_id: int, groups: Collection[str]
) -> dict[str, core.Decision]:
    """What one of two reviewers wrote in groups that no annotator's span is in."""
    found: dict[str, core.Decision] = {}
    if not groups:
        return found
    for one, _ in list_opinions(session, batch_id, passage_id).values():
        decided = decided_in(list_history(session, one.id))
        found |= {
            key: decision
            for key, decision in decided.items()
            if key in groups and key.startswith(core.ADDED) and decision.span is not None
        }
    return found


def list_opinions(
    session: Session, batch_id: int, passage_id: int
) -> dict[Stage, tuple[Review, tuple[str, ...]]]:
    """The newest first and second look at a passage, and the groups in which they differ."""
    rows = session.execute(
        select(Review, Gold.opinion)
        .outerjoin(Gold, Gold.review_id == Review.id)
        .where(
            Review.batch_id == batch_id,
            Review.passage_id == passage_id,
            Review.state == ReviewState.SUBMITTED,
            Review.stage.in_((Stage.FIRST, Stage.SECOND)),
        )
        .order_by(Review.submitted_at, Review.id)
    )
    found: dict[Stage, tuple[Review, tuple[str, ...]]] = {}
    for one, opinion in rows:
        found[Stage(one.stage)] = (one, tuple((opinion or {}).get("differ", ())))
    return found


def _value(row: Decision) -> core.Decision:
    span, links = row.span, row.links
    return core.Decision(
        group=row.group,
        layer=row.layer,
        verdict=core.Verdict(row.verdict),
        version=None if row.version is None else str(row.version),
        span=None if span is None else core.SpanEdit(**span),
        values=None if row.values is None else tuple(row.values),
        links=None if links is None else tuple(core.Link(**link) for link in links),
        reason=row.reason,
        bulk=row.bulk,
        seq=row.seq,
    )
