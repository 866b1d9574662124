"""A passage as a reviewer sees it: groups, versions under letters, decisions, the gold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from app.errors import NotFoundError
from app.models.batches import Batch
from app.models.connections import Annotator
from app.models.passages import Passage
from app.models.review import Gold, ItemState, Review, ReviewItem, ReviewNote, ReviewState
from app.queries.decisions import (
    decided_in,
    decisions_in_sight,
    letters_of,
    list_answers,
    list_conflicts,
    list_history,
    list_opinions,
)
from labeling.decisions import ADDED, Decision, ReviewPolicy, majority_version
from labeling.review import Conflict

UNSETTLED = (ItemState.SECOND, ItemState.ADJUDICATION)


def show_review(session: Session, slug: str, passage_uid: str) -> dict[str, Any]:
    """The answer of ``review show``.

    Names of annotators are given once the passage is settled; until then they are letters.
    A second look is blind to the first: nothing of it is told until both are in.

    Raises:
        NotFoundError: no such passage in the batch, or nobody has answered it.
    """
    batch, passage, item = _find(session, slug, passage_uid)
    one = current_review(session, item)
    letters = letters_of(session, batch, passage)
    decided, differ = decisions_in_sight(session, item, one)
    conflicts = list_conflicts(session, batch.id, passage.id)
    # Where people are calibrated, nobody is led by what most said.
    led = not ReviewPolicy.read(batch.policy).calibration or item.state == ItemState.REVIEWED
    told = {
        "batch": slug,
        "passage": passage.uid,
        "text": passage.text,
        "state": item.state,
        "reviewer": None if one is None else one.reviewer,
        "stage": None if one is None else one.stage,
        "revisions": sorted(a["revision"] for a in list_answers(session, batch.id, passage.id)),
        "stale": item.stale,
        "came_back": item.came_back,
        "groups": [
            _group(c, passage.text, letters, decided.get(c.key), led=led) for c in conflicts
        ],
        "added": [
            _told(decision, letters)
            for group, decision in sorted(decided.items())
            if group.startswith(ADDED)
        ],
        "gold": None if item.state in UNSETTLED else show_gold(session, item),
        "differ": list(differ),
        "opinions": _opinions(session, item, letters),
        "notes": list_notes(session, item, one),
        "flag": {"by": item.flagged_by, "note": item.flag_note} if item.flagged_by else None,
    }
    if item.state == ItemState.REVIEWED:
        told["annotators"] = _names(session, letters)
    return told


def _opinions(
    session: Session, item: ReviewItem, letters: Mapping[str, str]
) -> list[dict[str, Any]]:
    """What either reviewer said, for whoever decides between them; names come at the end."""
    if item.state != ItemState.ADJUDICATION:
        return []
    found = []
    for stage, (review, _) in list_opinions(session, item.batch_id, item.passage_id).items():
        decided = decided_in(list_history(session, review.id))
        row = session.scalar(select(Gold).where(Gold.review_id == review.id))
        found.append(
            {
                "stage": stage.value,
                "decisions": [_told(one, letters) for _, one in sorted(decided.items())],
                "gold": None if row is None else {**_gold(row), "settled_by": None},
            }
        )
    return found


def list_notes(session: Session, item: ReviewItem, one: Review | None) -> list[dict[str, Any]]:
    """The remarks on a passage, the oldest first.

    Who takes a second look sees only their own: it is blind to the first.
    """
    query = select(ReviewNote).where(
        ReviewNote.batch_id == item.batch_id, ReviewNote.passage_id == item.passage_id
    )
    if item.state == ItemState.SECOND:
        query = query.where(ReviewNote.actor == ("" if one is None else one.reviewer))
    return [
        {"group": row.group, "text": row.text, "by": row.actor, "at": row.at.isoformat()}
        for row in session.scalars(query.order_by(ReviewNote.id))
    ]


def current_review(session: Session, item: ReviewItem) -> Review | None:
    """Who is inside a passage; else, once it is settled, the last who submitted it.

    While a second look or an adjudication is due, what was submitted is not in sight.
    """
    here = select(Review).where(
        Review.batch_id == item.batch_id, Review.passage_id == item.passage_id
    )
    inside = session.scalar(here.where(Review.state == ReviewState.OPEN))
    if inside is not None or item.state in UNSETTLED:
        return inside
    submitted = here.where(Review.state == ReviewState.SUBMITTED)
    return session.scalar(submitted.order_by(Review.submitted_at.desc()).limit(1))


def show_gold(session: Session, item: ReviewItem) -> dict[str, Any] | None:
    """What was settled of a passage; None before it was."""
    row = session.scalar(
        select(Gold)
        .where(Gold.batch_id == item.batch_id, Gold.passage_id == item.passage_id, Gold.current)
        .options(selectinload(Gold.spans))
    )
    return None if row is None else _gold(row)


def _gold(row: Gold) -> dict[str, Any]:
    return {
        "state": row.state,
        "stale": row.stale,
        "settled_by": row.settled_by,
        "spans": [
            {
                "id": span.region,
                "group": span.group,
                "layer": span.layer,
                "label": span.label,
                "start": span.start,
                "end": span.end,
                "attrs": span.attrs,
                "voice": span.voice,
                "settled": span.settled,
            }
            for span in row.spans
        ],
        "relations": row.relations,
        "choices": row.choices,
    }


def _find(session: Session, slug: str, passage_uid: str) -> tuple[Batch, Passage, ReviewItem]:
    row = session.execute(
        select(Batch, Passage, ReviewItem)
        .join(ReviewItem, ReviewItem.batch_id == Batch.id)
        .join(Passage, Passage.id == ReviewItem.passage_id)
        .where(Batch.slug == slug, Passage.uid == passage_uid)
    ).one_or_none()
    if row is None:
        raise NotFoundError(
            f"There is nothing to review of the passage {passage_uid!r} in the batch {slug!r}.",
            remedy=f"Passages can be reviewed once they are annotated: flask sync {slug}",
        )
    return row[0], row[1], row[2]


def _group(
    conflict: Conflict,
    text: str,
    letters: Mapping[str, str],
    decision: Decision | None,
    *,
    led: bool,
) -> dict[str, Any]:
    majority = majority_version(conflict) if led else None
    return {
        "group": conflict.key,
        "layer": conflict.layer,
        "kind": conflict.kind.value,
        "differs": [kind.value for kind in conflict.differs],
        "label": conflict.label,
        "start": conflict.start,
        "end": conflict.end,
        "text": text[conflict.start : conflict.end],
        "versions": sorted(
            (_version(version, text, letters) for version in conflict.versions),
            key=lambda version: str(version["version"]),
        ),
        "absent": sorted(letters.get(one, one) for one in conflict.absent),
        "majority": None if majority is None else letters.get(majority),
        "decision": None if decision is None else _told(decision, letters),
    }


def _version(version: Mapping[str, Any], text: str, letters: Mapping[str, str]) -> dict[str, Any]:
    told = {key: value for key, value in version.items() if key != "annotator"}
    told["version"] = letters.get(str(version["annotator"]), "?")
    if "start" in version:
        told["text"] = text[version["start"] : version["end"]]
    return told


def _told(decision: Decision, letters: Mapping[str, str]) -> dict[str, Any]:
    span, links = decision.span, decision.links
    return {
        "group": decision.group,
        "layer": decision.layer,
        "verdict": decision.verdict.value,
        "version": None if decision.version is None else letters.get(decision.version),
        "span": None
        if span is None
        else {
            "label": span.label,
            "start": span.start,
            "end": span.end,
            "attrs": dict(span.attrs),
        },
        "values": None if decision.values is None else list(decision.values),
        "links": None
        if links is None
        else [{"label": link.label, "to": link.to} for link in links],
        "reason": decision.reason,
        "bulk": decision.bulk,
        "seq": decision.seq,
    }


def _names(session: Session, letters: Mapping[str, str]) -> dict[str, str]:
    """Who was who: letter -> pseudonym."""
    rows = session.execute(
        select(Annotator.id, Annotator.pseudonym).where(
            Annotator.id.in_([int(one) for one in letters])
        )
    )
    return {letters[str(row[0])]: row[1] for row in rows}
