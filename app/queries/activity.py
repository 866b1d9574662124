"""What happened to a batch: who did what, and the jobs that ran, the newest first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models.audit import Audit
from app.models.jobs import Job
from app.queries.jobs import WORDS

SHOWN = 12


@dataclass(frozen=True, slots=True)
class Happening:
    """One line: when, what in words, by whom; a job also says how it stands."""

    at: datetime
    words: str
    actor: str
    job: int | None = None
    state: str = ""


def list_activity(session: Session, batch_id: int, slug: str) -> tuple[Happening, ...]:
    """The last things that happened to a batch."""
    acts = session.execute(
        select(Audit.at, Audit.action, Audit.actor)
        .where(Audit.object == f"batch:{slug}")
        .order_by(Audit.seq.desc())
        .limit(SHOWN)
    )
    jobs = session.execute(
        select(Job.created_at, Job.name, Job.actor, Job.id, Job.state)
        .where(Job.key.in_((f"push:{batch_id}", f"sync:{batch_id}", f"sync:{batch_id}:full")))
        .order_by(Job.id.desc())
        .limit(SHOWN)
    )
    found = [Happening(at, _words(action), actor) for at, action, actor in acts]
    for at, name, actor, job, state in jobs:
        word = name.partition("_v")[0]
        found.append(Happening(at, WORDS.get(word, word.capitalize()), actor, job, state))
    found.sort(key=lambda one: one.at, reverse=True)
    return tuple(found[:SHOWN])


def _words(action: str) -> str:
    """``batch_closed`` as ``Batch closed``."""
    return action.replace("_", " ").capitalize()
