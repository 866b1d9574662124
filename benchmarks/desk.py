"""The moderation desk at size: its first and its hundredth page, one article, a claim, a verdict.

Twenty articles of twenty passages go the whole way in, with their suggestions and all that the
desk keeps; then the store copies their rows, with other keys, until there are enough. `theirs`
is the desk of the twenty. Told are the 95th percentiles and the medians in milliseconds.
`COPYDESK_BENCH_PASSAGES` says how many passages there shall be, `COPYDESK_BENCH_STORES` on which
of the stores.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import func, select, text

from app import create_app
from app.extensions import Store
from app.models import Base
from app.models.articles import Article
from app.models.suggestions import Suggestion, SuggestionAnswer
from app.queries.desk import DeskChoice, list_desk
from app.services.articles import ArticleFields, prepare_article, store_article
from app.services.desk import recount
from app.web import keep_loaded
from benchmarks.figure import Figure
from benchmarks.pages import percentiles, template_of
from config import Settings
from tests.visitors import Visitor, visitor

PASSAGES = int(os.environ.get("COPYDESK_BENCH_PASSAGES", "1000000"))
STORES = os.environ.get("COPYDESK_BENCH_STORES", "sqlite,postgres").split(",")
REQUESTS = 40
ARTICLES, PARAGRAPHS = 20, 19
HUNDREDTH = 99 * 30
PARAGRAPH = (
    "The regime shut {n} schools at {place}, and the climate alarmists cheered. “It is a death "
    "tax on the young,” said Ada Lovelace, and nobody else spoke for long."
)


@dataclass
class Desk:
    """A dashboard in this process, and the addresses of what is asked for."""

    client: Visitor
    article: str
    severity: int | None
    age: int | None

    def ask(self, name: str) -> float:
        """How long something takes, in milliseconds."""
        act = ACTS[name]
        begun = time.perf_counter()
        status = act(self)
        took = (time.perf_counter() - begun) * 1000
        if status not in (200, 303):
            raise SystemExit(f"{name} was answered with {status}")
        return took

    def get(self, path: str) -> int:
        return self.client.get(path).status_code


def _taken(desk: Desk) -> int:
    return desk.client.send("/moderation/next").status_code


def _decided(desk: Desk) -> int:
    place = desk.client.send("/moderation/next").location
    return desk.client.send(f"{place}/verdict", {"verdict": "fine"}).status_code


ACTS: dict[str, Callable[[Desk], int]] = {
    "first": lambda desk: desk.get("/moderation"),
    "hundredth": lambda desk: desk.get(f"/moderation?after={desk.severity}"),
    "first_by_age": lambda desk: desk.get("/moderation?order=age"),
    "hundredth_by_age": lambda desk: desk.get(f"/moderation?order=age&after={desk.age}"),
    "of_a_term": lambda desk: desk.get("/moderation?term=regime"),
    "of_an_outlet": lambda desk: desk.get("/moderation?outlet=Outlet+7"),
    "of_an_outlet_by_age": lambda desk: desk.get("/moderation?outlet=Outlet+7&order=age"),
    "of_a_section": lambda desk: desk.get("/moderation?section=s3"),
    "of_a_policy": lambda desk: desk.get("/moderation?policy=house"),
    "of_today": lambda desk: desk.get("/moderation?age=day"),
    "all": lambda desk: desk.get("/moderation?state=all"),
    "decided": lambda desk: desk.get("/moderation?state=decided"),
    "article": lambda desk: desk.get(f"/moderation/{desk.article}"),
    "figures": lambda desk: desk.get("/moderation/figures"),
    "claim": _taken,
    "claim_and_verdict": _decided,
}


def measure() -> Iterator[Figure]:
    """Ask both desks of each store in turn; the first requests only warm up."""
    for kind in STORES:
        with tempfile.TemporaryDirectory() as place, ExitStack() as stack:
            template = template_of(kind, Path(place), stack)
            small = stack.enter_context(template.copy(Path(place) / "small"))
            large = stack.enter_context(template.copy(Path(place) / "large"))
            theirs, ours = _desk(small, ARTICLES * (PARAGRAPHS + 1)), _desk(large, PASSAGES)
            keep_loaded()  # as gunicorn does
            for name in ACTS:
                # A small desk has no hundredth page, and is soon worked through.
                other = "first" if name.startswith(("hundredth", "claim")) else name
                pairs = [(ours.ask(name), theirs.ask(other)) for _ in range(REQUESTS + 3)][3:]
                yield from percentiles(f"desk_{name}_{kind}", pairs)


def _desk(settings: Settings, passages: int) -> Desk:
    app = create_app(settings)
    store: Store = app.extensions["store"]
    article = [_import(store, n) for n in range(ARTICLES)][-1]
    _multiply(store, passages // (ARTICLES * (PARAGRAPHS + 1)))
    client = visitor(app, "reviewer")
    return Desk(client, article, _after(store, "severity"), _after(store, "age"))


def _import(store: Store, n: int) -> str:
    body = [PARAGRAPH.format(n=n + i, place=f"Port {n} {i}") for i in range(PARAGRAPHS)]
    prepared = prepare_article(
        "\n\n".join([f"Council {n} counts", *body[: PARAGRAPHS - n % 3]]).encode(),
        source=f"{n}.txt",
        fields=ArticleFields(
            outlet=f"Outlet {n}", section=f"s{n % 5}", published_at=datetime.now(UTC)
        ),
        max_bytes=1_000_000,
    )
    with store.transaction() as session:
        return store_article(session, prepared, near=1.0).uid


def _after(store: Store, order: str) -> int | None:
    now = datetime.now(UTC)
    with store.reading() as session:
        return list_desk(session, DeskChoice(), now=now, order=order, limit=HUNDREDTH).next


def _multiply(store: Store, copies: int) -> None:
    """Copy the rows of the twenty articles until there are so many times as many."""
    begun = time.monotonic()
    if copies > 1:
        with store.engine.begin() as connection:
            sizes = {
                table: connection.scalar(text(f'SELECT max(id) FROM "{table}"'))
                for table in ("article", "article_version", "passage", "suggestion_answer")
            }
            for table, changed in _changed(sizes).items():
                connection.execute(text(_copying(table, changed)), {"copies": copies - 1})
        # PostgreSQL does by itself, soon after, what it is told here to do at once.
        tidy = "ANALYZE" if store.is_sqlite else "VACUUM (ANALYZE)"
        with store.engine.connect() as connection:
            connection.execution_options(isolation_level="AUTOCOMMIT").execute(text(tidy))
        with store.transaction() as session:
            recount(session)
    with store.reading() as session:
        articles = session.scalar(select(func.count()).select_from(Article))
        spans = session.scalar(select(func.count()).select_from(Suggestion))
        answers = session.scalar(select(func.count()).select_from(SuggestionAnswer))
    took = time.monotonic() - begun
    print(
        f"{articles:,} articles, {answers:,} answers, {spans:,} spans: {took:.0f} s",
        file=sys.stderr,
    )


def _changed(sizes: dict[str, int]) -> dict[str, dict[str, str]]:
    """What differs in the k-th copy; all other columns are copied as they are."""
    article, version = f"+ {sizes['article']} * k", f"+ {sizes['article_version']} * k"
    passage, answer = f"+ {sizes['passage']} * k", f"+ {sizes['suggestion_answer']} * k"
    of_article = {"article_id": f"article_id {article}"}
    of_answer = {"answer_id": f"answer_id {answer}"}
    outlet = "'Outlet ' || ((article_id + k) % 40)"
    return {
        "article": {"id": f"id {article}", "uid": "uid || '-' || k", "external_id": "NULL"},
        "article_version": {"id": f"id {version}", **of_article},
        "block": {"version_id": f"version_id {version}"},
        "passage": {"id": f"id {passage}", "uid": "uid || '-' || k", **of_article},
        "placement": {
            "version_id": f"version_id {version}",
            "passage_id": f"passage_id {passage}",
        },
        "suggestion_answer": {"id": f"id {answer}", "version_id": f"version_id {version}"},
        "suggestion": of_answer,
        "suggestion_relation": of_answer,
        "desk_article": {
            **of_article,
            "outlet": outlet,
            "severity": "severity + k % 60",
            "published_on": "'2026-05-' || (10 + k % 18)",
        },
        "desk_match": of_article,
        "desk_term": of_article,
    }


def _copying(table: str, changed: dict[str, str]) -> str:
    columns = [column.name for column in Base.metadata.tables[table].columns]
    names = ", ".join(f'"{name}"' for name in columns)
    values = ", ".join(changed.get(name, f'"{name}"') for name in columns)
    return (
        "WITH RECURSIVE n(k) AS (SELECT 1 UNION ALL SELECT k + 1 FROM n WHERE k < :copies) "
        f'INSERT INTO "{table}" ({names}) SELECT {values} FROM n, (SELECT * FROM "{table}") AS r'
    )
