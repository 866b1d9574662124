"""From a chunk's rows to the tasks that Label Studio is given."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, Select, select
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

# So many tasks are built at a time, so that at most as many articles' texts are held.
_TOGETHER = 64


class TaskPayloads:
    """Builds the import items of a lane's chunks; remembers the last articles' texts."""

    def __init__(self, store: Store, lane_id: int) -> None:
        self._store = store
        self._lane_id = lane_id
        self._texts: dict[int, tuple[str, list[BlockValue]]] = {}
        with store.reading() as session:
            self._predictions = Predictions.of_lane(session, lane_id)

    def of_chunk(self, chunk_id: int) -> list[dict[str, Any]]:
        """The items of a chunk that are still planned, in the lane's order."""
        with self._store.reading() as session:
            chunk = session.get_one(Chunk, chunk_id)
            rows = session.execute(self._planned(chunk)).all()
            texts = {row.id: row.text for row in rows}
            first = {row.id: row.text for row in rows if row.round == 1}
            predictions = self._predictions.of_chunk(session, chunk, first)
            later = [row.id for row in rows if row.round > 1]
            predictions |= earlier_answers(session, texts, later, self._predictions.scheme)
            items: list[dict[str, Any]] = []
            for begin in range(0, len(rows), _TOGETHER):
                some = rows[begin : begin + _TOGETHER]
                self._read_articles(session, {row.version_id for row in some})
                items.extend(self._item(row, predictions.get(row.id)) for row in some)
            return items

    def keep_predictions(self, session: Session) -> None:
        """Note which suggestions the items of the last chunk go out with."""
        self._predictions.keep(session)

    def _planned(self, chunk: Chunk) -> Select[*tuple[Any, ...]]:
        # Columns, not entities: of these there are as many as there are passages.
        return (
            select(
                Task.id,
                Task.uid,
                Task.round,
                Task.notice,
                Passage.uid.label("passage_uid"),
                Passage.text,
                Passage.text_sha,
                Passage.occurrence,
                Passage.role,
                Article.title,
                Placement.start,
                Placement.end,
                Placement.version_id,
            )
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
        )

    def _item(self, row: Row[*tuple[Any, ...]], given: dict[str, Any] | None) -> dict[str, Any]:
        text, blocks = self._texts[row.version_id]
        piece = PassageSlice(
            uid=row.passage_uid,
            start=row.start,
            end=row.end,
            text_sha=row.text_sha,
            occurrence=row.occurrence,
            role=Role(row.role),
        )
        return task_item(
            uid=row.uid,
            text=row.text,
            headline=row.title,
            context=context_of(text, blocks, piece),
            notice=row.notice,
            round=row.round,
            suggestions=() if given is None else [given],
        )

    def _read_articles(self, session: Session, versions: set[int]) -> None:
        """Hold the texts and blocks of these versions, and of no others."""
        self._texts = {key: held for key, held in self._texts.items() if key in versions}
        new = versions - self._texts.keys()
        if not new:
            return
        texts = session.execute(
            select(ArticleVersion.id, ArticleVersion.text).where(ArticleVersion.id.in_(new))
        )
        self._texts |= {version_id: (text, []) for version_id, text in texts}
        blocks = session.execute(
            select(Block.version_id, Block.role, Block.start, Block.end, Block.reason)
            .where(Block.version_id.in_(new))
            .order_by(Block.version_id, Block.ord)
        )
        for version_id, role, start, end, reason in blocks:
            self._texts[version_id][1].append(BlockValue(Role(role), start, end, reason))
