"""Every page of the dashboard with 1,000,000 passages against the same page with 1,000.

The instances are on SQLite. A small one is filled by the line itself, on a fake Label Studio;
then the store copies its rows, with other keys, until there are enough. Told are the 95th
percentiles in milliseconds.
"""

from __future__ import annotations

import json
import os
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import text

from app import create_app
from app.models import Base
from app.services import tally
from app.web import keep_loaded
from benchmarks.figure import Figure
from config import Settings
from tests.instances import PostgresTemplate, SqliteTemplate
from tests.line import ADA, BEN, CHLOE, Line
from tests.postgres import PostgresServer
from tests.visitors import Visitor, visitor

SMALL, LARGE = 1_000, 1_000_000
REQUESTS = 40
PARAGRAPHS = 19
EACH = PARAGRAPHS + 1  # with the headline

# By name: the address, with the keys of what is in the middle of everything.
PAGES = {
    "home": "/",
    "articles": "/articles",
    "articles_search": "/articles?q=boats",
    "articles_none": "/articles?q=zeppelins",
    "articles_outlet": "/articles?outlet=Gull",
    "article": "/articles/{article}",
    "batches": "/batches",
    "batch": "/batches/first",
    "batch_middle": "/batches/first?after={middle}",
    "batch_annotated": "/batches/first?show=annotated",
    "batch_waiting": "/batches/first?show=waiting",
    "batch_progress": "/batches/first/progress",
    "passage": "/batches/first/passages/{passage}",
    "set_aside": "/set-aside?batch=first",
    "drift": "/batches/first/drift",
    "connections": "/connections",
    "jobs": "/jobs",
    "new_batch": "/new-batch",
}


class Percentile(Figure):
    """A figure that compares what all but one of twenty requests were served within."""

    def line(self) -> str:
        ours, theirs = (statistics.quantiles(each, n=20)[-1] for each in (self.ours, self.theirs))
        told = {"ours": round(ours, 2), "theirs": round(theirs, 2)}
        more = {"ratio": round(ours / theirs, 3), "unit": self.unit, "n": len(self.ours)}
        return json.dumps({"name": self.name, **told, **more})


def percentiles(name: str, pairs: Sequence[tuple[float, float]]) -> Iterator[Figure]:
    """The 95th percentile and the median of requests; on stderr, how busy the machine was."""
    ours, theirs = [one for one, _ in pairs], [other for _, other in pairs]
    print(f"{name}: load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores", file=sys.stderr)
    yield Percentile(name, ours, theirs, "ms")
    yield Figure(f"{name}_median", ours, theirs, "ms")


def template_of(kind: str, place: Path, stack: ExitStack) -> SqliteTemplate | PostgresTemplate:
    """Empty instances of one kind of store, to copy; its server ends with ``stack``."""
    if kind == "sqlite":
        return SqliteTemplate.make(place / "template")
    server = PostgresServer.start()
    stack.callback(server.stop)
    return PostgresTemplate.make(place / "template", server)


@dataclass
class Site:
    """A dashboard in this process, and the addresses of its pages."""

    client: Visitor
    addresses: dict[str, str]

    def ask(self, name: str) -> float:
        """How long a page takes, in milliseconds."""
        begun = time.perf_counter()
        answer = self.client.get(self.addresses[name])
        took = (time.perf_counter() - begun) * 1000
        if answer.status_code != 200:
            raise SystemExit(f"{self.addresses[name]} was answered with {answer.status_code}")
        return took


def measure() -> Iterator[Figure]:
    """Ask for each page on both sites in turn; the first requests only warm up."""
    with tempfile.TemporaryDirectory() as place:
        template = SqliteTemplate.make(Path(place) / "template")
        with (
            template.copy(Path(place) / "small") as small,
            template.copy(Path(place) / "large") as large,
        ):
            theirs, ours = _site(small, SMALL), _site(large, LARGE)
            keep_loaded()  # as gunicorn does
            for name in PAGES:
                pairs = [(ours.ask(name), theirs.ask(name)) for _ in range(REQUESTS + 3)][3:]
                yield Percentile(
                    f"page_{name}", [one for one, _ in pairs], [other for _, other in pairs], "ms"
                )


