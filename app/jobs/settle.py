"""Settling an *unknown* chunk: wait, look twice, believe only two equal complete answers."""

from __future__ import annotations

from sqlalchemy import select

from app.jobs.runtime import JobContext
from app.models.batches import Chunk, ChunkState
from app.models.tasks import Task, TaskState
from app.services import progress
from app.services.pushing import mark_pushed
from labeling.errors import IncompleteGatewayError
from labeling.studio.gateway import StudioGateway

LOOKS = 6
BETWEEN_LOOKS_S = 1.0


def settle_chunk(ctx: JobContext, gateway: StudioGateway, chunk_id: int, project: int) -> None:
    """Find out which tasks of an unknown chunk the server holds, and record exactly those.

    Afterwards the chunk is *planned* again for whatever is not there.

    Raises:
        IncompleteGatewayError: the look-ups never agreed; the chunk stays unknown.
        GatewayError: the server could not be asked; the chunk stays unknown.
    """
    with ctx.store.reading() as session:
        chunk = session.get_one(Chunk, chunk_id)
        lane_id = chunk.lane_id
        uids = list(
            session.scalars(
                select(Task.uid).where(
                    Task.lane_id == chunk.lane_id,
                    Task.ordinal.between(chunk.first, chunk.last),
                    Task.state == TaskState.PLANNED,
                )
            )
        )
    _wait_until_ended(ctx)
    there = _agreed_look_up(ctx, gateway, project, uids)
    with ctx.transaction() as session:
        found = [(uid, there[uid]) for uid in uids if uid in there]
        if found:
            mark_pushed(session, found)
        progress.add(session, lane_id, pushed=len(found))
        session.get_one(Chunk, chunk_id).state = ChunkState.PLANNED


def _wait_until_ended(ctx: JobContext) -> None:
    """Wait until the import has surely ended, although nobody waits for its answer any more.

    The whole time, however long ago it was tried: a clock that was put forward since would cut
    the wait short, and one that was put back would draw it out.
    """
    ctx.checkpoint(message="An import was not answered; waiting until it has surely ended")
    ctx.wait(ctx.settings.push_settle_s)


def _agreed_look_up(
    ctx: JobContext, gateway: StudioGateway, project: int, uids: list[str]
) -> dict[str, int]:
    before: list[tuple[int, str]] | None = None
    for _ in range(LOOKS):
        refs = ctx.patiently(lambda: gateway.find_tasks(project, uids))
        seen = sorted((ref.ls_task_id, ref.uid) for ref in refs)
        if seen == before:
            return {uid: ls_task_id for ls_task_id, uid in reversed(seen)}
        before = seen
        ctx.wait(min(BETWEEN_LOOKS_S, ctx.settings.push_settle_s))
    raise IncompleteGatewayError(
        f"What project {project} holds keeps changing; nothing is sent again until it rests.",
        operation="settle_chunk",
        remedy="Wait until no other import runs there, then push again.",
    )
