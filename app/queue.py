"""The job port: plans jobs and hands them to the engine, in the caller's transaction.

It knows jobs by name and nothing of their bodies. Users see the ``job`` rows; the engine
(DBOS) only knows which of them still has to run, and where. The tables are imported where
they are used: every command makes a queue, few plan a job, and mapping all tables takes long.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.errors import ConflictError, NotFoundError
from config import Settings

if TYPE_CHECKING:
    from dbos import DBOSClient

    from app.models.jobs import Job

# A job name never changes its meaning: what runs under it may have been queued by an older
# version. A body that must change incompatibly gets a new name (`push_v2`).
PUSH = "push_v1"
SYNC = "sync_v1"
ADOPT = "adopt_v1"
AGREEMENT = "agreement_v1"
SUGGEST = "suggest_v1"
IMPORT_CHECK = "import_check_v1"
IMPORT = "import_v1"
RELEASE = "release_v1"
EXPORT = "export_v1"
DESK = "desk_v1"
TERM_INDEX = "term_index_v1"
EVENNESS = "evenness_v1"
JOB_NAMES = (
    *(PUSH, SYNC, ADOPT, AGREEMENT, SUGGEST, IMPORT_CHECK, IMPORT),
    *(RELEASE, EXPORT, TERM_INDEX, DESK, EVENNESS),
)

# The engine strands jobs of another application version, and its default version is a hash
# of the code: any edit would. So the version is pinned; it changes with the engine's major.
APPLICATION_VERSION = "1"
QUEUE = "jobs"
ENGINE_SCHEMA = "dbos"
ENGINE_TABLES = frozenset(
    {
        "dbos_migrations",
        "workflow_status",
        "notifications",
        "workflow_events",
        "streams",
        "workflow_events_history",
        "workflow_schedules",
        "application_versions",
        "queues",
        "workflow_input",
        "workflow_output",
        "operation_outputs",
    }
)


def migrate_engine(settings: Settings) -> None:
    """Make or migrate the engine's own tables beside ours."""
    from dbos import DBOS

    DBOS.migrate(settings.sqlalchemy_url, schema=ENGINE_SCHEMA)


def workflow_id(job: Job) -> str:
    """The engine's name for one run of a job. A retry is a new run, so it gets a new name."""
    return f"job-{job.id}-{job.run}"


class Queue:
    """Plans jobs. One for each process: the engine's client must not cross a fork."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._client: DBOSClient | None = None
        self._pid = 0

    @property
    def client(self) -> DBOSClient:
        """The engine's client, made at first use in each process."""
        if self._client is None or self._pid != os.getpid():
            from dbos import DBOSClient, DBOSPortableJSONSerializer

            self._client = DBOSClient(
                system_database_url=self.settings.sqlalchemy_url,
                dbos_system_schema=ENGINE_SCHEMA,
                # The engine's default is pickle: whoever can write to the database could then
                # run code in the worker.
                serializer=DBOSPortableJSONSerializer(),
                system_database_pool_size=2,
            )
            self._pid = os.getpid()
        return self._client

    def close(self) -> None:
        """Close the client's connections (tests and tidy ends; a new use opens them again)."""
        if self._client is not None and self._pid == os.getpid():
            self._client.destroy()
        self._client = None

    def plan(
        self,
        session: Session,
        name: str,
        *,
        key: str,
        actor: str,
        partition: str,
        args: dict[str, Any] | None = None,
        total: int | None = None,
    ) -> Job:
        """Plan a job, or give the one that is already queued for the same key.

        Args:
            session: a transaction; the job exists if and only if it commits.
            name: one of ``JOB_NAMES``.
            key: what it works on; at most one job is queued and one runs for a key.
            actor: who asked, for the job's row.
            partition: jobs of one partition run one after the other.
            args: small JSON for the body.
            total: how many units of progress there are, where known.
        """
        from app.models.jobs import Job

        queued = _queued(session, key)
        if queued is not None:
            return queued
        job = Job(
            name=name,
            key=key,
            partition=partition,
            args=args or {},
            actor=actor,
            total=total,
            created_at=datetime.now(UTC),
        )
        try:
            with session.begin_nested():
                session.add(job)
        except IntegrityError:
            # Somebody else planned the same work at the same moment: theirs serves as well.
            winner = _queued(session, key)
            if winner is None:
                raise
            return winner
        self._enqueue(session, job)
        return job

    def cancel(self, session: Session, job_id: int) -> Job:
        """Stop a job: at once when it is still queued, else at its next safe point."""
        from app.models.jobs import JobState

        job = _get(session, job_id)
        now = datetime.now(UTC)
        if job.state == JobState.QUEUED:
            job.state, job.ended_at = JobState.CANCELLED, now
            job.message = "Cancelled before it began."
        elif job.state == JobState.RUNNING:
            job.state = JobState.CANCELLING
        elif job.state != JobState.CANCELLING:
            raise ConflictError(f"Job {job.id} has ended already ({job.state}).")
        session.flush()
        return job

    def retry(self, session: Session, job_id: int) -> Job:
        """Run a failed or cancelled job again; what it had done is not done twice."""
        from app.models.jobs import ACTIVE_STATES, Job, JobState

        job = _get(session, job_id)
        if job.state in ACTIVE_STATES:
            raise ConflictError(f"Job {job.id} is still {job.state}.")
        if job.state == JobState.SUCCEEDED:
            raise ConflictError(f"Job {job.id} has succeeded; there is nothing to retry.")
        twin = session.scalar(
            select(Job.id).where(Job.key == job.key, Job.state == JobState.QUEUED)
        )
        if twin is not None:
            raise ConflictError(f"Job {twin} is already queued for the same work.")
        session.execute(
            update(Job)
            .where(Job.id == job.id)
            .values(
                state=JobState.QUEUED,
                run=Job.run + 1,
                done=0,
                message="",
                error=None,
                result=None,
                started_at=None,
                taken_at=None,
                ended_at=None,
                worker=None,
            )
        )
        session.refresh(job)
        self._enqueue(session, job)
        return job

    def _enqueue(self, session: Session, job: Job) -> None:
        self.client.enqueue_in_transaction(
            session,
            {
                "workflow_name": job.name,
                "queue_name": QUEUE,
                "workflow_id": workflow_id(job),
                "app_version": APPLICATION_VERSION,
                "queue_partition_key": job.partition,
            },
            job.id,
            job.run,
        )


def _queued(session: Session, key: str) -> Job | None:
    from app.models.jobs import Job, JobState

    return session.scalar(
        select(Job).where(Job.key == key, Job.state == JobState.QUEUED).with_for_update()
    )


def _get(session: Session, job_id: int) -> Job:
    from app.models.jobs import Job

    job = session.get(Job, job_id, with_for_update=True)
    if job is None:
        raise NotFoundError(f"There is no job {job_id}.", remedy="See them with: flask jobs list")
    return job
