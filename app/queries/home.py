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
    steps: Steps
    batches: tuple[BatchRow, ...]
    jobs: tuple[JobRow, ...]


def get_home(session: Session) -> HomePage:
    """Everything on the first page."""
    return HomePage(
        funnel=get_funnel(session),
        quarantined=count_quarantined(session),
        steps=get_steps(session),
        batches=list_batch_rows(session, limit=5).rows,
        jobs=list_jobs(session, limit=5).rows,
    )


def get_funnel(session: Session) -> Funnel:
    """How many distinct passages there are, are in Label Studio, and have an answer."""
    distinct = func.count(func.distinct(Task.passage_id))
    return Funnel(
        passages=session.scalar(select(func.count(Passage.id))) or 0,
        pushed=session.scalar(select(distinct).where(Task.state == TaskState.PUSHED)) or 0,
        annotated=session.scalar(select(distinct).where(Task.annotated.is_(True))) or 0,
    )


def get_steps(session: Session) -> Steps:
    """Which steps of the start are done."""
    return Steps(
        connected=_any(session, select(Connection.id)),
        imported=_any(session, select(Article.id)),
        dealt=_any(session, select(Batch.id)),
        pushed=_any(session, select(Batch.id).where(Batch.state != BatchState.DRAFT)),
    )


def _any(session: Session, query: Select[Any]) -> bool:
    return session.scalar(select(exists(query.limit(1)))) or False
