"""One run of one job: take it, carry out its body, record how it ended.

The engine calls ``run_job``; everything it must know is in our rows, so a run that the engine
starts again after a crash finds what was done and does the rest.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

import structlog
from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError

from app.errors import AppError, FencedError
from app.extensions import STORE_FAULTS, Store
from app.jobs import BODIES
from app.jobs.gateways import GatewayFactory
from app.jobs.runtime import PATIENCE_S, CancelledJob, Drain, JobContext, now
from app.jobs.term_figures import keep_term_figures
from app.logs import get_logger
from app.models.jobs import Job, JobState
from app.services import desk, tally
from config import Settings
from labeling.errors import LabelingError

log = get_logger()

# How often a body is begun when the store fails under it, half a second apart.
STORE_TRIES = 10


@dataclass
class JobRunner:
    """Runs jobs in this process, in somebody's name (``worker``: an executor id)."""

    store: Store
    settings: Settings
    gateways: GatewayFactory
    worker: str
    drain: Drain = field(default_factory=Drain)
    patience: tuple[float, ...] = PATIENCE_S
    pause_s: float = 0.5

    def run_job(self, job_id: int, run: int) -> None:
        """Carry out run number ``run`` of a job; never raises: the row says how it ended."""
        self.drain.park_before_start()
        with self.drain.job(), structlog.contextvars.bound_contextvars(job=job_id):
            context = self._take(job_id, run)
            if context is not None:
                self._carry_out(context)

    def _take(self, job_id: int, run: int) -> JobContext | None:
        while True:
            try:
                return self._try_to_take(job_id, run)
            except IntegrityError:
                # Another job with the same key still runs: our turn comes when it ends.
                self._wait_a_moment()
            except STORE_FAULTS:
                log.warning("job_waits_for_store")
                self._wait_a_moment()

    def _try_to_take(self, job_id: int, run: int) -> JobContext | None:
        with self.store.transaction() as session:
            job = session.scalar(select(Job).where(Job.id == job_id).with_for_update())
            if job is None or job.run != run or job.ended_at is not None:
                return None
            if job.state == JobState.QUEUED:
                job.state = JobState.RUNNING
            job.fence += 1
            job.worker, job.taken_at = self.worker, now()
            job.started_at = job.started_at or job.taken_at
            session.flush()
            context = JobContext(
                store=self.store,
                settings=self.settings,
                gateways=self.gateways,
                job_id=job.id,
                fence=job.fence,
                args=job.args,
                name=job.name,
                drain=self.drain,
                patience=self.patience,
            )
        log.info("job_started", name=context.name, fence=context.fence)
        return context

    def _carry_out(self, context: JobContext) -> None:
        try:
            result = self._body(context)
            self._keep_figures()
        except CancelledJob:
            self._end(context, JobState.CANCELLED, message="Cancelled; what was done is kept.")
        except FencedError:
            log.warning("job_taken_over")
        except (AppError, LabelingError) as err:
            error = {"kind": err.kind, "message": err.message, "remedy": err.remedy}
            log.warning("job_failed", kind=err.kind)
            # What was done before it failed may be told as well.
            done: dict[str, Any] | None = getattr(err, "result", None)
            self._end(context, JobState.FAILED, message=err.message, error=error, result=done)
        except Exception as err:
            log.exception("job_crashed")
            error = {
                "kind": "crash",
                "message": f"The job stopped at an unexpected error ({type(err).__name__}).",
                "remedy": "Look into the worker's log, then retry the job.",
            }
            self._end(context, JobState.FAILED, message=error["message"], error=error)
        else:
            self._end(context, JobState.SUCCEEDED, message="Done", result=result)

    def _keep_figures(self) -> None:
        """Count what pages show and cannot count for themselves, where the job moved any of it."""
        try:
            with self.store.reading() as session:
                stale = tally.is_stale(session)
                stale_desk = desk.is_stale(session)
            if stale:
                with self.store.transaction() as session:
                    tally.recount(session)
            if stale_desk:
                with self.store.transaction() as session:
                    desk.recount(session)
            keep_term_figures(self.store)
        except STORE_FAULTS:
            # The next job counts: until then the page shows the figures of the last one.
            log.warning("figures_wait_for_store")

    def _end(
        self,
        context: JobContext,
        state: JobState,
        *,
        message: str,
        error: dict[str, Any] | None = None,
        result: dict[str, Any] | None = None,
    ) -> None:
        values: dict[str, Any] = {
            "state": state,
            "message": message,
            "error": error,
            "result": result,
            "ended_at": now(),
        }
        if state == JobState.SUCCEEDED:
            values["done"] = func.coalesce(Job.total, Job.done)
        while not self._write_end(context, values):
            # To the engine, a run that returns has ended: so it must not, before the row says so.
            log.warning("job_end_waits_for_store")
            self._wait_a_moment()
        log.info("job_ended", state=state)

    def _body(self, context: JobContext) -> dict[str, Any]:
        """The body; begun anew when the store was away for a moment, since that is safe."""
        for _ in range(STORE_TRIES - 1):
            try:
                context.checkpoint()
                return BODIES[context.name](context)
            except STORE_FAULTS:
                log.warning("job_begins_anew", exc_info=True)
                self._wait_a_moment()
        context.checkpoint()
        return BODIES[context.name](context)

    def _write_end(self, context: JobContext, values: dict[str, Any]) -> bool:
        try:
            with self.store.transaction() as session:
                session.execute(
                    update(Job)
                    .where(Job.id == context.job_id, Job.fence == context.fence)
                    .values(**values)
                )
        except STORE_FAULTS:
            return False
        return True

    def _wait_a_moment(self) -> None:
        self.drain.park_if_stopping()
        time.sleep(self.pause_s)
