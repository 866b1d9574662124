"""A Label Studio in memory: what the real server keeps and does, as far as we saw it do so.

Behaviour that surprises is copied on purpose: ids of deleted newest tasks are given out
again, one bad item refuses a whole import, and deleting an annotation leaves no trace but
a later ``updated_at`` of its task. Several gateways may share one server, from several
threads.
"""

from __future__ import annotations

import copy
import json
import re
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

from labeling.studio import failures
from labeling.studio.gateway import Imported, ProjectSpec, StudioUser
from labeling.studio.listing import BY_ID, BY_TIME, Filter, Page
from labeling.studio.wire import STAMP_CHARS, format_time

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

Json = dict[str, Any]
ADMIN_EMAIL = "admin@example.org"
INVITE_URL = "http://studio.example.org/user/signup/?token=fa4e"
LEGACY_TOKEN = "fa4e" * 10
PERSONAL_TOKEN = "eyJmYWtl.eyJmYWtl.ZmFrZQ"  # noqa: S105 -- of the fake

FAULT_KINDS = frozenset(
    (
        "refused",
        "timeout",
        "reset",
        "html",
        "truncated",
        "short_listing",
        "401",
        "403",
        "404",
        "429",
        "500",
    )
)
_VARIABLE = re.compile(r"""value=["']\$(\w+)""")


class RefusalError(Exception):
    """The server says no: a status and the body of its answer."""

    def __init__(self, status: int, detail: str, faults: Json | None = None) -> None:
        super().__init__(detail)
        self.status = status
        self.body = json.dumps(
            {"status_code": status, "detail": detail, "validation_errors": faults or {}}
        ).encode()


@dataclass(frozen=True, slots=True)
class Fault:
    """A failure waiting for a call; ``commit``: the write is carried out all the same."""

    kind: str
    commit: bool


