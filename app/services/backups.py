"""Backups: every row of ours in and out as text, the same for SQLite and PostgreSQL."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Date, DateTime, LargeBinary, Table, func, insert, select, text, update
from sqlalchemy.orm import Session

from app.errors import ConflictError
from app.models import Base
from app.models.articles import Article
from app.models.base import UtcDateTime
from app.models.batches import Batch, Chunk, ChunkState, Lane
from app.models.jobs import ACTIVE_STATES, Job, JobState
from app.models.releases import Release, ReleaseState
from app.services.term_index import begin_again

AT_ONCE = 500


def tables() -> list[Table]:
    """Our tables, each behind those it refers to; not those that others are enough to make."""
    return [t for t in Base.metadata.sorted_tables if not t.info.get("derived")]


def iter_lines(session: Session, table: Table) -> Iterator[str]:
    """The rows of a table in the order of their keys, one JSON array a row.

    The columns' names are the first line, so that a row can be read without a model.
    """
    yield json.dumps([column.name for column in table.columns])
    rows = session.execute(select(table).order_by(*table.primary_key.columns))
    for row in rows.yield_per(AT_ONCE):
        yield json.dumps([_plain(value) for value in row], ensure_ascii=False)


def check_empty(session: Session) -> None:
    """Refuse to restore over somebody's work.

    Raises:
        ConflictError: there are articles or batches.
    """
    for model, what in ((Article, "articles"), (Batch, "batches")):
        if session.scalar(select(func.count()).select_from(model)):
            raise ConflictError(
                f"This instance holds {what}; a restore would replace everything.",
                remedy="Restore into a fresh instance (COPYDESK_INSTANCE=…, flask db upgrade), or "
                "say --replace.",
            )


def clear(session: Session) -> None:
    """Take all rows of ours away."""
    for table in reversed(Base.metadata.sorted_tables):
        session.execute(table.delete())


def take_in(session: Session, table: Table, lines: Iterable[str]) -> int:
    """Put the rows of a table back.

    Returns:
        How many there were.
    """
    given = iter(lines)
    columns = [table.columns[name] for name in json.loads(next(given))]
    number, rows = 0, []
    for line in given:
        values = zip(columns, json.loads(line), strict=True)
        rows.append({column.name: _value(column.type, value) for column, value in values})
        number += 1
        if len(rows) == AT_ONCE:
            session.execute(insert(table), rows)
            rows = []
    if rows:
        session.execute(insert(table), rows)
    return number


def settle_down(session: Session) -> dict[str, int]:
    """Make a restored store safe to work on: Label Studio may know more than it does.

    Whatever was to be sent may have been sent since, so it is in doubt and is looked for before
    anything is sent again; every lane is read anew from its beginning; work that was under way
    has ended; ids given from now on follow the greatest there is.

    Returns:
        How many chunks are in doubt, and how many jobs and releases were ended.
    """
    now = datetime.now(UTC)
    doubted = session.execute(
        update(Chunk)
        .where(Chunk.state.in_([ChunkState.PLANNED, ChunkState.SENDING, ChunkState.FAILED]))
        .values(state=ChunkState.UNKNOWN, attempted_at=now)
        .returning(Chunk.id)
    ).all()
    session.execute(update(Lane).values(cursor=None, reached="", settled=""))
    jobs = session.execute(
        update(Job)
        .where(Job.state.in_(ACTIVE_STATES))
        .values(
            state=JobState.FAILED,
            ended_at=now,
            message="Ended by a restore.",
            error={
                "kind": "restored",
                "message": "The store was restored from a backup while this was under way.",
                "remedy": "Retry it.",
            },
        )
        .returning(Job.id)
    ).all()
    releases = session.execute(
        update(Release)
        .where(Release.state == ReleaseState.BUILDING)
        .values(state=ReleaseState.FAILED, problem="Ended by a restore.")
        .returning(Release.id)
    ).all()
    begin_again(session)
    if session.get_bind().dialect.name == "postgresql":
        _raise_sequences(session)
    return {"chunks": len(doubted), "jobs": len(jobs), "releases": len(releases)}


def _raise_sequences(session: Session) -> None:
    for table in tables():
        column = table.autoincrement_column
        if column is not None:
            name = session.scalar(
                select(func.pg_get_serial_sequence(f'"{table.name}"', column.name))
            )
            if name:
                greatest = session.scalar(select(func.max(column)))
                session.execute(
                    text("SELECT setval(:name, :value, :used)"),
                    {"name": name, "value": greatest or 1, "used": greatest is not None},
                )


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    return value.isoformat() if isinstance(value, date) else value


def _value(kind: Any, value: Any) -> Any:
    if value is None:
        return None
    if isinstance(kind, LargeBinary):
        return base64.b64decode(value)
    if isinstance(kind, UtcDateTime | DateTime):
        return datetime.fromisoformat(value)
    return date.fromisoformat(value) if isinstance(kind, Date) else value
