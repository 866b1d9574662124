"""From a chunk's rows to the tasks that Label Studio is given."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.extensions import Store
from app.jobs.predictions import Predictions
from app.jobs.rounds import earlier_answers
from app.models.articles import Article, ArticleVersion, Block
from app.models.batches import Chunk
from app.models.passages import Passage, Placement
from app.models.tasks import Task, TaskState
from app.queries.placements import is_newest_placement
from labeling.tasks import task_item
from labeling.text.passages import context_of
from labeling.types import Block as BlockValue
from labeling.types import PassageSlice, Role

_CACHED_ARTICLES = 64


class TaskPayloads:
    """Builds the import items of a lane's chunks; remembers the last articles' texts."""

    def __init__(self, store: Store, lane_id: int) -> None:
        self._store = store
        self._lane_id = lane_id
        self._texts: dict[int, tuple[str, tuple[BlockValue, ...]]] = {}
        with store.reading() as session:
            self._predictions = Predictions.of_lane(session, lane_id)

    def of_chunk(self, chunk_id: int) -> list[dict[str, Any]]:
        """The items of a chunk that are still planned, in the lane's order."""
        with self._store.reading() as session:
            chunk = session.get_one(Chunk, chunk_id)
            rows = session.execute(
                select(Task, Passage, Article, Placement, ArticleVersion.id)
                .join(Passage, Passage.id == Task.passage_id)
                .join(Article, Article.id == Passage.article_id)
                .join(Placement, Placement.passage_id == Passage.id)
                .join(ArticleVersion, ArticleVersion.id == Placement.version_id)
                .where(
                    Task.lane_id == self._lane_id,
                    Task.ordinal.between(chunk.first, chunk.last),
                    Task.state == TaskState.PLANNED,
                    is_newest_placement(),
                )
                .order_by(Task.ordinal)
            ).all()
            texts = {task.id: passage.text for task, passage, *_ in rows}
            first = {task.id: texts[task.id] for task, *_ in rows if task.round == 1}
            predictions = self._predictions.of_chunk(session, chunk, first)
            scheme = self._predictions.scheme
            predictions |= earlier_answers(session, texts, [row[0] for row in rows], scheme)
            return [
                task_item(
                    uid=task.uid,
                    text=passage.text,
                    headline=article.title,
                    context=self._context(session, version_id, passage, placement),
                    notice=task.notice,
                    round=task.round,
                    suggestions=[predictions[task.id]] if task.id in predictions else (),
                )
                for task, passage, article, placement, version_id in rows
            ]

    def keep_predictions(self, session: Session) -> None:
        """Note which suggestions the items of the last chunk go out with."""
        self._predictions.keep(session)

    def _context(
        self, session: Session, version_id: int, passage: Passage, placement: Placement
    ) -> str:
        if version_id not in self._texts:
            if len(self._texts) >= _CACHED_ARTICLES:
                self._texts.pop(next(iter(self._texts)))
            self._texts[version_id] = _text_and_blocks(session, version_id)
        text, blocks = self._texts[version_id]
        piece = PassageSlice(
            uid=passage.uid,
            start=placement.start,
            end=placement.end,
            text_sha=passage.text_sha,
            occurrence=passage.occurrence,
            role=Role(passage.role),
        )
        return context_of(text, blocks, piece)


def _text_and_blocks(session: Session, version_id: int) -> tuple[str, tuple[BlockValue, ...]]:
    text = session.scalars(select(ArticleVersion.text).where(ArticleVersion.id == version_id)).one()
    blocks = session.scalars(
        select(Block).where(Block.version_id == version_id).order_by(Block.ord)
    )
    return text, tuple(BlockValue(Role(b.role), b.start, b.end, b.reason) for b in blocks)
