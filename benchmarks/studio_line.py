"""A batch of any size on a real Label Studio of the benchmark's own: what push and pull run on."""

from __future__ import annotations

import json
import multiprocessing
import random
import resource
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.extensions import Store
from app.jobs.gateways import load_sdk
from app.jobs.runner import JobRunner
from app.keys import TokenVault
from app.models.jobs import Job, JobState
from app.queue import Queue
from app.services.articles import ArticleFields, prepare_article, store_article
from app.services.batches import BatchPlan, create_batch
from app.services.connections import save_connection
from app.services.pushing import request_push
from app.services.syncing import request_sync
from config import Settings
from labeling.studio.gateway import Imported
from labeling.studio.sdk_gateway import SdkGateway
from tests.instances import SqliteTemplate
from tests.studio_server import StudioServer

ANNOTATOR = "ada@example.org"
ARTICLE_PASSAGES = 50
VOCABULARY = (
    "council harbour repairs winter quay nobody cost beside opened after long old told those who "
    "live there might again said"
)


@dataclass
class BenchLine:
    """An instance whose only connection leads to a real server."""

    settings: Settings
    store: Store
    studio: StudioServer

    def __post_init__(self) -> None:
        self.queue = Queue(self.settings)
        with self.store.transaction() as session:
            save_connection(
                session,
                TokenVault(self.settings),
                name="bench",
                url=self.studio.url,
                token=self.studio.token,
                actor="system",
            )

    def add_passages(self, passages: int, name: str = "harbour") -> None:
        """Import articles of about 110 words a passage until there are so many passages."""
        luck = random.Random(name)
        with self.store.transaction() as session:
            for first in range(0, passages, ARTICLE_PASSAGES):
                paragraphs = min(ARTICLE_PASSAGES, passages - first) - 1
                body = [_paragraph(luck, n) for n in range(paragraphs)]
                text = "\n\n".join([f"Harbour report {name} {first} in full", *body])
                prepared = prepare_article(
                    text.encode(),
                    source=f"{name}{first}.txt",
                    fields=ArticleFields(outlet="Gull"),
                    max_bytes=10_000_000,
                )
                store_article(session, prepared)

    def add_batch(self, slug: str, **plan: Any) -> None:
        """Deal all passages to one annotator."""
        with self.store.transaction() as session:
            create_batch(
                session,
                BatchPlan(slug=slug, scheme="news", annotators=(ANNOTATOR,), **plan),
                actor="system",
            )

    def push(self, slug: str, through: Callable[[str, str], Any] | None = None) -> Job:
        """Carry out a push here."""
        with self.store.transaction() as session:
            job = request_push(session, self.queue, slug, actor="system")
        return self._run(job, through)

    def sync(self, slug: str, *, full: bool = False) -> Job:
        """Carry out a sync here."""
        with self.store.transaction() as session:
            job = request_sync(session, self.queue, slug, actor="system", full=full)
        return self._run(job, None)

    def _run(self, job: Job, through: Callable[[str, str], Any] | None) -> Job:
        runner = JobRunner(self.store, self.settings, through or connect, "bench")
        runner.run_job(job.id, job.run)
        with self.store.reading() as session:
            ended = session.get_one(Job, job.id)
        if ended.state != JobState.SUCCEEDED:
            raise RuntimeError(f"the job failed: {ended.error}")
        return ended


@contextmanager
def bench_line() -> Iterator[BenchLine]:
    """A fresh instance and a fresh server; both end with the block."""
    with tempfile.TemporaryDirectory(prefix="copydesk-bench-") as folder:
        template = SqliteTemplate.make(Path(folder) / "template")
        with (
            template.copy(Path(folder) / "instance") as settings,
            StudioServer(Path(folder) / "studio") as studio,
        ):
            store = Store(settings.sqlalchemy_url)
            line = BenchLine(settings, store, studio)
            try:
                yield line
            finally:
                line.queue.close()
                store.dispose()


def in_a_process(instance: Path, job_id: int) -> tuple[float, float]:
    """Carry out a planned job in a fresh process: its seconds, and its peak in MB.

    Raises:
        RuntimeError: the job failed.
    """
    context = multiprocessing.get_context("spawn")
    answers = context.Queue()
    process = context.Process(target=_carry_out, args=(str(instance), job_id, answers))
    process.start()
    seconds, peak, problem = answers.get(timeout=1800)
    process.join()
    if problem:
        raise RuntimeError(f"the job failed: {problem}")
    return float(seconds), float(peak)


def _carry_out(instance: str, job_id: int, answers: Any) -> None:
    settings = Settings(instance=Path(instance))
    store = Store(settings.sqlalchemy_url)
    runner = JobRunner(store, settings, connect, "bench")
    connect("http://127.0.0.1:1", "x" * 40)  # the SDK takes a second to load, once a worker
    begun = time.perf_counter()
    runner.run_job(job_id, 1)
    seconds = time.perf_counter() - begun
    with store.reading() as session:
        error = session.get_one(Job, job_id).error
    answers.put((seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024, error))


def connect(url: str, token: str) -> SdkGateway:
    """A gateway that waits long enough for an export of everything."""
    return load_sdk()(url, token, timeout_s=600)


class AnnotatingGateway(SdkGateway):
    """Imports every task with an answer of six spans, as if somebody had worked for weeks."""

    def import_tasks(self, project_id: int, payload: bytes) -> Imported:
        """See ``StudioGateway``."""
        items = json.loads(payload)
        for item in items:
            item["annotations"] = [_answer(item["data"]["text"])]
        return super().import_tasks(project_id, json.dumps(items).encode())


def _answer(text: str) -> dict[str, Any]:
    spans = [
        {
            "id": f"r{n}",
            "from_name": "entity",
            "to_name": "text",
            "type": "labels",
            "value": {
                "start": 10 * n,
                "end": 10 * n + 7,
                "text": text[10 * n : 10 * n + 7],
                "labels": ["PERSON"],
            },
        }
        for n in range(6)
        if 10 * n + 7 <= len(text)
    ]
    return {"result": spans, "ground_truth": False, "completed_by": 1, "lead_time": 12.5}


def _paragraph(luck: random.Random, n: int) -> str:
    words = " ".join(luck.choices(VOCABULARY.split(), k=108))
    return f"Report {n}: {words}."
