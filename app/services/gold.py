"""Gold: what decisions add up to, kept so that pages and releases need not add again."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from app.models.agreement import Agreement
from app.models.review import Gold, GoldSpan, Review, ReviewItem
from app.services import desk
from labeling import gold as core
from labeling.opinions import Opinions
from labeling.types import Choice, Relation, Span


def keep(
    session: Session,
    item: ReviewItem,
    one: Review,
    result: core.Gold,
    *,
    now: datetime,
    final: bool,
    opinion: Opinions | None = None,
) -> Gold:
    """Keep what a review came to.

    It is the gold of the passage from now on, unless it is a second look that came to
    something else: then the first stands until somebody has said which it is.

    Args:
        session: a transaction.
        item: the passage's row in the queue.
        one: the review it comes from.
        result: what its decisions add up to.
        now: the time.
        final: nobody else looks at it before it stands.
        opinion: how a second look stands to the first.

    Returns:
        The new row; the earlier ones stay.
    """
    here = (Gold.batch_id == item.batch_id, Gold.passage_id == item.passage_id)
    counts = opinion is None or not opinion.differ
    if counts:
        session.execute(update(Gold).where(*here, Gold.current).values(current=False))
        item.stale = False
    row = Gold(
        batch_id=item.batch_id,
        passage_id=item.passage_id,
        review_id=one.id,
        state="reviewed" if final else "pending",
        revisions=list(one.revisions),
        relations=_relations(result),
        choices=_choices(result),
        settled_by=one.reviewer,
        settled_at=now,
        current=counts,
        opinion=None if opinion is None else opinion.as_json(),
    )
    session.add(row)
    session.flush()
    _keep_spans(session, row, result)
    _ask_for_figures(session, item)
    return row


def _keep_spans(session: Session, row: Gold, result: core.Gold) -> None:
    """Keep the spans of a gold; the desk looks at its article anew."""
    spans = [
        {"gold_id": row.id, "passage_id": row.passage_id, **_span(span)} for span in result.spans
    ]
    if spans:
        session.execute(insert(GoldSpan), spans)
    if row.current:
        desk.refresh_passage(session, row.passage_id)


def _ask_for_figures(session: Session, item: ReviewItem) -> None:
    """The figures that rest on gold are made anew at the next turn."""
    session.execute(
        update(Agreement)
        .where(Agreement.batch_id == item.batch_id)
        .values(edition=Agreement.edition + 1)
    )


def current_gold(session: Session, item: ReviewItem) -> Gold | None:
    """The newest gold of a passage of a batch."""
    return session.scalar(
        select(Gold).where(
            Gold.batch_id == item.batch_id, Gold.passage_id == item.passage_id, Gold.current
        )
    )


def read_gold(session: Session, row: Gold) -> core.Gold:
    """A gold that was kept, as the core knows it."""
    spans = session.scalars(
        select(GoldSpan)
        .where(GoldSpan.gold_id == row.id)
        .order_by(GoldSpan.start, GoldSpan.end, GoldSpan.layer, GoldSpan.region)
    )
    return core.Gold(
        spans=tuple(
            core.GoldSpan(
                Span(one.region, one.layer, one.label, one.start, one.end, one.attrs),
                core.Settled(one.settled),
                one.group,
                one.decision_seq or 0,
                one.voice,
            )
            for one in spans
        ),
        relations=tuple(Relation(one["from"], one["to"], one["label"]) for one in row.relations),
        choices=tuple(Choice(one["layer"], tuple(one["values"])) for one in row.choices),
        settled={one["layer"]: core.Settled(one["settled"]) for one in row.choices},
    )


def _span(one: core.GoldSpan) -> dict[str, Any]:
    span = one.span
    return {
        "region": span.id,
        "group": one.group,
        "layer": span.layer,
        "label": span.label,
        "start": span.start,
        "end": span.end,
        "attrs": dict(span.attrs),
        "voice": one.voice,
        "settled": one.settled.value,
        "decision_seq": one.decision or None,
    }


def _relations(result: core.Gold) -> list[dict[str, str]]:
    return [{"from": r.from_id, "to": r.to_id, "label": r.label} for r in result.relations]


def _choices(result: core.Gold) -> list[dict[str, Any]]:
    return [
        {
            "layer": choice.layer,
            "values": list(choice.values),
            "settled": result.settled[choice.layer].value,
        }
        for choice in result.choices
    ]
