"""Batches: the list, one batch with its lanes, and the answers of ``batches show | list``."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.errors import NotFoundError
from app.models.batches import Batch, BatchState, Chunk, ChunkState, Lane, LaneAnnotator
from app.models.connections import Annotator, Connection
from app.models.drift import Drift, DriftState
from app.models.schemes import Scheme, SchemeVersion
from app.queries.blindness import Blindness, list_flags, mode_of, show_blindness
from app.queries.deals import SHARED, DealView, view_deal
from app.queries.decisions import count_stale
from app.queries.jobs import list_active_batches
from app.queries.paging import Page, make_page
from app.queries.studio_links import project_link, stream_link
from labeling.decisions import ReviewPolicy

# By the names of the fields of `BatchRow`.
_COLUMNS = (
    Batch.id,
    Batch.slug,
    Batch.state,
    Batch.deal,
    Batch.created_at,
    Batch.synced_at,
    Batch.passages,
    Batch.due_on,
    func.count(Lane.id).label("lanes"),
    func.coalesce(func.sum(Lane.tasks), 0).label("tasks"),
    func.coalesce(func.sum(Lane.pushed), 0).label("pushed"),
    func.coalesce(func.sum(Lane.annotated), 0).label("annotated"),
    func.coalesce(func.sum(Lane.quarantined), 0).label("quarantined"),
)


@dataclass(frozen=True, slots=True)
class BatchRow:
    """One line of the list of batches. The four counts are of tasks, over all lanes."""

    id: int
    slug: str
    state: str
    deal: str
    created_at: datetime
    synced_at: datetime | None
    passages: int
    due_on: date | None
    lanes: int
    tasks: int
    pushed: int
    annotated: int
    quarantined: int
    busy: bool = False


@dataclass(frozen=True, slots=True)
class LaneRow:
    """A lane: whose it is, where it is, and how far it has come.

    ``url`` is the lane's project in Label Studio, ``stream_url`` the same opened at the next
    task to label: the link to hand to its annotator. Both are None before the push.
    """

    id: int
    n: int
    annotators: tuple[str, ...]
    connection: str | None
    project_id: int | None
    url: str | None
    stream_url: str | None
    lost_at: datetime | None
    synced_at: datetime | None
    tasks: int
    pushed: int
    annotated: int
    quarantined: int
    flagged: int
    invite_url: str

    @property
    def annotator(self) -> str | None:
        """The e-mail of the lane's annotator; None where several share the lane."""
        return self.annotators[0] if len(self.annotators) == 1 else None


@dataclass(frozen=True, slots=True)
class BatchPage:
    """One batch as its page shows it."""

    id: int
    slug: str
    state: str
    deal: str
    overlap: int
    seed: int
    selection: tuple[str, ...]
    scheme: str
    scheme_version: int
    passages: int
    created_at: datetime
    synced_at: datetime | None
    closed_at: datetime | None
    owner: str
    due_on: date | None
    note: str
    control: float
    doubled: float | None
    articles: int
    dealt: DealView | None
    blind: Blindness
    next_sync_at: datetime | None
    sync_failures: int
    sync_problem: str
    drift: int
    unknown: int
    review: ReviewPolicy
    lanes: tuple[LaneRow, ...]

    @property
    def tasks(self) -> int:
        """How many tasks were dealt."""
        return sum(lane.tasks for lane in self.lanes)

    @property
    def undone(self) -> int:
        """How many tasks have no answer."""
        return self.tasks - self.annotated

    @property
    def pushed(self) -> int:
        """How many tasks are in Label Studio."""
        return sum(lane.pushed for lane in self.lanes)

    @property
    def annotated(self) -> int:
        """How many tasks have an answer."""
        return sum(lane.annotated for lane in self.lanes)

    @property
    def quarantined(self) -> int:
        """How many items are set aside and worth a look."""
        return sum(lane.quarantined for lane in self.lanes)

    @property
    def lost(self) -> tuple[LaneRow, ...]:
        """The lanes whose project is gone."""
        return tuple(lane for lane in self.lanes if lane.lost_at)

    @property
    def invites(self) -> tuple[tuple[str, str], ...]:
        """The servers of its lanes with the link by which anybody joins them."""
        found = {lane.connection: lane.invite_url for lane in self.lanes if lane.invite_url}
        return tuple((name or "", url) for name, url in found.items())

    @property
    def closed(self) -> bool:
        """Whether nothing more is pushed."""
        return self.state in (BatchState.CLOSED, BatchState.ARCHIVED)


