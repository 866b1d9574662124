"""Annotations in: every revision kept with its raw JSON, what cannot be trusted set aside.

A page of tasks is read into rows with a fixed number of queries, whatever its size. Absence
is only counted here; ``app.services.withdrawals`` decides what follows from it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.models.annotations import RevisionState
from app.models.drift import SeenAs
from app.models.passages import Passage
from app.models.tasks import Task
from app.services import progress, revisions, studio_tasks
from app.services.revisions import Key, Known, NewRevision, plain
from app.services.setting_aside import AsideDesk
from app.services.studio_tasks import Sighting
from labeling.annotations import content_sha, parse_result
from labeling.types import ParsedAnnotation, RawAnnotation, RawTask, Scheme


@dataclass(slots=True)
class SyncCounts:
    """What one sync saw and did."""

    tasks_seen: int = 0
    revisions_new: int = 0
    unchanged: int = 0
    withdrawn: int = 0
    quarantined_new: int = 0


@dataclass(frozen=True, slots=True)
class OurTask:
    """A task of the lane, as far as what comes back is held against it."""

    id: int
    uid: str
    round: int
    ls_task_id: int | None
    text: str


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
    # Label Studio's ids of all tasks that were listed or read in this run.
    listed: set[int] = field(default_factory=set)
    # Rows of annotations whose absence, or sameness, was counted in this run.
    counted_missing: set[int] = field(default_factory=set)
    counted_same: set[int] = field(default_factory=set)
    # What happened that leaves no state behind: annotations that moved, ids given out again.
    events: Counter[str] = field(default_factory=Counter)
    made: set[tuple[int, str]] = field(default_factory=set)
    lost: set[tuple[int, str]] = field(default_factory=set)
    desk: AsideDesk = field(init=False)

    def __post_init__(self) -> None:
        self.desk = AsideDesk(self.lane_id, self.now)

    def take(self, session: Session, page: Sequence[RawTask]) -> None:
        """Record a page of tasks with their annotations, in the caller's transaction."""
        work = _PageWork(self, session, page)
        for raw in page:
            self.note_listed(raw.ls_task_id)
            work.take(raw)
        work.write()

    def parse(self, result: Sequence[Any], text: str) -> ParsedAnnotation:
        """Read a result by the scheme, or by the way that was given."""
        if self.read is not None:
            return self.read(result, text)
        return parse_result(result, text, self.scheme)

    def note_listed(self, ls_task_id: int) -> None:
        """Count a task that stands in Label Studio, once a run."""
        self.counts.tasks_seen += ls_task_id not in self.listed
        self.listed.add(ls_task_id)

    def note_same(self, row_id: int) -> None:
        """Count an annotation that says what it said, once a run."""
        self.counts.unchanged += row_id not in self.counted_same
        self.counted_same.add(row_id)

    def note_missing(self, known: Known) -> None:
        """Count an absence, once a run; what is withdrawn or kept already has none."""
        if known.id in self.counted_missing:
            return
        self.counted_missing.add(known.id)
        if known.current and known.state != RevisionState.WITHDRAWN and not known.kept:
            known.set(missing=known.missing + 1)
            self.lost.add((known.ls_id, known.created_at))

    @property
    def moved(self) -> int:
        """How many annotations went from one task to another in this run."""
        return self.events["moved"] + len(self.made & self.lost)


