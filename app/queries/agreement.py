"""Agreement as it was computed: the counts of passages, the report, the conflicts behind it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import median
from typing import Any

from sqlalchemy import Integer, func, select, type_coerce
from sqlalchemy.orm import Session

from app.extensions import Store
from app.models.agreement import Agreement, Comparison
from app.models.annotations import Annotation, Revision, RevisionState
from app.models.articles import Article
from app.models.batches import Batch, Lane
from app.models.connections import Annotator
from app.models.passages import Passage
from app.models.schemes import Scheme, SchemeVersion
from app.models.tasks import Task
from labeling.agreement.report import CONTROL, ComparedPassage

PAGE = 2000


@dataclass(frozen=True, slots=True)
class BatchSummary:
    """A batch's few figures, with the scheme version they were made with."""

    batch: str
    scheme: str
    version: int
    summary: dict[str, Any]
    computed_at: datetime | None


@dataclass(frozen=True, slots=True)
class BatchReport:
    """A batch's report; ``report`` is None until something was computed."""

    report: dict[str, Any] | None
    computed_at: datetime | None


def get_report(session: Session, batch_id: int) -> BatchReport:
    """The figures of a batch as they were last computed."""
    row = session.execute(
        select(Agreement.report, Agreement.computed_at).where(Agreement.batch_id == batch_id)
    ).one_or_none()
    return BatchReport(row[0], row[1]) if row else BatchReport(None, None)


def list_summaries(
    session: Session, scheme: str | None = None, limit: int = 100
) -> tuple[BatchSummary, ...]:
    """The figures of the newest batches that have any, the newest batch first.

    Args:
        session: a session for reading.
        scheme: only batches of this scheme, whatever its version.
        limit: how many batches at most.
    """
    query = (
        select(Batch.slug, Scheme.name, SchemeVersion.n, Agreement.summary, Agreement.computed_at)
        .join(Batch, Batch.id == Agreement.batch_id)
        .join(SchemeVersion, SchemeVersion.id == Batch.scheme_version_id)
        .join(Scheme, Scheme.id == SchemeVersion.scheme_id)
        .where(Agreement.summary.is_not(None))
        .order_by(Batch.id.desc())
        .limit(limit)
    )
    if scheme is not None:
        query = query.where(Scheme.name == scheme)
    return tuple(BatchSummary(*row) for row in session.execute(query))


def get_edition(session: Session, batch_id: int) -> tuple[int, int | None]:
    """Which comparisons a batch has, and of which its figures are."""
    row = session.execute(
        select(Agreement.edition, Agreement.computed).where(Agreement.batch_id == batch_id)
    ).one_or_none()
    return (row[0], row[1]) if row else (0, None)


def count_compared(session: Session, batch_id: int) -> int:
    """How many passages of a batch somebody answered, as far as they were compared."""
    found = select(func.count()).where(Comparison.batch_id == batch_id)
    return session.scalar(found) or 0


def list_work(store: Store, batch_id: int) -> list[dict[str, Any]]:
    """What each annotator did in a batch: answers by their state, on how many days, seconds.

    The median of the times is over those that Label Studio told.
    """
    times: dict[int, list[float]] = defaultdict(list)
    days: dict[int, set[str]] = defaultdict(set)
    counts: dict[int, Counter[str]] = defaultdict(Counter)
    for annotator, state, seconds, flag, at in _answers(store, batch_id):
        days[annotator].update([at[:10]] if at else [])
        counts[annotator]["flagged" if flag else state] += 1
        if state == RevisionState.SUBMITTED and seconds is not None:
            times[annotator].append(seconds)
    return [
        {
            "annotator": str(annotator),
            "submitted": counted[RevisionState.SUBMITTED],
            "skipped": counted[RevisionState.SKIPPED],
            "flagged": counted["flagged"],
            "days": len(days[annotator]),
            "median_s": median(times[annotator]) if times[annotator] else None,
        }
        for annotator, counted in sorted(counts.items())
    ]


