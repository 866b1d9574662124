"""Clustering near-duplicates in SQL against datasketch alone, in memory and without proof.

Ours is the work of `flask articles regroup`: read each article from the store, make its sketch,
look its bands up, verify the candidates by containment, and keep all that. Theirs makes the same
signatures and asks one `MinHashLSH` for candidates, which nothing verifies and nothing keeps.
"""

from __future__ import annotations

import random
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import accumulate
from pathlib import Path

from sqlalchemy import func, insert, select

from app.extensions import Store
from app.models import Base
from app.models.articles import Article, ArticleVersion
from app.models.passages import Passage, Placement
from app.services.duplicates import regroup_some
from benchmarks.figure import Figure
from labeling.text.near import FEWEST, shingles_of

MANY, FEW = 10_000, 1_000
WORDS_EACH, VOCABULARY = 450, 30_000
SHARE = 0.5


def measure() -> Iterator[Figure]:
    """Time both on 10,000 articles of which a tenth are copies, then the growth from 1,000."""
    texts = list(_articles(MANY))
    few, many, theirs = _ours(texts[:FEW]), _ours(texts), _theirs(texts)
    yield Figure("duplicates_10000", [many.wall], [theirs.wall])
    yield Figure("duplicates_10000_cpu", [many.cpu], [theirs.cpu])
    # The growth: what an article costs among 10,000, beside what it costs among 1,000.
    one_of_few = [1000 * few.cpu / FEW]
    yield Figure("duplicates_growth_10x", [1000 * many.cpu / MANY], one_of_few, unit="cpu ms")
    # The worst case: all of them say nearly the same.
    alike = _ours([f"{texts[0]} number {n}" for n in range(FEW)])
    yield Figure("duplicates_all_alike", [1000 * alike.cpu / FEW], one_of_few, unit="cpu ms")


def _articles(n: int) -> Iterator[str]:
    """Texts of words as frequent as in a language; every tenth is a changed copy of another."""
    told = random.Random(7)
    words = [f"w{rank}" for rank in range(VOCABULARY)]
    weights = list(accumulate(1 / (rank + 10) for rank in range(VOCABULARY)))
    made: list[list[str]] = []
    for i in range(n):
        fresh = told.choices(words, cum_weights=weights, k=WORDS_EACH)
        if i % 10 == 9:
            copied = made[told.randrange(len(made))]
            fresh = copied[: int(WORDS_EACH * told.uniform(0.7, 1))] + fresh[:60]
        made.append(fresh)
        yield " ".join(fresh)


@dataclass(frozen=True, slots=True)
class Took:
    """Seconds by the clock, and of the processor alone: the machine may be busy."""

    wall: float
    cpu: float

    @classmethod
    def since(cls, begun: Took) -> Took:
        now = cls.now()
        return cls(now.wall - begun.wall, now.cpu - begun.cpu)

    @classmethod
    def now(cls) -> Took:
        return cls(time.perf_counter(), time.process_time())


def _ours(texts: list[str]) -> Took:
    with tempfile.TemporaryDirectory() as folder:
        store = Store(f"sqlite:///{Path(folder) / 'store.sqlite'}")
        Base.metadata.create_all(store.engine)
        _fill(store, texts)
        begun = Took.now()
        last, done = 0, 1
        while done:
            with store.transaction() as session:
                last, done = regroup_some(session, last, SHARE)
        took = Took.since(begun)
        with store.reading() as session:
            clusters = session.scalar(select(func.count(Article.cluster.distinct())))
        assert clusters, "nothing was found, so nothing was measured"
        store.dispose()
    return took


def _fill(store: Store, texts: list[str]) -> None:
    now = datetime.now(UTC)
    common = {"kind": "imported", "title": "", "outlet": "", "section": "", "byline": ""}
    with store.transaction() as session:
        for n, text in enumerate(texts, start=1):
            article = {"id": n, "uid": f"a{n}", "imported_at": now, **common}
            session.execute(insert(Article), [article])
            version = {"id": n, "article_id": n, "n": 1, "bytes_sha": str(n), "original": b""}
            version |= {"encoding": "utf-8", "text": text, "fixes": []}
            session.execute(insert(ArticleVersion), [version])
            passage = {"id": n, "uid": f"p{n}", "article_id": n, "role": "body", "text": text}
            session.execute(insert(Passage), [{**passage, "text_sha": str(n), "occurrence": 0}])
            place = {"version_id": n, "passage_id": n, "start": 0, "end": len(text)}
            session.execute(insert(Placement), [place])


def _theirs(texts: list[str]) -> Took:
    from datasketch import MinHash, MinHashLSH

    begun = Took.now()
    index = MinHashLSH(threshold=0.2, num_perm=128)
    for n, text in enumerate(texts):
        shingles = shingles_of(text)
        if len(shingles) < FEWEST:
            continue
        minhash = MinHash(num_perm=128, hashfunc=int, scheme="affine32")
        minhash.update_batch(shingles)
        index.query(minhash)
        index.insert(str(n), minhash)
    return Took.since(begun)
