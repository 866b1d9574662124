"""What the first page says: how far the work is, what to do next, what was done last."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, exists, func, select
from sqlalchemy.orm import Session

from app.models.articles import Article
from app.models.batches import Batch, BatchState, Tally
from app.models.connections import Connection
from app.models.passages import Passage
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
    """How many distinct passages there are, are in Label Studio, and have an answer.

    The figures are those of the last job's end; passages imported since are counted on top.
    """
    kept = {row[0]: row[1] for row in session.execute(select(Tally.name, Tally.value))}
    newer = select(func.count()).select_from(Passage)
    since = session.scalar(newer.where(Passage.id > kept.get("newest_passage", 0))) or 0
    return Funnel(
        passages=kept.get("passages", 0) + since,
        pushed=kept.get("pushed", 0),
        annotated=kept.get("annotated", 0),
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
