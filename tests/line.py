"""The whole line on a fake Label Studio, without an engine: for tests of push and pull."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.extensions import Store
from app.jobs.runner import JobRunner
from app.keys import TokenVault, make_instance
from app.models.batches import Batch, Lane, LaneDay
from app.models.jobs import Job
from app.models.tasks import Task
from app.queries.batches import show_batch
from app.queue import Queue
from app.services.articles import ArticleFields, prepare_article, store_article
from app.services.batches import BatchPlan, create_batch
from app.services.connections import save_connection
from app.services.progress import recount, recount_days
from app.services.pushing import request_push
from app.services.schemes import import_scheme
from app.services.syncing import request_sync
from config import Settings
from labeling.studio.fake_gateway import FakeGateway
from labeling.studio.fake_server import LEGACY_TOKEN, FakeServer

CONFIG = """<View>
  <Labels name="entity" toName="text"><Label value="PERSON"/><Label value="ORG"/></Labels>
  <Labels name="quote" toName="text"><Label value="QUOTE"/><Label value="SPEAKER"/></Labels>
  <Relations><Relation value="said_by"/></Relations>
  <Text name="text" value="$text"/>
  <Choices name="kind" toName="text" perRegion="true" whenTagName="quote">
    <Choice value="direct"/><Choice value="partial"/>
  </Choices>
</View>"""

ADA, BEN, CHLOE = "ada@example.org", "ben@example.org", "chloe@example.org"


def article_text(name: str, paragraphs: int = 4) -> bytes:
    """An article with a headline and so many body paragraphs, each different.

    Each name gives words of its own, so that no two of these articles are near-duplicates.
    """
    body = [
        f"“We 😀 count {name} number {i},” said Ada Lovelace, {_odd_words(f'{name} {i}')}."
        for i in range(paragraphs)
    ]
    return "\n\n".join([f"Council counts {name} again", *body]).encode()


def _odd_words(seed: str) -> str:
    """Words that no other seed gives."""
    digits = hashlib.sha256(seed.encode()).hexdigest()
    return " ".join(f"who{digits[at : at + 4]}" for at in range(0, 40, 4))


@dataclass
class Line:
    """An instance with a connection to a fake server."""

    settings: Settings
    store: Store
    server: FakeServer = field(default_factory=FakeServer)
    page_size: int = 1000

    def __post_init__(self) -> None:
        make_instance(self.settings)
        self.queue = Queue(self.settings)
        self.runner = JobRunner(
            self.store, self.settings, self.connect, "test", patience=(0.0, 0.0)
        )
        with self.store.transaction() as session:
            import_scheme(session, name="small", config=CONFIG, guideline="# How", actor="system")
            save_connection(
                session,
                TokenVault(self.settings),
                name="fake",
                url="http://studio.example.org",
                token=LEGACY_TOKEN,
                actor="system",
            )

    def connect(self, _url: str, token: str) -> FakeGateway:
        """The gateway factory of the jobs."""
        return FakeGateway(self.server, token, page_size=self.page_size)

    def add_article(self, name: str = "boats", paragraphs: int = 4, outlet: str = "Gull") -> str:
        """Import an article and give its uid."""
        prepared = prepare_article(
            article_text(name, paragraphs),
            source=f"{name}.txt",
            fields=ArticleFields(outlet=outlet),
            max_bytes=1_000_000,
        )
        with self.store.transaction() as session:
            return store_article(session, prepared).uid

    def add_batch(self, slug: str = "first", **plan: Any) -> str:
        """Create a batch; for one annotator unless told otherwise."""
        given = {"annotators": (ADA,), "scheme": "small", **plan}
        with self.store.transaction() as session:
            create_batch(session, BatchPlan(slug=slug, **given), actor="system")
        return slug

    def push(self, slug: str = "first") -> Job:
        """Ask for a push and carry it out here."""
        with self.store.transaction() as session:
            job = request_push(session, self.queue, slug, actor="system")
        return self.run(job)

    def sync(self, slug: str = "first", *, full: bool = False) -> Job:
        """Ask for a sync and carry it out here."""
        with self.store.transaction() as session:
            job = request_sync(session, self.queue, slug, actor="system", full=full)
        return self.run(job)

    def run(self, job: Job) -> Job:
        """Carry out a job in this process and give its row as it ended."""
        self.runner.run_job(job.id, job.run)
        return self.job(job.id)

    def job(self, job_id: int) -> Job:
        """A job's row."""
        with self.store.reading() as session:
            return session.get_one(Job, job_id)

    def show(self, slug: str = "first") -> dict[str, Any]:
        """What `batches show` tells, after proving its counters by a recount."""
        with self.store.reading() as session:
            for lane in session.scalars(select(Lane)):
                counted = {
                    k: getattr(lane, k)
                    for k in ("tasks", "pushed", "annotated", "quarantined", "flagged")
                }
                assert counted == recount(session, lane.id)
                days = session.scalars(select(LaneDay).where(LaneDay.lane_id == lane.id))
                kept = {one.day: one.answered for one in days if one.answered}
                assert kept == recount_days(session, lane.id)
            return show_batch(session, slug)

    def lanes(self, slug: str = "first") -> list[Lane]:
        """The lanes of a batch."""
        with self.store.reading() as session:
            return list(
                session.scalars(select(Lane).join(Batch).where(Batch.slug == slug).order_by(Lane.n))
            )

    def studio_uids(self, slug: str = "first") -> list[str]:
        """The uids of all tasks on the server, twins and all, sorted."""
        projects = [lane.ls_project_id for lane in self.lanes(slug) if lane.ls_project_id]
        return sorted(
            task["data"]["uid"] for project in projects for task in self.server.tasks_of(project)
        )

    def planned_uids(self) -> list[str]:
        """The uids of all tasks in SQL, sorted."""
        with self.store.reading() as session:
            return sorted(session.scalars(select(Task.uid)))

    def count(self, model: Any) -> int:
        """How many rows a table has."""
        with self.store.reading() as session:
            return session.scalar(select(func.count()).select_from(model)) or 0

    def session(self) -> Session:
        """A session for reading rows in a test."""
        return Session(self.store.engine)
