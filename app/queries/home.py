"""What the first page says: how far the work is, what to do next, what was done last."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, exists, func, select
from sqlalchemy.orm import Session

from app.models.articles import Article
from app.models.batches import Batch, BatchState
from app.models.connections import Connection
from app.models.passages import Passage
from app.models.tasks import Task, TaskState
from app.queries.batches import BatchRow, list_batch_rows
from app.queries.drift import list_lost
from app.queries.jobs import JobRow, list_jobs
from app.queries.quarantine import count_quarantined


@dataclass(frozen=True, slots=True)
class Funnel:
    """Distinct passages at each stage; a passage of three annotators counts once."""

    passages: int
    pushed: int
    annotated: int


@dataclass(frozen=True, slots=True)
class Steps:
    """What a fresh installation has done already, in the order in which to do it."""

    connected: bool
    imported: bool
    dealt: bool
    pushed: bool

    @property
    def done(self) -> bool:
        """Whether the line runs: nothing of the check-list is left."""
        return self.connected and self.imported and self.dealt and self.pushed


@dataclass(frozen=True, slots=True)
class HomePage:
    """Everything on the first page."""

    funnel: Funnel
    quarantined: int
    lost: tuple[str, ...]
    steps: Steps
    batches: tuple[BatchRow, ...]
    jobs: tuple[JobRow, ...]


def get_home(session: Session) -> HomePage:
    """Everything on the first page."""
    return HomePage(
        funnel=get_funnel(session),
        quarantined=count_quarantined(session),
        lost=list_lost(session),
        steps=get_steps(session),
        batches=list_batch_rows(session, limit=5).rows,
        jobs=list_jobs(session, limit=5).rows,
    )


def get_funnel(session: Session) -> Funnel:
    """How many distinct passages there are, are in Label Studio, and have an answer."""
    return Funnel(
        passages=session.scalar(select(func.count()).select_from(Passage)) or 0,
        pushed=_count(session, select(Task.passage_id).where(Task.state == TaskState.PUSHED)),
        annotated=_count(session, select(Task.passage_id).where(Task.annotated.is_(True))),
    )


def get_steps(session: Session) -> Steps:
    """Which steps of the start are done."""
    return Steps(
        connected=_any(session, select(Connection.id)),
        imported=_any(session, select(Article.id)),
        dealt=_any(session, select(Batch.id)),
        pushed=_any(session, select(Batch.id).where(Batch.state != BatchState.DRAFT)),
    )


def _count(session: Session, query: Any) -> int:
    # Counting the rows of a distinct list walks an index; a distinct count sorts everything.
    return session.scalar(select(func.count()).select_from(query.distinct().subquery())) or 0


def _any(session: Session, query: Select[Any]) -> bool:
    return session.scalar(select(exists(query.limit(1)))) or False
