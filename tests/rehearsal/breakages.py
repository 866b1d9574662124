"""Ways to break our code on purpose, for the mutants that break who writes, and how whole."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from unittest import mock

from sqlalchemy import update

from app.jobs.push import LanePush
from app.jobs.runner import JobRunner
from app.jobs.runtime import JobContext
from app.models.batches import ChunkState
from app.models.jobs import Job, JobState
from app.models.review import Gold
from app.queue import Queue
from app.services import progress
from app.services.pushing import mark_pushed


class StaysUnknown:
    PLANNED = ChunkState.UNKNOWN


def ended_at_once(_self: Queue, session: Any, job_id: int) -> Job:
    job = session.get_one(Job, job_id)
    job.state, job.ended_at = JobState.CANCELLED, job.taken_at
    session.flush()
    return job


def marked_by_halves(self: LanePush, chunk_id: int, uids: list[str], ids: Sequence[int]) -> None:
    self._mark(chunk_id, ChunkState.SENT)
    with self.ctx.transaction() as session:
        places: Sequence[int | None] = ids or [None] * len(uids)
        mark_pushed(session, list(zip(uids, places, strict=True)))
        progress.add(session, self.lane_id, pushed=len(uids))


@contextmanager
def one_number_for_all() -> Iterator[None]:
    """A worker takes a job over without a number of its own."""
    take = JobRunner._try_to_take

    def taken(self: JobRunner, job_id: int, run: int) -> JobContext | None:
        context = take(self, job_id, run)
        if context is not None and context.fence > 1:
            with self.store.transaction() as session:
                session.execute(update(Job).where(Job.id == job_id).values(fence=1))
            context.fence = 1
        return context

    with mock.patch.object(JobRunner, "_try_to_take", taken):
        yield


def gold_follows(session: Any, batch_id: int, passage_ids: Any, answers: Any) -> None:
    """What was settled is brought up to date, instead of marked."""
    for passage_id in set(passage_ids) & answers.keys():
        session.execute(
            update(Gold)
            .where(Gold.batch_id == batch_id, Gold.passage_id == passage_id, Gold.current)
            .values(revisions=answers[passage_id][2])
        )
