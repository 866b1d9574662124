"""The worker process: runs jobs until it is told to stop, and looks after the dead ones'.

The engine (DBOS) recovers only the jobs of its own executor id. On SQLite there is one worker
with a fixed id, so a restart finds them. On PostgreSQL every process has an id of its own and
a heartbeat; whoever is alive takes over the jobs of those whose heartbeat has stopped.
"""

from __future__ import annotations

import fcntl
import os
import signal
import socket
import time
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import IO, Any

from sqlalchemy import delete, select

from app.errors import ConflictError
from app.extensions import Store
from app.jobs import BODIES
from app.jobs.gateways import GatewayFactory
from app.jobs.runner import JobRunner
from app.jobs.runtime import now
from app.logs import get_logger
from app.models.jobs import Worker
from app.queue import APPLICATION_VERSION, ENGINE_SCHEMA, QUEUE
from config import Settings

log = get_logger()

BEAT_S = 2.0
DEAD_AFTER_S = 8.0
DRAIN_S = 30.0
POLL_S = 0.25
PRUNE_EVERY_S = 3600.0
_ENDED = ["SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"]


class WorkerProcess:
    """One worker: the engine, the heartbeat, and an orderly end."""

    def __init__(self, settings: Settings, store: Store, gateways: GatewayFactory) -> None:
        self.settings = settings
        self.store = store
        self.id = "main" if store.is_sqlite else f"{socket.gethostname()}-{uuid.uuid4().hex[:12]}"
        self.runner = JobRunner(store, settings, gateways, self.id)
        self._lock: IO[str] | None = None
        self._next_prune = 0.0

    def run(self) -> None:
        """Work until SIGTERM or SIGINT, then stop at safe points and end the process.

        Raises:
            ConflictError: another worker already works on this SQLite instance.
        """
        if self.store.is_sqlite:
            self._lock = lock_instance(self.settings)
        stop = self.runner.drain.stop
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        client = self._launch()
        log.info("worker_started", worker=self.id)
        while not stop.is_set():
            self._beat(client)
            stop.wait(BEAT_S)
        self._finish()

    def _launch(self) -> Any:
        from dbos import DBOS, DBOSClient, DBOSConfig, DBOSPortableJSONSerializer

        self._forget_me()
        config: DBOSConfig = {
            "name": "copydesk",
            "system_database_url": self.settings.sqlalchemy_url,
            "dbos_system_schema": ENGINE_SCHEMA,
            "application_version": APPLICATION_VERSION,
            "executor_id": self.id,
            "serializer": DBOSPortableJSONSerializer(),
            "log_level": "WARNING",
            "run_migrations": False,
        }
        DBOS(config=config)
        for name in BODIES:
            # Recovery tries are not limited by the engine: a body reads from its rows what is
            # done, so another try is always safe, and a stranded job never is.
            DBOS.workflow(name=name, max_recovery_attempts=1_000_000)(self._workflow(name))
        self._beat(None)
        DBOS.launch()
        DBOS.register_queue(
            QUEUE,
            worker_concurrency=self.settings.worker_threads,
            partition_concurrency=1,
            polling_interval_sec=POLL_S,
        )
        return DBOSClient(
            system_database_url=self.settings.sqlalchemy_url,
            dbos_system_schema=ENGINE_SCHEMA,
            serializer=DBOSPortableJSONSerializer(),
            system_database_pool_size=1,
        )

    def _workflow(self, name: str) -> Callable[[int, int], None]:
        def workflow(job_id: int, run: int) -> None:
            self.runner.run_job(job_id, run)

        workflow.__qualname__ = workflow.__name__ = name
        return workflow

    def _beat(self, client: Any) -> None:
        """Say that this worker lives; take over from those that do not; prune now and then."""
        moment = now()
        with self.store.transaction() as session:
            me = session.get(Worker, self.id)
            if me is None:
                me = Worker(id=self.id, host=socket.gethostname(), started_at=moment, pid=0)
                session.add(me)
            me.pid, me.seen_at = os.getpid(), moment
            dead_line = moment - timedelta(seconds=DEAD_AFTER_S)
            session.execute(delete(Worker).where(Worker.seen_at < dead_line))
        if client is not None and not self.store.is_sqlite:
            self._take_over(client)
        if client is not None and time.monotonic() >= self._next_prune:
            self._next_prune = time.monotonic() + PRUNE_EVERY_S
            prune(client, older_than_days=self.settings.job_retention_days)

    def _take_over(self, client: Any) -> None:
        with self.store.reading() as session:
            alive = set(session.scalars(select(Worker.id)))
        pending = client.list_workflows(status="PENDING", load_input=False, load_output=False)
        for workflow in pending:
            if workflow.executor_id not in alive:
                log.warning("job_takeover", workflow=workflow.workflow_id)
                client.resume_workflow(workflow.workflow_id, queue_name=QUEUE)

    def _finish(self) -> None:
        """Wait until every job stands at a safe point, then go without ceremony.

        An orderly shutdown of the engine would wait for the parked jobs and then tear them;
        leaving at once keeps them pending for the next worker, at exactly this point.
        """
        deadline = time.monotonic() + DRAIN_S
        while self.runner.drain.running > 0 and time.monotonic() < deadline:
            time.sleep(0.02)
        self._forget_me()
        log.info("worker_stopped", worker=self.id, drained=self.runner.drain.running == 0)
        os._exit(0)

    def _forget_me(self) -> None:
        with self.store.transaction() as session:
            session.execute(delete(Worker).where(Worker.id == self.id))


def lock_instance(settings: Settings) -> IO[str]:
    """Claim a SQLite instance for one worker; the lock ends with the process.

    Raises:
        ConflictError: another worker holds it.
    """
    path = settings.instance / "worker.lock"
    handle = path.open("a+", encoding="ascii")
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as err:
        handle.seek(0)
        holder = handle.read().strip() or "unknown"
        handle.close()
        raise ConflictError(
            f"Another worker (process {holder}) already works on the instance {settings.instance}.",
            remedy="A SQLite instance has one worker. For more, use PostgreSQL: set "
            "COPYDESK_DATABASE_URL.",
        ) from err
    handle.truncate(0)
    handle.write(f"{os.getpid()}\n")
    handle.flush()
    return handle


def prune(client: Any, *, older_than_days: int) -> int:
    """Make the engine forget runs that ended long ago; our own rows stay.

    Returns:
        How many runs were forgotten.
    """
    before = (now() - timedelta(days=older_than_days)).isoformat()
    old = client.list_workflows(
        status=_ENDED,
        completed_before=before,
        load_input=False,
        load_output=False,
    )
    ids = [workflow.workflow_id for workflow in old]
    if ids:
        client.delete_workflows(ids)
    return len(ids)
