"""Where a batch drifted from what was pushed: each line, what it means and what to do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import case, select
from sqlalchemy.orm import Session

from app.models.batches import Batch, Lane
from app.models.connections import Annotator, Connection
from app.models.drift import Drift, DriftState
from app.queries.batches import get_batch
from app.queries.studio_links import task_link
from app.queries.usual import Usual, get_usual

ASKS_A_PERSON = "mass_withdrawal"


class Meaning(NamedTuple):
    """A kind of drift in words: its name, what happened with it here, what to do."""

    title: str
    outcome: str
    remedy: str


KINDS = {
    "lost_project": Meaning(
        "Project is gone",
        "The lane's project was deleted in Label Studio, or its address leads elsewhere. "
        "Everything synced before is kept; nothing is withdrawn because of it.",
        "Ask who deleted it. Make a new batch for what was not annotated yet.",
    ),
    "mass_withdrawal": Meaning(
        "Many answers vanished at once",
        "Two complete listings lacked them. They still count here until somebody decides.",
        "Look into Label Studio first. Accept the withdrawals if they were meant; keep the "
        "answers if it was a slip or a restored backup.",
    ),
    "config_changed": Meaning(
        "Label config was changed",
        "The project's labels are no longer those of the batch's scheme. What the scheme does "
        "not know is set aside; the rest is taken.",
        "Put the scheme's config back in the project's settings, or import the changed one as a "
        "new scheme version and make a new batch.",
    ),
    "text_changed": Meaning(
        "Task text was changed by hand",
        "Offsets would point into another text, so answers to it are set aside. Earlier answers "
        "are kept.",
        "Put the task's text back in Label Studio; the next sync takes the answers.",
    ),
    "data_changed": Meaning(
        "Task data was changed by hand",
        "The text is ours, so answers to it are taken. The round that the task shows is not.",
        "Put the value of round back where annotators should see it.",
    ),
    "overwritten": Meaning(
        "Task no longer says whose it is",
        "Its uid is gone, but its annotations are ones we know. They are kept; newer answers to "
        "it are set aside.",
        "Put the task's whole data back in Label Studio, uid and text included.",
    ),
    "foreign_task": Meaning(
        "Task that is not ours",
        "Somebody added it in Label Studio. Answers to it are set aside.",
        "Delete it there, or import its article here and push it.",
    ),
    "task_gone": Meaning(
        "Task was deleted",
        "Two complete listings lacked it. Its answers are withdrawn, and every revision is kept.",
        "Make a batch for these passages again, if they are still wanted.",
    ),
    "twin": Meaning(
        "Task stands there twice",
        "Copies that nobody began to answer are removed by the next push. What is left was "
        "answered more than once; all answers are taken.",
        "Push the batch once more. If it stays, delete one copy in Label Studio by hand.",
    ),
    "moved": Meaning(
        "Annotations moved to another task",
        "They count where they are now. Label Studio does this when duplicates are removed.",
        "Nothing, unless nobody removed duplicates: then look at who did what there.",
    ),
    "reused_id": Meaning(
        "Ids were given out again",
        "Label Studio's SQLite store reuses the ids of deleted tasks and annotations. They were "
        "told apart by our uid and by when they were made.",
        "Nothing. PostgreSQL behind Label Studio does not do this.",
    ),
}


@dataclass(frozen=True, slots=True)
class DriftRow:
    """One line of the drift page. ``links`` are the examples that can be opened there."""

    id: int
    kind: str
    state: str
    count: int
    lane: int
    annotator: str | None
    examples: tuple[str, ...]
    links: tuple[tuple[int, str], ...]
    first_at: datetime
    last_at: datetime
    actor: str

    @property
    def meaning(self) -> Meaning:
        """The kind in words."""
        title = self.kind.replace("_", " ").capitalize()
        return KINDS.get(self.kind, Meaning(title, "", ""))

    @property
    def is_open(self) -> bool:
        """Whether it holds now."""
        return self.state == DriftState.OPEN

    @property
    def asks(self) -> bool:
        """Whether a person has to decide."""
        return self.is_open and self.kind == ASKS_A_PERSON


@dataclass(frozen=True, slots=True)
class DriftPage:
    """Everything on the drift page."""

    open: tuple[DriftRow, ...]
    over: tuple[DriftRow, ...]
    usual: tuple[Usual, ...]


def get_drift(session: Session, batch_id: int) -> DriftPage:
    """The drift of a batch: what holds now, what is over, and what is usual."""
    rows = [_row(*row) for row in session.execute(_lines(batch_id))]
    return DriftPage(
        open=tuple(row for row in rows if row.is_open),
        over=tuple(row for row in rows if not row.is_open),
        usual=get_usual(session, batch_id),
    )


def show_drift(session: Session, slug: str) -> dict[str, Any]:
    """The answer of ``batches drift`` and of the API.

    Raises:
        NotFoundError: there is no batch of this name.
    """
    page = get_drift(session, get_batch(session, slug).id)
    return {
        "batch": slug,
        "open": [_in_json(row) for row in page.open],
        "over": [_in_json(row) for row in page.over],
        "usual": {one.title: one.count for one in page.usual},
    }


def list_lost(session: Session) -> tuple[str, ...]:
    """The names of the batches of which a project is gone, but of those that are archived."""
    return tuple(
        session.scalars(
            select(Batch.slug)
            .where(Batch.lanes.any(Lane.lost_at.is_not(None)), Batch.state != "archived")
            .order_by(Batch.slug)
        )
    )


def _lines(batch_id: int) -> Any:
    asks_first = case((Drift.kind == ASKS_A_PERSON, 0), (Drift.kind == "lost_project", 1), else_=2)
    return (
        select(Drift, Lane.n, Annotator.email, Connection.url, Lane.ls_project_id)
        .join(Lane, Lane.id == Drift.lane_id)
        .outerjoin(Annotator, Annotator.id == Lane.annotator_id)
        .outerjoin(Connection, Connection.id == Lane.connection_id)
        .where(Lane.batch_id == batch_id)
        .order_by(asks_first, Lane.n, Drift.kind)
    )


def _row(
    line: Drift, lane: int, annotator: str | None, url: str | None, project: int | None
) -> DriftRow:
    tasks = [one for one in line.examples if isinstance(one, int)]
    found = [(task, task_link(url, project, task)) for task in tasks]
    return DriftRow(
        id=line.id,
        kind=line.kind,
        state=line.state,
        count=line.count,
        lane=lane,
        annotator=annotator,
        examples=tuple(str(one) for one in line.examples),
        links=tuple((task, link) for task, link in found if link),
        first_at=line.first_at,
        last_at=line.last_at,
        actor=line.actor,
    )


def _in_json(row: DriftRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "kind": row.kind,
        "title": row.meaning.title,
        "state": row.state,
        "count": row.count,
        "lane": row.lane,
        "annotator": row.annotator,
        "examples": list(row.examples),
        "outcome": row.meaning.outcome,
        "remedy": row.meaning.remedy,
        "first_at": row.first_at.isoformat(),
        "last_at": row.last_at.isoformat(),
    }
