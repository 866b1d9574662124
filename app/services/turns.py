"""Turns at a server: one push at a time sends to it.

Imports into a Label Studio that stores in SQLite must not run side by side: each would wait for
the other's lock for seconds to minutes. The queue runs the pushes to one server one after the
other by their first lane; a batch whose lanes lie on several servers takes a turn at each.
"""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from app.models.connections import Connection
from app.models.jobs import ACTIVE_STATES, Job, JobState
from app.queue import PUSH

_AT = "at"
_AT_WORK = tuple(state for state in ACTIVE_STATES if state != JobState.QUEUED)


def server_of(session: Session, connection_id: int) -> int:
    """The first of the connections that lead to the same server as this one."""
    same = aliased(Connection)
    return session.scalars(
        select(func.min(same.id))
        .join(Connection, Connection.url == same.url)
        .where(Connection.id == connection_id)
    ).one()


def take_turn(session: Session, job_id: int, connection_id: int) -> bool:
    """Give up the turn that a push has, and take one at a connection's server.

    A turn ends with the next one, or with its job; the job itself holds it, so that one which
    is taken over by another worker still has it.

    Args:
        session: a transaction of the job.
        job_id: the push.
        connection_id: where it wants to send.

    Returns:
        Whether the turn is its own now; if not, another push is at work there.
    """
    server = server_of(session, connection_id)
    # Two that ask at the same moment ask one after the other.
    session.get_one(Connection, server, with_for_update=True)
    others = session.scalars(
        select(Job.args).where(Job.name == PUSH, Job.id != job_id, Job.state.in_(_AT_WORK))
    )
    free = all(args.get(_AT) != server for args in others)
    job = session.get_one(Job, job_id)
    job.args = {**job.args, _AT: server if free else None}
    session.flush()
    return free
