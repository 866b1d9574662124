"""Reading a lane's project: look at the times first, then read what differs."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from queue import Queue
from typing import Any, TypeAlias, TypeVar

from sqlalchemy import select

from app.jobs.runtime import JobContext
from app.models.drift import StudioTask
from app.models.tasks import Task, TaskState
from app.services import reconciling
from app.services.annotations import LaneIntake
from labeling.errors import IncompleteGatewayError
from labeling.studio.gateway import ProjectInfo, StudioGateway
from labeling.types import RawTask

T = TypeVar("T")
# A page (True), or how the reading ended (False): an error, or None.
Box: TypeAlias = Queue[tuple[bool, Any]]


class LaneReader:
    """Brings a lane's project into rows, page by page.

    Args:
        ctx: the running job.
        gateway: the lane's server.
        intake: where the pages go.
        store: called with each page that was read, to store it.
    """

    def __init__(
        self,
        ctx: JobContext,
        gateway: StudioGateway,
        intake: LaneIntake,
        store: Callable[[list[RawTask]], None],
    ) -> None:
        self.ctx = ctx
        self.gateway = gateway
        self.intake = intake
        self.store = store
        self.newest = ""

    def read(self, project: ProjectInfo, since: str | None) -> str:
        """Read what changed since a moment, or everything; return the latest time seen.

        Reading something twice is harmless, so a reading that broke simply begins anew.

        Raises:
            IncompleteGatewayError: the server gave less than it announced.
        """
        self.newest = ""
        if since is None and self._read_known(project):
            return self.newest
        differ: list[int] = []
        for page in self.gateway.iter_stamps(project.id, since=since):
            self._report()
            stamps = [(one.ls_task_id, one.updated_at, one.annotations) for one in page]
            with self.ctx.transaction() as session:
                differ += reconciling.compare(session, self.intake, stamps)
            self.newest = max([self.newest, *(one.updated_at for one in page)])
        missed = set(differ) - self._fetch(project.id, [*differ, *self._doubtful(differ, since)])
        if missed:
            raise IncompleteGatewayError(
                f"{len(missed)} tasks that project {project.id} listed could not be read.",
                operation="read_tasks",
                remedy="Nothing was concluded from it. Somebody may have deleted them just now.",
            )
        return self.newest

    def _read_known(self, project: ProjectInfo) -> bool:
        """The first reading, without a listing, where the import told every task's id."""
        with self.ctx.store.reading() as session:
            if session.scalar(self._one(StudioTask.lane_id == self.intake.lane_id)) is not None:
                return False
            ids = session.scalars(
                select(Task.ls_task_id)
                .where(Task.lane_id == self.intake.lane_id, Task.state == TaskState.PUSHED)
                .where(Task.ls_task_id.is_not(None))
                .order_by(Task.ls_task_id)
            ).all()
        known = [ls_task_id for ls_task_id in ids if ls_task_id is not None]
        if not known or len(known) != project.task_count:
            return False
        return len(self._fetch(project.id, known, dated=True)) == len(known)

    def _one(self, where: Any) -> Any:
        return select(StudioTask.ls_task_id).where(where).limit(1)

    def _doubtful(self, differ: Sequence[int], since: str | None) -> list[int]:
        if since is None:
            return []
        with self.ctx.store.reading() as session:
            found = reconciling.doubtful(session, self.intake.lane_id)
        return sorted(set(found) - set(differ))

    def _fetch(self, project: int, ids: Sequence[int], *, dated: bool = False) -> set[int]:
        """Read these tasks and store them; return those that are there."""
        found: set[int] = set()
        pages = self.gateway.read_tasks(project, ids)
        for page in pages if len(ids) <= reconciling.AT_ONCE else ahead(pages):
            self.store(page)
            self._report()
            found.update(task.ls_task_id for task in page)
            if dated:
                self.newest = max([self.newest, *(task.updated_at for task in page)])
        return found

    def _report(self) -> None:
        self.ctx.checkpoint(done=self.intake.counts.tasks_seen, message="Reading annotations")


def ahead(pages: Iterator[T]) -> Iterator[T]:
    """The same pages, the next one on its way while the caller works on the last.

    Two pages are held at once, never more.
    """
    box: Box = Queue()
    turns, stop = threading.Semaphore(1), threading.Event()
    thread = threading.Thread(
        target=_fetch_into, args=(pages, box, turns, stop), name="read-ahead", daemon=True
    )
    thread.start()
    try:
        while True:
            is_page, value = box.get()
            turns.release()
            if is_page:
                yield value
            elif value is None:
                return
            else:
                raise value
    finally:
        stop.set()
        turns.release()
        thread.join()


def _fetch_into(
    pages: Iterator[T], box: Box, turns: threading.Semaphore, stop: threading.Event
) -> None:
    try:
        while turns.acquire() and not stop.is_set():
            page = next(pages, None)
            box.put((page is not None, page))
            if page is None:
                return
    except BaseException as err:  # noqa: BLE001 - it is raised where the page is missed
        box.put((False, err))