def _answers(store: Store, batch_id: int) -> Iterator[tuple[int, str, float | None, str, str]]:
    """Who gave each answer, its state, seconds, flag and time (ISO), in short reads."""
    query = (
        select(
            Annotation.id,
            type_coerce(Annotation.annotator_id, Integer),
            Revision.state,
            Revision.lead_time,
            Annotation.flag,
            Revision.ls_updated_at,
        )
        .join(Task, Task.id == Annotation.task_id)
        .join(Lane, Lane.id == Task.lane_id)
        .join(
            Revision,
            (Revision.annotation_id == Annotation.id) & (Revision.n == Annotation.current),
        )
        .where(Lane.batch_id == batch_id, Annotation.annotator_id.is_not(None))
        .order_by(Annotation.id)
        .limit(PAGE)
    )
    after = 0
    while True:
        with store.reading() as session:
            rows = session.execute(query.where(Annotation.id > after)).all()
        for row in rows:
            yield row[1], row[2], row[3], row[4], row[5]
        if len(rows) < PAGE:
            return
        after = rows[-1][0]


def list_names(session: Session, report: dict[str, Any]) -> dict[str, str]:
    """What the annotators of a report are called: row id, as text, → e-mail."""
    held = [one for layer in report["layers"].values() for one in layer.get("against_gold", ())]
    # Whoever skipped everything, or withdrew what gold rests on, is not among those compared.
    told = [one["annotator"] for one in (*report.get("work", ()), *held)]
    ids = {int(name) for name in (*report["annotators"], *told)}
    rows = session.execute(select(Annotator.id, Annotator.email).where(Annotator.id.in_(ids)))
    return {str(row[0]): row[1] for row in rows}


def get_layers(session: Session, batch_id: int) -> list[dict[str, Any]]:
    """The layers of a batch's scheme version, as they are kept."""
    layers: list[dict[str, Any]] = session.scalars(
        select(SchemeVersion.layers)
        .join(Batch, Batch.scheme_version_id == SchemeVersion.id)
        .where(Batch.id == batch_id)
    ).one()
    return layers


def iter_compared(
    store: Store, batch_id: int
) -> Iterator[tuple[ComparedPassage, Sequence[dict[str, Any]]]]:
    """The counts of every compared passage of a batch with its answers, in short reads."""
    after = 0
    while True:
        with store.reading() as session:
            rows = session.execute(
                select(
                    Comparison.passage_id,
                    Comparison.counts,
                    Comparison.answers,
                    Comparison.answered_on,
                    Article.uid,
                    Article.outlet,
                    Article.section,
                )
                .join(Passage, Passage.id == Comparison.passage_id)
                .join(Article, Article.id == Passage.article_id)
                .where(Comparison.batch_id == batch_id, Comparison.passage_id > after)
                .order_by(Comparison.passage_id)
                .limit(PAGE)
            ).all()
            bare = _without_suggestions(session, batch_id, [row[0] for row in rows])
        for passage_id, counts, answers, day, article, outlet, section in rows:
            slices = {CONTROL: "yes" if passage_id in bare else "no"}
            # An export may tell no times.
            week = week_of(day) if day else ""
            named = {"week": week, "outlet": outlet, "section": section}
            slices |= {name: value for name, value in named.items() if value}
            yield ComparedPassage(article, counts, slices), answers
        if len(rows) < PAGE:
            return
        after = rows[-1][0]


def week_of(day: str) -> str:
    """The Monday of a day's week, both as ISO dates."""
    found = date.fromisoformat(day)
    return (found - timedelta(days=found.weekday())).isoformat()


def _without_suggestions(session: Session, batch_id: int, passages: list[int]) -> set[int]:
    """Those of the passages that went out in the control slice."""
    return set(
        session.scalars(
            select(Task.passage_id)
            .join(Lane, Lane.id == Task.lane_id)
            .where(
                Lane.batch_id == batch_id,
                Task.suggested.is_(False),
                Task.passage_id.in_(passages),
            )
        )
    )