def _site(settings: Settings, passages: int) -> Site:
    app = create_app(settings)
    line = Line(settings.model_copy(update={"push_settle_s": 0.0}), app.extensions["store"])
    article = line.add_article(paragraphs=PARAGRAPHS)
    line.add_batch(annotators=(ADA, BEN, CHLOE), deal="blind")
    line.push()
    _annotate(line)
    line.sync()
    _multiply(line, passages // EACH)
    with line.store.reading() as session:
        middle = passages // 2
        passage = session.scalar(
            text("SELECT uid FROM passage WHERE id = :id").bindparams(id=middle)
        )
    keys = {"article": article, "middle": middle, "passage": passage}
    return Site(visitor(app, "admin"), {name: path.format(**keys) for name, path in PAGES.items()})


def _annotate(line: Line) -> None:
    users = {user.email: user.id for user in line.server.users}
    for lane, email in zip(line.lanes(), (ADA, BEN, CHLOE), strict=True):
        tasks = line.server.tasks_of(lane.ls_project_id or 0)
        for task in tasks[: len(tasks) // 2]:
            value = {"start": 0, "end": 5, "labels": ["ORG"]}
            region = {"id": "r", "from_name": "entity", "to_name": "text", "type": "labels"}
            line.server.annotate(task["id"], [{**region, "value": value}], users[email])


def _multiply(line: Line, copies: int) -> None:
    """Copy the rows of the one article until there are so many of them."""
    begun = time.monotonic()
    store = line.store
    with closing(sqlite3.connect(str(store.engine.url.database))) as connection:
        connection.execute("PRAGMA synchronous=OFF")
        connection.execute("PRAGMA cache_size=-400000")
        for table, changed in _CHANGED.items():
            connection.execute(_copying(table, changed), {"copies": copies - 1})
        for counted in _COUNTED:
            connection.execute(counted, {"n": copies})
        connection.commit()
        connection.execute("ANALYZE")
        connection.commit()
    store.dispose()
    with store.transaction() as session:
        tally.recount(session)
    print(f"{copies * EACH:,} passages in {time.monotonic() - begun:.0f} s", file=sys.stderr)


_COUNTED = (
    "UPDATE lane SET tasks = tasks * :n, pushed = pushed * :n, annotated = annotated * :n",
    "UPDATE lane_day SET answered = answered * :n",
    "UPDATE batch SET passages = passages * :n, articles = :n",
)

# What differs in the k-th copy; all other columns are copied as they are.
_IDS = f"id + {EACH} * k"
_CHANGED: dict[str, dict[str, str]] = {
    "article": {"id": "id + k", "uid": "'a-' || k", "outlet": "'Outlet ' || (k % 40)"},
    "article_version": {"id": "id + k", "article_id": "article_id + k"},
    "passage": {"id": _IDS, "uid": f"'p-' || ({_IDS})", "article_id": "article_id + k"},
    "placement": {"version_id": "version_id + k", "passage_id": f"passage_id + {EACH} * k"},
    "task": {
        "id": _IDS,
        "uid": f"'t-' || ({_IDS})",
        "passage_id": f"passage_id + {EACH} * k",
        "ordinal": f"ordinal + {EACH} * k",
    },
    "annotation": {
        "id": _IDS,
        "task_id": f"task_id + {EACH} * k",
        "ls_task_id": f"ls_task_id + {EACH} * k",
    },
    "revision": {"id": _IDS, "annotation_id": f"annotation_id + {EACH} * k"},
}


def _copying(table: str, changed: dict[str, Any]) -> str:
    columns = [column.name for column in Base.metadata.tables[table].columns]
    names = ", ".join(f'"{name}"' for name in columns)
    values = ", ".join(changed.get(name, f'"{name}"') for name in columns)
    return (
        "WITH RECURSIVE n(k) AS (SELECT 1 UNION ALL SELECT k + 1 FROM n WHERE k < :copies) "
        f'INSERT INTO "{table}" ({names}) SELECT {values} FROM n, (SELECT * FROM "{table}")'
    )
