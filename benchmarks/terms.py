"""Terms at a million passages, on both stores: pages, `terms show`, and what the index costs.

Texts are made of a vocabulary with a few frequent and many rare words, and of planted terms.
Every passage has a task, an answer and five spans. Pages are told as 95th percentiles and
medians in milliseconds, beside the same page on an instance with a thousand passages; `terms
show` beside a plain scan of all texts; the index beside the texts it is made from.

`COPYDESK_BENCH_PASSAGES` sets another size, `COPYDESK_BENCH_STORES` one of the stores.
"""

from __future__ import annotations

import os
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import accumulate
from pathlib import Path
from typing import Any

from sqlalchemy import select, text

from app import create_app
from app.cli.terms import take_all_in
from app.extensions import Store
from app.jobs.term_figures import keep_term_figures
from app.models.passages import Passage
from app.queries.term_contexts import Choice, find_contexts
from app.queries.terms import iter_occurrences
from app.web import keep_loaded
from benchmarks.figure import Figure
from benchmarks.pages import percentiles, template_of
from config import Settings
from labeling.concordance import find_term
from tests.line import ADA, Line
from tests.visitors import Visitor, visitor

SMALL, LARGE = 1_000, int(os.environ.get("COPYDESK_BENCH_PASSAGES", "1000000"))
STORES = os.environ.get("COPYDESK_BENCH_STORES", "sqlite,postgres").split(",")
EACH = 20
REQUESTS = 60
WORDS = 36
FIRST_ID = 1_001
FIRST_ARTICLE = 101

# By name: how seldom a planted term stands, one in so many passages.
PLANTED = {"zealotry": 20_000, "firebrand": 150, "harbour front": 500}

PAGES = {
    "rare": "/terms/zealotry",
    "rare_sorted": "/terms/zealotry?sort=right",
    "frequent": "/terms/firebrand",
    "frequent_100th": "/terms/firebrand?after={firebrand}",
    "everywhere": "/terms/the",
    "everywhere_100th": "/terms/the?after={the}",
    "two_words": "/terms/harbour front",
    "filtered": "/terms/firebrand?outlet=Outlet 7",
    "counts": "/terms/counts?term=firebrand",
    "begin": "/terms",
    "bank": "/lexicon",
}


@dataclass
class Site:
    """A dashboard in this process."""

    store: Store
    client: Visitor
    after: dict[str, int]
    texts_s: float
    index_s: float

    def ask(self, path: str) -> float:
        begun = time.perf_counter()
        answer = self.client.get(path.format(**self.after))
        took = (time.perf_counter() - begun) * 1000
        if answer.status_code != 200:
            raise SystemExit(f"{path} was answered with {answer.status_code}")
        return took


def measure() -> Iterator[Figure]:
    """Fill both sizes on each store and ask each page on both in turn."""
    for kind in STORES:
        with tempfile.TemporaryDirectory() as place, ExitStack() as stack:
            template = template_of(kind, Path(place), stack)
            small = stack.enter_context(template.copy(Path(place) / "small"))
            large = stack.enter_context(template.copy(Path(place) / "large"))
            theirs, ours = _site(small, SMALL), _site(large, LARGE)
            keep_loaded()  # as gunicorn does
            yield from _pages(kind, ours, theirs)
            yield from _shows(kind, ours)
            yield from _index(kind, ours)


def _pages(kind: str, ours: Site, theirs: Site) -> Iterator[Figure]:
    for name, path in PAGES.items():
        pairs = [(ours.ask(path), theirs.ask(path)) for _ in range(REQUESTS + 2)][2:]
        yield from percentiles(f"terms_page_{name}_{kind}", pairs)


def _shows(kind: str, site: Site) -> Iterator[Figure]:
    for term in ("zealotry", "firebrand", "no such words"):
        ours = []
        for _ in range(5):
            begun = time.perf_counter()
            found = sum(1 for _ in iter_occurrences(site.store, term))
            ours.append(time.perf_counter() - begun)
        begun = time.perf_counter()
        scanned = _scan(site.store, term)
        took = time.perf_counter() - begun
        if found != scanned:
            raise SystemExit(f"{term}: {found} by the index, {scanned} by a scan")
        yield Figure(f"terms_show_{term.replace(' ', '_')}_{kind}", ours, [took])