def show_batch(session: Session, slug: str) -> dict[str, Any]:
    """The answer of ``batches show``.

    Raises:
        NotFoundError: there is no batch of this name.
    """
    batch = get_batch(session, slug)
    return {
        "batch": batch.slug,
        "state": batch.state,
        "deal": batch.deal,
        "overlap": batch.overlap,
        "scheme": f"{batch.scheme}/{batch.scheme_version}",
        "passages": batch.passages,
        "tasks": batch.tasks,
        "pushed": batch.pushed,
        "annotated": batch.annotated,
        "quarantined": batch.quarantined,
        "stale": count_stale(session, batch.id),
        "synced_at": batch.synced_at.isoformat() if batch.synced_at else None,
        "owner": batch.owner,
        "due": batch.due_on.isoformat() if batch.due_on else None,
        "note": batch.note,
        "control": batch.control,
        "doubled": batch.doubled,
        "blind": show_blindness(batch.blind),
        "unknown": batch.unknown,
        "review": batch.review.as_json(),
        "lanes": [
            {
                "annotator": lane.annotator,
                "annotators": list(lane.annotators),
                "connection": lane.connection,
                "project_id": lane.project_id,
                "url": lane.url,
                "tasks": lane.tasks,
                "pushed": lane.pushed,
                "annotated": lane.annotated,
                "quarantined": lane.quarantined,
            }
            for lane in batch.lanes
        ],
    }


def list_batches(session: Session) -> dict[str, Any]:
    """The answer of ``batches list``: every batch, the newest first."""
    rows = session.execute(select(Batch.slug, Batch.state).order_by(Batch.id.desc()))
    return {"batches": [{"batch": slug, "state": state} for slug, state in rows]}


def list_batch_rows(
    session: Session,
    *,
    state: str | None = None,
    aside: bool = False,
    after: int | None = None,
    limit: int = 50,
) -> Page[BatchRow]:
    """Batches with their progress, the newest first.

    Args:
        session: a session for reading.
        state: only batches in this state.
        aside: only batches of which something was set aside.
        after: the ``next`` of the page before.
        limit: how many rows a page holds.
    """
    query = select(*_COLUMNS).outerjoin(Lane, Lane.batch_id == Batch.id).group_by(Batch.id)
    if state is not None:
        query = query.where(Batch.state == state)
    if after is not None:
        query = query.where(Batch.id < after)
    if aside:
        query = query.having(func.sum(Lane.quarantined) > 0)
    found = session.execute(query.order_by(Batch.id.desc()).limit(limit + 1)).mappings()
    busy = list_active_batches(session)
    rows = [BatchRow(**row, busy=row["id"] in busy) for row in found]
    return make_page(rows, limit, lambda row: row.id)


def count_batches_by_state(session: Session) -> dict[str, int]:
    """How many batches stand in each state; states without one are left out."""
    rows = session.execute(select(Batch.state, func.count()).group_by(Batch.state))
    return {row[0]: row[1] for row in rows}


