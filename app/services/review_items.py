"""The queue of reviewers: one row a passage of a batch, kept by what changed."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session

from app.models.agreement import Comparison, Conflict
from app.models.annotations import Annotation, Revision, RevisionState
from app.models.batches import Batch, Lane
from app.models.passages import Passage
from app.models.review import Gold, ItemState, Review, ReviewItem, ReviewState, Stage
from app.models.tasks import Task
from labeling.agreement.groups import Kind
from labeling.decisions import ReviewPolicy

_SAMPLES = 10_000


def refresh(session: Session, batch_id: int, passage_ids: Sequence[int]) -> None:
    """Bring the queue's rows of these passages up to date, in the caller's transaction.

    Gold that rests on other revisions than those that count now is marked stale; it is never
    changed.

    Args:
        session: a transaction in which the conflicts are up to date.
        batch_id: the batch.
        passage_ids: passages of the batch; some hundreds at most.
    """
    lock(session, batch_id, passage_ids)
    batch = session.get_one(Batch, batch_id)
    answers = _answers(session, batch_id, passage_ids)
    _mark_stale(session, batch_id, passage_ids, answers)
    kept = _kept(session, batch_id, passage_ids)
    groups = _groups(session, batch_id, passage_ids)
    progress = _progress(session, batch, passage_ids)
    gone = set(passage_ids) - answers.keys()
    session.execute(
        delete(ReviewItem).where(ReviewItem.batch_id == batch_id, ReviewItem.passage_id.in_(gone))
    )
    uids = session.execute(select(Passage.id, Passage.uid).where(Passage.id.in_(answers)))
    new: list[dict[str, Any]] = []
    known: list[dict[str, Any]] = []
    for passage_id, uid in uids:
        row = {
            "batch_id": batch_id,
            "passage_id": passage_id,
            "sample": sample_of(batch.seed, uid),
            **groups[passage_id],
            **kept[passage_id],
            **_standing(answers[passage_id], progress[passage_id], kept[passage_id]),
        }
        (known if kept[passage_id]["state"] else new).append(row)
    if new:
        session.execute(insert(ReviewItem), new)
    if known:
        session.execute(update(ReviewItem), known)


def lock(session: Session, batch_id: int, passage_ids: Sequence[int]) -> None:
    """Hold these passages until the transaction ends: no reviewer decides meanwhile.

    Otherwise somebody could decide on answers that are just being compared anew.
    """
    session.execute(
        select(ReviewItem.passage_id)
        .where(ReviewItem.batch_id == batch_id, ReviewItem.passage_id.in_(passage_ids))
        .order_by(ReviewItem.passage_id)
        .with_for_update()
    ).all()


def sample_of(seed: int, passage_uid: str) -> int:
    """A number from 0 to 9,999 that is always the same for a passage and a batch's seed."""
    digest = hashlib.sha256(f"review\0{seed}\0{passage_uid}".encode()).digest()
    return int.from_bytes(digest[:8], "big") % _SAMPLES


def set_stage(batch: Batch, item: ReviewItem, *, differ: bool | None) -> None:
    """Move a passage on after a submission.

    Args:
        batch: the batch.
        item: the passage's row, in a transaction.
        differ: whether the second look came to another gold than the first; None when it was
            not a second look.
    """
    if differ is not None:
        item.state = ItemState.ADJUDICATION if differ else ItemState.REVIEWED
    elif item.state in (ItemState.ADJUDICATION, ItemState.REVIEWED):
        item.state = ItemState.REVIEWED
    elif ReviewPolicy.read(batch.policy).wants_second(item.sample):
        item.state = ItemState.SECOND
    else:
        item.state = ItemState.REVIEWED
    item.came_back = False
    item.flagged_by, item.flag_note = "", ""


def _answers(
    session: Session, batch_id: int, passage_ids: Sequence[int]
) -> dict[int, tuple[int, str, list[int]]]:
    """Of each compared passage: how many answered, when last, and the revisions that count."""
    rows = session.execute(
        select(Comparison.passage_id, Comparison.answers, Comparison.answered_on).where(
            Comparison.batch_id == batch_id, Comparison.passage_id.in_(passage_ids)
        )
    )
    return {
        passage: (len(answers), day, sorted(one["revision"] for one in answers))
        for passage, answers, day in rows
    }


def _mark_stale(
    session: Session,
    batch_id: int,
    passage_ids: Sequence[int],
    answers: dict[int, tuple[int, str, list[int]]],
) -> None:
    rows = session.execute(
        select(Gold.id, Gold.passage_id, Gold.revisions, Gold.stale).where(
            Gold.batch_id == batch_id, Gold.passage_id.in_(passage_ids), Gold.current
        )
    )
    for gold_id, passage_id, revisions, was in rows:
        stale = passage_id not in answers or answers[passage_id][2] != sorted(revisions)
        if stale != was:
            session.execute(update(Gold).where(Gold.id == gold_id).values(stale=stale))


