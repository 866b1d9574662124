"""One run: an instance, a misbehaving server, workers that die, and the next ones that go on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from sqlalchemy import event, func, select
from sqlalchemy.orm import Session

from app.extensions import Store
from app.jobs.runner import JobRunner
from app.keys import TokenVault
from app.models.annotations import Annotation, Revision, RevisionState
from app.models.batches import Batch, Lane
from app.models.connections import Account
from app.models.jobs import Job, JobState
from app.models.passages import Passage
from app.models.tasks import Task
from app.services.batches import BatchPlan, create_batch
from app.services.connections import save_connection
from app.services.pushing import request_push
from app.services.rework import request_rework
from app.services.syncing import request_sync
from labeling.studio.fake_server import LEGACY_TOKEN
from tests.line import ADA, BEN, Line
from tests.rehearsal.deeds import People
from tests.rehearsal.ledger import Ledger, WatchedRunner
from tests.rehearsal.points import Fault, Point, Probe
from tests.rehearsal.studio import FAIR, Blow, SimGateway, SimServer
from tests.rehearsal.verdicts import Verdicts
from tests.rehearsal.world import Killed, World, WorldsDrain

# How often a job may be begun anew, by the next worker or by a person, before it must be done.
TURNS = 8
# No fault of the matrix may hold a job up for longer.
LONGEST = timedelta(minutes=10)
PATIENCE = (0.5, 1.0)
SETTLE_S = 4.0
# What a job may fail of here: a server that is away, or that told half of it.
FAIR_FAILURES = {"studio_unavailable", "studio_incomplete", "studio_token", "studio_missing"}
COUNTERS = ("tasks", "pushed", "annotated", "quarantined", "flagged")
ACTOR = "reviewer@example.org"


class InvariantError(AssertionError):
    """An invariant does not hold; ``kind`` says whether something is lost, repeated or wrong."""

    def __init__(self, kind: str, invariant: str, what: str) -> None:
        super().__init__(f"{invariant}: {what} ({kind})")
        self.kind = kind
        self.invariant = invariant


class Rig:
    """A batch of two lanes on a server of its own.

    Args:
        line: the instance; runs may share one, each with its own batch and connection.
        seed: gives everything that happens.
        name: the batch's and the connection's.
        at: the point at which the fault falls, and at the how-many-eth coming to it.
        fault: what falls there.
    """

    def __init__(
        self,
        line: Line,
        seed: int,
        name: str,
        *,
        at: tuple[Point, int] | None = None,
        fault: Fault | None = None,
    ) -> None:
        self.line = line
        self.store = line.store
        self.settings = line.settings
        self.world = World(seed)
        self.luck = self.world.luck
        grain = self.luck.choice((timedelta(microseconds=1), timedelta(seconds=1)))
        self.server = SimServer(world=self.world, grain=grain)
        self.page_size = self.luck.choice((2, 3, 1000))
        self.probe = Probe(self, at, fault)
        self.name = name
        self.weather: dict[str, Blow] = {}
        self.job_id = self.run = 0
        self.full_listings = 0
        self._drain = WorldsDrain(self.world)
        self._plan()
        self.people = People(self.server, {}, self.luck)
        self.ledger = Ledger(self.store, self.batch_id)
        self.verdicts = Verdicts(self.batch_id, self.name, self.world)

    def _plan(self) -> None:
        with self.store.transaction() as session:
            save_connection(
                session,
                TokenVault(self.settings),
                name=self.name,
                url=f"http://{self.name}.example.org",
                token=LEGACY_TOKEN,
                actor="system",
            )
            people = self.luck.choice(((ADA,), (ADA,), (ADA, BEN)))
            plan = BatchPlan(
                self.name, "small", people, overlap=len(people), deal="blind",
                connection=self.name, articles=("outlet=Gull",),
            )  # fmt: skip
            self.batch_id = create_batch(session, plan, actor="system").id

    @contextmanager
    def running(self) -> Iterator[Rig]:
        """The world's clock and the probe are in force."""
        with self.world.clocks(), self.probe.watching(), self.ledger.watching():
            yield self

    # --- jobs -----------------------------------------------------------------------------

    def push(self, *, probed: bool = False) -> Job:
        """Push to the end, whatever happens on the way."""
        job = self._to_the_end(
            lambda s: request_push(s, self.line.queue, self.name, actor="system"), probed=probed
        )
        self.meet_people()
        return job

    def sync(self, *, full: bool = False, probed: bool = False) -> Job:
        """Sync to the end, whatever happens on the way."""
        job = self._to_the_end(
            lambda s: request_sync(s, self.line.queue, self.name, actor="system", full=full),
            probed=probed,
        )
        self.full_listings += full
        return job

    def rework(self, *, probed: bool = False) -> Job | None:
        """Send an answered passage back, and push its new round; None: nothing is answered."""
        with self.store.reading() as session:
            found = session.execute(_answered(self.batch_id)).first()
        if found is None:
            return None
        passage, email = found
        return self._to_the_end(
            lambda s: request_rework(
                s, self.line.queue, self.name, passage,
                annotator=email, reason="Look again.", actor=ACTOR,
            ).job,
            probed=probed,
        )  # fmt: skip

    def review(self) -> None:
        """A reviewer settles a passage, if one can be settled."""
        with self.store.transaction() as session:
            self.verdicts.settle_one(session)

    def try_sync(self) -> Job:
        """Sync once, however it ends."""
        with self.store.transaction() as session:
            job = request_sync(session, self.line.queue, self.name, actor="system")
            self.job_id, self.run = job.id, job.run
        self._one_worker(probed=False)
        return self.line.job(self.job_id)

    def _to_the_end(self, ask: Callable[[Session], Job], *, probed: bool) -> Job:
        with self.store.transaction() as session:
            job = ask(session)
            self.job_id, self.run = job.id, job.run
        began = self.world.at
        for _ in range(TURNS):
            self._one_worker(probed=probed)
            if (took := self.world.at - began) > LONGEST:
                raise InvariantError("wrong", "I30", f"job {self.job_id} takes {took}")
            job = self.line.job(self.job_id)
            self.world.pass_time(self.luck.uniform(0.1, 2))
            if job.state == JobState.SUCCEEDED:
                return job
            if job.ended_at is not None:
                self._ask_again(job)
        raise InvariantError(
            "wrong", "I26", f"job {job.name} was not done after {TURNS} turns: {job.error}"
        )

    def _one_worker(self, *, probed: bool) -> None:
        self._drain = WorldsDrain(self.world)
        worker = self._worker("first")
        self.probe.awake = probed
        try:
            worker.run_job(self.job_id, self.run)
        except Killed:
            pass
        finally:
            self.probe.awake = False
        for found in self.ledger.found:
            raise InvariantError(*found)

    def _ask_again(self, job: Job) -> None:
        kind = (job.error or {}).get("kind")
        if job.state == JobState.FAILED and kind not in FAIR_FAILURES:
            raise InvariantError("wrong", "I26", f"{job.name} failed of {job.error}")
        with self.store.transaction() as session:
            self.run = self.line.queue.retry(session, job.id).run

    def _worker(self, name: str) -> JobRunner:
        drain = self._drain if name == "first" else WorldsDrain(self.world)
        return WatchedRunner(
            self.store, self.settings, self._connect, name, drain, patience=PATIENCE, pause_s=0.0,
            ledger=self.ledger,
        )  # fmt: skip

    def _connect(self, _url: str, token: str) -> SimGateway:
        return SimGateway(self.server, token, strike=self._strike, page_size=self.page_size)

    def _strike(self, operation: str) -> Blow:
        blow = self.probe.strike_request(operation)
        if blow is not FAIR:
            return blow
        return self.weather.pop(operation, FAIR)

    # --- what may happen at a point ---------------------------------------------------------

    def take_over(self) -> None:
        """Another worker takes the job, while the one at this point stands still, and ends it."""
        self._worker("second").run_job(self.job_id, self.run)

    def cancel(self) -> None:
        """Somebody cancels the job."""
        with self.store.transaction() as session:
            if session.get_one(Job, self.job_id).state == JobState.RUNNING:
                self.line.queue.cancel(session, self.job_id)

    def stop_worker(self) -> None:
        """The worker is asked to end: it does so at its next safe point."""
        self._drain.stop.set()

    def turn_clock(self, hours: float) -> None:
        """The clock of our machine is put forward or back."""
        self.world.skew += timedelta(hours=hours)

    def cut_off(self) -> None:
        """Nobody reaches the server for a while."""
        self.server.away = True
        self.world.later(self.luck.uniform(1, 12), self._reconnect)

    def _reconnect(self) -> None:
        self.server.away = False

    def meanwhile(self, deed: str) -> None:
        """Somebody does something in Label Studio."""
        self.meet_people()
        self.people.do(deed)

    # --- who works there ---------------------------------------------------------------------

    def meet_people(self) -> None:
        """Learn who works in which project."""
        with self.store.reading() as session:
            rows = session.execute(
                select(Lane.ls_project_id, Account.ls_user_id)
                .join(
                    Account,
                    (Account.annotator_id == Lane.annotator_id)
                    & (Account.connection_id == Lane.connection_id),
                )
                .where(Lane.batch_id == self.batch_id, Lane.ls_project_id.is_not(None))
            )
            self.people.projects.update({row[0]: row[1] for row in rows})

    def batch(self, session: Session) -> Batch:
        """The batch's row."""
        return session.get_one(Batch, self.batch_id)


