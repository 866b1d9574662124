"""The gateway to a real Label Studio, over ``sdk_transport``.

The SDK's models and pagers we leave alone: they check nothing, take a 404 for the end of a
list and cannot ask for single fields, without which a reading takes four times as long.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from labeling.errors import (
    GatewayError,
    MissingGatewayError,
    RetryableGatewayError,
)
from labeling.studio import failures, wire
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
    uid_slices,
    unanswered,
    walk_by_id,
    walk_by_time,
    with_id,
    with_uid,
)
from labeling.studio.sdk_transport import SdkTransport, understood
from labeling.studio.tabs import Tab, tab_body, tab_title

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

STAMPS_A_PAGE = 5000


class SdkGateway(SdkTransport):
    """A ``StudioGateway`` to a real server.

    Args:
        url: the server's address, such as ``https://labels.example.org``.
        token: a legacy token or a personal access token; which one is found out.
        timeout_s: seconds to wait for a connection, and for the next piece of an answer.
        page_size: tasks in one request of a listing.
        read_retries: how often a reading is tried again when the server fails.

    Raises:
        RejectedGatewayError: ``url`` is not an address.
        AuthGatewayError: ``token`` cannot be a token, or is out of date.
    """

    def __init__(
        self,
        url: str,
        token: str,
        *,
        timeout_s: float = 60,
        page_size: int = 1000,
        read_retries: int = 1,
    ) -> None:
        super().__init__(url, token, timeout_s=timeout_s, read_retries=read_retries)
        self._page_size = page_size

    def check(self) -> ServerInfo:
        """See ``StudioGateway``. The token is sent only to what says it is Label Studio."""
        answer = self._answer(
            "check", self._carry("check", lambda: self._http.get(f"{self._url}api/version"))
        )
        release = answer.get("release") if isinstance(answer, dict) else None
        if not isinstance(release, str):
            raise failures.not_the_api("check", 200, "no Label Studio version")
        failures.require_version("check", release)
        with understood("check"):
            email = str(self._read("check", "api/current-user/whoami", {})["email"])
        return ServerInfo(version=release, user_email=email, token_kind=self._kind)

    def list_users(self) -> list[StudioUser]:
        """See ``StudioGateway``."""
        with understood("list_users"):
            return [wire.user(item) for item in self._read("list_users", "api/users/", {})]

    def create_user(self, email: str) -> StudioUser:
        """See ``StudioGateway``."""
        with understood("create_user"):
            body = {"email": email, "username": email}
            return wire.user(self._write("create_user", "api/users/", body))

    def list_projects(self) -> list[ProjectInfo]:
        """See ``StudioGateway``."""
        found: dict[int, ProjectInfo] = {}
        total, page = 0, 0
        while True:
            page += 1
            count, items = self._projects_page(page)
            # The largest total counts: one that shrank means that a page border moved.
            total = max(total, count)
            found.update({item.id: item for item in items})
            if len(found) >= total:
                return list(found.values())
            if not items:
                raise failures.incomplete("list_projects", total - len(found))

    def get_project(self, project_id: int) -> ProjectInfo:
        """See ``StudioGateway``."""
        return self._project("get_project", project_id)

    def create_project(self, spec: ProjectSpec) -> ProjectInfo:
        """See ``StudioGateway``."""
        body = {
            "title": spec.title[:50],
            "description": spec.marker,
            "label_config": spec.config,
            "expert_instruction": spec.instruction_html,
            "show_instruction": True,
            "sampling": "Sequential sampling",
            # A skip is an answer. The server's default gives a skipped task to "others", of
            # whom a lane of one annotator has none: it would never be finished.
            "skip_queue": "IGNORE_SKIPPED",
            "maximum_annotations": spec.maximum_annotations,
        }
        with understood("create_project"):
            return wire.project_info(self._write("create_project", "api/projects/", body))

    def list_tabs(self, project_id: int) -> dict[str, int]:
        """See ``StudioGateway``."""
        with understood("list_tabs"):
            found = self._read("list_tabs", "api/dm/views/", {"project": project_id})
            return {tab_title(item): wire.ls_id(item) for item in found}

    def create_tab(self, project_id: int, tab: Tab) -> int:
        """See ``StudioGateway``."""
        with understood("create_tab"):
            body = tab_body(project_id, tab)
            return wire.ls_id(self._write("create_tab", "api/dm/views/", body))

    def invite_url(self) -> str:
        """See ``StudioGateway``."""
        with understood("invite_url"):
            path = str(self._read("invite_url", "api/invite", {})["invite_url"])
        # Only ever on the connection's own address, whatever the answer says.
        return self._url + path.lstrip("/")

    def import_tasks(self, project_id: int, payload: bytes) -> Imported:
        """See ``StudioGateway``."""
        path = f"api/projects/{project_id}/import?return_task_ids=true"
        try:
            with understood("import_tasks"):
                return wire.imported(self._write("import_tasks", path, payload))
        except RetryableGatewayError as err:
            # Only here Label Studio says in HTML that there is no such project.
            if err.status == 404:
                self._raise_if_missing("import_tasks", project_id)
            raise

    def count_tasks(self, project_id: int) -> int:
        """See ``StudioGateway``."""
        return self._project("count_tasks", project_id).task_count

    def find_tasks(self, project_id: int, uids: Sequence[str]) -> list[TaskRef]:
        """See ``StudioGateway``."""
        found: list[TaskRef] = []
        for some in uid_slices(uids):
            found += self._refs("find_tasks", project_id, [with_uid(some)])
        return sorted(found, key=lambda ref: ref.ls_task_id)

    def list_task_refs(self, project_id: int) -> list[TaskRef]:
        """See ``StudioGateway``."""
        return self._refs("list_task_refs", project_id, [])

    def iter_stamps(self, project_id: int, *, since: str | None) -> Iterator[list[TaskStamp]]:
        """See ``StudioGateway``."""
        fetch = self._fetcher("iter_stamps", project_id, "all", wire.STAMP_FIELDS, STAMPS_A_PAGE)
        with understood("iter_stamps"):
            for page in walk_by_id(fetch, [at_or_after(since)] if since else [], "iter_stamps"):
                yield [wire.task_stamp(item) for item in page.items]

    def read_tasks(self, project_id: int, ids: Sequence[int]) -> Iterator[list[RawTask]]:
        """See ``StudioGateway``."""
        fetch = self._fetcher("read_tasks", project_id, "all", wire.TASK_FIELDS, AT_ONCE)
        with understood("read_tasks"):
            for some in id_slices(ids):
                page = fetch([with_id(some)], BY_ID)
                hold_to(page, "read_tasks")
                yield [wire.raw_task(item) for item in page.items]

    def delete_tasks(self, project_id: int, ids: Sequence[int]) -> int:
        """See ``StudioGateway``."""
        if not ids:
            return 0  # to the server, no selection is everything
        body = {
            "selectedItems": {"all": False, "included": list(ids)},
            "filters": {"conjunction": "and", "items": unanswered()},
        }
        path = f"api/dm/actions?id=delete_tasks&project={project_id}"
        with understood("delete_tasks"):
            return int(self._write("delete_tasks", path, body)["processed_items"])

    def iter_tasks(self, project_id: int, *, since: str | None) -> Iterator[list[RawTask]]:
        """See ``StudioGateway``."""
        start = None if since is None else wire.exact_time(since)
        fetch = self._fetcher("iter_tasks", project_id, "all", wire.TASK_FIELDS)
        with understood("iter_tasks"):
            yield from walk_by_time(fetch, start, "iter_tasks")

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
        body = {
            "result": list(result),
            "completed_by": completed_by,
            "unique_id": unique_id,
            "lead_time": lead_time,
            "was_cancelled": was_cancelled,
        }
        path = f"api/tasks/{ls_task_id}/annotations/"
        with understood("submit_annotation"):
            return int(self._write("submit_annotation", path, body)["id"])

    # --- parts of the above ---------------------------------------------------------------

    def _projects_page(self, page: int) -> tuple[int, list[ProjectInfo]]:
        params = {"page": page, "page_size": 100, "ordering": "id", "include": wire.PROJECT_FIELDS}
        try:
            with understood("list_projects"):
                answer = self._read("list_projects", "api/projects/", params)
                return int(answer["count"]), [wire.project_info(item) for item in answer["results"]]
        except MissingGatewayError:  # how the server says that there is no such page
            return 0, []

    def _project(self, operation: str, project_id: int) -> ProjectInfo:
        path = f"api/projects/{project_id}/"
        params = {"include": f"{wire.PROJECT_FIELDS},label_config"}
        response = self._request(operation, "GET", path, params=params, retries=self._read_retries)
        with understood(operation):
            told = wire.project_info(self._answer(operation, response))
        return replace(told, at=wire.clock(response.headers.get("date")))

    def _raise_if_missing(self, operation: str, project_id: int) -> None:
        try:
            self._project(operation, project_id)
        except MissingGatewayError:
            raise
        except GatewayError:
            return  # then the first failure says more

    def _refs(self, operation: str, project_id: int, filters: list[Filter]) -> list[TaskRef]:
        fetch = self._fetcher(operation, project_id, "task_only", wire.REF_FIELDS)
        with understood(operation):
            pages = walk_by_id(fetch, filters, operation)
            return [wire.task_ref(item) for page in pages for item in page.items]

    def _fetcher(
        self, operation: str, project_id: int, fields: str, include: str, size: int = 0
    ) -> Fetch:
        def fetch(filters: Sequence[Filter], ordering: str) -> Page:
            query = {
                "filters": {"conjunction": "and", "items": list(filters)},
                "ordering": [ordering],
            }
            params = {
                "project": project_id,
                "page_size": size or self._page_size,
                "fields": fields,
                "include": include,
                # Else the server rewrites what looks like a storage address in our texts.
                "resolve_uri": "false",
                "query": json.dumps(query, separators=(",", ":")),
            }
            if include == wire.TASK_FIELDS:
                params["expand"] = wire.TASK_PARTS
            answer = self._read(operation, "api/tasks/", params)
            return Page(total=int(answer["total"]), items=list(answer["tasks"]))

        return fetch
