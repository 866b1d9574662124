"""Gold: what decisions add up to, kept so that pages and releases need not add again."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from app.models.review import Gold, GoldSpan, Review, ReviewItem
from labeling import gold as core


def keep(
    session: Session,
    item: ReviewItem,
    one: Review,
    result: core.Gold,
    *,
    now: datetime,
    final: bool,
) -> Gold:
    """Keep what a review came to, as the newest gold of the passage.

    Args:
        session: a transaction.
        item: the passage's row in the queue.
        one: the review it comes from.
        result: what its decisions add up to.
        now: the time.
        final: nobody else looks at it before it stands.

    Returns:
        The new row; the earlier ones stay.
    """
    here = (Gold.batch_id == item.batch_id, Gold.passage_id == item.passage_id)
    session.execute(update(Gold).where(*here, Gold.current).values(current=False))
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
    )
    session.add(row)
    session.flush()
    spans = [
        {"gold_id": row.id, "passage_id": item.passage_id, **_span(span)} for span in result.spans
    ]
    if spans:
        session.execute(insert(GoldSpan), spans)
    item.stale = False
    return row


def current_gold(session: Session, item: ReviewItem) -> Gold | None:
    """The newest gold of a passage of a batch."""
    return session.scalar(
        select(Gold).where(
            Gold.batch_id == item.batch_id, Gold.passage_id == item.passage_id, Gold.current
        )
    )


def is_same(session: Session, row: Gold, result: core.Gold) -> bool:
    """Whether a second look came to the same gold as the first."""
    spans = session.scalars(select(GoldSpan).where(GoldSpan.gold_id == row.id))
    names = {span.region: _content(span) for span in spans}
    others = {one.span.id: _content(one.span) for one in result.spans}
    kept = (
        sorted(names.values()),
        sorted((names[r["from"]], names[r["to"]], r["label"]) for r in row.relations),
        sorted((choice["layer"], sorted(choice["values"])) for choice in row.choices),
    )
    found = (
        sorted(others.values()),
        sorted((others[r.from_id], others[r.to_id], r.label) for r in result.relations),
        sorted((choice.layer, sorted(choice.values)) for choice in result.choices),
    )
    return kept == found


def _content(span: Any) -> tuple[str, str, int, int, str]:
    """What a span says, whoever settled it and how."""
    attrs = sorted((name, _answers(value)) for name, value in span.attrs.items())
    return span.layer, span.label, span.start, span.end, repr(attrs)


def _answers(value: Any) -> list[str]:
    return sorted(map(str, value)) if isinstance(value, list | tuple) else [str(value)]


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
