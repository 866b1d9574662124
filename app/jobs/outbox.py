"""The bodies of a lane's imports: the next one is made while the last one is on its way."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.extensions import Store
from app.jobs.payloads import TaskPayloads
from app.models.batches import Chunk, ChunkState
from labeling.tasks import payload


@dataclass(frozen=True, slots=True)
class Body:
    """What is sent of a chunk: the uids of its tasks in order, and the bytes. May be empty."""

    chunk_id: int
    uids: list[str]
    data: bytes
    maker: TaskPayloads

    def keep_predictions(self, session: Session) -> None:
        """Note which suggestions its tasks go out with, in the caller's transaction."""
        self.maker.keep_predictions(session)


class Outbox:
    """Makes bodies, one ahead. Two makers take turns, for each remembers its last chunk."""

    def __init__(self, store: Store, lane_id: int) -> None:
        self._store = store
        self._lane_id = lane_id
        self._makers = [TaskPayloads(store, lane_id), TaskPayloads(store, lane_id)]
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="next-body")
        self._next: Future[Body | None] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._pool.shutdown()

    def body(self, chunk_id: int) -> Body:
        """What is still planned of a chunk: made already, or made now."""
        made, self._next = (self._next.result() if self._next else None), None
        if made is not None and made.chunk_id == chunk_id:
            return made
        return self._make(chunk_id)

    def make_ahead(self, chunk_id: int | None = None) -> None:
        """Begin with the chunk behind this one, or with the first, unless one is made already."""
        if self._next is None:
            self._next = self._pool.submit(self._make_next, chunk_id)

    def _make_next(self, chunk_id: int | None) -> Body | None:
        with self._store.reading() as session:
            here = -1 if chunk_id is None else session.get_one(Chunk, chunk_id).n
            following = session.scalar(
                select(Chunk.id)
                .where(Chunk.lane_id == self._lane_id, Chunk.n > here)
                .where(Chunk.state == ChunkState.PLANNED)
                .order_by(Chunk.n)
                .limit(1)
            )
        return None if following is None else self._make(following)

    def _make(self, chunk_id: int) -> Body:
        maker = self._makers[0]
        self._makers.reverse()
        items = maker.of_chunk(chunk_id)
        uids = [item["data"]["uid"] for item in items]
        return Body(chunk_id, uids, payload(items), maker)