def _scan(store: Store, term: str) -> int:
    """How often a term stands, by looking at every text."""
    found, after = 0, 0
    while True:
        with store.reading() as session:
            rows = session.execute(
                select(Passage.id, Passage.text)
                .where(Passage.id > after)
                .order_by(Passage.id)
                .limit(20_000)
            ).all()
        if not rows:
            return found
        found += sum(len(find_term(row.text, term)) for row in rows)
        after = rows[-1].id


def _index(kind: str, site: Site) -> Iterator[Figure]:
    """The index against the texts: megabytes, and seconds to take in against to write."""
    with site.store.reading() as session:
        if site.store.is_sqlite:
            size = session.scalar(
                text("SELECT sum(pgsize) FROM dbstat WHERE name = 'term_block'")
                if _has_dbstat(site.store)
                else text("SELECT sum(length(places) + 16) FROM term_block")
            )
        else:
            size = session.scalar(text("SELECT pg_total_relation_size('term_block')"))
        rows = session.scalar(text("SELECT count(*) FROM term_block"))
        texts = session.scalar(text("SELECT sum(length(text)) FROM passage"))
    print(f"{kind}: {rows:,} rows in the index", file=sys.stderr)
    yield Figure(f"terms_index_size_{kind}", [size / 1e6], [texts / 1e6], "MB")
    yield Figure(f"terms_index_cost_{kind}", [site.index_s], [site.texts_s])


def _has_dbstat(store: Store) -> bool:
    with store.reading() as session:
        options = session.execute(text("PRAGMA compile_options")).scalars()
        return "ENABLE_DBSTAT_VTAB" in set(options)


def _site(settings: Settings, passages: int) -> Site:
    app = create_app(settings)
    store: Store = app.extensions["store"]
    line = Line(settings.model_copy(update={"push_settle_s": 0.0}), store)
    line.add_article(paragraphs=2)
    line.add_batch(annotators=(ADA,))
    line.push()
    begun = time.monotonic()
    _fill(store, passages)
    filled = time.monotonic()
    take_all_in(store)
    indexed = time.monotonic()
    keep_term_figures(store)  # as the end of a job does
    if passages > SMALL:
        print(
            f"{passages:,} passages in {filled - begun:.0f} s, "
            f"taken into the index in {indexed - filled:.0f} s",
            file=sys.stderr,
        )
    after = {term: _hundredth(store, term) for term in ("firebrand", "the")}
    return Site(store, visitor(app, "admin"), after, filled - begun, indexed - filled)


def _hundredth(store: Store, term: str) -> int:
    """Where the hundredth page of a term begins; with few passages, the last one."""
    after = 0
    for _ in range(99):
        with store.reading() as session:
            page = find_contexts(session, [term], Choice(), after=after)
        if page.next is None:
            break
        after = page.next
    return after


def _fill(store: Store, passages: int) -> None:
    articles = passages // EACH
    now = datetime(2026, 1, 1, tzinfo=UTC).replace(tzinfo=None).isoformat(" ")
    with store.engine.connect() as connection:
        raw: Any = connection.connection.driver_connection
        if store.is_sqlite:
            raw.execute("PRAGMA synchronous=OFF")
            raw.execute("PRAGMA cache_size=-400000")
            raw.execute("BEGIN")
        for statement in _frame(articles, now):
            raw.execute(statement) if store.is_sqlite else raw.cursor().execute(statement)
        _write_texts(raw, passages, sqlite=store.is_sqlite)
        for statement in _AROUND:
            raw.execute(statement) if store.is_sqlite else raw.cursor().execute(statement)
        raw.commit() if not store.is_sqlite else raw.execute("COMMIT")
        if store.is_sqlite:
            raw.execute("ANALYZE")
        else:
            # As PostgreSQL does by itself soon after.
            raw.autocommit = True
            raw.execute("VACUUM (ANALYZE)")
    store.dispose()


