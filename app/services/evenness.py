"""Even-handedness: what outlets state about themselves, and keeping a count."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import delete
from sqlalchemy.orm import Session

from app.errors import InvalidInputError
from app.models.evenness import EvennessReport, Outlet
from app.models.jobs import Job
from app.queue import EVENNESS, Queue
from app.services import audit

OUTLET_LEANS = ("left", "centre", "right", "state", "opposition", "none")
_LONGEST = {"name": 200, "source": 1_000}


def state_lean(
    session: Session, name: str, lean: str | None, *, source: str = "", actor: str
) -> Outlet | None:
    """Keep what an outlet states about itself, or forget it (None).

    Raises:
        InvalidInputError: there is no such lean, or a text is empty or too long.
    """
    name, source = name.strip(), source.strip()
    if not name or len(name) > _LONGEST["name"] or len(source) > _LONGEST["source"]:
        raise InvalidInputError(
            "An outlet needs a name of at most 200 characters, and its source has room for 1,000.",
            remedy="Write the outlet as its articles do.",
        )
    if lean is not None and lean not in OUTLET_LEANS:
        raise InvalidInputError(
            f"{lean!r} is no lean.", remedy="Choose one of: " + ", ".join(OUTLET_LEANS)
        )
    row = session.get(Outlet, name)
    before = row.lean if row else None
    if row is None and lean is not None:
        row = Outlet(name=name)
        session.add(row)
    elif row is not None and lean is None:
        session.delete(row)
        row = None
    if row is not None and lean is not None:
        row.lean, row.source, row.actor = lean, source, actor
        row.changed_at = datetime.now(UTC)
    session.flush()
    audit.record(
        session,
        actor=actor,
        action="outlet_lean_stated",
        object=f"outlet:{name}",
        detail={"before": before, "lean": lean},
    )
    return row


def request_count(session: Session, queue: Queue, *, actor: str) -> Job:
    """Plan the job that counts anew."""
    return queue.plan(session, EVENNESS, key="evenness", actor=actor, partition="terms")


def keep_report(session: Session, report: dict[str, Any], *, actor: str) -> None:
    """Keep a count in the place of the one before."""
    session.execute(delete(EvennessReport))
    session.add(EvennessReport(made_at=datetime.now(UTC), actor=actor, report=report))
    audit.record(session, actor=actor, action="evenness_counted", object="terms:evenness")