@dataclass
class FakeServer:
    """The state of one server. Attributes may be set by tests.

    Args:
        version: what the server says its version is.
        legacy_tokens: whether the organization allows legacy tokens.
        now: the server's clock; every write moves it on by ``tick``.
        tick: zero makes every later write carry the same time.
        calls: the name of every request that arrived, in order.
    """

    version: str = "1.23.2"
    legacy_tokens: bool = True
    now: datetime = datetime(2026, 1, 1, tzinfo=UTC)
    tick: timedelta = timedelta(milliseconds=1)
    calls: list[str] = field(default_factory=list)
    lock: threading.RLock = field(default_factory=threading.RLock, repr=False)
    users: list[StudioUser] = field(default_factory=lambda: [StudioUser(1, ADMIN_EMAIL)])
    projects: dict[int, Json] = field(default_factory=dict)
    tasks: dict[int, Json] = field(default_factory=dict)
    tokens: dict[str, tuple[str, str]] = field(
        default_factory=lambda: {
            LEGACY_TOKEN: (ADMIN_EMAIL, failures.LEGACY),
            PERSONAL_TOKEN: (ADMIN_EMAIL, failures.PERSONAL),
        }
    )
    _faults: dict[str, list[Fault | None]] = field(default_factory=dict)
    _unique_ids: set[str] = field(default_factory=set)
    _last_project: int = 0
    _last_annotation: int = 0

    # --- faults -----------------------------------------------------------------------

    def fail_next(self, operation: str, kind: str, *, commit: bool = False, after: int = 0) -> None:
        """Let a coming request fail.

        Args:
            operation: the gateway method; a listing makes one request a page.
            kind: one of ``FAULT_KINDS``.
            commit: the write is carried out although the client sees a failure.
            after: how many requests of this operation pass unharmed first.
        """
        if kind not in FAULT_KINDS or (commit and kind == "refused"):
            raise ValueError(f"no such fault: {kind} with commit={commit}")
        self._faults.setdefault(operation, []).extend([None] * after + [Fault(kind, commit)])

    def take_fault(self, operation: str) -> Fault | None:
        """The fault meant for this request, which is thereby spent."""
        self.calls.append(operation)
        waiting = self._faults.get(operation)
        return waiting.pop(0) if waiting else None

    # --- what a person would do in the browser -----------------------------------------

    def annotate(
        self,
        ls_task_id: int,
        result: Sequence[Mapping[str, Any]] = (),
        completed_by: int = 1,
        *,
        unique_id: str = "",
        **more: object,
    ) -> int:
        """Submit an annotation (``was_cancelled=True``: skip); return its id.

        ``more`` may hold was_cancelled, lead_time, ground_truth, parent_annotation,
        parent_prediction and last_action.
        """
        task = self.task(ls_task_id)
        if completed_by not in {user.id for user in self.users}:
            fault = f'Invalid pk "{completed_by}" - object does not exist.'
            raise RefusalError(400, "Validation error", {"completed_by": [fault]})
        if unique_id in self._unique_ids:
            raise RefusalError(409, "Annotation with this unique id already exists")
        self._unique_ids |= {unique_id} - {""}
        self._last_annotation = max(self._last_annotation, self._newest_annotation()) + 1
        self._add_annotation(
            task, self._last_annotation, {"result": list(result), **more}, completed_by
        )
        self._touch(task)
        return self._last_annotation

    def edit_annotation(self, ls_id: int, **changes: object) -> None:
        """Change fields of an annotation, such as its result."""
        task, annotation = self._find_annotation(ls_id)
        annotation.update(copy.deepcopy(changes), updated_at=self._stamp())
        self._touch(task)

    def delete_annotation(self, ls_id: int) -> None:
        """Delete an annotation; only its task's ``updated_at`` tells."""
        task, annotation = self._find_annotation(ls_id)
        task["annotations"].remove(annotation)
        self._touch(task)

    def save_draft(self, ls_task_id: int) -> None:
        """Begin an annotation without submitting it: nothing that we read changes."""
        self.task(ls_task_id)["drafts"] += 1

    def edit_task_data(self, ls_task_id: int, data: Mapping[str, Any]) -> None:
        """Replace a task's whole data, unchecked."""
        task = self.task(ls_task_id)
        task["data"] = copy.deepcopy(dict(data))
        self._touch(task)

    def delete_task(self, ls_task_id: int) -> None:
        """Delete a task; its id may be given out again."""
        self.task(ls_task_id)
        del self.tasks[ls_task_id]

    def move_annotation(self, ls_id: int, ls_task_id: int) -> None:
        """Move an annotation to another task, as removing duplicates does: no time tells it."""
        task, annotation = self._find_annotation(ls_id)
        task["annotations"].remove(annotation)
        self.task(ls_task_id)["annotations"].append(annotation)

    def edit_config(self, project_id: int, config: str) -> None:
        """Change a project's label config; its tasks stay as they are."""
        self.project(project_id)["config"] = config

    def clock(self) -> str:
        """The Date header of an answer: whole seconds."""
        return format_time(self.now.replace(microsecond=0))

    def delete_project(self, project_id: int) -> None:
        """Delete a project with its tasks."""
        self.project(project_id)
        del self.projects[project_id]
        self.tasks = {n: t for n, t in self.tasks.items() if t["project"] != project_id}

    def tasks_of(self, project_id: int) -> list[Json]:
        """Copies of a project's tasks, by id."""
        return [
            copy.deepcopy(task)
            for _, task in sorted(self.tasks.items())
            if task["project"] == project_id
        ]

    # --- what the API does --------------------------------------------------------------

    def project(self, project_id: int) -> Json:
        """A project, or 404."""
        if project_id not in self.projects:
            raise RefusalError(404, "No Project matches the given query.")
        return self.projects[project_id]

    def task(self, ls_task_id: int) -> Json:
        """A task, or 404."""
        if ls_task_id not in self.tasks:
            raise RefusalError(404, "No Task matches the given query.")
        return self.tasks[ls_task_id]

    def add_user(self, email: str) -> StudioUser:
        """Make an account; the same address twice is refused."""
        if email in {user.email for user in self.users}:
            raise RefusalError(
                400, "Validation error", {"email": ["User with this email already exists."]}
            )
        user = StudioUser(max(user.id for user in self.users) + 1, email)
        self.users.append(user)
        return user

    def add_project(self, title: str, spec: ProjectSpec) -> Json:
        """Make a project; titles may repeat."""
        if len(title) < 3:
            fault = "Ensure this field has at least 3 characters."
            raise RefusalError(400, "Validation error", {"title": [fault]})
        try:
            ElementTree.fromstring(spec.config)  # noqa: S314 -- only the tests' own configs
        except ElementTree.ParseError as err:
            raise RefusalError(400, "Validation error", {"label_config": [str(err)]}) from None
        self._last_project += 1
        project = {
            "id": self._last_project,
            "title": title,
            "spec": spec,
            "config": spec.config,
        }
        self.projects[self._last_project] = project
        return project

    def add_tasks(self, project_id: int, payload: bytes) -> Imported:
        """Import all or nothing."""
        config = self.project(project_id)["config"]
        items = _parse_payload(payload)
        required = sorted(set(_VARIABLE.findall(config)))
        faults = [_item_fault(n, item, required) for n, item in enumerate(items)]
        if any(faults):
            aligned: list[object] = [fault or {} for fault in faults]
            raise RefusalError(400, "Validation error", {"non_field_errors": aligned})
        return Imported.of(len(items), [self._add_task(project_id, item) for item in items])

    def remove_tasks(self, project_id: int, filters: Sequence[Filter]) -> int:
        """Delete the tasks that pass."""
        gone = self.fetch(project_id, filters, BY_ID, len(self.tasks)).items
        for task in gone:
            self.delete_task(task["id"])
        return len(gone)

    def fetch(self, project_id: int, filters: Sequence[Filter], ordering: str, size: int) -> Page:
        """The first ``size`` tasks that pass; equal times come in no useful order."""
        self.project(project_id)
        found: list[Mapping[str, Any]] = [
            task
            for task in self.tasks.values()
            if task["project"] == project_id and all(_passes(task, one) for one in filters)
        ]
        by_time = ordering == BY_TIME
        found.sort(key=lambda t: (t["updated_at"], -t["id"]) if by_time else t["id"])
        page = copy.deepcopy(found[:size])
        return Page(len(found), [{**task, "annotations_ids": _ids_told(task)} for task in page])

    # --- inside -------------------------------------------------------------------------

    def _add_task(self, project_id: int, item: Json) -> int:
        ls_task_id = max(self.tasks, default=0) + 1
        task: Json = {
            "id": ls_task_id,
            "project": project_id,
            "data": item.get("data", item),
            "predictions": item.get("predictions", []),
            "annotations": [],
            "drafts": 0,
        }
        self._touch(task)
        self.tasks[ls_task_id] = task
        for annotation in item.get("annotations", []):
            # Imported annotations are gold unless told otherwise, and reuse ids as tasks do.
            self._add_annotation(
                task, self._newest_annotation() + 1, {"ground_truth": True, **annotation}, 1
            )
        return ls_task_id

    def _add_annotation(self, task: Json, ls_id: int, given: Json, completed_by: int) -> None:
        stamp = self._stamp()
        annotation: Json = {
            "id": ls_id,
            "result": given["result"],
            "completed_by": given.get("completed_by", completed_by),
            "was_cancelled": given.get("was_cancelled", False),
            "ground_truth": given.get("ground_truth", False),
            "created_at": stamp,
            "updated_at": stamp,
            "draft_created_at": None,
            "lead_time": given.get("lead_time"),
            "last_action": given.get("last_action"),
            "updated_by": 1,
            "parent_prediction": given.get("parent_prediction"),
            "parent_annotation": given.get("parent_annotation"),
        }
        task["annotations"].append(copy.deepcopy(annotation))

    def _newest_annotation(self) -> int:
        ids = (a["id"] for task in self.tasks.values() for a in task["annotations"])
        return max(ids, default=0)

    def _find_annotation(self, ls_id: int) -> tuple[Json, Json]:
        for task in self.tasks.values():
            for annotation in task["annotations"]:
                if annotation["id"] == ls_id:
                    return task, annotation
        raise RefusalError(404, "No Annotation matches the given query.")

    def _touch(self, task: Json) -> None:
        task["updated_at"] = self._stamp()

    def _stamp(self) -> str:
        self.now += self.tick
        return format_time(self.now)


