"""The same story, shorter, on a real Label Studio behind the fault proxy."""

from __future__ import annotations

import random
import uuid
from typing import Any

import httpx
from sqlalchemy import select

from app.jobs.gateways import sdk_gateway
from app.jobs.runner import JobRunner
from app.keys import TokenVault
from app.models.annotations import RevisionState
from app.models.batches import Lane
from app.models.jobs import Job, JobState
from app.services.batches import BatchPlan, create_batch
from app.services.connections import save_connection
from app.services.progress import recount
from app.services.pushing import request_push
from app.services.syncing import request_sync
from labeling.annotations import content_sha
from labeling.studio.gateway import RawTask
from labeling.studio.sdk_gateway import SdkGateway
from tests.faults.proxy import FaultProxy, Strike
from tests.line import ADA, Line
from tests.rehearsal.records import load_kept, load_tasks
from tests.rehearsal.rig import COUNTERS, FAIR_FAILURES, TURNS, InvariantError
from tests.studio_server import StudioServer

PUSH, PULL = "push", "pull"


class RealRun:
    """One batch of seven passages, pushed, answered and pulled.

    Args:
        line: the instance.
        studio: the server.
        proxy: what stands before it.
        name: the batch's.
        seed: what people answer.
    """

    def __init__(
        self, line: Line, studio: StudioServer, proxy: FaultProxy, name: str, seed: int
    ) -> None:
        self.line = line
        self.store = line.store
        self.proxy = proxy
        self.studio = studio
        self.name = name
        self.luck = random.Random(seed)
        self.direct = SdkGateway(studio.url, studio.token)
        with self.store.transaction() as session:
            save_connection(
                session, TokenVault(line.settings), name="real", url=proxy.url,
                token=studio.token, actor="system",
            )  # fmt: skip
            plan = BatchPlan(name, "small", (ADA,), deal="blind", connection="real")
            self.batch_id = create_batch(session, plan, actor="system").id

    def play(self, job: str, strike: Strike | None) -> int:
        """Play it with a strike in one of its jobs; return how many requests that job made."""
        self._arm(strike if job == PUSH else None)
        self._to_the_end(lambda s: request_push(s, self.line.queue, self.name, actor="system"))
        made = self.proxy.requests
        self._each_task_is_there_once()
        self._people_answer()
        self._arm(strike if job == PULL else None)
        self._sync(full=False)
        self._sync(full=True)
        if job == PULL:
            made = self.proxy.requests
        self._arm(None)
        self._people_change()
        for full in (False, True, True):
            self._sync(full=full)
        self._answers_are_here()
        return made

    def _arm(self, strike: Strike | None) -> None:
        self.proxy.arm(strike or Strike(0, "", lambda: None))

    def _sync(self, *, full: bool) -> Job:
        return self._to_the_end(
            lambda s: request_sync(s, self.line.queue, self.name, actor="system", full=full)
        )

    def _to_the_end(self, ask: Any) -> Job:
        with self.store.transaction() as session:
            job = ask(session)
        for _ in range(TURNS):
            worker = JobRunner(
                self.store, self.line.settings, sdk_gateway(self.line.settings), "real",
                patience=(0.2, 0.5),
            )  # fmt: skip
            worker.run_job(job.id, job.run)
            job = self.line.job(job.id)
            if job.state == JobState.SUCCEEDED:
                return job
            if (job.error or {}).get("kind") not in FAIR_FAILURES:
                raise InvariantError("wrong", "I26", f"{job.name} failed of {job.error}")
            with self.store.transaction() as session:
                job = self.line.queue.retry(session, job.id)
        raise InvariantError("wrong", "I26", f"{job.name} was not done: {job.error}")

    # --- people ---------------------------------------------------------------------------------

    def _people_answer(self) -> None:
        users = {user.email: user.id for user in self.direct.list_users()}
        for n, task in enumerate(self._there()):
            if n % 3 == 2:
                continue
            self.direct.submit_annotation(
                task.ls_task_id,
                result=self._result(task.data["text"]),
                completed_by=users[ADA],
                unique_id=str(uuid.uuid4()),
                was_cancelled=n == 4,
            )

    def _people_change(self) -> None:
        """One answer is changed, one deleted."""
        answered = [(task, one) for task in self._there() for one in task.annotations]
        (task, changed), (_, deleted) = self.luck.sample(answered, 2)
        address = f"{self.studio.url}/api/annotations"
        headers = {"Authorization": f"Token {self.studio.token}"}
        with httpx.Client(headers=headers, timeout=60, trust_env=False) as http:
            result = self._result(task.data["text"])
            http.patch(f"{address}/{changed.ls_id}/", json={"result": result}).raise_for_status()
            http.delete(f"{address}/{deleted.ls_id}/").raise_for_status()

    def _result(self, text: str) -> list[dict[str, Any]]:
        start = self.luck.randrange(len(text) - 1)
        end = self.luck.randint(start + 1, len(text))
        value = {"start": start, "end": end, "text": text[start:end], "labels": ["PERSON"]}
        return [
            {"id": "r1", "from_name": "entity", "to_name": "text", "type": "labels", "value": value}
        ]

    # --- what must hold ---------------------------------------------------------------------------

    def _lane(self) -> Lane:
        with self.store.reading() as session:
            return session.scalars(select(Lane).where(Lane.batch_id == self.batch_id)).one()

    def _there(self) -> list[RawTask]:
        project = self._lane().ls_project_id
        assert project is not None
        pages = self.direct.iter_tasks(project, since=None)
        return sorted((task for page in pages for task in page), key=lambda one: one.ls_task_id)

    def _each_task_is_there_once(self) -> None:
        lane = self._lane()
        with self.store.reading() as session:
            planned = sorted(load_tasks(session, self.batch_id))
        there = sorted(task.data["uid"] for task in self._there())
        if set(planned) - set(there):
            raise InvariantError("lost", "I1", f"{set(planned) - set(there)} are not there")
        if there != planned:
            raise InvariantError("repeated", "I1", f"{there} are there, {planned} were planned")
        marked = [one for one in self.direct.list_projects() if lane.uid in one.description]
        if len(marked) != 1:
            raise InvariantError("repeated", "I3", f"{len(marked)} projects were made")

    def _answers_are_here(self) -> None:
        with self.store.reading() as session:
            tasks = {task.id: task for task in load_tasks(session, self.batch_id).values()}
            kept = {
                (tasks[one.task].uid, one.ls_id): one for one in load_kept(session, self.batch_id)
            }
            lane = self._lane()
            if {name: getattr(lane, name) for name in COUNTERS} != recount(session, lane.id):
                raise InvariantError("wrong", "I24", "the counters are not a recount")
        there = {(t.data["uid"], one.ls_id): one for t in self._there() for one in t.annotations}
        if there.keys() - kept.keys():
            raise InvariantError("lost", "I8", f"{there.keys() - kept.keys()} are not in SQL")
        for place, one in kept.items():
            stands = there.get(place)
            if (stands is None) != (one.state == RevisionState.WITHDRAWN):
                raise InvariantError("lost", "I14", f"{place} is {one.state}")
            if stands is None:
                continue
            if one.sha != content_sha(stands.result, stands.was_cancelled):
                raise InvariantError("wrong", "I8", f"{place} is not what stands there")
            marks = [(m["value"]["start"], m["value"]["end"]) for m in stands.result]
            if [(start, end) for _, start, end in one.spans] != marks:
                raise InvariantError("wrong", "I4", f"{place} marks {one.spans}, not {marks}")