def _answered(batch_id: int) -> Any:
    """An answered passage that was not sent back yet, and whose answer it is."""
    from app.models.connections import Annotator

    newest = (
        select(func.max(Task.round))
        .where(Task.passage_id == Passage.id, Task.lane_id == Lane.id)
        .correlate(Passage, Lane)
        .scalar_subquery()
    )
    return (
        select(Passage.uid, Annotator.email)
        .join(Task, Task.passage_id == Passage.id)
        .join(Lane, Lane.id == Task.lane_id)
        .join(Annotator, Annotator.id == Lane.annotator_id)
        .join(Annotation, Annotation.task_id == Task.id)
        .join(
            Revision,
            (Revision.annotation_id == Annotation.id) & (Revision.n == Annotation.current),
        )
        .where(Lane.batch_id == batch_id, Task.round == newest)
        .where(Revision.state == RevisionState.SUBMITTED)
        .order_by(Task.id)
        .limit(1)
    )


def careless(store: Store) -> Store:
    """A store that does not wait for the disk: here a process dies, never the machine."""

    def prepare(connection: Any, _record: Any) -> None:
        connection.execute("PRAGMA synchronous=OFF")
        connection.execute("PRAGMA journal_mode=MEMORY")

    if store.is_sqlite:
        event.listen(store.engine, "connect", prepare)
    return store
