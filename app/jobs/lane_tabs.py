"""What makes a lane comfortable: its tabs, and the link by which its annotator joins.

Neither is needed for a push, so a server that refuses them does not stop one.
"""

from __future__ import annotations

from functools import partial

from app.jobs.runtime import JobContext
from app.logs import get_logger
from app.models.batches import Lane
from app.models.connections import Connection
from labeling.errors import RejectedGatewayError
from labeling.studio.gateway import StudioGateway
from labeling.studio.tabs import REWORK, TO_DO

log = get_logger()


def ensure_tabs(ctx: JobContext, gateway: StudioGateway, lane_id: int, project: int) -> None:
    """Give a lane's project its tabs "To do" and "Rework", unless it has them.

    They are looked for by title first, so that a crash in between makes no second ones.
    """
    with ctx.store.reading() as session:
        lane = session.get_one(Lane, lane_id)
        if lane.todo_tab is not None and lane.rework_tab is not None:
            return
    try:
        there = ctx.patiently(lambda: gateway.list_tabs(project))
        numbers = [
            there.get(tab.title) or ctx.patiently(partial(gateway.create_tab, project, tab))
            for tab in (TO_DO, REWORK)
        ]
    except RejectedGatewayError as err:
        log.warning("lane_without_tabs", lane=lane_id, kind=err.kind, status=err.status)
        return
    with ctx.transaction() as session:
        lane = session.get_one(Lane, lane_id)
        lane.todo_tab, lane.rework_tab = numbers


def note_invite(
    ctx: JobContext, gateway: StudioGateway, connection_id: int, *, renew: bool
) -> None:
    """Remember the invite link of a connection, for admins to hand over.

    Args:
        ctx: the job.
        gateway: to the connection.
        connection_id: which one.
        renew: ask again although one is known: the server may have made a new one.
    """
    with ctx.store.reading() as session:
        if session.get_one(Connection, connection_id).invite_url and not renew:
            return
    try:
        url = ctx.patiently(gateway.invite_url)
    except RejectedGatewayError as err:
        log.warning("no_invite_link", connection=connection_id, kind=err.kind, status=err.status)
        return
    with ctx.transaction() as session:
        session.get_one(Connection, connection_id).invite_url = url