def _parse_payload(payload: bytes) -> list[Json]:
    try:
        items = json.loads(payload)
    except ValueError as err:
        raise RefusalError(400, f"JSON parse error - {err}") from None
    if not isinstance(items, list) or not items:
        raise RefusalError(
            400, "Validation error", {"non_field_errors": ["load_tasks: No tasks added"]}
        )
    return items


def _item_fault(index: int, item: Json, required: Sequence[str]) -> str:
    data = item.get("data", item)
    missing = [name for name in required if name not in data]
    if not missing:
        return ""
    return f'Error at item {index}: "{missing[0]}" key is expected in task data :: {item}'


def _ids_told(task: Mapping[str, Any]) -> str:
    return ",".join(str(annotation["id"]) for annotation in task["annotations"])[:STAMP_CHARS]


_COUNTED: Mapping[str, Callable[[Mapping[str, Any]], int]] = {
    "filter:tasks:total_annotations": lambda task: _count(task, was_cancelled=False),
    "filter:tasks:cancelled_annotations": lambda task: _count(task, was_cancelled=True),
    "filter:tasks:draft_exists": lambda task: int(task["drafts"]),
    # In a lane of one annotator: the first answer, or a skip, completes a task.
    "filter:tasks:completed_at": lambda task: len(task["annotations"]),
}


def _count(task: Mapping[str, Any], *, was_cancelled: bool) -> int:
    return sum(one["was_cancelled"] is was_cancelled for one in task["annotations"])


def _passes(task: Mapping[str, Any], one: Filter) -> bool:
    column, operator, wanted = one["filter"], one["operator"], one["value"]
    if column == "filter:tasks:data.uid":
        return task["data"].get("uid") in wanted
    if column == "filter:tasks:id":
        return task["id"] in wanted if operator == "in_list" else bool(task["id"] > wanted)
    if column == "filter:tasks:data.round":
        return float(task["data"].get("round", 0)) > float(wanted)
    if column in _COUNTED:
        return _COUNTED[column](task) == 0
    if operator == "in":
        return bool(wanted["min"] <= task["updated_at"] <= wanted["max"])
    return bool(task["updated_at"] >= wanted)
