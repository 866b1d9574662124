"""A Label Studio that misbehaves: the fake server in the world's time, and a gateway to strike at.

In good weather it is the fake server of the contract suite, on which that suite runs. What a
struck request does to whoever asked is what the real gateway would raise, made by the same
functions (``labeling.studio.failures``).
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar

from labeling.annotations import content_sha
from labeling.errors import GatewayError, RejectedGatewayError
from labeling.studio import failures
from labeling.studio.fake_gateway import FakeGateway
from labeling.studio.fake_server import LEGACY_TOKEN, FakeServer, RefusalError
from labeling.studio.gateway import TaskRef
from labeling.studio.listing import Fetch, Filter, Page
from labeling.studio.wire import format_time
from tests.rehearsal.world import Killed, World

T = TypeVar("T")
Version = tuple[int, str, str]

WRITES = ("import_tasks", "create_project", "create_tab", "create_user", "delete_tasks")
PAGES = ("find_tasks", "list_task_refs", "iter_stamps", "read_tasks", "iter_tasks")


def _json_answer(operation: str, status: int) -> GatewayError:
    body = json.dumps({"status_code": status, "detail": "injected", "validation_errors": {}})
    return failures.refused(operation, status, body.encode(), token_kind=failures.LEGACY)


def _html_answer(operation: str, status: int) -> GatewayError:
    page = b"<html><body>Bad gateway</body></html>"
    return failures.refused(operation, status, page, token_kind=failures.LEGACY)


# What whoever asked gets to see, by the name of the failure.
ANSWERS: dict[str, Callable[[str], GatewayError]] = {
    "refused": lambda op: failures.unreachable(op, "connection refused"),
    "timeout": lambda op: failures.no_answer(op, "no answer within 60 s"),
    "reset": lambda op: failures.no_answer(op, "the connection broke off"),
    "half": lambda op: failures.not_the_api(op, 200, "not JSON"),
    "html_200": lambda op: failures.not_the_api(op, 200, "not JSON"),
    "html_404": lambda op: _html_answer(op, 404),
    "html_502": lambda op: _html_answer(op, 502),
    "500": lambda op: _json_answer(op, 500),
    "429": lambda op: _json_answer(op, 429),
    "401": lambda op: _json_answer(op, 401),
}


@dataclass(frozen=True, slots=True)
class Blow:
    """What becomes of one request.

    Args:
        done: whether the server carries it out: "yes", "no", "late" (after whoever asked has
            given up) or "twice" (something between the two delivered it twice).
        answer: what whoever asked gets to see: "ok", one of ``ANSWERS``, or "kill": its
            process dies.
        page: what is wrong with a page of a listing: "short", "again", "empty" or "".
    """

    done: str = "yes"
    answer: str = "ok"
    page: str = ""


FAIR = Blow()


@dataclass(slots=True)
class Request:
    """A line of the server's log."""

    operation: str
    began: datetime
    ended: datetime
    uids: tuple[str, ...] = ()
    outcome: str = ""
    seen: tuple[TaskRef, ...] | None = None


@dataclass
class SimServer(FakeServer):
    """The state of a misbehaving server.

    Args:
        world: whose time it keeps.
        grain: its times are rounded to so much, so that many are equal.
        blank: every listing is empty, as after a restored backup that holds nothing.
        away: nobody reaches it.
    """

    world: World = field(default_factory=lambda: World(0))
    grain: timedelta = timedelta(microseconds=1)
    longest_import_s: float = 3.9
    blank: bool = False
    away: bool = False
    log: list[Request] = field(default_factory=list)
    served: set[Version] = field(default_factory=set)
    made: Counter[str] = field(default_factory=Counter)
    _ticks: int = 0

    def clock(self) -> str:
        """The Date header of an answer: whole seconds."""
        return format_time(self.world.at.replace(microsecond=0))

    def fetch(self, project_id: int, filters: Sequence[Filter], ordering: str, size: int) -> Page:
        """A page, noted as served."""
        page = super().fetch(project_id, filters, ordering, size)
        if self.blank:
            return Page(0, [])
        for task in page.items:
            for one in task["annotations"]:
                sha = content_sha(one["result"], one["was_cancelled"])
                self.served.add((one["id"], one["created_at"], sha))
        return page

    def add_tasks(self, project_id: int, payload: bytes) -> Any:
        """Import, and count how often each task was ever made."""
        made = super().add_tasks(project_id, payload)
        self.made.update(uids_of(payload))
        return made

    def touch_all(self, project_id: int) -> None:
        """A bulk action: one time for all tasks of a project."""
        stamp = self._stamp()
        for task in self.tasks.values():
            if task["project"] == project_id:
                task["updated_at"] = stamp

    def _stamp(self) -> str:
        self._ticks += 1
        moment = self.world.at + timedelta(microseconds=self._ticks)
        return format_time(
            moment - (moment - moment.min.replace(tzinfo=moment.tzinfo)) % self.grain
        )


