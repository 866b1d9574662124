"""Pull: what annotators did in Label Studio, into SQL, every revision of it.

Reads what changed since the newest ``updated_at`` seen, less an overlap (the server's own
clock on both sides, so ours does not matter); reading something twice is harmless. A full
sync reads everything and notices what is gone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from app.errors import AppError
from app.jobs import agreement, blindness
from app.jobs.adopted_pull import is_adopted, pull_adopted
from app.jobs.lanes import confirm_project
from app.jobs.runtime import JobContext, now, with_overlap
from app.logs import get_logger
from app.models.annotations import Annotation, Quarantine, Revision
from app.models.batches import Batch, Lane
from app.models.connections import Account
from app.models.schemes import SchemeVersion
from app.models.tasks import Task
from app.services.annotations import LaneIntake, SyncCounts
from app.services.connections import ensure_account, ensure_annotator
from labeling.errors import GatewayError, MissingGatewayError
from labeling.scheme import read_scheme
from labeling.studio.gateway import StudioGateway
from labeling.types import RawTask, Scheme

log = get_logger()


@dataclass(frozen=True, slots=True)
class _LaneFacts:
    id: int
    uid: str
    n: int
    connection_id: int
    project: int
    cursor: str | None


def sync_batch(ctx: JobContext) -> dict[str, Any]:
    """Pull every lane of a batch.

    Returns:
        The counts of the sync's JSON contract, plus ``batch`` and ``quarantined_new``.

    Raises:
        GatewayError: a lane could not be read; the others were.
    """
    batch_id = ctx.args["batch"]
    scheme, lanes = _plan(ctx, batch_id)
    counts = SyncCounts()
    failures: list[GatewayError | AppError] = []
    adopted = is_adopted(ctx, batch_id)
    full = bool(ctx.args.get("full"))
    for lane in lanes:
        try:
            if adopted:
                pull_adopted(ctx, lane.id, counts, full=full)
            else:
                LanePull(ctx, lane, scheme, counts).run(full=full)
        except (GatewayError, AppError) as err:
            if err.kind == "fenced":
                raise
            log.warning("lane_sync_failed", lane=lane.id, kind=err.kind)
            failures.append(err)
    blindness.refresh(ctx.store, batch_id, ctx.transaction)
    agreement.follow(ctx, batch_id)
    if failures:
        raise failures[0]
    return _finish(ctx, batch_id, counts)


class LanePull:
    """The pull of one lane."""

    def __init__(
        self, ctx: JobContext, lane: _LaneFacts, scheme: Scheme, counts: SyncCounts
    ) -> None:
        self.ctx = ctx
        self.lane = lane
        self.gateway: StudioGateway = ctx.gateway(lane.connection_id)
        self.annotators = self._known_annotators()
        self.intake = LaneIntake(
            lane_id=lane.id,
            scheme=scheme,
            annotators=self.annotators,
            now=now(),
            counts=counts,
        )

    def run(self, *, full: bool) -> None:
        """Read the lane's changed tasks, or all of them, page by page."""
        since = None if full else with_overlap(self.lane.cursor)
        newest = ""
        try:
            confirm_project(self.ctx, self.gateway, self.lane.project, self.lane.uid)
            # The whole listing again, never from where it broke: a listing that failed proves
            # nothing, and reading a task twice changes nothing.
            newest = self.ctx.patiently(lambda: self._read(since))
        except MissingGatewayError as err:
            self._lost(err)
        with self.ctx.transaction() as session:
            if since is None:
                self.intake.note_unlisted(session)
            lane = session.get_one(Lane, self.lane.id)
            lane.cursor = newest or None
            lane.synced_at, lane.lost_at = self.intake.now, None

    def _read(self, since: str | None) -> str:
        newest = self.lane.cursor or ""
        for page in self.gateway.iter_tasks(self.lane.project, since=since):
            self.ctx.checkpoint(done=self.intake.counts.tasks_seen, message="Reading annotations")
            self._meet_strangers(page)
            with self.ctx.transaction() as session:
                self.intake.take(session, page)
            newest = max([newest, *(task.updated_at for task in page)])
        return newest

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
            session.get_one(Lane, self.lane.id).lost_at = now()
        raise MissingGatewayError(
            f"Lane {self.lane.n}: {err.message}",
            operation="sync",
            status=err.status,
            remedy=err.remedy,
        ) from err


def _plan(ctx: JobContext, batch_id: int) -> tuple[Scheme, list[_LaneFacts]]:
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
        return read_scheme(version.config, version.guideline), [
            _LaneFacts(
                lane.id, lane.uid, lane.n, lane.connection_id, lane.ls_project_id, lane.cursor
            )
            for lane in lanes
            if lane.connection_id is not None and lane.ls_project_id is not None
        ]


def _finish(ctx: JobContext, batch_id: int, counts: SyncCounts) -> dict[str, Any]:
    with ctx.transaction() as session:
        batch = session.get_one(Batch, batch_id)
        batch.synced_at = now()
        return {
            "batch": batch.slug,
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
        }
