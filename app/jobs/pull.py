"""Pull: what annotators did in Label Studio, into SQL, every revision of it.

A sync asks for the times of what changed since the last one, less an overlap (by the server's
own clock, so ours does not matter), and reads only what differs from what it knows. A full
sync lists everything and notices what is gone.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, select

from app.errors import AppError
from app.jobs import agreement, blindness
from app.jobs.adopted_pull import is_adopted, pull_adopted
from app.jobs.lanes import confirm_project
from app.jobs.reading import LaneReader
from app.jobs.runtime import JobContext, now
from app.logs import get_logger
from app.models.annotations import Annotation, Quarantine, Revision
from app.models.batches import Batch, Lane
from app.models.connections import Account
from app.models.schemes import SchemeVersion
from app.models.tasks import Task
from app.services import drift, reconciling, schedule, tally, withdrawals
from app.services.annotations import LaneIntake, SyncCounts
from app.services.connections import ensure_account, ensure_annotator
from labeling.errors import GatewayError, MissingGatewayError
from labeling.scheme import read_scheme
from labeling.studio.gateway import ProjectInfo, StudioGateway
from labeling.studio.window import Window
from labeling.types import RawTask, Scheme

log = get_logger()


class SyncFailedError(AppError):
    """A lane could not be synced; kind, message and remedy are the first failure's own.

    ``result`` holds the counts: the other lanes were synced.
    """

    def __init__(self, cause: GatewayError | AppError, result: dict[str, Any]) -> None:
        super().__init__(cause.message, remedy=cause.remedy)
        self.kind = cause.kind
        self.result = result


@dataclass(frozen=True, slots=True)
class _LaneFacts:
    id: int
    uid: str
    n: int
    connection_id: int
    project: int
    window: Window


@dataclass
class _Run:
    """One sync of a batch: its scheme, what it counts, and the servers it talks to."""

    ctx: JobContext
    scheme: Scheme
    config: str
    counts: SyncCounts = field(default_factory=SyncCounts)
    lost: int = 0
    failures: list[GatewayError | AppError] = field(default_factory=list)
    gateways: dict[int, StudioGateway] = field(default_factory=dict)

    def gateway(self, connection_id: int) -> StudioGateway:
        """The gateway of a connection: one for all its lanes."""
        if connection_id not in self.gateways:
            self.gateways[connection_id] = self.ctx.gateway(connection_id)
        return self.gateways[connection_id]

    @property
    def requests(self) -> int:
        """How many requests the sync has made."""
        return sum(gateway.requests for gateway in self.gateways.values())


def sync_batch(ctx: JobContext) -> dict[str, Any]:
    """Pull every lane of a batch.

    Returns:
        The counts of the sync's JSON contract, plus ``batch`` and ``quarantined_new``.

    Raises:
        SyncFailedError: a lane could not be read; the others were.
    """
    batch_id, full, began = ctx.args["batch"], bool(ctx.args.get("full")), now()
    run, lanes = _plan(ctx, batch_id)
    adopted = is_adopted(ctx, batch_id)
    for lane in lanes:
        try:
            if adopted:
                pull_adopted(ctx, run.gateway(lane.connection_id), lane.id, run.counts, full=full)
            else:
                LanePull(run, lane).run(full=full)
        except (GatewayError, AppError) as err:
            if err.kind == "fenced":
                raise
            log.warning("lane_sync_failed", lane=lane.id, kind=err.kind)
            run.lost += isinstance(err, MissingGatewayError)
            run.failures.append(err)
    blindness.refresh(ctx.store, batch_id, ctx.transaction)
    agreement.follow(ctx, batch_id)
    with ctx.transaction() as session:
        problem = run.failures[0].message if run.failures else ""
        schedule.note_end(session, batch_id, ctx.settings, began=began, problem=problem, full=full)
        if full or run.counts.revisions_new:
            tally.keep_usual(session, batch_id)
    result = _result(ctx, batch_id, run)
    if run.failures:
        raise SyncFailedError(run.failures[0], result)
    return result


class LanePull:
    """The pull of one lane."""

    def __init__(self, run: _Run, lane: _LaneFacts) -> None:
        self.sync = run
        self.ctx = run.ctx
        self.lane = lane
        self.gateway = run.gateway(lane.connection_id)
        self.annotators = self._known_annotators()
        self.intake = LaneIntake(
            lane_id=lane.id,
            scheme=run.scheme,
            annotators=self.annotators,
            now=now(),
            counts=run.counts,
        )

    def run(self, *, full: bool) -> None:
        """Read the lane's changed tasks, or all of them, and conclude from what is missing."""
        since = None if full else self.lane.window.since
        reader = LaneReader(self.ctx, self.gateway, self.intake, self._store)
        try:
            project = confirm_project(self.ctx, self.gateway, self.lane.project, self.lane.uid)
            # The whole reading again, never from where it broke: one that failed proves
            # nothing, and reading a task twice changes nothing.
            newest = self.ctx.patiently(lambda: reader.read(project, since))
        except MissingGatewayError as err:
            self._lost(err)
        window = self.lane.window.after(newest, project.at)
        with self.ctx.transaction() as session:
            lane = session.get_one(Lane, self.lane.id)
            if since is None:
                reconciling.note_unlisted(session, self.intake)
                drift.refresh_twins(session, lane.id, self.intake.now)
            withdrawn = withdrawals.settle(session, lane.id, self.intake.now)
            self.sync.counts.withdrawn += withdrawn
            self.sync.counts.revisions_new += withdrawn
            lane.cursor = window.cursor or None
            lane.reached, lane.settled = window.reached, window.settled
            lane.synced_at, lane.lost_at = self.intake.now, None
            drift.note(session, lane.id, drift.LOST_PROJECT, 0, (), self.intake.now)
            drift.refresh(session, lane.id, self.intake.now)
            self._note_events(session, project)

    def _note_events(self, session: Any, project: ProjectInfo) -> None:
        at, lane_id = self.intake.now, self.lane.id
        if project.config:
            differs = project.config.strip() != self.sync.config.strip()
            examples = [f"project {project.id}"] if differs else []
            drift.note(session, lane_id, drift.CONFIG_CHANGED, int(differs), examples, at)
        drift.note_event(session, lane_id, drift.MOVED, self.intake.moved, at)
        drift.note_event(session, lane_id, drift.REUSED_ID, self.intake.events["reused_id"], at)

    def _store(self, page: list[RawTask]) -> None:
        self._meet_strangers(page)
        with self.ctx.transaction() as session:
            self.intake.take(session, page)

    def _meet_strangers(self, page: list[RawTask]) -> None:
        """Learn who accounts belong to that are not known here yet."""
        unknown = {
            item.completed_by
            for task in page
            for item in task.annotations
            if item.completed_by is not None and item.completed_by not in self.annotators
        }
        if not unknown:
            return
        users = {user.id: user.email for user in self.ctx.patiently(self.gateway.list_users)}
        with self.ctx.transaction() as session:
            for ls_user_id in sorted(unknown & users.keys()):
                annotator = ensure_annotator(session, users[ls_user_id])
                ensure_account(session, self.lane.connection_id, annotator.id, ls_user_id)
                self.annotators[ls_user_id] = annotator.id

    def _known_annotators(self) -> dict[int, int]:
        with self.ctx.store.reading() as session:
            rows = session.execute(
                select(Account.ls_user_id, Account.annotator_id).where(
                    Account.connection_id == self.lane.connection_id
                )
            )
            return {row[0]: row[1] for row in rows}

    def _lost(self, err: MissingGatewayError) -> None:
        with self.ctx.transaction() as session:
            lane = session.get_one(Lane, self.lane.id)
            lane.lost_at = lane.lost_at or now()
            project = f"project {self.lane.project}"
            drift.note(session, lane.id, drift.LOST_PROJECT, 1, [project], now())
        raise MissingGatewayError(
            f"Lane {self.lane.n}: {err.message}",
            operation="sync",
            status=err.status,
            remedy=err.remedy,
        ) from err


