"""Where terms may stand, from the index: passages to look at, in the order of their ids."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterator, Mapping

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.models.passages import Passage
from app.models.terms import TermBlock, TermIndexState, TermWaiting
from labeling.concordance import find_term
from labeling.term_index import ANYWHERE, BLOCK, FORM, key_of, unpack, words_of_term

_AT_ONCE = 5_000
# Blocks that are asked for in one question: few first, for terms that stand everywhere.
_FIRST, _THEN = 4, 64

# A term as the numbers of its words.
_Keys = frozenset[int]


def iter_candidates(
    session: Session, terms: Collection[str], *, after: int = 0
) -> Iterator[list[int]]:
    """Ids of passages that may hold a term, ascending; every passage that does is among them.

    Args:
        session: one transaction for all of it.
        terms: terms that can be looked for; a passage with any of them will do.
        after: only ids greater than this one.

    Yields:
        Lists, none of them empty, for as long as the caller wants more.
    """
    wanted = _keys_of(terms)
    if wanted is None or not _is_ready(session):
        yield from _every_passage(session, after)
        return
    # Before the blocks: what is taken in meanwhile is in both, not in neither.
    waiting = _waiting(session, after)
    last = (session.scalar(select(func.max(Passage.id))) or 0) // BLOCK
    block, size = (after + 1) // BLOCK, _FIRST
    while block <= last:
        held = _blocks(session, wanted, block, block + size)
        for number in range(block, block + size):
            ids = held.get(number, set())
            here = _between(waiting, number * BLOCK, (number + 1) * BLOCK)
            ids.update(_holding(session, here, terms))
            proposed = sorted(one for one in ids if one > after)
            if proposed:
                yield proposed
        block, size = block + size, _THEN


def _keys_of(terms: Collection[str]) -> list[_Keys] | None:
    """Each term by the numbers of its words; None when words cannot tell of one of them."""
    wanted = []
    for term in terms:
        words = words_of_term(term)
        if words is None:
            return None
        wanted.append(frozenset(key_of(word) for word in words))
    return wanted


def _is_ready(session: Session) -> bool:
    """Whether the blocks can be used; before there are any, every passage waits."""
    form = session.scalar(select(TermIndexState.form))
    return form is None or form == FORM


def _every_passage(session: Session, after: int) -> Iterator[list[int]]:
    while True:
        ids = list(
            session.scalars(
                select(Passage.id).where(Passage.id > after).order_by(Passage.id).limit(_AT_ONCE)
            )
        )
        if not ids:
            return
        yield ids
        after = ids[-1]


def _waiting(session: Session, after: int) -> list[int]:
    rows = session.scalars(
        select(TermWaiting.passage_id)
        .where(TermWaiting.passage_id > after)
        .order_by(TermWaiting.passage_id)
    )
    return list(rows)


def _between(ids: list[int], first: int, end: int) -> list[int]:
    return ids[bisect_left(ids, first) : bisect_left(ids, end)]


def _holding(session: Session, ids: list[int], terms: Collection[str]) -> list[int]:
    """Of passages that wait for the index, those in which a term stands."""
    found: list[int] = []
    for at in range(0, len(ids), _AT_ONCE):
        rows = session.execute(
            select(Passage.id, Passage.text).where(Passage.id.in_(ids[at : at + _AT_ONCE]))
        )
        found += [row.id for row in rows if any(find_term(row.text, term) for term in terms)]
    return found


def _blocks(session: Session, wanted: list[_Keys], first: int, end: int) -> dict[int, set[int]]:
    """By block the passages that hold every word of a term, or of which words cannot tell."""
    odd = key_of(ANYWHERE)
    rows = session.execute(
        select(TermBlock.word, TermBlock.block, TermBlock.places)
        .where(
            TermBlock.word.in_(sorted({odd}.union(*wanted))),
            TermBlock.block >= first,
            TermBlock.block < end,
        )
        .order_by(TermBlock.block, TermBlock.word)
    )
    held: dict[int, dict[int, bytes]] = {}
    for row in rows:
        held.setdefault(row.block, {})[row.word] = row.places
    found: dict[int, set[int]] = {}
    for block, words in held.items():
        ids = found[block] = set()
        for keys in {*wanted, frozenset({odd})}:
            ids.update(block * BLOCK + place for place in _common(words, keys))
    return found


def _common(words: Mapping[int, bytes], keys: _Keys) -> set[int]:
    """The places that all these words share."""
    if not keys <= words.keys():
        return set()
    rarest, *others = sorted((words[key] for key in keys), key=len)
    places = set(unpack(rarest))
    for other in others:
        places.intersection_update(unpack(other))
    return places
