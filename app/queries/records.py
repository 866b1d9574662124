"""Reads for exports: the records of a batch, in short reads by keyset.

No read lasts longer than a page: under a rollback journal an open read would make every
writer fail.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from app.extensions import Store
from app.models.annotations import Annotation, Revision, RevisionState
from app.models.articles import Article, ArticleVersion
from app.models.batches import Lane
from app.models.passages import Passage, Placement
from app.models.tasks import Task
from app.queries.batches import get_batch
from app.queries.placements import is_newest_placement
from app.queries.projecting import pushed_with
from labeling.datasets.records import (
    RecordAnnotation,
    RecordArticle,
    RecordPassage,
    RecordScheme,
    passage_record,
)
from labeling.suggest.origin import marks_of
from labeling.types import Choice, Relation, Role, Span

PAGE = 500


def iter_records(store: Store, slug: str) -> Iterator[dict[str, Any]]:
    """The canonical record of every passage of a batch, in the order of their ids.

    Raises:
        NotFoundError: no such batch.
    """
    with store.reading() as session:
        batch = get_batch(session, slug)
        scheme = RecordScheme(batch.scheme, batch.scheme_version)
        lanes = [lane.id for lane in batch.lanes]
    after = 0
    while True:
        with store.reading() as session:
            ids = session.scalars(
                select(Task.passage_id)
                .where(Task.lane_id.in_(lanes), Task.passage_id > after)
                .distinct()
                .order_by(Task.passage_id)
                .limit(PAGE)
            ).all()
            page = list(_page(session, lanes, ids, scheme, slug))
        if not ids:
            return
        yield from page
        after = ids[-1]


def _page(
    session: Session, lanes: list[int], ids: Sequence[int], scheme: RecordScheme, slug: str
) -> Iterator[dict[str, Any]]:
    found = session.execute(
        select(Passage, Article, Placement)
        .join(Article, Article.id == Passage.article_id)
        .join(Placement, Placement.passage_id == Passage.id)
        .join(ArticleVersion, ArticleVersion.id == Placement.version_id)
        .where(Passage.id.in_(ids), is_newest_placement())
        .order_by(Passage.id)
    ).all()
    answers = _answers(session, lanes, [(passage, article) for passage, article, _ in found])
    for passage, article, placement in found:
        yield passage_record(
            _article(article),
            RecordPassage(passage.uid, placement.start, placement.end, passage.text, passage.role),
            answers[passage.id],
            scheme,
            batch=slug,
        )


def _article(article: Article) -> RecordArticle:
    return RecordArticle(
        uid=article.uid,
        title=article.title,
        outlet=article.outlet or None,
        section=article.section or None,
        byline=article.byline or None,
        published_at=article.published_at.isoformat() if article.published_at else None,
        url=article.url or None,
        language=article.language or None,
    )


def _answers(
    session: Session, lanes: list[int], passages: Sequence[tuple[Passage, Article]]
) -> dict[int, list[RecordAnnotation]]:
    known = {passage.id: (passage, article) for passage, article in passages}
    rows = session.execute(
        select(Task, Annotation, Revision)
        .join(Annotation, Annotation.task_id == Task.id)
        .join(
            Revision,
            (Revision.annotation_id == Annotation.id) & (Revision.n == Annotation.current),
        )
        .join(Lane, Lane.id == Task.lane_id)
        .where(Task.lane_id.in_(lanes), Task.passage_id.in_(known))
        .where(Revision.state != RevisionState.WITHDRAWN)
        .order_by(Annotation.id)
        .options(
            selectinload(Annotation.annotator),
            selectinload(Revision.spans),
            selectinload(Revision.relations),
            selectinload(Revision.choices),
        )
    ).all()
    pushed = pushed_with(session, {task.id for task, _, _ in rows})
    answers: dict[int, list[RecordAnnotation]] = defaultdict(list)
    for task, annotation, revision in rows:
        passage, article = known[task.passage_id]
        answer = _answer(task, annotation, revision)
        # What others showed their annotators before an adoption nobody can know.
        shown = None if article.kind == "adopted" else pushed.get(task.id, ())
        marks = marks_of(answer.spans, shown, Role(passage.role), len(passage.text))
        answers[task.passage_id].append(replace(answer, marks=marks))
    return answers


def _answer(task: Task, annotation: Annotation, revision: Revision) -> RecordAnnotation:
    return RecordAnnotation(
        annotator=annotation.annotator.pseudonym if annotation.annotator else "unknown",
        revision=revision.n,
        state=revision.state,
        lead_time=revision.lead_time,
        spans=tuple(
            Span(s.region, s.layer, s.label, s.start, s.end, s.attrs) for s in revision.spans
        ),
        relations=tuple(Relation(r.from_region, r.to_region, r.label) for r in revision.relations),
        choices=tuple(Choice(c.layer, tuple(c.values)) for c in revision.choices),
        set_aside=revision.set_aside,
        round=task.round,
    )
