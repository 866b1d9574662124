"""Background work as users see it. The engine's own tables say only where it stands."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base


class JobState(StrEnum):
    """queued → running (→ cancelling) → succeeded, failed or cancelled."""

    QUEUED = "queued"
    RUNNING = "running"
    CANCELLING = "cancelling"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


ACTIVE_STATES = (JobState.QUEUED, JobState.RUNNING, JobState.CANCELLING)


class Job(Base):
    """One piece of background work.

    ``key`` says what it works on (such as ``sync:12``): at most one is queued and at most one
    runs for a key. ``run`` counts the tries (a retry is a new run); ``fence`` grows whenever a
    worker takes the job, and every write of a worker checks it, so that one which was thought
    dead cannot write after its job was taken over. ``taken_at`` is when the present ``worker``
    took it.
    """

    __tablename__ = "job"
    __table_args__ = (
        CheckConstraint(
            "state IN ('queued','running','cancelling','succeeded','failed','cancelled')",
            name="state",
        ),
        Index(
            "uq_job_key_queued",
            "key",
            unique=True,
            sqlite_where=text("state = 'queued'"),
            postgresql_where=text("state = 'queued'"),
        ),
        Index(
            "uq_job_key_running",
            "key",
            unique=True,
            sqlite_where=text("state IN ('running', 'cancelling')"),
            postgresql_where=text("state IN ('running', 'cancelling')"),
        ),
        Index("ix_job_state_id", "state", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(40))
    key: Mapped[str] = mapped_column(String(120))
    partition: Mapped[str] = mapped_column(String(120))
    args: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(String(16), default=JobState.QUEUED)
    run: Mapped[int] = mapped_column(default=1)
    fence: Mapped[int] = mapped_column(default=0)
    worker: Mapped[str | None] = mapped_column(String(120))
    actor: Mapped[str] = mapped_column(String(255))
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int | None]
    message: Mapped[str] = mapped_column(Text, default="")
    result: Mapped[dict[str, Any] | None]
    error: Mapped[dict[str, Any] | None]
    created_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    taken_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


class Worker(Base):
    """A live worker process, by its executor id; ``seen_at`` is its heartbeat."""

    __tablename__ = "worker"

    id: Mapped[str] = mapped_column(String(120), primary_key=True)
    host: Mapped[str] = mapped_column(String(255))
    pid: Mapped[int]
    started_at: Mapped[datetime]
    seen_at: Mapped[datetime]
