"""What cannot be trusted, set aside with its reason: once, and closed when it is mended."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, tuple_, update
from sqlalchemy.orm import Session

from app.models.annotations import Quarantine, Revision
from app.services import progress
from app.services.revisions import plain

OPEN, SUPERSEDED = "open", "superseded"


@dataclass(slots=True)
class AsideDesk:
    """Collects what a page sets aside or mends, and writes it at once.

    An item's key names its lane, place and content, so that pulling it again adds nothing.
    """

    lane_id: int
    now: datetime
    # Whether the lane has open items; most have none, and then nothing need be closed.
    any_open: bool | None = None
    _items: dict[str, dict[str, Any]] = field(default_factory=dict)
    _superseded: set[int] = field(default_factory=set)
    _wholes: set[tuple[int, int]] = field(default_factory=set)

    def add(self, *, parts: Iterable[Any], reason: str, **columns: Any) -> None:
        """Set an item aside; ``parts`` are what its key is made of."""
        key = hashlib.sha256(json.dumps([self.lane_id, *parts]).encode()).hexdigest()
        self._items[key] = {
            "key": key,
            "lane_id": self.lane_id,
            "task_id": None,
            "revision_id": None,
            "item": None,
            "reason": plain(reason),
            "created_at": self.now,
            **columns,
        }
        if columns.get("revision_id") is None:
            # One annotation is one open item: a newer one as a whole closes the older.
            self._wholes.add((columns["ls_task_id"], columns["ls_annotation_id"]))

    def mended(self, ls_task_id: int, ls_annotation_id: int) -> None:
        """This annotation could be read: it is no longer set aside as a whole."""
        self._wholes.add((ls_task_id, ls_annotation_id))

    def superseded(self, annotation_id: int) -> None:
        """A newer revision of this annotation says how it stands."""
        self._superseded.add(annotation_id)

    def write(self, session: Session) -> int:
        """Write all of it, in the caller's transaction; return how many items are new."""
        self._close_what_is_over(session)
        new = self._open(session)
        self._items, self._superseded, self._wholes = {}, set(), set()
        return new

    def _close_what_is_over(self, session: Session) -> None:
        if self.any_open is None:
            held = select(Quarantine.id).where(*self._open_here()).limit(1)
            self.any_open = session.scalar(held) is not None
        if not self.any_open:
            return
        keep = Quarantine.key.not_in(list(self._items))
        closed = 0
        if self._superseded:
            older = select(Revision.id).where(Revision.annotation_id.in_(self._superseded))
            closed += self._close(session, keep, Quarantine.revision_id.in_(older))
        if self._wholes:
            place = tuple_(Quarantine.ls_task_id, Quarantine.ls_annotation_id)
            whole = place.in_(sorted(self._wholes))
            closed += self._close(session, keep, Quarantine.revision_id.is_(None), whole)
        progress.add(session, self.lane_id, quarantined=-closed)

    def _close(self, session: Session, *which: Any) -> int:
        closed = session.execute(
            update(Quarantine)
            .where(*self._open_here(), *which)
            .values(state=SUPERSEDED)
            .returning(Quarantine.id)
        ).all()
        return len(closed)

    def _open_here(self) -> tuple[Any, Any]:
        return Quarantine.lane_id == self.lane_id, Quarantine.state == OPEN

    def _open(self, session: Session) -> int:
        if not self._items:
            return 0
        self.any_open = True
        known: Mapping[str, str] = {
            row[0]: row[1]
            for row in session.execute(
                select(Quarantine.key, Quarantine.state).where(Quarantine.key.in_(self._items))
            )
        }
        # It stands as it stood before: what was superseded is open again.
        again = [key for key, state in known.items() if state == SUPERSEDED]
        if again:
            session.execute(update(Quarantine).where(Quarantine.key.in_(again)).values(state=OPEN))
        new = [item for key, item in self._items.items() if key not in known]
        if new:
            session.execute(insert(Quarantine), new)
        progress.add(session, self.lane_id, quarantined=len(again) + len(new))
        return len(new)
