"""What is written, watched while it is written: by which states (I5), whole (I6), by whom (I7).

A trigger of the rehearsal's own in the store notes every state that a row gets, also where a
single transaction passes through several. The rest is looked at around every commit.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import event, select, text
from sqlalchemy.orm import Session

from app.extensions import Store
from app.jobs.runner import JobRunner
from app.jobs.runtime import JobContext
from app.models.annotations import Annotation, Revision
from app.models.batches import Batch, BatchState, Chunk, ChunkState, Lane
from app.models.jobs import Job, JobState
from app.models.tasks import Task, TaskState
from app.queue import ENGINE_SCHEMA, workflow_id

# From which state a row may come into which; "" is before it was there.
GRAPH = {
    "job": {
        "": {"queued"},
        "queued": {"running", "cancelled"},
        "running": {"cancelling", "succeeded", "failed"},
        # It may have come to its end before it noticed.
        "cancelling": {"succeeded", "failed", "cancelled"},
        "failed": {"queued"},
        "cancelled": {"queued"},
        "succeeded": set(),
    },
    "chunk": {
        "": {"planned"},
        # Nothing of it was left to send.
        "planned": {"sending", "sent"},
        "sending": {"sent", "unknown", "planned", "failed"},
        # Only by a look-up, and never straight to another attempt.
        "unknown": {"planned"},
        "failed": {"planned"},
        "sent": set(),
    },
    "task": {"": {"planned"}, "planned": {"pushed", "set_aside"}, "pushed": set()},
    "batch": {"": {"draft"}, "draft": {"pushing"}, "pushing": {"open"}, "open": set()},
}
# What belongs to a project of ours. The counts of the first page and the desk do not: whoever
# ends a job counts them anew.
GUARDED = frozenset({
    *("batch", "lane", "lane_day", "chunk", "task", "annotation", "revision", "span", "relation"),
    *("choice", "quarantine", "drift", "studio_task", "conflict", "comparison", "review_item"),
    "gold",
})  # fmt: skip
_WRITTEN = re.compile(r'(?:INSERT INTO|UPDATE|DELETE FROM) "?(\w+)')


def note_states(store: Store) -> None:
    """Let the store note every state that a row of ``GRAPH`` gets."""
    with store.transaction() as session:
        serial = "INTEGER PRIMARY KEY" if store.is_sqlite else "SERIAL PRIMARY KEY"
        columns = f"id {serial}, what TEXT, row_id INTEGER, was TEXT, became TEXT"
        session.execute(text(f"CREATE TABLE rehearsal_move ({columns})"))
        for statement in _sqlite_triggers() if store.is_sqlite else _postgres_triggers():
            session.execute(text(statement))


def _sqlite_triggers() -> Iterator[str]:
    into = "INSERT INTO rehearsal_move (what, row_id, was, became)"
    for what in GRAPH:
        yield (
            f"CREATE TRIGGER rehearsal_made_{what} AFTER INSERT ON {what} BEGIN "
            f"{into} VALUES ('{what}', NEW.id, '', NEW.state); END"
        )
        yield (
            f"CREATE TRIGGER rehearsal_moved_{what} AFTER UPDATE OF state ON {what} BEGIN "
            f"{into} VALUES ('{what}', NEW.id, OLD.state, NEW.state); END"
        )


def _postgres_triggers() -> Iterator[str]:
    yield (
        "CREATE FUNCTION rehearsal_note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "INSERT INTO rehearsal_move (what, row_id, was, became) VALUES (TG_TABLE_NAME, NEW.id, "
        "CASE WHEN TG_OP = 'INSERT' THEN '' ELSE OLD.state END, NEW.state); RETURN NULL; END $$"
    )
    for what in GRAPH:
        yield (
            f"CREATE TRIGGER rehearsal_moved AFTER INSERT OR UPDATE OF state ON {what} "
            "FOR EACH ROW EXECUTE FUNCTION rehearsal_note()"
        )


@dataclass(slots=True)
class Ledger:
    """Watches what one run writes.

    Args:
        store: where it writes.
        batch_id: of which batch.
    """

    store: Store
    batch_id: int
    # What was found, as (kind, invariant, what), until somebody takes it.
    found: list[tuple[str, str, str]] = field(default_factory=list)
    # Who is at work: the last one, while the ones before stand still.
    workers: list[JobContext] = field(default_factory=list)
    fences: defaultdict[int, int] = field(default_factory=lambda: defaultdict(int))
    writes: set[str] = field(default_factory=set)
    moves: int = 0

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Note which tables are written."""
        with self.store.reading() as session:
            self.moves = session.scalar(text("SELECT max(id) FROM rehearsal_move")) or 0
        engine = self.store.engine
        event.listen(engine, "after_cursor_execute", self._note_write)
        try:
            yield
        finally:
            event.remove(engine, "after_cursor_execute", self._note_write)

    def _note_write(self, _connection: Any, cursor: Any, statement: str, *_: Any) -> None:
        written = _WRITTEN.match(statement)
        if written is not None and cursor.rowcount != 0:
            self.writes.add(written.group(1))

    # --- I5: every state by the declared graph ------------------------------------------------

    def check_moves(self, session: Session) -> str | None:
        """A state that a row came into by a way that is not declared."""
        rows = session.execute(
            text(
                "SELECT id, what, row_id, was, became FROM rehearsal_move "
                "WHERE id > :seen ORDER BY id"
            ),
            {"seen": self.moves},
        ).all()
        for number, what, row_id, was, became in rows:
            self.moves = number
            if was != became and became not in GRAPH[what].get(was, set()):
                return f"{what} {row_id} went from {was or 'nothing'} to {became}"
        return None

    # --- I6: a change and what carries it out are written together --------------------------

    def after_commit(self) -> None:
        """Look whether anything was written by halves."""
        with self.store.reading() as session:
            for what in _halves(session, self.batch_id):
                self.found.append(("wrong", "I6", what))

    # --- I7: one valid number a job, and whoever holds an older one writes nothing ------------

    def took(self, context: JobContext) -> None:
        """A worker has taken a job."""
        if context.fence <= self.fences[context.job_id]:
            what = f"job {context.job_id} was taken twice by number {context.fence}"
            self.found.append(("wrong", "I7", what))
        self.fences[context.job_id] = context.fence

    def begin(self) -> None:
        """A transaction begins."""
        self.writes.clear()

    def before_commit(self) -> None:
        """Look whether whoever writes still holds their job."""
        if not self.workers or not (written := sorted(self.writes & GUARDED)):
            return
        mine = self.workers[-1]
        if mine.fence != self.fences[mine.job_id]:
            what = f"number {mine.fence} of job {mine.job_id} writes {', '.join(written)}"
            self.found.append(("wrong", "I7", f"{what} after {self.fences[mine.job_id]}"))


