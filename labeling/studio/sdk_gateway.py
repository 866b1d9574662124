"""The gateway to a real Label Studio: the only module that imports its SDK or an HTTP client.

The SDK gives us the connection and both kinds of token. Its models and pagers we leave
alone: they check nothing, take a 404 for the end of a list and cannot ask for single
fields, without which a reading takes four times as long.

Nothing is sent twice by itself, except a reading (``read_retries``) and a call refused with
401, which was not carried out. No redirect is followed and no address out of an answer is
used, so the token reaches the connection's own address and no other.
"""

from __future__ import annotations

import json
import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

import httpx
from label_studio_sdk import LabelStudio
from label_studio_sdk.core.api_error import ApiError

from labeling.errors import (
    GatewayError,
    MissingGatewayError,
    RetryableGatewayError,
)
from labeling.studio import failures, wire
from labeling.studio.credentials import clean_token, clean_url, token_kind
from labeling.studio.gateway import (
    ProjectInfo,
    ProjectSpec,
    RawTask,
    ServerInfo,
    StudioUser,
    TaskRef,
)
from labeling.studio.listing import (
    Fetch,
    Filter,
    Page,
    uid_slices,
    walk_by_id,
    walk_by_time,
    with_uid,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

T = TypeVar("T")


class SdkGateway:
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
        self._url = clean_url(url)
        self._token = clean_token(token)
        self._kind = token_kind(self._token)
        self._page_size = page_size
        self._read_retries = read_retries
        self._timeout_s = timeout_s
        self._http = httpx.Client(
            timeout=timeout_s,
            follow_redirects=False,
            # Neither a proxy nor credentials out of the environment: the token is for one place.
            trust_env=False,
            verify=_trusted_authorities(),
            # A kept connection may be closed by the server just when a write goes out on it,
            # and then nobody knows whether the write arrived.
            limits=httpx.Limits(max_keepalive_connections=0),
        )
        self._sdk = self._sign_in()

    def check(self) -> ServerInfo:
        """See ``StudioGateway``. The token is sent only to what says it is Label Studio."""
        answer = self._answer(
            "check", self._carry("check", lambda: self._http.get(f"{self._url}api/version"))
        )
        release = answer.get("release") if isinstance(answer, dict) else None
        if not isinstance(release, str):
            raise failures.not_the_api("check", 200, "no Label Studio version")
        failures.require_version("check", release)
        with _understood("check"):
            email = str(self._read("check", "api/current-user/whoami", {})["email"])
        return ServerInfo(version=release, user_email=email, token_kind=self._kind)

    def list_users(self) -> list[StudioUser]:
        """See ``StudioGateway``."""
        with _understood("list_users"):
            return [wire.user(item) for item in self._read("list_users", "api/users/", {})]

    def create_user(self, email: str) -> StudioUser:
        """See ``StudioGateway``."""
        with _understood("create_user"):
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
        with _understood("create_project"):
            return wire.project_info(self._write("create_project", "api/projects/", body))

    def import_tasks(self, project_id: int, payload: bytes) -> int:
        """See ``StudioGateway``."""
        path = f"api/projects/{project_id}/import"
        try:
            with _understood("import_tasks"):
                return int(self._write("import_tasks", path, payload)["task_count"])
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

    def iter_tasks(self, project_id: int, *, since: str | None) -> Iterator[list[RawTask]]:
        """See ``StudioGateway``."""
        start = None if since is None else wire.exact_time(since)
        fetch = self._fetcher("iter_tasks", project_id, "all", wire.TASK_FIELDS)
        with _understood("iter_tasks"):
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
        with _understood("submit_annotation"):
            return int(self._write("submit_annotation", path, body)["id"])

    # --- parts of the above ---------------------------------------------------------------

    def _projects_page(self, page: int) -> tuple[int, list[ProjectInfo]]:
        params = {"page": page, "page_size": 100, "ordering": "id", "include": wire.PROJECT_FIELDS}
        try:
            with _understood("list_projects"):
                answer = self._read("list_projects", "api/projects/", params)
                return int(answer["count"]), [wire.project_info(item) for item in answer["results"]]
        except MissingGatewayError:  # how the server says that there is no such page
            return 0, []

    def _project(self, operation: str, project_id: int) -> ProjectInfo:
        with _understood(operation):
            return wire.project_info(self._read(operation, f"api/projects/{project_id}/", {}))

    def _raise_if_missing(self, operation: str, project_id: int) -> None:
        try:
            self._project(operation, project_id)
        except MissingGatewayError:
            raise
        except GatewayError:
            return  # then the first failure says more

    def _refs(self, operation: str, project_id: int, filters: list[Filter]) -> list[TaskRef]:
        fetch = self._fetcher(operation, project_id, "task_only", wire.REF_FIELDS)
        with _understood(operation):
            pages = walk_by_id(fetch, filters, operation)
            return [wire.task_ref(item) for page in pages for item in page.items]

    def _fetcher(self, operation: str, project_id: int, fields: str, include: str) -> Fetch:
        def fetch(filters: Sequence[Filter], ordering: str) -> Page:
            query = {
                "filters": {"conjunction": "and", "items": list(filters)},
                "ordering": [ordering],
            }
            params = {
                "project": project_id,
                "page_size": self._page_size,
                "fields": fields,
                "include": include,
                # Else the server rewrites what looks like a storage address in our texts.
                "resolve_uri": "false",
                "query": json.dumps(query, separators=(",", ":")),
            }
            answer = self._read(operation, "api/tasks/", params)
            return Page(total=int(answer["total"]), items=list(answer["tasks"]))

        return fetch

    # --- requests -------------------------------------------------------------------------

    def _read(self, operation: str, path: str, params: Mapping[str, Any]) -> Any:
        return self._answer(
            operation,
            self._request(operation, "GET", path, params=params, retries=self._read_retries),
        )

    def _write(self, operation: str, path: str, body: Mapping[str, Any] | bytes) -> Any:
        payload = body if isinstance(body, bytes) else json.dumps(body).encode()
        response = self._request(operation, "POST", path, content=payload)
        return self._answer(operation, response, payload)

    def _request(
        self,
        operation: str,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        content: bytes | None = None,
        retries: int = 0,
    ) -> httpx.Response:
        def send() -> httpx.Response:
            wrapper = self._sdk._client_wrapper  # noqa: SLF001 -- the SDK's models check nothing
            response: httpx.Response = wrapper.httpx_client.request(
                path,
                method=method,
                params=params,
                content=content,
                headers={"Content-Type": "application/json"} if content else None,
                request_options={"max_retries": retries},
            )
            return response

        self._authorize(operation)
        response = self._carry(operation, send)
        if response.status_code == 401 and self._kind == failures.PERSONAL:
            # An access token ends by the server's clock, which may be ahead of ours. What was
            # refused was not carried out, so a fresh one may ask again.
            self._sdk = self._sign_in()
            self._authorize(operation)
            response = self._carry(operation, send)
        return response

    def _carry(self, operation: str, send: Callable[[], T]) -> T:
        """Let ``send`` send, and say what it means when no answer comes."""
        try:
            return send()
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as err:
            raise failures.unreachable(operation, f"{self._url}: {err}") from err
        except httpx.TimeoutException as err:
            why = f"no answer within {self._timeout_s:g} s"
            raise failures.no_answer(operation, why) from err
        except httpx.HTTPError as err:
            raise failures.no_answer(operation, "the connection broke off") from err

    def _answer(self, operation: str, response: httpx.Response, payload: bytes = b"") -> Any:
        """The JSON of a good answer, or the error that a bad one means."""
        status = response.status_code
        if response.has_redirect_location:
            goal = re.match(r"https?://[\w.:-]+", response.headers["location"])
            where = goal.group() if goal else "another page"
            raise failures.not_the_api(operation, status, f"a redirect to {where}")
        if not response.is_success:
            raise failures.refused(
                operation, status, response.content, token_kind=self._kind, payload=payload
            )
        try:
            return response.json()
        except ValueError:
            raise failures.not_the_api(operation, status, "not JSON") from None

    # --- the token ------------------------------------------------------------------------

    def _sign_in(self) -> LabelStudio:
        try:
            return LabelStudio(
                base_url=self._url, api_key=self._token, httpx_client=self._http, max_retries=0
            )
        except ApiError:  # the SDK looks at the end date of a personal access token
            raise failures.bad_token("connect", "it is out of date") from None

    def _authorize(self, operation: str) -> None:
        """Change a personal access token for a short-lived one, where there is none yet.

        It goes before the request itself, so when this fails nothing was carried out.
        """
        wrapper = self._sdk._client_wrapper  # noqa: SLF001
        try:
            with _understood(operation):
                self._carry(operation, wrapper.get_headers)
        except ApiError as err:
            body = json.dumps(err.body).encode()
            status = err.status_code or 0
            failure = failures.refused(operation, status, body, token_kind=self._kind)
            failure.sent = False
            raise failure from None
        except GatewayError as err:
            err.sent = False
            raise


@contextmanager
def _understood(operation: str) -> Iterator[None]:
    """An answer without the fields it should have is not the API's."""
    try:
        yield
    except (KeyError, TypeError, ValueError, AttributeError):
        raise failures.not_the_api(operation, 200, "fields are missing") from None


def _trusted_authorities() -> Any:
    context = httpx.create_ssl_context(trust_env=False)
    # An internal server is often vouched for by an authority that only this machine knows.
    context.load_default_certs()
    return context