def _kept(
    session: Session, batch_id: int, passage_ids: Sequence[int]
) -> defaultdict[int, dict[str, Any]]:
    """What of the old rows outlives a refresh: where a passage stands, and its flag."""
    kept: defaultdict[int, dict[str, Any]] = defaultdict(
        lambda: {
            "state": "",
            "flagged_by": "",
            "flag_note": "",
            "stale": False,
            "came_back": False,
        }
    )
    rows = session.execute(
        select(
            ReviewItem.passage_id,
            ReviewItem.state,
            ReviewItem.flagged_by,
            ReviewItem.flag_note,
            ReviewItem.came_back,
        ).where(ReviewItem.batch_id == batch_id, ReviewItem.passage_id.in_(passage_ids))
    )
    for passage, state, by, note, back in rows:
        kept[passage] |= {"state": state, "flagged_by": by, "flag_note": note, "came_back": back}
    gold = session.execute(
        select(Gold.passage_id, Gold.stale).where(
            Gold.batch_id == batch_id, Gold.passage_id.in_(passage_ids), Gold.current
        )
    )
    for passage, stale in gold:
        kept[passage]["stale"] = stale
    return kept


def _groups(
    session: Session, batch_id: int, passage_ids: Sequence[int]
) -> defaultdict[int, dict[str, Any]]:
    """Of each passage: how many groups are open and agreed, of which kinds and labels."""
    found: defaultdict[int, dict[str, Any]] = defaultdict(
        lambda: {"open": 0, "agreed": 0, "disagreement": 0, "kinds": "", "labels": ""}
    )
    kinds: defaultdict[int, set[str]] = defaultdict(set)
    labels: defaultdict[int, set[str]] = defaultdict(set)
    rows = session.execute(
        select(Conflict.passage_id, Conflict.kind, Conflict.label).where(
            Conflict.batch_id == batch_id, Conflict.passage_id.in_(passage_ids)
        )
    )
    for passage, kind, label in rows:
        found[passage]["agreed" if kind == Kind.AGREED else "open"] += 1
        if kind != Kind.AGREED:
            kinds[passage].add(kind)
            labels[passage].add(label)
    for passage, row in found.items():
        row["disagreement"] = 1000 * row["open"] // (row["open"] + row["agreed"])
        row["kinds"], row["labels"] = _barred(kinds[passage]), _barred(labels[passage])
    return found


def _barred(words: set[str]) -> str:
    return "|" + "|".join(sorted(words)) + "|" if words else ""


def _progress(
    session: Session, batch: Batch, passage_ids: Sequence[int]
) -> defaultdict[int, tuple[int, int, int]]:
    """Of each passage: its newest round, tasks there are in it, and tasks done in any way."""
    skipped = (
        select(Annotation.task_id)
        .join(
            Revision,
            (Revision.annotation_id == Annotation.id) & (Revision.n == Annotation.current),
        )
        .where(Annotation.task_id == Task.id, Revision.state == RevisionState.SKIPPED)
        .exists()
    )
    rows = session.execute(
        select(Task.passage_id, Task.round, Task.annotated | skipped)
        .join(Lane, Lane.id == Task.lane_id)
        .where(Lane.batch_id == batch.id, Task.passage_id.in_(passage_ids))
    )
    found: defaultdict[int, tuple[int, int, int]] = defaultdict(lambda: (1, 0, 0))
    for passage, rnd, done in rows:
        newest, tasks, finished = found[passage]
        if rnd > newest:
            newest, tasks, finished = rnd, 0, 0
        if rnd == newest:
            found[passage] = (newest, tasks + 1, finished + bool(done))
    return found


def _standing(
    answers: tuple[int, str, list[int]], progress: tuple[int, int, int], kept: dict[str, Any]
) -> dict[str, Any]:
    number, day, _ = answers
    newest, tasks, done = progress
    was = kept["state"]
    if done < tasks:
        state = ItemState.REWORK if newest > 1 else ItemState.WAITING
    elif was in (ItemState.SECOND, ItemState.ADJUDICATION, ItemState.REVIEWED):
        state = ItemState(was)
    else:
        state = ItemState.READY
    # It stays marked until it is settled, whatever else comes in.
    back = state is ItemState.READY and (was == ItemState.REWORK or kept["came_back"])
    told = {"answers": number, "answered_on": day, "round": newest, "state": state}
    return {**told, "came_back": back}


def count_by_state(session: Session, batch_id: int) -> dict[str, int]:
    """How many passages of a batch stand where."""
    rows = session.execute(
        select(ReviewItem.state, func.count())
        .where(ReviewItem.batch_id == batch_id)
        .group_by(ReviewItem.state)
    )
    return {state: number for state, number in rows}  # noqa: C416 -- rows are not tuples


def stage_of(state: str) -> Stage:
    """Which look a passage that stands here gets next."""
    return {ItemState.SECOND: Stage.SECOND, ItemState.ADJUDICATION: Stage.ADJUDICATION}.get(
        ItemState(state), Stage.FIRST
    )


def earlier_reviewers(session: Session, batch_id: int, passage_id: int) -> dict[str, str]:
    """Who has submitted this passage: stage → reviewer, the newest turn of each."""
    rows = session.execute(
        select(Review.stage, Review.reviewer)
        .where(
            Review.batch_id == batch_id,
            Review.passage_id == passage_id,
            Review.state == ReviewState.SUBMITTED,
        )
        .order_by(Review.turn)
    )
    return {stage: reviewer for stage, reviewer in rows}  # noqa: C416 -- rows are not tuples
