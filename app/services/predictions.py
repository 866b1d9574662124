"""What was pushed with tasks, kept before it is sent: later nobody else could tell."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Table, bindparam, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.models.suggestions import Prediction
from app.models.tasks import Task
from labeling.suggest.projection import Projected

_AT_ONCE = 500
# Written as tables: through the mapping, rows with and without a term would go one by one.
_TASK: Table = Task.metadata.tables["task"]
_SPAN: Table = Task.metadata.tables["prediction_span"]


@dataclass(frozen=True, slots=True)
class PushedSuggestions:
    """The suggestions of one task: its passage, who suggests, and what."""

    passage_id: int
    sources: str
    projected: Projected

    @property
    def key(self) -> tuple[int, str]:
        """Tasks that get the same suggestions for the same passage share one row."""
        said = [
            self.sources,
            [[s.id, s.layer, s.label, s.start, s.end, dict(s.attrs)] for s in self.projected.spans],
            [[r.from_id, r.to_id, r.label] for r in self.projected.relations],
        ]
        written = json.dumps(said, sort_keys=True, ensure_ascii=True).encode("ascii")
        return self.passage_id, hashlib.sha256(written).hexdigest()


def keep_predictions(session: Session, pushed: Mapping[int, PushedSuggestions | None]) -> None:
    """Note for every task what it is pushed with.

    Args:
        session: the transaction that marks the tasks as being sent.
        pushed: by the tasks' row ids; None for a task without suggestions.
    """
    some = {task_id: one for task_id, one in pushed.items() if one is not None}
    keys = {task_id: one.key for task_id, one in some.items()}
    known = _kept(session, {keys[task_id]: one for task_id, one in some.items()})
    if keys:
        session.connection().execute(
            _TASK.update()
            .where(_TASK.c.id == bindparam("task"))
            .values(prediction_id=bindparam("given")),
            [{"task": task_id, "given": known[key]} for task_id, key in keys.items()],
        )
    _forget(session, [task_id for task_id, one in pushed.items() if one is None])


def _kept(
    session: Session, wanted: Mapping[tuple[int, str], PushedSuggestions]
) -> dict[tuple[int, str], int]:
    """The rows of these suggestions; those that are not there yet are added."""
    passages = sorted({passage_id for passage_id, _ in wanted})
    known = _known(session, passages)
    # In one order, so that two pushes of the same passages do not wait for each other.
    while new := {key: wanted[key] for key in sorted(wanted.keys() - known.keys())}:
        try:
            with session.begin_nested():
                known.update(_insert(session, new))
        except IntegrityError:
            # Another push, to another server, added some of them at the same moment.
            known = _known(session, passages)
    return known


def _forget(session: Session, task_ids: Sequence[int]) -> None:
    """These tasks go out without suggestions, whatever an earlier attempt went out with."""
    for first in range(0, len(task_ids), _AT_ONCE):
        session.connection().execute(
            _TASK.update()
            .where(_TASK.c.id.in_(task_ids[first : first + _AT_ONCE]))
            .where(_TASK.c.prediction_id.is_not(None))
            .values(prediction_id=None)
        )


def _known(session: Session, passages: list[int]) -> dict[tuple[int, str], int]:
    known = {}
    for first in range(0, len(passages), _AT_ONCE):
        rows = session.execute(
            select(Prediction.passage_id, Prediction.sha, Prediction.id).where(
                Prediction.passage_id.in_(passages[first : first + _AT_ONCE])
            )
        )
        known.update({(passage_id, sha): row_id for passage_id, sha, row_id in rows})
    return known


def _insert(
    session: Session, new: Mapping[tuple[int, str], PushedSuggestions]
) -> dict[tuple[int, str], int]:
    rows = [
        {
            "passage_id": passage_id,
            "sha": sha,
            "model_version": one.sources,
            "left_out": one.projected.left_out,
            "relations": [[r.from_id, r.to_id, r.label] for r in one.projected.relations],
        }
        for (passage_id, sha), one in new.items()
    ]
    made = session.execute(
        insert(Prediction).returning(Prediction.passage_id, Prediction.sha, Prediction.id), rows
    )
    ids = {(passage_id, sha): row_id for passage_id, sha, row_id in made}
    spans = [row for key, one in new.items() for row in _span_rows(ids[key], one.projected)]
    if spans:
        session.connection().execute(_SPAN.insert(), spans)
    return ids


def _span_rows(prediction_id: int, projected: Projected) -> list[dict[str, Any]]:
    return [
        {
            "prediction_id": prediction_id,
            "ord": n,
            "region": span.id,
            "layer": span.layer,
            "label": span.label,
            "start": span.start,
            "end": span.end,
            "attrs": dict(span.attrs),
            "term": projected.terms.get(span.id),
        }
        for n, span in enumerate(projected.spans)
    ]
