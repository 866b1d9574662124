"""The gateway's in-memory twin: the same answers and the same errors, without a network."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from labeling.studio import failures
from labeling.studio.fake_server import INVITE_URL, LEGACY_TOKEN, FakeServer, RefusalError
from labeling.studio.gateway import (
    Imported,
    ProjectInfo,
    ProjectSpec,
    RawTask,
    ServerInfo,
    StudioUser,
    TaskRef,
    TaskStamp,
)
from labeling.studio.listing import (
    AT_ONCE,
    BY_ID,
    Fetch,
    Filter,
    Page,
    at_or_after,
    hold_to,
    id_slices,
    unanswered,
    walk_by_id,
    walk_by_time,
    with_id,
    with_uid,
)
from labeling.studio.wire import raw_task, task_ref, task_stamp

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from labeling.errors import GatewayError
    from labeling.studio.tabs import Tab

T = TypeVar("T")


class FakeGateway:
    """A ``StudioGateway`` to a ``FakeServer``.

    Args:
        server: the server; gateways may share one.
        token: one of ``server.tokens``.
        page_size: tasks in one request of a listing.
    """

    def __init__(
        self, server: FakeServer, token: str = LEGACY_TOKEN, *, page_size: int = 1000
    ) -> None:
        self.server = server
        self._token = token
        self._page_size = page_size
        self.requests = 0

    def check(self) -> ServerInfo:
        """See ``StudioGateway``."""

        def answer() -> ServerInfo:
            failures.require_version("check", self.server.version)
            email, kind = self.server.tokens[self._token]
            return ServerInfo(self.server.version, email, kind)

        return self._run("check", answer)

    def list_users(self) -> list[StudioUser]:
        """See ``StudioGateway``."""
        return self._run("list_users", lambda: list(self.server.users))

    def create_user(self, email: str) -> StudioUser:
        """See ``StudioGateway``."""
        return self._run("create_user", lambda: self.server.add_user(email))

    def list_projects(self) -> list[ProjectInfo]:
        """See ``StudioGateway``."""
        return self._run(
            "list_projects", lambda: [self._info(project) for project in self.server.projects]
        )

    def get_project(self, project_id: int) -> ProjectInfo:
        """See ``StudioGateway``."""
        return self._run("get_project", lambda: self._info(project_id, in_full=True))

    def create_project(self, spec: ProjectSpec) -> ProjectInfo:
        """See ``StudioGateway``."""
        return self._run(
            "create_project",
            lambda: self._info(self.server.add_project(spec.title[:50], spec)["id"]),
        )

    def list_tabs(self, project_id: int) -> dict[str, int]:
        """See ``StudioGateway``."""

        def answer() -> dict[str, int]:
            tabs = self.server.project(project_id).get("tabs", {})
            return {tab.title: key for key, tab in tabs.items()}

        return self._run("list_tabs", answer)

    def create_tab(self, project_id: int, tab: Tab) -> int:
        """See ``StudioGateway``."""

        def answer() -> int:
            if project_id not in self.server.projects:
                fault = f'Invalid pk "{project_id}" - object does not exist.'
                raise RefusalError(400, "Validation error", {"project": [fault]})
            tabs = self.server.project(project_id).setdefault("tabs", {})
            key = project_id * 1000 + len(tabs)
            tabs[key] = tab
            return key

        return self._run("create_tab", answer)

    def invite_url(self) -> str:
        """See ``StudioGateway``."""
        return self._run("invite_url", lambda: INVITE_URL)

    def import_tasks(self, project_id: int, payload: bytes) -> Imported:
        """See ``StudioGateway``."""
        return self._run(
            "import_tasks", lambda: self.server.add_tasks(project_id, payload), payload
        )

    def count_tasks(self, project_id: int) -> int:
        """See ``StudioGateway``."""
        return self._run("count_tasks", lambda: self._info(project_id).task_count)

    def find_tasks(self, project_id: int, uids: Sequence[str]) -> list[TaskRef]:
        """See ``StudioGateway``."""
        return self._refs("find_tasks", project_id, [with_uid(uids)])

    def list_task_refs(self, project_id: int) -> list[TaskRef]:
        """See ``StudioGateway``."""
        return self._refs("list_task_refs", project_id, [])

    def iter_stamps(self, project_id: int, *, since: str | None) -> Iterator[list[TaskStamp]]:
        """See ``StudioGateway``."""
        fetch = self._fetcher("iter_stamps", project_id)
        for page in walk_by_id(fetch, [at_or_after(since)] if since else [], "iter_stamps"):
            yield [task_stamp(item) for item in page.items]

    def read_tasks(self, project_id: int, ids: Sequence[int]) -> Iterator[list[RawTask]]:
        """See ``StudioGateway``."""
        fetch = self._fetcher("read_tasks", project_id, AT_ONCE)
        for some in id_slices(ids):
            page = fetch([with_id(some)], BY_ID)
            hold_to(page, "read_tasks")
            yield [raw_task(item) for item in page.items]

    def delete_tasks(self, project_id: int, ids: Sequence[int]) -> int:
        """See ``StudioGateway``."""
        filters = [with_id(ids), *unanswered()]
        return self._run("delete_tasks", lambda: self.server.remove_tasks(project_id, filters))

    def iter_tasks(self, project_id: int, *, since: str | None) -> Iterator[list[RawTask]]:
        """See ``StudioGateway``."""
        fetch = self._fetcher("iter_tasks", project_id)
        return walk_by_time(fetch, since, "iter_tasks")

    def submit_annotation(
        self,
        ls_task_id: int,
        *,
        result: Sequence[Mapping[str, Any]],
        completed_by: int,
        unique_id: str,
        lead_time: float | None = None,
        was_cancelled: bool = False,
    ) -> int:
        """See ``StudioGateway``."""
        return self._run(
            "submit_annotation",
            lambda: self.server.annotate(
                ls_task_id,
                result,
                completed_by,
                unique_id=unique_id,
                lead_time=lead_time,
                was_cancelled=was_cancelled,
            ),
        )

    def _run(self, operation: str, work: Callable[[], T], payload: bytes = b"") -> T:
        """One request: the token, a waiting fault, the work, and the errors it may raise."""
        self.requests += 1
        with self.server.lock:
            fault = self.server.take_fault(operation)
            if fault and not fault.commit:
                raise self._failure(operation, fault.kind)
            try:
                self._authorize()
                answer = work()
            except RefusalError as no:
                raise self._refused(operation, no, payload) from None
            if fault:
                raise self._failure(operation, fault.kind)
            return answer

    def _authorize(self) -> None:
        if self._token not in self.server.tokens:
            raise RefusalError(401, "Invalid token.")
        if self._kind == failures.LEGACY and not self.server.legacy_tokens:
            raise RefusalError(
                401, "legacy token authentication has been disabled for this organization"
            )

    @property
    def _kind(self) -> str:
        return self.server.tokens.get(self._token, ("", failures.LEGACY))[1]

    def _refused(self, operation: str, no: RefusalError, payload: bytes = b"") -> GatewayError:
        return failures.refused(
            operation, no.status, no.body, token_kind=self._kind, payload=payload
        )

    def _failure(self, operation: str, kind: str) -> GatewayError:
        if kind.isdigit():
            return self._refused(operation, RefusalError(int(kind), "injected"))
        made: dict[str, GatewayError] = {
            "refused": failures.unreachable(operation, "connection refused"),
            "timeout": failures.no_answer(operation, "no answer in time"),
            "reset": failures.no_answer(operation, "the connection broke off"),
            "html": failures.not_the_api(operation, 200, "not JSON"),
            "truncated": failures.not_the_api(operation, 200, "not JSON"),
            "short_listing": failures.incomplete(operation, 1),
        }
        return made[kind]

    def _fetcher(self, operation: str, project_id: int, size: int = 0) -> Fetch:
        def fetch(filters: Sequence[Filter], ordering: str) -> Page:
            return self._run(
                operation,
                lambda: self.server.fetch(project_id, filters, ordering, size or self._page_size),
            )

        return fetch

    def _refs(self, operation: str, project_id: int, filters: list[Filter]) -> list[TaskRef]:
        pages = walk_by_id(self._fetcher(operation, project_id), filters, operation)
        return [task_ref(item) for page in pages for item in page.items]

    def _info(self, project_id: int, *, in_full: bool = False) -> ProjectInfo:
        project = self.server.project(project_id)
        return ProjectInfo(
            config=project["config"] if in_full else "",
            at=self.server.clock() if in_full else "",
            id=project_id,
            title=project["title"],
            description=project["spec"].marker,
            task_count=len(self.server.tasks_of(project_id)),
        )
