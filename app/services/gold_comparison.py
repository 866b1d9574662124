"""Gold held against what annotators said, and second looks against first ones.

Only counts are made here, once for each gold; the figures are added up from them. A gold is
held against the answers that it rests on, also when newer ones have come since.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.models.annotations import Annotation, Revision
from app.models.passages import Passage
from app.models.review import Gold, Review, Stage
from app.services.conflicts import read_answers, scheme_of
from app.services.gold import read_gold
from labeling.agreement.answers import Answer
from labeling.agreement.report import compare_each

CHUNK = 100
GOLD = "gold"


def list_uncompared(session: Session, batch_id: int) -> list[int]:
    """The gold of a batch that counts, or is a second look, and was not compared yet."""
    return list(
        session.scalars(
            select(Gold.id)
            .where(Gold.batch_id == batch_id, Gold.compared.is_(None))
            .where((Gold.current & (Gold.state == "reviewed")) | Gold.opinion.is_not(None))
            .order_by(Gold.id)
        )
    )


def compare_golds(session: Session, batch_id: int, ids: Sequence[int]) -> None:
    """Keep the counts of these golds, in the caller's transaction.

    Args:
        session: a transaction.
        batch_id: the batch.
        ids: row ids of gold of it; some hundreds at most.
    """
    scheme, rules = scheme_of(session, batch_id)
    rows = session.execute(
        select(Gold, Passage.text)
        .join(Passage, Passage.id == Gold.passage_id)
        .where(Gold.id.in_(ids))
        .order_by(Gold.id)
    ).all()
    said = _said(session, sorted({one for gold, _ in rows for one in gold.revisions}))
    for gold, text in rows:
        own = _answer(session, gold, GOLD)
        others = [said[one] for one in gold.revisions if one in said]
        told: dict[str, Any] = {"annotators": compare_each(own, others, text, scheme, rules)}
        first = _first(session, gold)
        if first is not None:
            looks = (
                _answer(session, first, first.settled_by),
                _answer(session, gold, gold.settled_by),
            )
            told["first"] = compare_each(looks[0], looks[1:], text, scheme, rules)[gold.settled_by]
        session.execute(update(Gold).where(Gold.id == gold.id).values(compared=told))


def _said(session: Session, revisions: Sequence[int]) -> dict[int, Answer]:
    """What annotators said in these revisions, under their row ids."""
    answers = read_answers(session, revisions)
    rows = session.execute(
        select(Revision.id, Annotation.annotator_id)
        .join(Annotation, Annotation.id == Revision.annotation_id)
        .where(Revision.id.in_(revisions))
        .order_by(Revision.id)
    )
    return {revision: answers.of(str(annotator), revision) for revision, annotator in rows}


def _answer(session: Session, row: Gold, name: str) -> Answer:
    gold = read_gold(session, row)
    return Answer(name, tuple(one.span for one in gold.spans), gold.relations, gold.choices)


def _first(session: Session, row: Gold) -> Gold | None:
    """What the first look came to, where this is a second one."""
    if row.opinion is None:
        return None
    return session.scalar(
        select(Gold)
        .join(Review, Review.id == Gold.review_id)
        .where(
            Gold.batch_id == row.batch_id,
            Gold.passage_id == row.passage_id,
            Gold.id < row.id,
            Review.stage == Stage.FIRST,
        )
        .order_by(Gold.id.desc())
        .limit(1)
    )
