"""Annotations in: every revision kept with its raw JSON, what cannot be trusted set aside."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import and_, insert, select, update
from sqlalchemy.orm import Session

from app.models.annotations import (
    Annotation,
    Choice,
    Quarantine,
    Relation,
    Revision,
    RevisionState,
    Span,
)
from app.models.passages import Passage
from app.models.tasks import Task
from app.services import progress
from labeling.annotations import content_sha, parse_result
from labeling.text.passages import text_sha
from labeling.types import ParsedAnnotation, RawAnnotation, RawTask, Scheme

REGION_CHARS = 80
WITHDRAWN_SHA = hashlib.sha256(b"withdrawn").hexdigest()
LISTINGS_TO_WITHDRAW = 2


@dataclass(slots=True)
class SyncCounts:
    """What one sync saw and did."""

    tasks_seen: int = 0
    revisions_new: int = 0
    unchanged: int = 0
    withdrawn: int = 0
    quarantined_new: int = 0


@dataclass(slots=True)
class LaneIntake:
    """Takes in what the pages of one lane bring, in one run of a sync.

    Args:
        lane_id: the lane.
        scheme: the batch's scheme version, for reading results.
        annotators: Label Studio's user ids on this connection → our annotator ids.
        now: the time of the run.
        read: reads a result by another way than the scheme's own (adopted work).
    """

    lane_id: int
    scheme: Scheme
    annotators: Mapping[int, int]
    now: datetime
    read: Callable[[Sequence[Any], str], ParsedAnnotation] | None = None
    counts: SyncCounts = field(default_factory=SyncCounts)
    listed: set[int] = field(default_factory=set)
    counted_missing: set[int] = field(default_factory=set)
    seen_rows: set[int] = field(default_factory=set)
    counted_same: set[int] = field(default_factory=set)
    # Tasks whose annotations could not be looked at: their absence proves nothing.
    spared: set[int] = field(default_factory=set)
    # Whether the lane has open items; most have none, and then nothing need be closed.
    any_open: bool | None = None

    def take(self, session: Session, page: Sequence[RawTask]) -> None:
        """Record a page of tasks with their annotations, in the caller's transaction."""
        known = self._tasks(session, [uid for task in page if (uid := _uid(task))])
        rows = self._annotations(session, [task.id for task, _ in known.values()])
        touched: set[int] = set()
        for raw in page:
            self.counts.tasks_seen += raw.ls_task_id not in self.listed
            self.listed.add(raw.ls_task_id)
            found = known.get(_uid(raw))
            if found is None:
                self._set_aside_all(session, raw, "unknown_task", "Its task is none of ours here.")
                continue
            task, text = found
            task.ls_task_id = raw.ls_task_id
            touched.add(task.id)
            if _text_sha(raw) != task.text_sha:
                reason = "The task's text in Label Studio is no longer the text we pushed."
                self.spared.add(task.id)
                self._set_aside_all(session, raw, "text_changed", reason, task_id=task.id)
                continue
            self._take_task(session, raw, task, text, rows)
        session.flush()
        progress.refresh_annotated(session, self.lane_id, sorted(touched))

    def note_unlisted(self, session: Session) -> None:
        """After a complete listing of all tasks: count what stood in none of them as missing."""
        rows = session.scalars(
            select(Annotation)
            .join(Task, Task.id == Annotation.task_id)
            .where(Task.lane_id == self.lane_id)
            .order_by(Annotation.id)
        )
        gone = [
            row for row in rows if row.id not in self.seen_rows and row.task_id not in self.spared
        ]
        for row in gone:
            self._missing(session, row)
        session.flush()
        progress.refresh_annotated(session, self.lane_id, sorted({row.task_id for row in gone}))

    def _take_task(
        self,
        session: Session,
        raw: RawTask,
        task: Task,
        text: str,
        rows: dict[tuple[int, int, str], Annotation],
    ) -> None:
        seen: set[int] = set()
        for item in raw.annotations:
            key = (task.id, item.ls_id, item.created_at)
            row = rows.get(key)
            if row is None:
                row = Annotation(
                    task_id=task.id,
                    ls_id=item.ls_id,
                    ls_created_at=item.created_at,
                    ls_task_id=raw.ls_task_id,
                    missing=0,
                    current=0,
                )
                session.add(row)
                rows[key] = row
            row.ls_task_id, row.missing = raw.ls_task_id, 0
            row.ls_user_id = item.completed_by
            row.annotator_id = self.annotators.get(item.completed_by or 0)
            session.flush()
            seen.add(row.id)
            self.seen_rows.add(row.id)
            self._close(session, self._whole(row.ls_task_id, item.ls_id))
            self._take_annotation(session, row, item, text)
        for row in rows.values():
            if row.task_id == task.id and row.ls_task_id == raw.ls_task_id and row.id not in seen:
                self._missing(session, row)

    def _take_annotation(
        self, session: Session, row: Annotation, item: RawAnnotation, text: str
    ) -> None:
        state = RevisionState.SKIPPED if item.was_cancelled else RevisionState.SUBMITTED
        sha = content_sha(item.result, item.was_cancelled)
        current = _current(session, row)
        if current is not None and (current.content_sha, current.state) == (sha, state):
            self.counts.unchanged += row.id not in self.counted_same
            self.counted_same.add(row.id)
            return
        self.counted_same.add(row.id)
        parsed = self._read(item.result, text)
        revision = self._append(session, row, state, sha, item)
        revision.set_aside = len(parsed.set_aside)
        session.flush()
        store_content(session, revision.id, parsed)
        self._supersede(session, row.id)
        for aside in parsed.set_aside:
            self._set_aside(
                session,
                parts=("item", row.id, revision.n, aside.index),
                kind=aside.kind,
                reason=aside.reason,
                item=aside.index,
                raw={"item": aside.raw, "annotation": _without_result(item.raw)},
                task_id=row.task_id,
                revision_id=revision.id,
                ls_task_id=row.ls_task_id,
                ls_annotation_id=item.ls_id,
            )

    def _read(self, result: Sequence[Any], text: str) -> ParsedAnnotation:
        if self.read is not None:
            return self.read(result, text)
        return parse_result(result, text, self.scheme)

    def _append(
        self,
        session: Session,
        row: Annotation,
        state: RevisionState,
        sha: str,
        item: RawAnnotation | None,
    ) -> Revision:
        row.current += 1
        revision = Revision(
            annotation_id=row.id,
            n=row.current,
            content_sha=sha,
            state=state,
            lead_time=item.lead_time if item else None,
            ls_updated_at=item.updated_at if item else "",
            raw=dict(item.raw) if item else {},
            created_at=self.now,
        )
        session.add(revision)
        self.counts.revisions_new += 1
        return revision

    def _missing(self, session: Session, row: Annotation) -> None:
        """Count an absence; what two complete listings in a row lack is withdrawn."""
        if row.id in self.counted_missing:
            return
        self.counted_missing.add(row.id)
        current = _current(session, row)
        if current is None or current.state == RevisionState.WITHDRAWN:
            return
        row.missing += 1
        if row.missing >= LISTINGS_TO_WITHDRAW:
            self._append(session, row, RevisionState.WITHDRAWN, WITHDRAWN_SHA, None)
            self._supersede(session, row.id)
            self.counts.withdrawn += 1

    def _supersede(self, session: Session, annotation_id: int) -> None:
        older = select(Revision.id).where(Revision.annotation_id == annotation_id)
        self._close(session, Quarantine.revision_id.in_(older))

    def _close(self, session: Session, *which: Any) -> None:
        """Supersede open items of this lane: something newer says how it stands."""
        if self.any_open is None:
            held = select(Quarantine.id).where(
                Quarantine.lane_id == self.lane_id, Quarantine.state == "open"
            )
            self.any_open = session.scalar(held.limit(1)) is not None
        if not self.any_open:
            return
        closed = session.execute(
            update(Quarantine)
            .where(Quarantine.lane_id == self.lane_id, Quarantine.state == "open", *which)
            .values(state="superseded")
            .returning(Quarantine.id)
        ).all()
        progress.add(session, self.lane_id, quarantined=-len(closed))

    def _whole(self, ls_task_id: int, ls_annotation_id: int) -> Any:
        """The items that set aside this annotation as a whole."""
        return and_(
            Quarantine.revision_id.is_(None),
            Quarantine.ls_task_id == ls_task_id,
            Quarantine.ls_annotation_id == ls_annotation_id,
        )

    def _set_aside_all(
        self, session: Session, raw: RawTask, kind: str, reason: str, *, task_id: int | None = None
    ) -> None:
        for item in raw.annotations:
            sha = content_sha(item.result, item.was_cancelled)
            self._set_aside(
                session,
                parts=(kind, raw.ls_task_id, item.ls_id, item.created_at, sha),
                kind=kind,
                reason=reason,
                raw={"annotation": dict(item.raw), "data": dict(raw.data)},
                task_id=task_id,
                ls_task_id=raw.ls_task_id,
                ls_annotation_id=item.ls_id,
            )

    def _set_aside(
        self, session: Session, *, parts: Iterable[Any], reason: str, **columns: Any
    ) -> None:
        key = hashlib.sha256(json.dumps([self.lane_id, *parts]).encode()).hexdigest()
        known = session.scalar(select(Quarantine).where(Quarantine.key == key))
        if known is not None and known.state != "superseded":
            return
        if columns.get("revision_id") is None:
            whole = self._whole(columns["ls_task_id"], columns["ls_annotation_id"])
            self._close(session, whole)
        self.any_open = True
        if known is not None:
            # It stands as it stood before: what was superseded is open again.
            known.state = "open"
            progress.add(session, self.lane_id, quarantined=1)
            return
        session.add(
            Quarantine(
                key=key,
                lane_id=self.lane_id,
                reason=_plain(reason),
                created_at=self.now,
                **columns,
            )
        )
        session.flush()
        self.counts.quarantined_new += 1
        progress.add(session, self.lane_id, quarantined=1)

    def _tasks(self, session: Session, uids: list[str]) -> dict[str, tuple[Task, str]]:
        rows = session.execute(
            select(Task, Passage.text)
            .join(Passage, Passage.id == Task.passage_id)
            .where(Task.lane_id == self.lane_id, Task.uid.in_(uids))
        )
        return {task.uid: (task, text) for task, text in rows}

    def _annotations(
        self, session: Session, task_ids: list[int]
    ) -> dict[tuple[int, int, str], Annotation]:
        rows = session.scalars(select(Annotation).where(Annotation.task_id.in_(task_ids)))
        return {(row.task_id, row.ls_id, row.ls_created_at): row for row in rows}


