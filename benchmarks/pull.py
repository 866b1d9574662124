"""The first pull, and the pull of 1 %, on the benchmark's own Label Studio.

Every passage has one answer of six spans, dated over the last month as if people had worked.
*Ours* is the whole sync into SQL, in a process of its own, on a fresh copy of the instance each
time. *Theirs* only read: Label Studio's JSON export of the project, the SDK's
``tasks.list(fields="all")``, and the fastest complete reading we know, which is the quicker of two
(exports, or listings, by known ids). ``pull_1pct_requests`` counts the requests of one lane
against the three that are allowed; ``pull_growth`` and ``pull_memory`` compare all passages with
a tenth of them. ``COPYDESK_BENCH_PASSAGES=2000`` gives a quick look.
"""

from __future__ import annotations

import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from app.extensions import Store
from app.models.jobs import Job
from app.queue import Queue
from app.services.syncing import request_sync
from benchmarks.figure import Figure
from benchmarks.studio_line import (
    AnnotatingGateway,
    BenchLine,
    bench_line,
    connect,
    in_a_process,
)
from config import Settings, bench_passages

PASSAGES = 20_000
IN_AN_EXPORT = 500


@dataclass(frozen=True)
class Pull:
    """One sync: its seconds, the peak of its process in MB, its requests."""

    seconds: float
    peak: float
    requests: float
    folder: Path


def measure() -> Iterator[Figure]:
    """Ours and theirs in turn, ours twice."""
    size = bench_passages(PASSAGES)
    with bench_line() as line:
        line.add_passages(size // 10, "tenth")
        _answered_batch(line, "tenth")
        line.add_passages(size - size // 10)
        project = _answered_batch(line, "all")
        base = _set_aside(line)
        theirs = Theirs(line, project)
        tenth = _pull(base, "tenth", "tenth")
        ours = [_pull(base, "all", "one")]
        export = _timed(theirs.export)
        fastest = min(_timed(theirs.by_export), _timed(theirs.by_listing))
        ours.append(_pull(base, "all", "two"))
        sdk = _timed(theirs.sdk)
        seconds = [pull.seconds for pull in ours]
        yield Figure("pull_full_vs_export", seconds, [export])
        yield Figure("pull_full_vs_sdk", seconds, [sdk])
        yield Figure("pull_full_vs_fastest", seconds, [fastest])
        theirs.change(max(size // 100, 1))
        changed = _pull(ours[-1].folder, "all", "changed")
        yield Figure("pull_1pct_vs_full", [changed.seconds], seconds)
        yield Figure("pull_1pct_requests", [changed.requests], [3.0], unit="requests")
        yield Figure("pull_growth", seconds, [10 * tenth.seconds])
        yield Figure("pull_memory", [pull.peak for pull in ours], [tenth.peak], unit="MB")


class Theirs:
    """Other ways to read the same project, none of which stores anything."""

    def __init__(self, line: BenchLine, project: int) -> None:
        self.url, self.token, self.project = line.studio.url, line.studio.token, project
        self.gateway = connect(self.url, self.token)
        self.ids = [ref.ls_task_id for ref in self.gateway.list_task_refs(project)]
        self.http = httpx.Client(
            base_url=self.url,
            headers={"Authorization": f"Token {self.token}"},
            timeout=600,
            trust_env=False,
        )

    def export(self) -> int:
        """The project's JSON export, in one answer."""
        return len(self._export({}))

    def by_export(self) -> int:
        """The same by known ids, 500 a call."""
        return sum(
            len(self._export({"download_all_tasks": "true", "ids[]": list(some)}))
            for some in self._slices()
        )

    def by_listing(self) -> int:
        """Listings by known ids, 500 a call."""
        pages = (
            page for some in self._slices() for page in self.gateway.read_tasks(self.project, some)
        )
        return sum(len(page) for page in pages)

    def sdk(self) -> int:
        """What the SDK's own pager reads."""
        from label_studio_sdk import LabelStudio

        client = LabelStudio(base_url=self.url, api_key=self.token, timeout=600)
        return sum(1 for _ in client.tasks.list(project=self.project, fields="all", page_size=1000))

    def change(self, number: int) -> None:
        """Edit the answers of so many tasks, as annotators would."""
        step = len(self.ids) // number
        for page in self.gateway.read_tasks(self.project, self.ids[::step][:number]):
            for task in page:
                (answer,) = task.annotations
                self.http.patch(
                    f"/api/annotations/{answer.ls_id}/", json={"result": answer.result[:3]}
                ).raise_for_status()

    def _export(self, more: dict[str, Any]) -> list[Any]:
        answer = self.http.get(
            f"/api/projects/{self.project}/export", params={"exportType": "JSON", **more}
        )
        answer.raise_for_status()
        found: list[Any] = answer.json()
        return found

    def _slices(self) -> Iterator[Sequence[int]]:
        for first in range(0, len(self.ids), IN_AN_EXPORT):
            yield self.ids[first : first + IN_AN_EXPORT]


def _answered_batch(line: BenchLine, slug: str) -> int:
    """A pushed batch of all passages so far, every one with an answer; its project."""

    def answering(url: str, token: str) -> AnnotatingGateway:
        return AnnotatingGateway(url, token, timeout_s=600)

    line.add_batch(slug)
    line.push(slug, answering)
    project = max(found.id for found in connect(line.studio.url, line.studio.token).list_projects())
    # As if they had been answered over weeks: else all of them would lie within the overlap.
    store = sqlite3.connect(line.studio.data_dir / "label_studio.sqlite3", timeout=60)
    with store:
        store.execute(
            "UPDATE task SET updated_at = datetime(updated_at, '-' || (1 + id % 30) || ' days') "
            "|| substr(updated_at, 20) WHERE project_id = ?",
            [project],
        )
    store.close()
    return project


def _set_aside(line: BenchLine) -> Path:
    """A copy of the instance as it is now, from which each pull begins."""
    line.store.dispose()
    base = line.settings.instance.parent / "base"
    shutil.copytree(line.settings.instance, base)
    return base


def _pull(base: Path, slug: str, name: str) -> Pull:
    """Sync a batch on a fresh copy of an instance."""
    folder = base.parent / f"pull-{name}"
    shutil.copytree(base, folder)
    settings = Settings(instance=folder)
    store, queue = Store(settings.sqlalchemy_url), Queue(settings)
    with store.transaction() as session:
        job_id = request_sync(session, queue, slug, actor="system").id
    seconds, peak = in_a_process(folder, job_id)
    with store.reading() as session:
        result = session.get_one(Job, job_id).result or {}
    queue.close()
    store.dispose()
    return Pull(seconds, peak, result["requests"], folder)


def _timed(read: Callable[[], int]) -> float:
    begun = time.perf_counter()
    read()
    return time.perf_counter() - begun
