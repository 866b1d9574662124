"""The evidence of blindness of a batch: how lanes are kept apart, and what speaks against it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import literal_column, select
from sqlalchemy.orm import Session

from app.models.annotations import Annotation
from app.models.batches import Lane
from app.models.connections import Annotator, Connection
from app.models.passages import Passage
from app.models.tasks import Task
from app.queries.studio_links import task_link

FLAGS_SHOWN = 100

# Signs in the words of a page.
SIGNS = {
    "stranger": "Not the lane's annotator",
    "parent_annotation": "Copy of an annotation",
    "copied_regions": "Regions of another lane",
}


@dataclass(frozen=True, slots=True)
class Flag:
    """An annotation that was not made blind, as far as the signs tell."""

    id: int
    lane: int
    annotator: str | None
    passage: str
    ls_annotation_id: int
    signs: tuple[str, ...]
    reasons: tuple[str, ...]
    task_url: str | None

    @property
    def titles(self) -> tuple[str, ...]:
        """The signs in words."""
        return tuple(SIGNS.get(sign, sign) for sign in self.signs)


@dataclass(frozen=True, slots=True)
class Blindness:
    """How blind a batch is.

    ``mode``: ``servers`` when each lane is on a connection of its own, ``lanes`` when each is
    a project of its own, ``none`` for a shared batch. ``flags`` are the first ``FLAGS_SHOWN``.
    """

    mode: str
    violations: int
    flags: tuple[Flag, ...]


def mode_of(deal: str, connections: Sequence[str | None]) -> str:
    """How the lanes of a batch are kept apart.

    Args:
        deal: the batch's deal.
        connections: the connection of each lane.
    """
    if deal != "blind":
        return "none"
    own = len(connections) > 1 and len(set(connections)) == len(connections)
    return "servers" if own else "lanes"


def list_flags(session: Session, batch_id: int, *, limit: int = FLAGS_SHOWN) -> tuple[Flag, ...]:
    """The flagged annotations of a batch, lane by lane."""
    rows = session.execute(
        select(Annotation, Lane, Annotator.email, Passage.uid, Connection.url)
        .join(Task, Task.id == Annotation.task_id)
        .join(Lane, Lane.id == Task.lane_id)
        .join(Passage, Passage.id == Task.passage_id)
        .outerjoin(Annotator, Annotator.id == Annotation.annotator_id)
        .outerjoin(Connection, Connection.id == Lane.connection_id)
        # Written out, so that both stores see that their small index of flagged ones fits.
        .where(Lane.batch_id == batch_id, Annotation.flag != literal_column("''"))
        .order_by(Lane.n, Annotation.id)
        .limit(limit)
    )
    return tuple(
        Flag(
            id=annotation.id,
            lane=lane.n,
            annotator=email,
            passage=passage,
            ls_annotation_id=annotation.ls_id,
            signs=tuple(annotation.flag.split(",")),
            reasons=tuple(annotation.flag_reason.split("\n")),
            task_url=task_link(url, lane.ls_project_id, annotation.ls_task_id),
        )
        for annotation, lane, email, passage, url in rows
    )


def show_blindness(found: Blindness) -> dict[str, Any]:
    """The part about blindness in the answer of ``batches show``."""
    return {
        "mode": found.mode,
        "violations": found.violations,
        "flags": [
            {
                "lane": flag.lane,
                "annotator": flag.annotator,
                "passage": flag.passage,
                "annotation": flag.ls_annotation_id,
                "signs": list(flag.signs),
                "reason": " ".join(flag.reasons),
            }
            for flag in found.flags
        ],
    }
