"""Answers about all articles, kept in this process for as long as no article changes.

The filters beside the list of articles count all of them, and a search reads every title. Both
are asked for again on each page of the same list. What would change an answer leaves a higher
number in one of three tables, which costs three looks at the end of an index.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any, TypeVar, cast
from weakref import WeakKeyDictionary

from sqlalchemy import Pool, func, select
from sqlalchemy.orm import Session

from app.models.articles import Article, ArticleVersion
from app.models.audit import Audit

T = TypeVar("T")

# On PostgreSQL a transaction with a lower number may end after one with a higher number.
KEPT_S = 60.0
_MOST = 32


@dataclass(frozen=True, slots=True)
class _Kept:
    state: tuple[Any, ...]
    until: float
    answer: Any


_Shelf = OrderedDict[Hashable, _Kept]
_shelves: WeakKeyDictionary[Pool, _Shelf] = WeakKeyDictionary()
_lock = threading.Lock()


def remembered(session: Session, question: Hashable, ask: Callable[[], T]) -> T:
    """The answer to a question about articles, asked only where it may have changed.

    Args:
        session: a session for reading.
        question: what tells this question from all others.
        ask: asks the store.
    """
    state, now = _state(session), time.monotonic()
    pool = session.get_bind().engine.pool
    with _lock:
        kept = _shelves.setdefault(pool, OrderedDict()).get(question)
    if kept is not None and kept.state == state and now < kept.until:
        return cast("T", kept.answer)
    answer = ask()
    with _lock:
        shelf = _shelves.setdefault(pool, OrderedDict())
        shelf[question] = _Kept(state, now + KEPT_S, answer)
        shelf.move_to_end(question)
        while len(shelf) > _MOST:
            shelf.popitem(last=False)
    return answer


def _state(session: Session) -> tuple[Any, ...]:
    """A new article, a new text and every other change each raise one of these."""
    newest = [
        select(func.max(key)).scalar_subquery()
        for key in (Article.id, ArticleVersion.id, Audit.seq)
    ]
    return tuple(session.execute(select(*newest)).one())
