"""Push: every planned task gets to Label Studio exactly once.

A chunk is marked *sending* before its request. If no answer comes, it is *unknown*: the
server may still carry the import out, so nothing is sent again before the longest import has
surely ended and two equal, complete look-ups by uid have said what is there.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select, update

from app.errors import AppError
from app.jobs.lanes import ensure_project
from app.jobs.outbox import Body, Outbox
from app.jobs.runtime import JobContext, now
from app.jobs.settle import settle_chunk
from app.jobs.sweep import Swept, verify_lane
from app.logs import get_logger
from app.models.batches import Batch, BatchState, Chunk, ChunkState, Lane
from app.models.tasks import Task, TaskState
from app.services import progress, turns
from app.services.pushing import mark_pushed
from labeling.errors import (
    GatewayError,
    RejectedGatewayError,
    RetryableGatewayError,
)
from labeling.studio.gateway import Imported, StudioGateway
from labeling.tasks import payload_sha

log = get_logger()

# How often a chunk is sent anew after an unanswered import before a person is asked.
ATTEMPTS = 3
TOO_LARGE = 413
TURN_EVERY_S = 1.0


def push_batch(ctx: JobContext) -> dict[str, Any]:
    """Send what is planned of a batch, settle what is unknown, count what is there.

    Returns:
        ``{"batch","tasks","pushed","set_aside","unknown","twins","swept"}``; twins are tasks
        that stood in Label Studio more than once, and swept the copies that were removed.

    Raises:
        GatewayError: a lane could not be finished; the others were.
    """
    failures: list[GatewayError | AppError] = []
    swept: list[Swept] = []
    for connection_id, lanes in _lanes_by_connection(ctx).items():
        if connection_id is not None:
            _await_turn(ctx, connection_id)
        for lane_id in lanes:
            try:
                lane = LanePush(ctx, lane_id)
                lane.run()
                swept.append(lane.swept)
            except (GatewayError, AppError) as err:
                if err.kind == "fenced":
                    raise
                log.warning("lane_push_failed", lane=lane_id, kind=err.kind)
                failures.append(err)
    if failures:
        raise failures[0]
    return _finish(ctx, swept)


def _lanes_by_connection(ctx: JobContext) -> dict[int | None, list[int]]:
    with ctx.store.reading() as session:
        lanes = session.execute(
            select(Lane.connection_id, Lane.id)
            .where(Lane.batch_id == ctx.args["batch"])
            .order_by(Lane.n)
        )
        found: dict[int | None, list[int]] = {}
        for connection_id, lane_id in lanes:
            found.setdefault(connection_id, []).append(lane_id)
        return found


def _await_turn(ctx: JobContext, connection_id: int) -> None:
    """Wait until no other push sends to this server."""
    while True:
        with ctx.transaction() as session:
            if turns.take_turn(session, ctx.job_id, connection_id):
                return
        ctx.checkpoint(message="Waiting until another push to the same server has ended")
        ctx.wait(TURN_EVERY_S)


class LanePush:
    """The push of one lane."""

    def __init__(self, ctx: JobContext, lane_id: int) -> None:
        self.ctx = ctx
        self.lane_id = lane_id
        with ctx.store.reading() as session:
            lane = session.get_one(Lane, lane_id)
            if lane.connection_id is None:
                raise AppError(f"Lane {lane.n} has no connection.")
            self.connection_id = lane.connection_id
            self.tasks = lane.tasks
        self.gateway: StudioGateway = ctx.gateway(self.connection_id)
        self.swept = Swept()
        # Tasks of the batch that are there, as the job's row tells.
        self.done = 0

    def run(self) -> None:
        """Make the project if there is none, bring every chunk to its end, then count."""
        if not self.tasks:
            return
        with self.ctx.transaction() as session:
            # What was refused as a whole is tried again: somebody asked for it.
            session.execute(
                update(Chunk)
                .where(Chunk.lane_id == self.lane_id, Chunk.state == ChunkState.FAILED)
                .values(state=ChunkState.PLANNED)
            )
        doubt = False
        with Outbox(self.ctx.store, self.lane_id) as outbox:
            outbox.make_ahead()
            project = ensure_project(self.ctx, self.gateway, self.lane_id)
            self._report()
            while (following := self._next_chunk()) is not None:
                self.ctx.checkpoint()
                chunk_id, state = following
                doubted = self._settle_if_unknown(chunk_id, state, project)
                doubted |= self._bring_home(chunk_id, project, outbox)
                if doubted:
                    self._report()
                doubt |= doubted
        self._report()
        self.swept = verify_lane(self.ctx, self.gateway, self.lane_id, project, thoroughly=doubt)

    def _next_chunk(self) -> tuple[int, str] | None:
        with self.ctx.store.reading() as session:
            found = session.execute(
                select(Chunk.id, Chunk.state)
                .where(Chunk.lane_id == self.lane_id, Chunk.state != ChunkState.SENT)
                .order_by(Chunk.n)
                .limit(1)
            ).one_or_none()
            return None if found is None else (found[0], found[1])

    def _bring_home(self, chunk_id: int, project: int, outbox: Outbox) -> bool:
        """Send a chunk until all of it is there; say whether there was any doubt on the way.

        Raises:
            GatewayError: it cannot be sent, or was not answered ``ATTEMPTS`` times.
        """
        doubt = False
        for attempt in range(1, ATTEMPTS + 1):
            try:
                if self._send(project, outbox.body(chunk_id), outbox):
                    return doubt
            except RetryableGatewayError as err:
                if not err.sent:
                    raise
                doubt = True
                settle_chunk(self.ctx, self.gateway, chunk_id, project)
                if attempt == ATTEMPTS and outbox.body(chunk_id).uids:
                    raise
        return doubt

    def _settle_if_unknown(self, chunk_id: int, state: str, project: int) -> bool:
        if state == ChunkState.SENDING:
            # It was left so by a worker that died: nobody knows more.
            with self.ctx.transaction() as session:
                session.get_one(Chunk, chunk_id).state = ChunkState.UNKNOWN
        elif state != ChunkState.UNKNOWN:
            return False
        settle_chunk(self.ctx, self.gateway, chunk_id, project)
        return True

    def _send(self, project: int, body: Body, outbox: Outbox) -> bool:
        """Send what is planned of a chunk; say whether all of it is there now."""
        chunk_id, uids = body.chunk_id, body.uids
        if not uids:
            self._mark(chunk_id, ChunkState.SENT)
            return True
        try:
            stored = self.ctx.patiently(
                lambda: self._import(project, body, outbox), repeat_sent=False
            )
            if stored != len(uids):
                raise RetryableGatewayError(
                    f"Label Studio says it stored {stored} of {len(uids)} tasks.",
                    operation="import_tasks",
                    remedy="Look into Label Studio's log.",
                )
        except RejectedGatewayError as err:
            self._refused(chunk_id, uids, err)
            return False
        except GatewayError as err:
            state = ChunkState.UNKNOWN if err.sent else ChunkState.PLANNED
            self._mark(chunk_id, state, problem=err.message)
            raise
        self._sent(chunk_id, uids, stored.ids)
        return True

    def _import(self, project: int, body: Body, outbox: Outbox) -> Imported:
        with self.ctx.transaction() as session:
            body.keep_predictions(session)
            chunk = session.get_one(Chunk, body.chunk_id)
            chunk.state, chunk.attempted_at = ChunkState.SENDING, now()
            chunk.attempts += 1
            chunk.payload_sha = payload_sha(body.data)
        outbox.make_ahead(body.chunk_id)
        return self.gateway.import_tasks(project, body.data)

    def _refused(self, chunk_id: int, uids: list[str], err: RejectedGatewayError) -> None:
        """Set the refused items aside with their reasons; the good ones go again without them."""
        if err.status == TOO_LARGE and len(uids) > 1:
            self._halve(chunk_id)
            return
        if not any(err.item_errors):
            self._mark(chunk_id, ChunkState.FAILED, problem=err.message)
            raise err
        with self.ctx.transaction() as session:
            for uid, reason in zip(uids, err.item_errors, strict=True):
                if reason is not None:
                    session.execute(
                        update(Task)
                        .where(Task.uid == uid)
                        .values(state=TaskState.SET_ASIDE, problem=reason)
                    )
            session.get_one(Chunk, chunk_id).state = ChunkState.PLANNED

    def _halve(self, chunk_id: int) -> None:
        """Part a chunk that is too large for the server, or for a proxy before it."""
        with self.ctx.transaction() as session:
            chunk = session.get_one(Chunk, chunk_id)
            newest = session.scalar(select(func.max(Chunk.n)).where(Chunk.lane_id == self.lane_id))
            middle = (chunk.first + chunk.last) // 2
            session.add(
                Chunk(lane_id=self.lane_id, n=(newest or 0) + 1, first=middle + 1, last=chunk.last)
            )
            chunk.last, chunk.state = middle, ChunkState.PLANNED

    def _sent(self, chunk_id: int, uids: list[str], ids: Sequence[int]) -> None:
        self.done += len(uids)
        with self.ctx.transaction(done=self.done) as session:
            chunk = session.get_one(Chunk, chunk_id)
            chunk.state, chunk.problem = ChunkState.SENT, ""
            places: Sequence[int | None] = ids or [None] * len(uids)
            mark_pushed(session, list(zip(uids, places, strict=True)))
            progress.add(session, self.lane_id, pushed=len(uids))

    def _mark(self, chunk_id: int, state: ChunkState, *, problem: str = "") -> None:
        with self.ctx.transaction() as session:
            chunk = session.get_one(Chunk, chunk_id)
            chunk.state, chunk.problem = state, problem
            if state == ChunkState.UNKNOWN:
                # The server may be at it still: the time until it has surely ended counts
                # from now, not from when the request went out.
                chunk.attempted_at = now()

    def _report(self) -> None:
        with self.ctx.store.reading() as session:
            batch_id = session.get_one(Lane, self.lane_id).batch_id
            pushed = session.scalar(select(func.sum(Lane.pushed)).where(Lane.batch_id == batch_id))
        self.done = pushed or 0
        self.ctx.checkpoint(done=self.done, message="Sending passages to Label Studio")


def _finish(ctx: JobContext, swept: Sequence[Swept]) -> dict[str, Any]:
    with ctx.transaction() as session:
        batch = session.get_one(Batch, ctx.args["batch"])
        if batch.state == BatchState.PUSHING:
            batch.state = BatchState.OPEN
        set_aside = session.scalar(
            select(func.count(Task.id))
            .join(Lane, Lane.id == Task.lane_id)
            .where(Lane.batch_id == batch.id, Task.state == TaskState.SET_ASIDE)
        )
        return {
            "batch": batch.slug,
            "tasks": sum(lane.tasks for lane in batch.lanes),
            "pushed": sum(lane.pushed for lane in batch.lanes),
            "set_aside": set_aside or 0,
            "unknown": 0,
            "twins": sum(one.twins for one in swept),
            "swept": sum(one.removed for one in swept),
        }
