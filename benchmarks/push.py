"""Push against a bare loop that posts the same JSON; `COPYDESK_BENCH_PASSAGES` asks for fewer.

Both run on the benchmark's own Label Studio, in turn. *Ours* is the whole job: the project made,
every chunk recorded before and after its request, and the count at the end. *Theirs* posts the
same bytes, 1,000 tasks a call, and records nothing. ``push_memory`` is the peak of the process
that pushed, with all passages and with a tenth of them.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

import httpx

from app.services.pushing import request_push
from benchmarks.figure import Figure
from benchmarks.studio_line import BenchLine, bench_line, connect, in_a_process
from config import bench_passages
from labeling.studio.gateway import Imported, ProjectSpec
from labeling.studio.sdk_gateway import SdkGateway

PASSAGES = 10_000
ROUNDS = 3


class KeepingGateway(SdkGateway):
    """Keeps what it posts, for the bare loop to post again."""

    kept: list[bytes]

    def import_tasks(self, project_id: int, payload: bytes) -> Imported:
        """See ``StudioGateway``."""
        self.kept.append(payload)
        return super().import_tasks(project_id, payload)


def measure() -> Iterator[Figure]:
    """Push in turn with the bare loop; the first push only fills what is to be posted."""
    size = bench_passages(PASSAGES)
    with bench_line() as line:
        line.add_passages(size // 10, "tenth")
        line.add_batch("tenth")
        line.add_passages(size - size // 10)
        bodies = _bodies(line)
        ours: list[float] = []
        theirs: list[float] = []
        peaks: list[float] = []
        for n in range(ROUNDS):
            line.add_batch(f"run-{n}")
            seconds, peak = _pushed(line, f"run-{n}")
            ours.append(seconds)
            peaks.append(peak)
            theirs.append(_bare(line, bodies))
        yield Figure("push", ours, theirs)
        _, small = _pushed(line, "tenth")
        yield Figure("push_memory", peaks, [small], unit="MB")


def _bodies(line: BenchLine) -> list[bytes]:
    kept: list[bytes] = []

    def keeping(url: str, token: str) -> KeepingGateway:
        gateway = KeepingGateway(url, token, timeout_s=600)
        gateway.kept = kept
        return gateway

    line.add_batch("first")
    line.push("first", keeping)
    return kept


def _bare(line: BenchLine, bodies: list[bytes]) -> float:
    """Post the same bytes, one call after the other, and nothing else."""
    gateway = connect(line.studio.url, line.studio.token)
    config = gateway.get_project(gateway.list_projects()[0].id).config
    project = gateway.create_project(ProjectSpec("Bare loop", config, "", marker="bare")).id
    headers = {"Authorization": f"Token {line.studio.token}", "Content-Type": "application/json"}
    with httpx.Client(headers=headers, timeout=600, trust_env=False) as client:
        begun = time.perf_counter()
        for body in bodies:
            address = f"{line.studio.url}/api/projects/{project}/import"
            client.post(address, content=body).raise_for_status()
        return time.perf_counter() - begun


def _pushed(line: BenchLine, slug: str) -> tuple[float, float]:
    """A push in a process of its own: its seconds, and its peak in MB."""
    with line.store.transaction() as session:
        job_id = request_push(session, line.queue, slug, actor="system").id
    return in_a_process(line.settings.instance, job_id)
