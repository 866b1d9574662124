"""The pull of an adopted project: its tasks are known by number, and new ones are adopted too."""

from __future__ import annotations

from dataclasses import dataclass

from app.jobs.adopt import listed, people_of, persons
from app.jobs.runtime import JobContext, now, with_overlap
from app.models.adoption import Adoption
from app.models.batches import Batch, Lane
from app.services import drift, reconciling, withdrawals
from app.services.adoption import People
from app.services.adoption_intake import AdoptionIntake
from app.services.annotations import SyncCounts
from labeling.errors import MissingGatewayError
from labeling.studio.gateway import StudioGateway


@dataclass(frozen=True, slots=True)
class _Lane:
    id: int
    batch_id: int
    project: int
    cursor: str | None
    people: People
    gateway: StudioGateway


def is_adopted(ctx: JobContext, batch_id: int) -> bool:
    """Whether a batch was adopted."""
    with ctx.store.reading() as session:
        return session.get(Adoption, batch_id) is not None


def pull_adopted(
    ctx: JobContext, gateway: StudioGateway, lane_id: int, counts: SyncCounts, *, full: bool
) -> None:
    """Read what changed in an adopted project, or all of it; nothing is written there.

    Raises:
        MissingGatewayError: the project is gone; what was read before is kept.
        GatewayError: it could not be read to its end.
    """
    lane = _lane(ctx, gateway, lane_id)
    try:
        ctx.patiently(lambda: lane.gateway.get_project(lane.project))
        since = None if full else with_overlap(lane.cursor)
        intake, newest = ctx.patiently(lambda: _read(ctx, lane, counts, since))
    except MissingGatewayError:
        with ctx.transaction() as session:
            row = session.get_one(Lane, lane_id)
            row.lost_at = row.lost_at or now()
            drift.note(session, lane_id, drift.LOST_PROJECT, 1, [f"project {lane.project}"], now())
        raise
    with ctx.transaction() as session:
        if since is None:
            reconciling.note_unlisted(session, intake.lane)
        withdrawn = withdrawals.settle(session, lane_id, intake.lane.now)
        counts.withdrawn += withdrawn
        counts.revisions_new += withdrawn
        drift.note(session, lane_id, drift.LOST_PROJECT, 0, (), intake.lane.now)
        drift.refresh(session, lane_id, intake.lane.now)
        row = session.get_one(Lane, lane_id)
        row.cursor = newest or None
        row.synced_at, row.lost_at = intake.lane.now, None


def _read(
    ctx: JobContext, lane: _Lane, counts: SyncCounts, since: str | None
) -> tuple[AdoptionIntake, str]:
    emails: dict[int, str] = {}
    if not lane.people.pseudonyms:
        emails = {user.id: user.email for user in ctx.patiently(lane.gateway.list_users)}
    with ctx.store.reading() as session:
        intake = AdoptionIntake(session, lane.batch_id, lane.people, now())
    intake.lane.counts = counts
    newest = lane.cursor or ""
    for page in lane.gateway.iter_tasks(lane.project, since=since):
        ctx.checkpoint(done=counts.tasks_seen, message="Reading annotations")
        tasks = listed(page, intake.counts.tasks)
        with ctx.transaction() as session:
            lane.people.meet(session, persons(tasks, emails))
            intake.take(session, tasks)
        newest = max([newest, *(task.updated_at for task in page)])
    return intake, newest


def _lane(ctx: JobContext, gateway: StudioGateway, lane_id: int) -> _Lane:
    with ctx.store.reading() as session:
        lane = session.get_one(Lane, lane_id)
        people = people_of(session, session.get_one(Batch, lane.batch_id), lane)
        project = lane.ls_project_id or 0
        batch_id, cursor = lane.batch_id, lane.cursor
    return _Lane(lane_id, batch_id, project, cursor, people, gateway)
