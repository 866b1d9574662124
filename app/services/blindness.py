"""Signs that annotations were not made blind: looked for in whatever is new, and kept.

Like the comparison of answers, it asks the rows what changed, so a sync that dies in the
middle leaves nothing unlooked at.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app.models.annotations import Annotation, Revision, Span
from app.models.batches import Batch, Lane, LaneAnnotator
from app.models.passages import Passage
from app.models.suggestions import Prediction, PredictionSpan
from app.models.tasks import Task
from app.services import progress
from labeling.blindness import COPIED, Region, Sign, Witness, find_signs

# So many passages are looked at in one transaction: it is over well within a second.
CHUNK = 500

# How Label Studio says that a region came from a suggestion.
_SUGGESTED = frozenset({"prediction", "prediction-changed"})


@dataclass(frozen=True, slots=True)
class _Row:
    id: int
    passage: int
    lane: int
    n: int
    by: int | None
    flag: str
    flag_reason: str


def list_unjudged(session: Session, batch_id: int) -> tuple[list[int], int]:
    """The passages of a blind batch with revisions that were not looked at yet.

    Returns:
        The passages' row ids in order, and the newest revision among them for ``note_judged``.
    """
    deal, judged = session.execute(
        select(Batch.deal, Batch.judged_revision).where(Batch.id == batch_id)
    ).one()
    if deal != "blind":
        return [], judged
    rows = session.execute(
        select(Task.passage_id, func.max(Revision.id))
        .join(Annotation, Annotation.task_id == Task.id)
        .join(Revision, Revision.annotation_id == Annotation.id)
        .join(Lane, Lane.id == Task.lane_id)
        .where(Lane.batch_id == batch_id, Revision.id > judged)
        .group_by(Task.passage_id)
    ).all()
    return sorted(row[0] for row in rows), max((row[1] for row in rows), default=judged)


def note_judged(session: Session, batch_id: int, revision_id: int) -> None:
    """Remember that all revisions up to this one were looked at."""
    session.execute(update(Batch).where(Batch.id == batch_id).values(judged_revision=revision_id))


def judge(session: Session, batch_id: int, passage_ids: Sequence[int]) -> int:
    """Look at all annotations of these passages, and flag those with a sign against them.

    Args:
        session: a transaction.
        batch_id: a blind batch.
        passage_ids: passages of it; some hundreds at most.

    Returns:
        How many annotations were flagged that were clean before.
    """
    members = _members(session, batch_id)
    rows = _rows(session, batch_id, passage_ids)
    facts = _Facts(session, [row.id for each in rows.values() for row in each], len(members) > 1)
    suggested = _pushed_regions(session, passage_ids)
    texts = session.execute(select(Passage.id, Passage.text).where(Passage.id.in_(rows)))
    new = 0
    for passage_id, text in texts.all():
        those = rows[passage_id]
        facts.set_apart([row.id for row in those], suggested[passage_id])
        signs = find_signs(text, members, facts.witnesses(those))
        if any(sign.kind == COPIED for each in signs.values() for sign in each):
            # The raw JSON is read only now: it is large, and this is rare.
            for row in those:
                facts.set_apart([row.id], _told_as_suggested(session, row.id))
            signs = find_signs(text, members, facts.witnesses(those))
        new += sum(_flag(session, row, signs[row.id]) for row in those if row.id in signs)
    return new


def _flag(session: Session, row: _Row, signs: Sequence[Sign]) -> int:
    """Add signs to those an annotation has already; say 1 when it had none."""
    kinds = sorted({sign.kind for sign in signs} | set(row.flag.split(",")) - {""})
    reasons = list(dict.fromkeys([*row.flag_reason.split("\n"), *(s.reason for s in signs)]))
    session.execute(
        update(Annotation)
        .where(Annotation.id == row.id)
        .values(flag=",".join(kinds), flag_reason="\n".join(filter(None, reasons)))
    )
    if row.flag:
        return 0
    progress.add(session, row.lane, flagged=1)
    return 1


def _members(session: Session, batch_id: int) -> dict[int, frozenset[int]]:
    found: dict[int, set[int]] = {}
    rows = session.execute(
        select(Lane.n, Lane.annotator_id, LaneAnnotator.annotator_id)
        .outerjoin(LaneAnnotator, LaneAnnotator.lane_id == Lane.id)
        .where(Lane.batch_id == batch_id)
    )
    for n, *people in rows:
        found.setdefault(n, set()).update(one for one in people if one is not None)
    return {n: frozenset(people) for n, people in found.items()}


def _rows(
    session: Session, batch_id: int, passage_ids: Sequence[int]
) -> defaultdict[int, list[_Row]]:
    found: defaultdict[int, list[_Row]] = defaultdict(list)
    rows = session.execute(
        select(
            Annotation.id,
            Task.passage_id,
            Lane.id,
            Lane.n,
            Annotation.annotator_id,
            Annotation.flag,
            Annotation.flag_reason,
        )
        .join(Task, Task.id == Annotation.task_id)
        .join(Lane, Lane.id == Task.lane_id)
        .where(Lane.batch_id == batch_id, Task.passage_id.in_(passage_ids))
        .order_by(Annotation.id)
    )
    for row in rows:
        found[row[1]].append(_Row(*row))
    return found


class _Facts:
    """What is known of many annotations beside whose they are."""

    def __init__(self, session: Session, annotation_ids: Sequence[int], regions: bool) -> None:
        # Read by the store itself: the raw JSON of many annotations is large.
        parent = Revision.raw["parent_annotation"].as_integer()
        self._parents = set(
            session.scalars(
                select(Revision.annotation_id).where(
                    Revision.annotation_id.in_(annotation_ids), parent.is_not(None)
                )
            )
        )
        # With a single lane there is nowhere to copy from.
        self._regions = _regions(session, annotation_ids) if regions else {}

    def witnesses(self, rows: Sequence[_Row]) -> list[Witness]:
        return [
            Witness(row.id, row.n, row.by, row.id in self._parents, self._regions.get(row.id, ()))
            for row in rows
        ]

    def set_apart(self, annotation_ids: Sequence[int], suggested: set[str]) -> None:
        """Mark the regions of these names as taken up from a suggestion."""
        for annotation_id in annotation_ids if suggested else ():
            self._regions[annotation_id] = tuple(
                replace(one, suggested=True) if one.id in suggested else one
                for one in self._regions.get(annotation_id, ())
            )


def _pushed_regions(session: Session, passage_ids: Sequence[int]) -> defaultdict[int, set[str]]:
    """By passage, the names of the regions that we ourselves pushed as suggestions."""
    found: defaultdict[int, set[str]] = defaultdict(set)
    rows = session.execute(
        select(Prediction.passage_id, PredictionSpan.region)
        .join(PredictionSpan, PredictionSpan.prediction_id == Prediction.id)
        .where(Prediction.passage_id.in_(passage_ids))
    )
    for passage_id, region in rows:
        found[passage_id].add(region)
    return found


def _told_as_suggested(session: Session, annotation_id: int) -> set[str]:
    """The regions of which Label Studio itself says that they came from a suggestion."""
    raws = session.scalars(select(Revision.raw).where(Revision.annotation_id == annotation_id))
    return {
        str(item.get("id"))
        for raw in raws
        for item in (raw["result"] if isinstance(raw.get("result"), list) else ())
        if isinstance(item, dict) and item.get("origin") in _SUGGESTED
    }


def _regions(session: Session, annotation_ids: Sequence[int]) -> dict[int, tuple[Region, ...]]:
    """All regions an annotation ever held, each since the first revision that had it."""
    found: defaultdict[int, dict[tuple[str, str, str, int, int], str]] = defaultdict(dict)
    rows = session.execute(
        select(
            Revision.annotation_id,
            Revision.ls_updated_at,
            Span.region,
            Span.layer,
            Span.label,
            Span.start,
            Span.end,
        )
        .join(Revision, Revision.id == Span.revision_id)
        .where(Revision.annotation_id.in_(annotation_ids))
        .order_by(Revision.annotation_id, Revision.n, Span.region)
    )
    for annotation_id, since, region, layer, label, start, end in rows:
        found[annotation_id].setdefault((region, layer, label, start, end), since)
    return {
        key: tuple(Region(*place, since) for place, since in held.items())
        for key, held in found.items()
    }
