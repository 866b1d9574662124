"""Articles in: whatever brings them (a command, the page, the API), this is the way they take.

They are read and prepared in groups, without a transaction; each group is then stored in one,
or only judged for a dry run. One bad article never loses the others.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Literal, TypeAlias

from sqlalchemy.orm import Session

from app.errors import InvalidInputError
from app.extensions import CLASH, UNUSABLE_VALUES
from app.services.article_fields import merge_fields
from app.services.articles import (
    NEAR,
    ArticleFields,
    PreparedArticle,
    prepare_decoded,
    state_of,
    store_article,
)
from labeling.errors import TextError
from labeling.text.language import language_of
from labeling.text.readers import Found, Item, Refused, read_article

# Articles stored in one transaction: few enough that nobody waits long for the write lock.
PER_TRANSACTION = 25
# How Python holds a byte of a file's name that is not UTF-8: no store takes it.
_HALF_CHARACTER = re.compile(r"[\ud800-\udfff]")

State: TypeAlias = Literal["new", "updated", "duplicate", "rejected"]


@dataclass(frozen=True, slots=True)
class Ready:
    """An article that was read and cut, and where it stood."""

    source: str
    row: int | None
    article: PreparedArticle


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an article, or would become of it. ``reason`` says why it was rejected."""

    source: str
    row: int | None
    state: State
    uid: str = ""
    title: str = ""
    passages: int = 0
    language: str = ""
    reason: str = ""


Group: TypeAlias = list[Ready | Outcome]


def groups_of(items: Iterable[Item], given: ArticleFields) -> Iterator[Group]:
    """Read and prepare articles, group by group; what cannot be used is an outcome already.

    Args:
        items: what the readers found.
        given: what is known of all of them.
    """
    items = iter(items)
    while found := list(islice(items, PER_TRANSACTION)):
        yield [prepare(item, given) for item in found]


def prepare(item: Item, given: ArticleFields) -> Ready | Outcome:
    """Read one article and cut it; heavy work, for commands and the worker only."""
    if isinstance(item, Refused):
        return _rejected(item, item.reason)
    try:
        reading = read_article(item, title=given.title)
        fields = merge_fields(reading.named, given, reading.seen)
        if not fields.language:
            fields = replace(fields, language=language_of(reading.decoded.text))
        source = shown(item.source)
        article = prepare_decoded(reading.data, reading.decoded, source=source, fields=fields)
    except (TextError, InvalidInputError) as err:
        reason = f"{err.message} {err.remedy}".strip()
        where = f"row {item.row}: " if item.row is not None else f"{item.source}: "
        named = reason.startswith((where, item.source, where.rstrip(": ")))
        return _rejected(item, reason if named else where + reason)
    return Ready(source, item.row, article)


def store_group(
    session: Session, group: Group, *, actor: str = "system", near: float = NEAR
) -> list[Outcome]:
    """Store what is ready of a group, in the caller's transaction.

    Args:
        session: the transaction.
        group: what `groups_of` gave.
        actor: who imports.
        near: from which share on two articles are near-duplicates, as for `store_article`.

    Returns:
        What became of each, in the order of the group.
    """
    ends: dict[int, Outcome] = {}
    # In one order for all, so that two imports of the same files wait for each other
    # instead of each for the other's.
    for i in sorted(range(len(group)), key=lambda i: _uid(group[i])):
        one = group[i]
        ends[i] = _store_one(session, one, actor, near) if isinstance(one, Ready) else one
    return [ends[i] for i in range(len(group))]


@dataclass
class DryRun:
    """Says what an import would do, without doing any of it.

    It remembers what it has seen, since an article that comes twice is new only once.
    """

    _articles: set[int] = field(default_factory=set)
    _contents: set[int] = field(default_factory=set)

    def judge_group(self, session: Session, group: Group) -> list[Outcome]:
        """Say what would become of each article of a group; the session is only read."""
        ends: dict[int, Outcome] = {}
        # In the order in which an import stores them: of two with the same words the first is new.
        for i in sorted(range(len(group)), key=lambda i: _uid(group[i])):
            one = group[i]
            ends[i] = self._judge(session, one) if isinstance(one, Ready) else one
        return [ends[i] for i in range(len(group))]

    def _judge(self, session: Session, one: Ready) -> Outcome:
        article = one.article
        uid, content = _short(article.uid), _short(article.uid + article.bytes_sha)
        anywhere = _short(article.bytes_sha)
        state: State = state_of(session, article)
        if content in self._contents or (
            article.fields.external_id is None and anywhere in self._contents
        ):
            state = "duplicate"
        elif state == "new" and uid in self._articles:
            state = "updated"
        self._articles.add(uid)
        self._contents |= {content, anywhere}
        return _outcome(one, state)


def _store_one(session: Session, one: Ready, actor: str, near: float) -> Outcome:
    """Store an article within its group, or say why not: a bad one shall not lose the others."""
    for _ in range(2):
        try:
            with session.begin_nested():
                stored = store_article(session, one.article, actor=actor, near=near)
        except CLASH:
            # Another import was faster with the same article: now it is found.
            continue
        except UNUSABLE_VALUES as err:
            reason = str(getattr(err, "orig", err)).strip().partition("\n")[0]
            return _rejected(one, f"{one.source}: it cannot be stored ({reason}).")
        ended = _outcome(one, stored.state)
        return replace(ended, uid=stored.uid, title=stored.title, passages=stored.passages)
    again = "it is being imported elsewhere at this moment. Import it again."
    return _rejected(one, f"{one.source}: {again}")


def _outcome(one: Ready, state: State) -> Outcome:
    article = one.article
    return Outcome(
        one.source,
        one.row,
        state,
        uid=article.uid,
        title=article.fields.title,
        passages=len(article.passages),
        language=article.fields.language,
    )


def _rejected(item: Found | Refused | Ready, reason: str) -> Outcome:
    return Outcome(shown(item.source), item.row, "rejected", reason=shown(reason))


def shown(text: str) -> str:
    """A text that can be stored: a file's name need not be text to the last byte."""
    return _HALF_CHARACTER.sub("\N{REPLACEMENT CHARACTER}", text)


def _uid(one: Ready | Outcome) -> str:
    return one.article.uid if isinstance(one, Ready) else ""


def _short(text: str) -> int:
    """Eight bytes that stand for a text: enough to tell hundreds of thousands apart."""
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big")