class SimGateway(FakeGateway):
    """A gateway on whose requests blows fall.

    Args:
        server: the server.
        strike: told of every request before it leaves; says what becomes of it, or raises.
        page_size: tasks in one page.
    """

    server: SimServer

    def __init__(
        self,
        server: SimServer,
        token: str = LEGACY_TOKEN,
        *,
        strike: Callable[[str], Blow] = lambda _: FAIR,
        page_size: int = 1000,
    ) -> None:
        super().__init__(server, token, page_size=page_size)
        self._strike = strike
        self._page: Page | None = None
        self._twist = ""

    def find_tasks(self, project_id: int, uids: Sequence[str]) -> list[TaskRef]:
        """Look up, and note in the log what was seen."""
        refs = super().find_tasks(project_id, uids)
        self.server.log[-1].seen = tuple(sorted(refs, key=lambda ref: (ref.uid, ref.ls_task_id)))
        self.server.log[-1].uids = tuple(uids)
        return refs

    def _fetcher(self, operation: str, project_id: int, size: int = 0) -> Fetch:
        def fetch(filters: Sequence[Filter], ordering: str) -> Page:
            page = self._run(
                operation,
                lambda: self.server.fetch(project_id, filters, ordering, size or self._page_size),
            )
            before, self._page = self._page, page
            return self._twisted(page, before)

        return fetch

    def _twisted(self, page: Page, before: Page | None) -> Page:
        twist, self._twist = self._twist, ""
        if twist == "short":
            return Page(page.total, page.items[: len(page.items) // 2])
        if twist == "again":
            return before or page
        if twist == "empty":
            return Page(0, [])
        return page

    def _run(self, operation: str, work: Callable[[], T], payload: bytes = b"") -> T:
        world = self.server.world
        world.pass_time(world.luck.uniform(0.005, 0.05))
        line = Request(operation, world.at, world.at, uids_of(payload))
        self.server.log.append(line)
        if self.server.away:
            line.outcome = "unsent"
            self.requests += 1
            raise ANSWERS["refused"](operation)
        try:
            line.outcome = "killed"
            blow = self._strike(operation)
            return self._carry_out(operation, work, payload, blow, line)
        except GatewayError as err:
            refused = isinstance(err, RejectedGatewayError)
            line.outcome = "unsent" if not err.sent or refused else "doubt"
            raise
        finally:
            line.ended = world.at

    def _carry_out(
        self, operation: str, work: Callable[[], T], payload: bytes, blow: Blow, line: Request
    ) -> T:
        for _ in range({"yes": 1, "twice": 2}.get(blow.done, 0)):
            answer = super()._run(operation, work, payload)
        if blow.answer == "timeout":
            self.server.world.pass_time(60)
        if blow.done == "late":
            self._carry_out_later(work)
        if blow.answer == "kill":
            raise Killed
        if blow.answer != "ok":
            self.requests += blow.done in ("no", "late")
            raise ANSWERS[blow.answer](operation)
        self._twist = blow.page
        line.outcome = "ok"
        return answer

    def _carry_out_later(self, work: Callable[[], object]) -> None:
        """The server is still at it: it ends within its longest import, counted from the doubt."""
        world, server = self.server.world, self.server

        def commit() -> None:
            try:
                work()
            except RefusalError:
                return

        world.later(world.luck.uniform(0, server.longest_import_s), commit)


def uids_of(payload: bytes) -> tuple[str, ...]:
    """The uids in the body of an import."""
    try:
        items = json.loads(payload)
        return tuple(str(item["data"]["uid"]) for item in items)
    except (ValueError, KeyError, TypeError):
        return ()  # not an import of tasks of ours
