"""The suggestions that go out with the tasks of a lane."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models.batches import Batch, Chunk, Lane
from app.models.schemes import SchemeVersion
from app.queries.projecting import suggestions_of_tasks
from app.services.predictions import PushedSuggestions, keep_predictions
from labeling.scheme import read_scheme
from labeling.suggest.projection import Projection
from labeling.tasks import MODEL_VERSION, prediction
from labeling.types import Scheme

_SOURCES_CHARS = 200


@dataclass
class Predictions:
    """Projects suggestions onto the passages of one lane, and remembers what it gave."""

    scheme: Scheme
    _given: dict[int, PushedSuggestions | None] = field(default_factory=dict)

    @classmethod
    def of_lane(cls, session: Session, lane_id: int) -> Predictions:
        """For the scheme of the lane's batch."""
        config = session.execute(
            select(SchemeVersion.config)
            .join(Batch, Batch.scheme_version_id == SchemeVersion.id)
            .join(Lane, Lane.batch_id == Batch.id)
            .where(Lane.id == lane_id)
        ).scalar_one()
        return cls(read_scheme(config))

    def of_chunk(self, session: Session, chunk: Chunk, texts: dict[int, str]) -> dict[int, Any]:
        """The predictions that the planned tasks of a chunk go out with.

        Args:
            session: a session for reading.
            chunk: the chunk.
            texts: the text of the passage, by the row ids of these tasks.

        Returns:
            By the row ids of those tasks for which there is something to suggest.
        """
        self._given = dict.fromkeys(texts)
        projection = Projection(self.scheme)
        for task_id, there in suggestions_of_tasks(
            session, chunk.lane_id, chunk.first, chunk.last
        ).items():
            projected = projection.of(there.spans, there.relations, there.start, there.end)
            if projected.spans and task_id in texts:
                sources = ", ".join(sorted({one.source for one in there.spans}))
                self._given[task_id] = PushedSuggestions(
                    there.passage_id, sources[:_SOURCES_CHARS], projected
                )
        return {
            task_id: prediction(
                given.projected.spans,
                given.projected.relations,
                texts[task_id],
                self.scheme,
                model_version=MODEL_VERSION,
            )
            for task_id, given in self._given.items()
            if given is not None
        }

    def keep(self, session: Session) -> None:
        """Note what the last chunk goes out with; part of the transaction that marks it so."""
        keep_predictions(session, self._given)
