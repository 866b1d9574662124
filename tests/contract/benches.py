"""The same test moves on both servers: what a person would do to one in the browser."""

from __future__ import annotations

import json
import sqlite3
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import httpx

from labeling.studio.fake_gateway import FakeGateway
from labeling.studio.fake_server import LEGACY_TOKEN, PERSONAL_TOKEN, FakeServer
from labeling.studio.sdk_gateway import SdkGateway

if TYPE_CHECKING:
    from labeling.studio.gateway import StudioGateway
    from tests.studio_server import StudioServer


class Bench(Protocol):
    """A server on the bench, and hands to work on it."""

    def gateway(self, kind: str = "legacy", *, page_size: int = 1000) -> StudioGateway: ...
    def gateway_with_token(self, token: str) -> StudioGateway: ...
    def annotate(self, task: int, result: list[Any], completed_by: int, **more: Any) -> int: ...
    def edit_annotation(self, annotation: int, **changes: Any) -> None: ...
    def delete_annotation(self, annotation: int) -> None: ...
    def save_draft(self, task: int) -> None: ...
    def edit_task_data(self, task: int, data: dict[str, Any]) -> None: ...
    def delete_task(self, task: int) -> None: ...
    def delete_project(self, project: int) -> None: ...
    def set_updated_at(self, tasks: list[int], moment: str) -> None: ...
    def uids_of_tab(self, project: int, tab: int) -> list[str]: ...


class FakeBench:
    def __init__(self) -> None:
        self.server = FakeServer()

    def gateway(self, kind: str = "legacy", *, page_size: int = 1000) -> StudioGateway:
        token = {"legacy": LEGACY_TOKEN, "personal": PERSONAL_TOKEN}[kind]
        return FakeGateway(self.server, token, page_size=page_size)

    def gateway_with_token(self, token: str) -> StudioGateway:
        return FakeGateway(self.server, token)

    def annotate(self, task: int, result: list[Any], completed_by: int, **more: Any) -> int:
        return self.server.annotate(task, result, completed_by, **more)

    def edit_annotation(self, annotation: int, **changes: Any) -> None:
        self.server.edit_annotation(annotation, **changes)

    def delete_annotation(self, annotation: int) -> None:
        self.server.delete_annotation(annotation)

    def save_draft(self, task: int) -> None:
        self.server.save_draft(task)

    def edit_task_data(self, task: int, data: dict[str, Any]) -> None:
        self.server.edit_task_data(task, data)

    def delete_task(self, task: int) -> None:
        self.server.delete_task(task)

    def delete_project(self, project: int) -> None:
        self.server.delete_project(project)

    def set_updated_at(self, tasks: list[int], moment: str) -> None:
        for task in tasks:
            self.server.tasks[task]["updated_at"] = moment

    def uids_of_tab(self, project: int, tab: int) -> list[str]:
        shown = self.server.project(project)["tabs"][tab]
        assert shown.ordering == "-tasks:data.round"
        tasks = self.server.fetch(project, shown.filters, "tasks:id", 1000).items
        tasks.sort(key=lambda task: task["data"].get("round", ""), reverse=True)
        return [task["data"]["uid"] for task in tasks]


class RealBench:
    def __init__(self, server: StudioServer) -> None:
        self.server = server
        self._http = httpx.Client(
            base_url=server.url, headers={"Authorization": f"Token {server.token}"}
        )

    def close(self) -> None:
        self._http.close()

    def gateway(self, kind: str = "legacy", *, page_size: int = 1000) -> StudioGateway:
        token = self.server.token if kind == "legacy" else self.server.pat()
        return SdkGateway(self.server.url, token, page_size=page_size)

    def gateway_with_token(self, token: str) -> StudioGateway:
        return SdkGateway(self.server.url, token)

    def annotate(self, task: int, result: list[Any], completed_by: int, **more: Any) -> int:
        body = {"result": result, "completed_by": completed_by, **more}
        return int(self._send("POST", f"/api/tasks/{task}/annotations/", body)["id"])

    def edit_annotation(self, annotation: int, **changes: Any) -> None:
        self._send("PATCH", f"/api/annotations/{annotation}/", changes)

    def delete_annotation(self, annotation: int) -> None:
        self._send("DELETE", f"/api/annotations/{annotation}/")

    def save_draft(self, task: int) -> None:
        self._send("POST", f"/api/tasks/{task}/drafts", {"result": [], "lead_time": 1})

    def edit_task_data(self, task: int, data: dict[str, Any]) -> None:
        self._send("PATCH", f"/api/tasks/{task}/", {"data": data})

    def delete_task(self, task: int) -> None:
        self._send("DELETE", f"/api/tasks/{task}/")

    def delete_project(self, project: int) -> None:
        self._send("DELETE", f"/api/projects/{project}/")

    def set_updated_at(self, tasks: list[int], moment: str) -> None:
        # No call of the API gives two tasks the same time at will, so the store is written.
        stored = str(datetime.fromisoformat(moment).replace(tzinfo=None))  # as Django writes it
        marks = ",".join("?" * len(tasks))
        store = sqlite3.connect(Path(self.server.data_dir) / "label_studio.sqlite3", timeout=30)
        try:
            with store:
                sql = f"UPDATE task SET updated_at = ? WHERE id IN ({marks})"
                store.execute(sql, [stored, *tasks])
        finally:
            store.close()

    def uids_of_tab(self, project: int, tab: int) -> list[str]:
        tasks = self._send("GET", f"/api/tasks/?project={project}&view={tab}")["tasks"]
        return [task["data"]["uid"] for task in tasks]

    def _send(self, method: str, path: str, body: Any = None) -> Any:
        answer = self._http.request(method, path, json=body)
        answer.raise_for_status()
        return json.loads(answer.content or b"null")