def _plan(ctx: JobContext, batch_id: int) -> tuple[_Run, list[_LaneFacts]]:
    with ctx.store.reading() as session:
        version = session.scalars(
            select(SchemeVersion)
            .join(Batch, Batch.scheme_version_id == SchemeVersion.id)
            .where(Batch.id == batch_id)
        ).one()
        lanes = session.scalars(
            select(Lane)
            .where(Lane.batch_id == batch_id, Lane.ls_project_id.is_not(None))
            .order_by(Lane.n)
        )
        run = _Run(ctx, read_scheme(version.config, version.guideline), version.config)
        return run, [
            _LaneFacts(
                lane.id,
                lane.uid,
                lane.n,
                lane.connection_id,
                lane.ls_project_id,
                Window(lane.cursor or "", lane.reached, lane.settled),
            )
            for lane in lanes
            if lane.connection_id is not None and lane.ls_project_id is not None
        ]


def _result(ctx: JobContext, batch_id: int, run: _Run) -> dict[str, Any]:
    counts = run.counts
    with ctx.store.reading() as session:
        return {
            "batch": session.scalars(select(Batch.slug).where(Batch.id == batch_id)).one(),
            "tasks_seen": counts.tasks_seen,
            "revisions_new": counts.revisions_new,
            "revisions_total": session.scalar(
                select(func.count(Revision.id))
                .join(Annotation, Annotation.id == Revision.annotation_id)
                .join(Task, Task.id == Annotation.task_id)
                .join(Lane, Lane.id == Task.lane_id)
                .where(Lane.batch_id == batch_id)
            ),
            "unchanged": counts.unchanged,
            "withdrawn": counts.withdrawn,
            "quarantined": session.scalar(
                select(func.count(Quarantine.id))
                .join(Lane, Lane.id == Quarantine.lane_id)
                .where(Lane.batch_id == batch_id, Quarantine.state == "open")
            ),
            "quarantined_new": counts.quarantined_new,
            "requests": run.requests,
            "lost_projects": run.lost,
        }