@dataclass
class WatchedRunner(JobRunner):
    """A runner that tells a ledger which job it takes, by which number, and until when."""

    ledger: Ledger = field(kw_only=True)

    def _try_to_take(self, job_id: int, run: int) -> JobContext | None:
        context = super()._try_to_take(job_id, run)
        if context is not None:
            self.ledger.took(context)
        return context

    def _carry_out(self, context: JobContext) -> None:
        self.ledger.workers.append(context)
        try:
            super()._carry_out(context)
        finally:
            self.ledger.workers.pop()


def _halves(session: Session, batch_id: int) -> Iterator[str]:
    lanes = select(Lane.id).where(Lane.batch_id == batch_id)
    chunks = session.execute(
        select(Chunk.id, Chunk.lane_id, Chunk.first, Chunk.last, Chunk.state).where(
            Chunk.lane_id.in_(lanes)
        )
    ).all()
    tasks = session.execute(
        select(Task.lane_id, Task.ordinal, Task.state).where(Task.lane_id.in_(lanes))
    ).all()
    places: dict[tuple[int, int], list[Any]] = defaultdict(list)
    for chunk in chunks:
        for ordinal in range(chunk.first, chunk.last + 1):
            places[chunk.lane_id, ordinal].append(chunk)
    planned = False
    state = session.scalar(select(Batch.state).where(Batch.id == batch_id))
    for lane_id, ordinal, was in tasks:
        those = places.pop((lane_id, ordinal), [])
        planned |= was == TaskState.PLANNED
        if len(those) != (state != BatchState.DRAFT):
            yield f"task {ordinal} of lane {lane_id} lies in {len(those)} chunks"
        elif was == TaskState.PLANNED and those and those[0].state == ChunkState.SENT:
            yield f"chunk {those[0].id} is sent, and task {ordinal} of lane {lane_id} is planned"
    if places:
        yield f"chunks are planned for tasks that are not there: {sorted(places)}"
    yield from _without_jobs(session, batch_id, state or "", planned=planned)
    yield from _without_revisions(session, lanes)


def _without_jobs(session: Session, batch_id: int, state: str, *, planned: bool) -> Iterator[str]:
    """What waits for a job that nobody planned, and jobs that the engine was not given."""
    push = session.scalar(
        select(Job.state).where(Job.key == f"push:{batch_id}").order_by(Job.id.desc()).limit(1)
    )
    if state != BatchState.DRAFT and push is None:
        yield "the batch is pushed by no job"
    if state != BatchState.DRAFT and planned and push == JobState.SUCCEEDED:
        yield "a task is planned, and no job will send it"
    queued = session.scalars(
        select(Job)
        .where(Job.key.in_([f"push:{batch_id}", f"sync:{batch_id}", f"agreement:{batch_id}"]))
        .where(Job.state == JobState.QUEUED)
        .order_by(Job.id)
    )
    table = "workflow_status"
    if session.get_bind().dialect.name != "sqlite":
        table = f"{ENGINE_SCHEMA}.{table}"
    given = text(f"SELECT 1 FROM {table} WHERE workflow_uuid = :name")
    for job in queued:
        if session.scalar(given, {"name": workflow_id(job)}) is None:
            yield f"job {job.id} is queued, and the engine knows nothing of it"


def _without_revisions(session: Session, lanes: Any) -> Iterator[str]:
    rows = session.scalars(
        select(Annotation.id)
        .join(Task, Task.id == Annotation.task_id)
        .outerjoin(
            Revision,
            (Revision.annotation_id == Annotation.id) & (Revision.n == Annotation.current),
        )
        .where(Task.lane_id.in_(lanes), Revision.id.is_(None))
        .order_by(Annotation.id)
    )
    for row_id in rows:
        yield f"annotation {row_id} has no newest revision"