def get_batch(session: Session, slug: str) -> BatchPage:
    """One batch with its lanes.

    Raises:
        NotFoundError: there is no batch of this name.
    """
    found = session.execute(
        select(Batch, SchemeVersion.n, Scheme.name)
        .join(SchemeVersion, SchemeVersion.id == Batch.scheme_version_id)
        .join(Scheme, Scheme.id == SchemeVersion.scheme_id)
        .where(Batch.slug == slug)
    ).one_or_none()
    if found is None:
        raise NotFoundError(
            f"There is no batch {slug!r}.", remedy="See all batches with: flask batches list"
        )
    batch, version, scheme = found
    lanes = list_lanes(session, batch.id)
    return BatchPage(
        id=batch.id,
        slug=batch.slug,
        state=batch.state,
        deal=batch.deal,
        overlap=batch.overlap,
        seed=batch.seed,
        selection=tuple(str(part) for part in batch.selection),
        scheme=scheme,
        scheme_version=version,
        passages=batch.passages,
        created_at=batch.created_at,
        synced_at=batch.synced_at,
        closed_at=batch.closed_at,
        owner=batch.owner,
        due_on=batch.due_on,
        note=batch.note,
        control=batch.control,
        doubled=batch.doubled,
        next_sync_at=batch.next_sync_at,
        sync_failures=batch.sync_failures,
        sync_problem=batch.sync_problem,
        drift=_count_drift(session, batch.id),
        unknown=_count_unknown(session, batch.id),
        review=ReviewPolicy.read(batch.policy),
        articles=batch.articles,
        dealt=view_deal(batch.dealt, [lane.annotator or SHARED for lane in lanes]),
        blind=_blindness(session, batch, lanes),
        lanes=lanes,
    )


def _blindness(session: Session, batch: Batch, lanes: tuple[LaneRow, ...]) -> Blindness:
    violations = sum(lane.flagged for lane in lanes)
    return Blindness(
        mode=mode_of(batch.deal, [lane.connection for lane in lanes]),
        violations=violations,
        flags=list_flags(session, batch.id) if violations else (),
    )


def _count_drift(session: Session, batch_id: int) -> int:
    open_lines = (
        select(func.count(Drift.id))
        .join(Lane, Lane.id == Drift.lane_id)
        .where(Lane.batch_id == batch_id, Drift.state == DriftState.OPEN)
    )
    return session.scalar(open_lines) or 0


def _count_unknown(session: Session, batch_id: int) -> int:
    """How many tasks went out without an answer, so that nobody knows yet whether they arrived."""
    in_doubt = (
        select(func.sum(Chunk.last - Chunk.first + 1))
        .join(Lane, Lane.id == Chunk.lane_id)
        .where(Lane.batch_id == batch_id, Chunk.state == ChunkState.UNKNOWN)
    )
    return session.scalar(in_doubt) or 0


def list_lanes(session: Session, batch_id: int) -> tuple[LaneRow, ...]:
    """The lanes of a batch, in their order."""
    lanes = session.execute(
        select(Lane, Annotator.email, Connection.name, Connection.url, Connection.invite_url)
        .outerjoin(Annotator, Annotator.id == Lane.annotator_id)
        .outerjoin(Connection, Connection.id == Lane.connection_id)
        .where(Lane.batch_id == batch_id)
        .order_by(Lane.n)
    ).all()
    shared = session.execute(
        select(LaneAnnotator.lane_id, Annotator.email)
        .join(Lane, Lane.id == LaneAnnotator.lane_id)
        .join(Annotator, Annotator.id == LaneAnnotator.annotator_id)
        .where(Lane.batch_id == batch_id)
        .order_by(Annotator.email)
    )
    sharers: dict[int, list[str]] = {}
    for lane_id, email in shared:
        sharers.setdefault(lane_id, []).append(email)
    return tuple(
        _lane(lane, (email,) if email else tuple(sharers.get(lane.id, ())), *connection)
        for lane, email, *connection in lanes
    )


def _lane(
    lane: Lane,
    annotators: tuple[str, ...],
    connection: str | None,
    url: str | None,
    invite_url: str | None,
) -> LaneRow:
    return LaneRow(
        id=lane.id,
        n=lane.n,
        annotators=annotators,
        connection=connection,
        project_id=lane.ls_project_id,
        url=project_link(url, lane.ls_project_id),
        stream_url=stream_link(url, lane.ls_project_id, lane.todo_tab),
        lost_at=lane.lost_at,
        synced_at=lane.synced_at,
        tasks=lane.tasks,
        pushed=lane.pushed,
        annotated=lane.annotated,
        quarantined=lane.quarantined,
        flagged=lane.flagged,
        invite_url=invite_url or "",
    )