def _write_texts(raw: Any, passages: int, *, sqlite: bool) -> None:
    rows = (
        (
            FIRST_ID + n, f"p-{n}", FIRST_ARTICLE + n // EACH, "body", made, f"sha-{n}", 0,
        )
        for n, made in enumerate(_texts(passages))
    )  # fmt: skip
    columns = "id, uid, article_id, role, text, text_sha, occurrence"
    if sqlite:
        raw.executemany(f"INSERT INTO passage ({columns}) VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
        return
    with raw.cursor().copy(f"COPY passage ({columns}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def _texts(passages: int) -> Iterator[str]:
    chance = random.Random(5)
    syllables = ["ba", "con", "der", "el", "fi", "gor", "han", "is", "ka", "lo", "mar", "nu", "pe"]
    vocabulary = ["the", "of", "and", "to", "in"] + [
        "".join(chance.choices(syllables, k=chance.randint(2, 5))) for _ in range(60_000)
    ]
    weights = list(accumulate(1 / (n + 2) for n in range(len(vocabulary))))
    for n in range(passages):
        words = chance.choices(vocabulary, cum_weights=weights, k=WORDS)
        for term, one_in in PLANTED.items():
            if chance.random() * one_in < 1:
                words[chance.randrange(WORDS)] = term
        words[WORDS // 2] += ","
        yield f"{' '.join(words).capitalize()} {n}."


def _frame(articles: int, now: str) -> list[str]:
    """The articles and their versions; their own texts do not matter here."""
    numbers = (
        f"WITH RECURSIVE n(k) AS (SELECT 0 UNION ALL SELECT k + 1 FROM n WHERE k < {articles - 1}) "
    )
    return [
        numbers.replace(
            "WITH",
            "INSERT INTO article (id, uid, kind, title, outlet, section, "
            "byline, url, language, source, current_version, imported_at, retracted_reason) WITH",
        )
        + f"SELECT {FIRST_ARTICLE} + k, 'a-' || k, 'imported', 'Article ' || k, "
        f"'Outlet ' || (k % 40), '', '', '', 'en', '', 1, '{now}', '' FROM n",
        numbers.replace(
            "WITH",
            "INSERT INTO article_version (id, article_id, n, bytes_sha, "
            "original, encoding, text, fixes, actor) WITH",
        )
        + f"SELECT {FIRST_ARTICLE} + k, {FIRST_ARTICLE} + k, 1, 'b-' || k, '', 'utf-8', '', "
        "'[]', '' FROM n",
    ]


_NEW = f"FROM passage p WHERE p.id >= {FIRST_ID}"
_AROUND = [
    f"""
    INSERT INTO placement (version_id, passage_id, start, "end", reason, by_hand)
    SELECT p.article_id, p.id, 400 * ((p.id - {FIRST_ID}) % {EACH}),
        400 * ((p.id - {FIRST_ID}) % {EACH}) + length(p.text), '', false {_NEW}
    """,
    f"INSERT INTO term_waiting (passage_id) SELECT p.id {_NEW}",
    f"""
    INSERT INTO task (id, uid, lane_id, passage_id, ordinal, round, text_sha, notice, state,
        problem, annotated, suggested)
    SELECT p.id, 't-' || p.id, 1, p.id, p.id, 1, p.text_sha, '', 'pushed', '', true, true {_NEW}
    """,
    f"""
    INSERT INTO annotation (id, task_id, ls_id, ls_task_id, ls_created_at, annotator_id, current,
        missing, kept, flag, flag_reason)
    SELECT p.id, p.id, p.id, p.id, '', 1, 1, 0, false, '', '' {_NEW}
    """,
    f"""
    INSERT INTO revision (id, annotation_id, n, content_sha, state, ls_updated_at, raw, set_aside,
        created_at)
    SELECT p.id, p.id, 1, '', 'submitted', '', '{{}}', 0, '2026-01-01 00:00:00' {_NEW}
    """,
    f"""
    INSERT INTO span (revision_id, region, layer, label, start, "end", attrs)
    SELECT p.id, 'r' || k.k, 'loaded', 'LOADED_TERM', 20 * k.k, 20 * k.k + 9, '{{}}'
    FROM passage p, (SELECT 0 AS k UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3
        UNION ALL SELECT 4) k WHERE p.id >= {FIRST_ID}
    """,
]
