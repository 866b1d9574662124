"""The worker process: runs jobs until it is told to stop, and looks after the dead ones'.

The engine (DBOS) recovers only the jobs of its own executor id. On SQLite there is one worker
with a fixed id, so a restart finds them. On PostgreSQL every process has an id of its own and
a heartbeat; whoever is alive takes over the jobs of those whose heartbeat has stopped.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import socket
import time
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import IO, Any

from sqlalchemy import delete, select, update

from app.errors import ConflictError
from app.extensions import STORE_FAULTS, Store
from app.jobs import BODIES
from app.jobs.gateways import GatewayFactory
from app.jobs.runner import JobRunner
from app.jobs.runtime import now
from app.logs import get_logger
from app.models.jobs import ACTIVE_STATES, Job, JobState, Worker
from app.queue import APPLICATION_VERSION, ENGINE_SCHEMA, QUEUE, Queue, workflow_id
from app.services import schedule
from config import Settings

log = get_logger()

BEAT_S = 2.0
DEAD_AFTER_S = 8.0
DRAIN_S = 30.0
POLL_S = 0.25
PRUNE_EVERY_S = 3600.0
MEND_EVERY_S = 15.0
# A job this young may have been planned in a transaction that the engine has not seen yet.
STRANDED_AFTER = timedelta(seconds=30)
_ENDED = ["SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"]


class WorkerProcess:
    """One worker: the engine, the heartbeat, and an orderly end."""

    def __init__(self, settings: Settings, store: Store, gateways: GatewayFactory) -> None:
        self.settings = settings
        self.store = store
        self.id = "main" if store.is_sqlite else f"{socket.gethostname()}-{uuid.uuid4().hex[:12]}"
        self.runner = JobRunner(store, settings, gateways, self.id)
        self._queue = Queue(settings)
        self._lock: IO[str] | None = None
        self._next_prune = 0.0
        self._next_mend = 0.0

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
            try:
                self._beat(client)
            except STORE_FAULTS:
                # Without a heartbeat others may take over; every write is fenced, so go on.
                log.warning("heartbeat_failed", exc_info=True)
            except Exception:
                # A worker that lives without a heartbeat would never be replaced: end it.
                log.exception("worker_broke")
                self._finish(status=1)
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
        if client is not None:
            plan_due_syncs(self.store, self._queue, self.settings)
        if client is not None and time.monotonic() >= self._next_mend:
            self._next_mend = time.monotonic() + MEND_EVERY_S
            mend_stranded(self.store, client)
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

    def _finish(self, status: int = 0) -> None:
        """Wait until every job stands at a safe point, then go without ceremony.

        An orderly shutdown of the engine would wait for the parked jobs and then tear them;
        leaving at once keeps them pending for the next worker, at exactly this point.
        """
        self.runner.drain.stop.set()
        deadline = time.monotonic() + DRAIN_S
        while self.runner.drain.running > 0 and time.monotonic() < deadline:
            time.sleep(0.02)
        with contextlib.suppress(*STORE_FAULTS):
            self._forget_me()
        log.info("worker_stopped", worker=self.id, drained=self.runner.drain.running == 0)
        os._exit(status)

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


def plan_due_syncs(store: Store, queue: Queue, settings: Settings) -> int:
    """Plan the syncs whose time has come; of all the workers that ask, one plans each.

    Returns:
        How many were planned here.
    """
    moment = now()
    with store.reading() as session:
        due = schedule.due_batches(session, settings, moment)
    planned = 0
    for batch_id in due:
        with store.transaction() as session:
            planned += schedule.claim(session, queue, settings, batch_id, moment) is not None
    return planned


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


def mend_stranded(store: Store, client: Any) -> int:
    """Fail the jobs that still count as active although the engine has done with their run.

    Otherwise nobody would ever carry them out, and each would stand in the way of every later
    job for the same work.

    Returns:
        How many were found.
    """
    with store.reading() as session:
        active = session.scalars(
            select(Job).where(Job.state.in_(ACTIVE_STATES), Job.created_at < now() - STRANDED_AFTER)
        ).all()
    by_run = {workflow_id(job): job for job in active}
    if not by_run:
        return 0
    known = client.list_workflows(workflow_ids=list(by_run), load_input=False, load_output=False)
    alive = {run.workflow_id for run in known if run.status not in _ENDED}
    stranded = [job for run, job in by_run.items() if run not in alive]
    return sum(_fail_stranded(store, job) for job in stranded)


def _fail_stranded(store: Store, job: Job) -> int:
    error = {
        "kind": "stranded",
        "message": "The job was interrupted and nobody was going to finish it.",
        "remedy": "Retry it; what it had done is kept and not done twice.",
    }
    with store.transaction() as session:
        failed = session.execute(
            update(Job)
            .where(Job.id == job.id, Job.run == job.run, Job.fence == job.fence)
            .where(Job.state.in_(ACTIVE_STATES))
            .values(state=JobState.FAILED, error=error, message=error["message"], ended_at=now())
            .returning(Job.id)
        ).all()
    log.warning("job_stranded", job=job.id)
    return len(failed)
