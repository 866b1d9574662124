"""What must hold, by the names of the invariants (I1 to I30): read from both sides and compared."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models.annotations import Annotation, Revision, RevisionState
from app.models.batches import Batch, Chunk, ChunkState, Lane, LaneDay
from app.models.drift import Drift, DriftState
from app.models.tasks import Task, TaskState
from app.queries.batches import show_batch
from app.services import drift
from app.services.progress import recount, recount_days
from labeling.annotations import content_sha
from labeling.studio.wire import format_time
from tests.rehearsal.records import (
    Kept,
    Key,
    OurTask,
    load_asides,
    load_kept,
    load_tasks,
    uid_of_row,
)
from tests.rehearsal.rig import COUNTERS, SETTLE_S, InvariantError, Rig
from tests.rehearsal.studio import Request


@dataclass(slots=True)
class Oracle:
    """Watches one run; what was true once of a revision must stay true."""

    rig: Rig
    revisions: dict[int, tuple[Any, ...]] = field(default_factory=dict)

    # --- after every job ----------------------------------------------------------------------

    def after_job(self) -> None:
        """What holds after every job, however it went."""
        with self.rig.store.reading() as session:
            self._revisions_are_only_added(session)
            self._counters_are_recounts(session)
            self._cursors_lag(session)
            self._nothing_living_is_withdrawn(session)
            self._states_follow_the_graph(session)
            self._decisions_stand(session)
        self._nothing_is_sent_in_doubt()

    def _revisions_are_only_added(self, session: Session) -> None:
        rows = session.execute(
            select(
                Revision.id, Revision.annotation_id, Revision.n, Revision.content_sha,
                Revision.state, Revision.ls_updated_at, Revision.created_at,
            )
            .join(Annotation, Annotation.id == Revision.annotation_id)
            .join(Task, Task.id == Annotation.task_id)
            .join(Lane, Lane.id == Task.lane_id)
            .where(Lane.batch_id == self.rig.batch_id)
        )  # fmt: skip
        now = {row[0]: tuple(row[1:]) for row in rows}
        for row_id, was in self.revisions.items():
            if now.get(row_id) != was:
                raise InvariantError(
                    "lost", "I13", f"revision {row_id} was {was} and is {now.get(row_id)}"
                )
        self.revisions = now

    def _counters_are_recounts(self, session: Session) -> None:
        lanes = session.scalars(select(Lane).where(Lane.batch_id == self.rig.batch_id)).all()
        for lane in lanes:
            counted = recount(session, lane.id)
            kept = {name: getattr(lane, name) for name in COUNTERS}
            if kept != counted:
                raise InvariantError(
                    "wrong", "I24", f"lane {lane.n} says {kept}, and has {counted}"
                )
            days = session.scalars(select(LaneDay).where(LaneDay.lane_id == lane.id))
            if {d.day: d.answered for d in days if d.answered} != recount_days(session, lane.id):
                raise InvariantError("wrong", "I24", f"lane {lane.n} counts its days wrongly")
        shown = show_batch(session, self.rig.name)
        if shown["pushed"] != sum(lane.pushed for lane in lanes):
            raise InvariantError("wrong", "I24", "the batch shows another count than its lanes")

    def _cursors_lag(self, session: Session) -> None:
        now = format_time(self.rig.world.at)
        for lane in session.scalars(select(Lane).where(Lane.batch_id == self.rig.batch_id)):
            if (lane.cursor or "") > now:
                raise InvariantError(
                    "wrong", "I11", f"the cursor {lane.cursor} is ahead of the server"
                )

    def _nothing_living_is_withdrawn(self, session: Session) -> None:
        living = self._living()
        for kept in load_kept(session, self.rig.batch_id):
            task = living.get((kept.ls_task_id, kept.key))
            uid = uid_of_row(session, kept.task)
            if kept.state == RevisionState.WITHDRAWN and task is not None and task == uid:
                raise InvariantError(
                    "lost", "I14", f"annotation {kept.key} of {uid} lives and is withdrawn"
                )

    def _states_follow_the_graph(self, session: Session) -> None:
        if wrong := self.rig.ledger.check_moves(session):
            raise InvariantError("wrong", "I5", wrong)

    def _decisions_stand(self, session: Session) -> None:
        if broken := self.rig.verdicts.broken(session):
            raise InvariantError("lost", "I15", broken)

    def _living(self) -> dict[tuple[int, Key], str]:
        return {
            (task["id"], (one["id"], one["created_at"])): task["data"].get("uid", "")
            for project in self.rig.people.projects
            if project in self.rig.server.projects
            for task in self.rig.server.tasks_of(project)
            for one in task["annotations"]
        }

    def _may_leave_twins(self) -> bool:
        return self.rig.probe.fault is not None and self.rig.probe.fault.twins

    def _nothing_is_sent_in_doubt(self) -> None:
        if not self._may_leave_twins():
            for problem in sent_in_doubt(self.rig.server.log):
                raise InvariantError("repeated", "I2", problem)

    # --- at the end ---------------------------------------------------------------------------

    def at_rest(self) -> None:
        """What holds once the faults have stopped and everything was listed."""
        with self.rig.store.reading() as session:
            tasks = load_tasks(session, self.rig.batch_id)
            self._projects_and_answers_stand(session)
            self._each_task_is_there_once(session, tasks)
            self._nothing_is_left_over(session)
            self._texts_are_ours(tasks)
            self._answers_are_here(session, tasks)
            self._nothing_is_invented(session)

    def changes_are_here(self) -> None:
        """What an incremental sync brings: every answer that stands there, however it is dated."""
        with self.rig.store.reading() as session:
            tasks = load_tasks(session, self.rig.batch_id)
            self._answers_are_here(session, tasks, absent_too=False)

    def _projects_and_answers_stand(self, session: Session) -> None:
        """One project a lane, and in them every answer that no person deleted."""
        server, people = self.rig.server, self.rig.people
        lanes = session.scalars(select(Lane.id).where(Lane.batch_id == self.rig.batch_id)).all()
        spare = set(server.projects) - people.projects.keys()
        if spare and not self._may_leave_twins():
            raise InvariantError("repeated", "I3", f"projects {spare} are nobody's")
        if len(people.projects) != len(lanes) or any(server.tasks_of(one) for one in spare):
            raise InvariantError("repeated", "I3", f"tasks stand in {spare} too")
        there = {one["id"] for task in server.tasks.values() for one in task["annotations"]}
        if missing := people.answers - people.deleted - there:
            raise InvariantError("lost", "I8", f"answers {missing} are gone from the server")

    def _each_task_is_there_once(self, session: Session, tasks: dict[str, OurTask]) -> None:
        server, people = self.rig.server, self.rig.people
        there: Counter[str] = Counter()
        for project in people.projects:
            there.update(one["data"].get("uid", "") for one in server.tasks_of(project))
        doubled = self._doubled(session)
        for uid, task in tasks.items():
            if task.state != TaskState.PUSHED:
                raise InvariantError("lost", "I1", f"task {uid} is {task.state} after the push")
            if there[uid] == 0 and uid not in people.removed:
                raise InvariantError("lost", "I1", f"task {uid} is not on the server")
            if there[uid] > 1 and uid not in doubled:
                raise InvariantError(
                    "repeated", "I1", f"task {uid} is {there[uid]} times on the server"
                )
        strange = {uid for uid in there if uid.startswith("t-")} - tasks.keys()
        if strange:
            raise InvariantError(
                "wrong", "I3", f"tasks on the server that nobody planned: {strange}"
            )

    def _doubled(self, session: Session) -> set[str]:
        """The tasks of which two copies were answered, and which a person is shown."""
        rows = session.scalars(
            select(Drift)
            .join(Lane, Lane.id == Drift.lane_id)
            .where(Lane.batch_id == self.rig.batch_id, Drift.kind == drift.TWIN)
            .where(Drift.state == DriftState.OPEN)
        )
        shown = {ls_task_id for row in rows for ls_task_id in row.examples}
        touched: Counter[str] = Counter()
        for task in self.rig.people.tasks():
            if task["id"] in shown and (task["annotations"] or task["drafts"]):
                touched[task["data"]["uid"]] += 1
        return {uid for uid, copies in touched.items() if copies > 1}

    def _nothing_is_left_over(self, session: Session) -> None:
        rows = session.execute(
            select(Chunk.n, Chunk.state)
            .join(Lane, Lane.id == Chunk.lane_id)
            .where(Lane.batch_id == self.rig.batch_id, Chunk.state != ChunkState.SENT)
        ).all()
        if rows:
            raise InvariantError(
                "wrong", "I30", f"chunks are left over: {[tuple(row) for row in rows]}"
            )
        if session.get_one(Batch, self.rig.batch_id).state != "open":
            raise InvariantError("wrong", "I30", "the batch did not open")

    def _texts_are_ours(self, tasks: dict[str, OurTask]) -> None:
        for one in self.rig.people.tasks():
            uid, text = one["data"]["uid"], one["data"]["text"]
            if uid not in self.rig.people.spoiled and text != tasks[uid].text:
                raise InvariantError("wrong", "I4", f"the text of {uid} is not the passage's")

    def _answers_are_here(
        self, session: Session, tasks: dict[str, OurTask], *, absent_too: bool = True
    ) -> None:
        kept: dict[tuple[str, Key], Kept] = {}
        uids = {task.id: uid for uid, task in tasks.items()}
        for one in load_kept(session, self.rig.batch_id):
            place = (uids[one.task], one.key)
            if place in kept:
                raise InvariantError("repeated", "I8", f"annotation {place} stands here twice")
            kept[place] = one
        asides = load_asides(session, self.rig.batch_id)
        for task in self._server_tasks():
            uid = task["data"].get("uid", "")
            for item in task["annotations"]:
                self._answer_is_here(kept, asides, tasks.get(uid), task, item)
        if absent_too:
            self._absent_are_withdrawn(kept)

    def _answer_is_here(
        self,
        kept: dict[tuple[str, Key], Kept],
        asides: set[tuple[int, int]],
        task: OurTask | None,
        there: dict[str, Any],
        item: dict[str, Any],
    ) -> None:
        key = (item["id"], item["created_at"])
        if task is None or there["data"].get("text") != task.text:
            self._is_set_aside({one for _, one in kept}, asides, there, key)
            return
        here = kept.get((task.uid, key))
        if here is None:
            raise InvariantError("lost", "I8", f"annotation {key} of {task.uid} is not in SQL")
        if here.state == RevisionState.WITHDRAWN:
            raise InvariantError(
                "lost", "I14", f"annotation {key} of {task.uid} lives and is withdrawn"
            )
        if (here.state == RevisionState.SKIPPED) != item["was_cancelled"]:
            raise InvariantError("wrong", "I8", f"{key} is {here.state}, and that it is not")
        if here.sha != content_sha(item["result"], item["was_cancelled"]):
            raise InvariantError(
                "wrong", "I8", f"the newest revision of {key} is not what stands there"
            )
        self._spans_are_as_marked(task, here, item, (there["id"], item["id"]) in asides)

    def _is_set_aside(
        self, kept: set[Key], asides: set[tuple[int, int]], there: dict[str, Any], key: Key
    ) -> None:
        """An answer to a task that is no longer ours: kept from before, or set aside."""
        if key in kept and key[0] in self.rig.people.not_ours:
            what = f"annotation {key} is of a task that is not ours and was taken as if it were"
            raise InvariantError("wrong", "I4", what)
        if key not in kept and (there["id"], key[0]) not in asides:
            raise InvariantError("lost", "I8", f"annotation {key} is neither kept nor set aside")

    def _spans_are_as_marked(
        self, task: OurTask, here: Kept, item: dict[str, Any], aside: bool
    ) -> None:
        """I4: each mark is on the characters that its annotator saw, or set aside."""
        wanted = set()
        for mark in item["result"]:
            start, end, text = (mark["value"][name] for name in ("start", "end", "text"))
            if task.text[start:end] == text:
                wanted.add((mark["value"]["labels"][0], start, end))
            elif not aside:
                # An answer that was moved to another text.
                raise InvariantError(
                    "lost", "I4", f"a mark of {here.key} is neither kept nor set aside"
                )
        if set(here.spans) != wanted:
            raise InvariantError(
                "wrong", "I4", f"{here.key} has {sorted(here.spans)}, not {sorted(wanted)}"
            )

    def _absent_are_withdrawn(self, kept: dict[tuple[str, Key], Kept]) -> None:
        places: dict[Key, dict[str, Any]] = {
            (item["id"], item["created_at"]): task
            for task in self._server_tasks()
            for item in task["annotations"]
        }
        for (uid, key), one in kept.items():
            holder = places.get(key)
            stands = holder is not None and (
                holder["data"].get("uid") == uid or self._is_overwritten(holder, one)
            )
            if stands == (one.state == RevisionState.WITHDRAWN):
                told = "lives and is withdrawn" if stands else "is gone and not withdrawn"
                raise InvariantError("lost" if stands else "wrong", "I14", f"{key} of {uid} {told}")

    def _is_overwritten(self, holder: dict[str, Any], one: Kept) -> bool:
        return holder["id"] == one.ls_task_id and "uid" not in holder["data"]

    def _server_tasks(self) -> list[dict[str, Any]]:
        return [
            task
            for project in sorted(self.rig.people.projects)
            for task in self.rig.server.tasks_of(project)
        ]

    def _nothing_is_invented(self, session: Session) -> None:
        rows = session.execute(
            select(Annotation.ls_id, Annotation.ls_created_at, Revision.content_sha)
            .join(Revision, Revision.annotation_id == Annotation.id)
            .join(Task, Task.id == Annotation.task_id)
            .join(Lane, Lane.id == Task.lane_id)
            .where(Lane.batch_id == self.rig.batch_id, Revision.state != RevisionState.WITHDRAWN)
        )
        for ls_id, created_at, sha in rows:
            if (ls_id, created_at, sha) not in self.rig.server.served:
                raise InvariantError("wrong", "I9", f"a revision of {ls_id} was never served")


def sent_in_doubt(log: list[Request]) -> list[str]:
    """I2: every import of a task that was sent before, and was not settled in between."""
    problems = []
    last: dict[str, tuple[int, Request]] = {}
    for at, one in enumerate(log):
        if one.operation != "import_tasks" or one.outcome == "unsent":
            continue
        for uid in one.uids:
            before = last.get(uid)
            last[uid] = (at, one)
            if before is None:
                continue
            if before[1].outcome == "ok":
                problems.append(f"task {uid} was sent again although its import was answered")
            elif not _settled(log[before[0] + 1 : at], uid, before[1].ended):
                problems.append(f"task {uid} was sent again before it was settled")
    return problems


def _settled(between: list[Request], uid: str, ended: datetime) -> bool:
    """Whether two equal look-ups in a row said that the task is not there, late enough."""
    looks = [
        one
        for one in between
        if one.operation == "find_tasks" and one.seen is not None and uid in one.uids
    ]
    for first, second in pairwise(looks):
        rested = (first.began - ended).total_seconds() >= SETTLE_S - 0.001
        there = any(ref.uid == uid for ref in second.seen or ())
        if rested and first.seen == second.seen and not there:
            return True
    return False
