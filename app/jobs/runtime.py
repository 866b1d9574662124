"""What every job body stands on: its context, safe points, fencing, patience with a server.

A body is at-least-once: after a crash it starts again from its first line. So each body
reads from its rows what is done already, and does only the rest.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.errors import FencedError
from app.extensions import Store
from app.jobs.gateways import GatewayFactory, open_gateway
from app.models.jobs import Job, JobState
from config import Settings
from labeling.errors import IncompleteGatewayError, RetryableGatewayError
from labeling.studio.gateway import StudioGateway

T = TypeVar("T")

# Changes whose transaction began before, but ended after, the newest one we saw.
OVERLAP = timedelta(minutes=5)
STUDIO_TIME = "%Y-%m-%dT%H:%M:%S.%fZ"

# Between tries of a read, or of a write that surely was not sent. Together half a minute: a
# restart of the server is bridged, a server that is down is reported while somebody waits.
PATIENCE_S = (1.0, 2.0, 4.0, 8.0, 15.0)


class CancelledJob(Exception):  # noqa: N818 - it is a request that was granted, not an error
    """Somebody asked for the job to stop, and it has come to a safe point."""


@dataclass
class Drain:
    """How a worker stops without tearing a request from its record.

    Once ``stop`` is set, every job parks at its next safe point and never returns; the
    process then ends under it, and the engine gives the job to the next worker.
    """

    stop: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    running: int = 0

    @contextmanager
    def job(self) -> Iterator[None]:
        """Count a running job."""
        with self._lock:
            self.running += 1
        try:
            yield
        finally:
            with self._lock:
                self.running -= 1

    def park_before_start(self) -> None:
        """Begin no job once the worker is stopping."""
        if self.stop.is_set():
            threading.Event().wait()

    def park_if_stopping(self) -> None:
        """A safe point of a running job: go on, or wait here for the end of the process."""
        if self.stop.is_set():
            with self._lock:
                self.running -= 1
            threading.Event().wait()


@dataclass
class JobContext:
    """A running job: its row's id, its fence, and the ways to reach the store and servers."""

    store: Store
    settings: Settings
    gateways: GatewayFactory
    job_id: int
    fence: int
    args: dict[str, Any]
    name: str
    drain: Drain = field(default_factory=Drain)
    patience: tuple[float, ...] = PATIENCE_S

    def gateway(self, connection_id: int) -> StudioGateway:
        """The gateway of a connection."""
        with self.store.reading() as session:
            return open_gateway(session, self.settings, self.gateways, connection_id)

    @contextmanager
    def transaction(self, *, done: int | None = None) -> Iterator[Session]:
        """A transaction that only commits while this job is still ours; ``done`` comes with it."""
        with self.store.transaction() as session:
            self._check_fence(session, done=done)
            yield session

    def checkpoint(self, *, done: int | None = None, message: str | None = None) -> None:
        """A safe point: tell the progress, and stop here if that was asked for.

        Where there is nothing to tell, it only reads.

        Raises:
            CancelledJob: somebody cancelled the job.
            FencedError: another worker has taken it over.
        """
        self.drain.park_if_stopping()
        if done is None and message is None:
            state = self._look()
        else:
            with self.store.transaction() as session:
                state = self._check_fence(session, done=done, message=message)
        if state == JobState.CANCELLING:
            raise CancelledJob

    def wait(self, seconds: float) -> None:
        """Wait, looking at every half second whether to stop."""
        remaining = seconds
        while remaining > 0:
            step = min(0.5, remaining)
            self.drain.stop.wait(step)
            remaining -= step
            self.checkpoint()

    def patiently(self, call: Callable[[], T], *, repeat_sent: bool = True) -> T:
        """Make a call, again after a while when the server is away.

        Args:
            call: the gateway call.
            repeat_sent: False for a write: it is only repeated when it surely was not sent.

        Raises:
            GatewayError: the last failure, once patience is at its end.
        """
        for delay in self.patience:
            try:
                return call()
            except (RetryableGatewayError, IncompleteGatewayError) as err:
                if err.sent and not repeat_sent:
                    raise
                self.checkpoint(message=f"Waiting for Label Studio: {err.message}")
                self.wait(delay)
        return call()

    def _look(self) -> str:
        with self.store.reading() as session:
            fence, state = session.execute(
                select(Job.fence, Job.state).where(Job.id == self.job_id)
            ).one()
        if fence != self.fence or state not in (JobState.RUNNING, JobState.CANCELLING):
            raise self._fenced()
        return str(state)

    def _fenced(self) -> FencedError:
        return FencedError(f"Job {self.job_id} was taken over by another worker.")

    def _check_fence(
        self, session: Session, *, done: int | None = None, message: str | None = None
    ) -> str:
        values: dict[str, object] = {"fence": self.fence}
        if done is not None:
            values["done"] = done
        if message is not None:
            values["message"] = message
        state = session.execute(
            update(Job)
            .where(Job.id == self.job_id, Job.fence == self.fence)
            .where(Job.state.in_((JobState.RUNNING, JobState.CANCELLING)))
            .values(**values)
            .returning(Job.state)
        ).scalar_one_or_none()
        if state is None:
            raise self._fenced()
        return state


def with_overlap(cursor: str | None) -> str | None:
    """From when to read again, in the server's time; None: everything."""
    if cursor is None:
        return None
    return (datetime.strptime(cursor, STUDIO_TIME) - OVERLAP).strftime(STUDIO_TIME)  # noqa: DTZ007


def now() -> datetime:
    """The present, aware."""
    return datetime.now(UTC)
