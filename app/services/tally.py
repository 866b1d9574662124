"""Figures over everything, or over a batch: counted at the end of jobs, read by pages.

Counting walks all tasks, or all annotations, which takes longer than a page may. A figure is
only ever written by counting, so there is nothing to drift.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from app.models.batches import Lane, Tally
from app.models.passages import Passage
from app.models.tasks import Task, TaskState
from app.queries.usual import KINDS, count_usual, tally_name


def is_stale(session: Session) -> bool:
    """Whether tasks were pushed or answered since the last count, by the lanes' own counters."""
    kept = {row[0]: row[1] for row in session.execute(select(Tally.name, Tally.value))}
    return any(kept.get(name) != value for name, value in _signature(session).items())


def recount(session: Session) -> dict[str, int]:
    """Count all figures anew and keep them, in the caller's transaction.

    Returns:
        The figures by name.
    """
    newest = session.scalar(select(func.max(Passage.id))) or 0
    figures = {
        "passages": session.scalar(select(func.count()).select_from(Passage)) or 0,
        "newest_passage": newest,
        "pushed": _distinct(session, Task.state == TaskState.PUSHED),
        "annotated": _distinct(session, Task.annotated.is_(True)),
        **_signature(session),
    }
    _keep(session, figures)
    return figures


def keep_usual(session: Session, batch_id: int) -> None:
    """Count what came back to a batch otherwise than as one answer a task, and keep it."""
    counted = count_usual(session, batch_id)
    _keep(session, {tally_name(batch_id, kind): value for kind, value in counted.items()})


def forget_usual(session: Session, batch_id: int) -> None:
    """Somebody changed it by hand: until the next sync the page counts for itself."""
    names = [tally_name(batch_id, kind) for kind in KINDS]
    session.execute(delete(Tally).where(Tally.name.in_(names)))


def _keep(session: Session, figures: Mapping[str, int]) -> None:
    """Write figures, over those of before; two jobs that end together wait for each other."""
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    # In one order, so that neither of them waits for the other one's next row.
    rows = [{"name": name, "value": figures[name]} for name in sorted(figures)]
    adding = insert(Tally).values(rows)
    session.execute(
        adding.on_conflict_do_update(
            index_elements=[Tally.name], set_={"value": adding.excluded.value}
        ).execution_options(populate_existing=True)
    )


def _signature(session: Session) -> dict[str, int]:
    pushed, annotated = session.execute(
        select(func.coalesce(func.sum(Lane.pushed), 0), func.coalesce(func.sum(Lane.annotated), 0))
    ).one()
    return {"tasks_pushed": pushed, "tasks_annotated": annotated}


def _distinct(session: Session, where: Any) -> int:
    # Counting the rows of a distinct list walks an index; a distinct count sorts everything.
    passages = select(Task.passage_id).where(where).distinct().subquery()
    return session.scalar(select(func.count()).select_from(passages)) or 0
