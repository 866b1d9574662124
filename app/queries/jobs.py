"""Jobs as users see them: state, progress, answer, error. The engine's tables are never read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select, true
from sqlalchemy.orm import Session

from app.errors import NotFoundError
from app.extensions import LARGEST_ID
from app.models.batches import Batch
from app.models.jobs import ACTIVE_STATES, Job, JobState
from app.queries.paging import Page, make_page

WORDS = {
    "adopt": "Adoption",
    "evenness": "Count of even-handedness",
    "export": "Dataset files",
    "desk": "Articles by the policies",
    "import": "Import of articles",
    "import_check": "Check of articles",
    "push": "Push",
    "release": "Release",
    "suggest": "New suggestions",
    "sync": "Sync",
    "term_index": "Index of terms",
}


@dataclass(frozen=True, slots=True)
class JobRow:
    """One job. ``done`` of ``total`` units, where the total is known."""

    id: int
    name: str
    key: str
    batch: str | None
    state: str
    done: int
    total: int | None
    message: str
    result: dict[str, Any] | None
    error: dict[str, Any] | None
    actor: str
    run: int
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    worker: str | None
    taken_at: datetime | None
    taken_over: bool

    @property
    def title(self) -> str:
        """What the job does, in a word, without the version that its name carries."""
        word = self.name.partition("_v")[0]
        return WORDS.get(word, word.replace("_", " ").capitalize())

    @property
    def intake(self) -> int | None:
        """The upload it works on, if it works on one."""
        kind, _, number = self.key.partition(":")
        return int(number) if kind == "intake" else None

    @property
    def dataset(self) -> str | None:
        """The dataset of which it makes a release or files, if it makes any."""
        kind, _, rest = self.key.partition(":")
        return rest.partition(":")[0] if kind in ("release", "export") else None

    @property
    def active(self) -> bool:
        """Whether the job is waiting or at work."""
        return self.state in ACTIVE_STATES

    @property
    def may_cancel(self) -> bool:
        """Whether asking for an end still changes something."""
        return self.state in (JobState.QUEUED, JobState.RUNNING)

    @property
    def may_retry(self) -> bool:
        """Whether the job ended without having done its work."""
        return self.state in (JobState.FAILED, JobState.CANCELLED)


def show_job(session: Session, job_id: int) -> dict[str, Any]:
    """The answer about one job, as the command line and the API print it.

    Raises:
        NotFoundError: there is no such job.
    """
    row = asdict(get_job(session, job_id))
    times = {name: row.pop(name) for name in ("created_at", "started_at", "ended_at", "taken_at")}
    return {
        "job": row.pop("id"),
        **row,
        **{name: at.isoformat() if at else None for name, at in times.items()},
    }


def get_job(session: Session, job_id: int) -> JobRow:
    """One job.

    Raises:
        NotFoundError: there is no such job.
    """
    known = 0 < job_id <= LARGEST_ID
    job = session.scalar(select(Job).where(Job.id == job_id)) if known else None
    if job is None:
        raise NotFoundError(
            f"There is no job {job_id}.", remedy="See all jobs with: flask jobs list"
        )
    return _rows(session, [job])[0]


def list_jobs(
    session: Session, *, state: str | None = None, after: int | None = None, limit: int = 50
) -> Page[JobRow]:
    """Jobs, the newest first.

    Args:
        session: a session for reading.
        state: only jobs in this state; ``active`` means all that have not ended.
        after: the ``next`` of the page before.
        limit: how many rows a page holds.
    """
    query = select(Job).where(_in_state(state))
    if after is not None:
        query = query.where(Job.id < after)
    found = list(session.scalars(query.order_by(Job.id.desc()).limit(limit + 1)))
    return make_page(_rows(session, found), limit, lambda row: row.id)


def has_active(session: Session, name: str) -> bool:
    """Whether a job of this name waits or is at work."""
    active = select(Job.id).where(Job.name == name, Job.state.in_(ACTIVE_STATES))
    return session.scalar(select(active.exists())) is True


def count_jobs_by_state(session: Session) -> dict[str, int]:
    """How many jobs stand in each state; states without one are left out."""
    rows = session.execute(select(Job.state, func.count()).group_by(Job.state))
    return {row[0]: row[1] for row in rows}


def get_batch_job(session: Session, batch_id: int) -> JobRow | None:
    """The job of a batch that people should look at: at work, else waiting, else the newest."""
    ours = Job.key.in_((f"push:{batch_id}", f"sync:{batch_id}", f"sync:{batch_id}:full"))
    active = session.scalars(
        select(Job).where(ours, Job.state.in_(ACTIVE_STATES)).order_by(Job.id)
    ).all()
    at_work = [job for job in active if job.state != JobState.QUEUED]
    job = next(iter([*at_work, *active]), None)
    if job is None:
        job = session.scalar(select(Job).where(ours).order_by(Job.id.desc()).limit(1))
    return _rows(session, [job])[0] if job is not None else None


def get_intake_job(session: Session, intake_id: int) -> JobRow | None:
    """The newest job of an upload."""
    return _newest(session, f"intake:{intake_id}")


def get_release_job(session: Session, name: str, number: int) -> JobRow | None:
    """The newest job that builds a release of a dataset."""
    return _newest(session, f"release:{name}:{number}")


def get_export_jobs(session: Session, name: str, version: str) -> dict[str, JobRow]:
    """The newest job that makes the files of a release, by format."""
    prefix = f"export:{name}:{version}:"
    jobs = session.scalars(
        select(Job).where(Job.key.startswith(prefix, autoescape=True)).order_by(Job.id)
    ).all()
    return {row.key.removeprefix(prefix): row for row in _rows(session, jobs)}


def list_active_batches(session: Session) -> frozenset[int]:
    """The ids of the batches on which a job is waiting or at work."""
    keys = session.scalars(select(Job.key).where(Job.state.in_(ACTIVE_STATES)))
    parts = [key.split(":") for key in keys]
    return frozenset(int(part[1]) for part in parts if part[0] in {"push", "sync"})


def _newest(session: Session, key: str) -> JobRow | None:
    job = session.scalar(select(Job).where(Job.key == key).order_by(Job.id.desc()).limit(1))
    return _rows(session, [job])[0] if job is not None else None


def _in_state(state: str | None) -> ColumnElement[bool]:
    if state == "active":
        return Job.state.in_(ACTIVE_STATES)
    return true() if state is None else Job.state == state


def _rows(session: Session, jobs: Sequence[Job]) -> list[JobRow]:
    wanted = {job.args.get("batch") for job in jobs} - {None}
    slugs: dict[int, str] = {}
    if wanted:
        found = session.execute(select(Batch.id, Batch.slug).where(Batch.id.in_(wanted)))
        slugs = {row[0]: row[1] for row in found}
    return [_row(job, slugs.get(job.args.get("batch", 0))) for job in jobs]


def _row(job: Job, batch: str | None) -> JobRow:
    return JobRow(
        id=job.id,
        name=job.name,
        key=job.key,
        batch=batch,
        state=job.state,
        done=job.done,
        total=job.total,
        message=job.message,
        result=job.result,
        error=job.error,
        actor=job.actor,
        run=job.run,
        created_at=job.created_at,
        started_at=job.started_at,
        ended_at=job.ended_at,
        worker=job.worker,
        taken_at=job.taken_at,
        taken_over=job.fence > 1 and job.run == 1,
    )