class _PageWork:
    """One page on its way into rows."""

    def __init__(self, intake: LaneIntake, session: Session, page: Sequence[RawTask]) -> None:
        self.intake = intake
        self.session = session
        self.tasks = _our_tasks(session, intake.lane_id, page)
        ids = [raw.ls_task_id for raw in page]
        self.seen = studio_tasks.load(session, intake.lane_id, ids)
        owners = {task.id for task in self.tasks.values()}
        owners |= {one.task_id for one in self.seen.values() if one.task_id is not None}
        self.known = revisions.load(session, owners)
        self.by_task: dict[int, list[Known]] = {}
        for known in self.known.values():
            self.by_task.setdefault(known.task_id, []).append(known)
        self.revisions: list[NewRevision] = []
        self.sightings: dict[int, Sighting] = {}
        self.hints: dict[int, int] = {}

    def take(self, raw: RawTask) -> None:
        task = self.tasks.get(_uid(raw))
        if task is None:
            self._take_stranger(raw)
            return
        self._notice_reuse(raw, task.id)
        self.hints[task.id] = raw.ls_task_id
        if raw.data.get("text") != task.text:
            reason = "The task's text in Label Studio is no longer the text we pushed."
            self._saw(raw, SeenAs.TEXT_CHANGED, task.id)
            self._set_aside_all(raw, "text_changed", reason, task_id=task.id)
            self._note_standing(raw, task.id)
            return
        # An adopted task has no round of ours.
        same_round = raw.data.get("round", str(task.round)) == str(task.round)
        self._saw(raw, SeenAs.OURS if same_round else SeenAs.DATA_CHANGED, task.id)
        present = [self._take_annotation(raw, item, task) for item in raw.annotations]
        keys = {known.key for known in present}
        for known in self.by_task.get(task.id, ()):
            if known.ls_task_id == raw.ls_task_id and known.key not in keys:
                self.intake.note_missing(known)

    def write(self) -> None:
        """Write everything that the page brought."""
        intake, session = self.intake, self.session
        revisions.store(session, self.known.values(), self.revisions, intake.now)
        for revision in self.revisions:
            intake.counted_same.add(revision.known.id)
            intake.desk.superseded(revision.known.id)
            self._set_aside_items(revision)
        intake.counts.revisions_new += len(self.revisions)
        intake.counts.quarantined_new += intake.desk.write(session)
        studio_tasks.save(session, intake.lane_id, self.seen, self.sightings)
        told = {task.id: task.ls_task_id for task in self.tasks.values()}
        moved = [{"id": i, "ls_task_id": ls} for i, ls in self.hints.items() if told[i] != ls]
        if moved:
            session.execute(update(Task), moved)
        progress.refresh_annotated(session, intake.lane_id, sorted(self.hints))

    def _take_annotation(self, raw: RawTask, item: RawAnnotation, task: OurTask) -> Known:
        key: Key = (task.id, item.ls_id, item.created_at)
        known = self.known.get(key)
        if known is None:
            known = self._make(raw, item, task)
        elif known.ls_task_id != raw.ls_task_id:
            self.intake.events["moved"] += 1
        known.set(
            ls_task_id=raw.ls_task_id,
            missing=0,
            kept=False,
            ls_user_id=item.completed_by,
            annotator_id=self.intake.annotators.get(item.completed_by or 0),
        )
        self.intake.desk.mended(raw.ls_task_id, item.ls_id)
        state = RevisionState.SKIPPED if item.was_cancelled else RevisionState.SUBMITTED
        sha = content_sha(item.result, item.was_cancelled)
        if known.current and (known.sha, known.state) == (sha, state):
            if known.id:
                self.intake.note_same(known.id)
            return known
        known.set(current=known.current + 1, sha=sha, state=str(state))
        parsed = self.intake.parse(item.result, task.text)
        self.revisions.append(NewRevision(known, known.current, state, sha, item, parsed))
        return known

    def _make(self, raw: RawTask, item: RawAnnotation, task: OurTask) -> Known:
        known = Known(task.id, item.ls_id, item.created_at, raw.ls_task_id)
        twins = self.by_task.setdefault(task.id, [])
        self.intake.events["reused_id"] += any(one.ls_id == item.ls_id for one in twins)
        self.intake.made.add((item.ls_id, item.created_at))
        self.known[known.key] = known
        twins.append(known)
        return known

    def _take_stranger(self, raw: RawTask) -> None:
        """A task whose uid is none of ours here: somebody else's, or ours and overwritten."""
        before = self.seen.get(raw.ls_task_id)
        owner = before.task_id if before else None
        if owner is None or not self._still_is(raw, owner):
            self._notice_reuse(raw, None)
            self._saw(raw, SeenAs.FOREIGN, None)
            self._set_aside_all(raw, "unknown_task", "Its task is none of ours here.")
            return
        self._saw(raw, SeenAs.OVERWRITTEN, owner)
        reason = "The task's data in Label Studio was overwritten: it no longer says whose it is."
        self._set_aside_all(raw, "unknown_task", reason, task_id=owner, new_only=True)
        self._note_standing(raw, owner)

    def _note_standing(self, raw: RawTask, task_id: int) -> None:
        """Which answers from before still stand on a task that was spoiled since."""
        there = {(task_id, item.ls_id, item.created_at) for item in raw.annotations}
        for known in self.by_task.get(task_id, ()):
            if known.ls_task_id != raw.ls_task_id:
                continue
            if known.key in there:
                known.set(missing=0)
            else:
                self.intake.note_missing(known)

    def _still_is(self, raw: RawTask, owner: int) -> bool:
        """Whether a task without our uid still carries an annotation that we know from ours."""
        return any((owner, item.ls_id, item.created_at) in self.known for item in raw.annotations)

    def _notice_reuse(self, raw: RawTask, task_id: int | None) -> None:
        before = self.seen.get(raw.ls_task_id)
        if before is not None and before.task_id not in (None, task_id):
            self.intake.events["reused_id"] += 1

    def _saw(self, raw: RawTask, state: SeenAs, task_id: int | None) -> None:
        self.sightings[raw.ls_task_id] = Sighting(task_id, raw.updated_at, state)

    def _set_aside_all(
        self,
        raw: RawTask,
        kind: str,
        reason: str,
        *,
        task_id: int | None = None,
        new_only: bool = False,
    ) -> None:
        for item in raw.annotations:
            sha = content_sha(item.result, item.was_cancelled)
            known = self.known.get((task_id or 0, item.ls_id, item.created_at))
            if new_only and known is not None and known.sha == sha:
                continue
            self.intake.desk.add(
                parts=(kind, raw.ls_task_id, item.ls_id, item.created_at, sha),
                kind=kind,
                reason=reason,
                raw={"annotation": dict(item.raw), "data": dict(raw.data)},
                task_id=task_id,
                ls_task_id=raw.ls_task_id,
                ls_annotation_id=item.ls_id,
            )

    def _set_aside_items(self, revision: NewRevision) -> None:
        item, known = revision.item, revision.known
        if item is None or revision.parsed is None:
            return
        for aside in revision.parsed.set_aside:
            self.intake.desk.add(
                parts=("item", known.id, revision.n, aside.index),
                kind=aside.kind,
                reason=aside.reason,
                item=aside.index,
                raw={"item": aside.raw, "annotation": _without_result(item.raw)},
                task_id=known.task_id,
                revision_id=revision.id,
                ls_task_id=known.ls_task_id,
                ls_annotation_id=item.ls_id,
            )


def _our_tasks(session: Session, lane_id: int, page: Sequence[RawTask]) -> dict[str, OurTask]:
    uids = [uid for raw in page if (uid := _uid(raw))]
    rows = session.execute(
        select(Task.id, Task.uid, Task.round, Task.ls_task_id, Passage.text)
        .join(Passage, Passage.id == Task.passage_id)
        .where(Task.lane_id == lane_id, Task.uid.in_(uids))
    )
    return {row.uid: OurTask(*row) for row in rows}


def _without_result(raw: Mapping[str, Any]) -> dict[str, Any]:
    """An annotation's JSON beside one of its items; the revision keeps the whole."""
    return {key: value for key, value in raw.items() if key != "result"}


def _uid(raw: RawTask) -> str:
    uid: Any = raw.data.get("uid")
    return plain(uid) if isinstance(uid, str) else ""