def _current(session: Session, row: Annotation) -> Revision | None:
    if row.current == 0:
        return None
    return session.scalar(
        select(Revision).where(Revision.annotation_id == row.id, Revision.n == row.current)
    )


def store_content(session: Session, revision_id: int, parsed: ParsedAnnotation) -> None:
    """Write what a revision says."""
    regions = {span.id: _region(span.id) for span in parsed.spans}
    if parsed.spans:
        session.execute(
            insert(Span),
            [
                {
                    "revision_id": revision_id,
                    "region": regions[span.id],
                    "layer": span.layer,
                    "label": span.label,
                    "start": span.start,
                    "end": span.end,
                    "attrs": dict(span.attrs),
                }
                for span in parsed.spans
            ],
        )
    if parsed.relations:
        session.execute(
            insert(Relation),
            [
                {
                    "revision_id": revision_id,
                    "n": n,
                    "from_region": regions[relation.from_id],
                    "to_region": regions[relation.to_id],
                    "label": relation.label,
                }
                for n, relation in enumerate(parsed.relations)
            ],
        )
    for choice in parsed.choices:
        session.add(Choice(revision_id=revision_id, layer=choice.layer, values=list(choice.values)))


def _without_result(raw: Mapping[str, Any]) -> dict[str, Any]:
    """An annotation's JSON beside one of its items; the revision keeps the whole."""
    return {key: value for key, value in raw.items() if key != "result"}


def _uid(raw: RawTask) -> str:
    uid = raw.data.get("uid")
    return _plain(uid) if isinstance(uid, str) else ""


def _text_sha(raw: RawTask) -> str:
    text = raw.data.get("text")
    try:
        return text_sha(text) if isinstance(text, str) else ""
    except UnicodeEncodeError:
        return ""


def _region(ident: str) -> str:
    """A region id that both stores can hold; ids are short unless somebody posted garbage."""
    if len(ident) <= REGION_CHARS and _plain(ident) == ident:
        return ident
    return "sha-" + hashlib.sha256(ident.encode("utf-8", "surrogatepass")).hexdigest()


def _plain(text: str) -> str:
    """A text that both stores can hold: no NUL, no lone surrogate."""
    return (
        text.encode("utf-8", "replace").decode("utf-8").replace("\x00", "\N{REPLACEMENT CHARACTER}")
    )
