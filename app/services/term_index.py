"""The index of terms, kept by what changed: new passages wait, and are taken in by the thousand.

A passage's words never change, so only a new row adds to the index, and nothing is ever taken
out: a search looks at the texts themselves (docs/adr/0031). Until they are taken in, waiting
passages are proposed for every term.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import delete, func, insert, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.models.jobs import Job
from app.models.passages import Passage
from app.models.terms import TermBlock, TermIndexState, TermWaiting
from app.queue import TERM_INDEX, Queue
from labeling.term_index import BLOCK, FORM, key_of, pack, unpack, words_of

# So many passages wait before they are taken in: few enough to be looked through at every
# search, many enough for the blocks to be written seldom.
AT_ONCE = 4_096
_ASKED = 5_000

# Row by row costs SQLite little; PostgreSQL takes them all in one go, many times as fast.
_ONE_BY_ONE = text("""
    INSERT INTO term_block (word, block, places) VALUES (:word, :block, :places)
    ON CONFLICT (word, block) DO UPDATE SET places = excluded.places
""")
_ALL_IN_ONE = text("""
    INSERT INTO term_block (word, block, places)
    SELECT * FROM unnest(
        CAST(:word AS integer[]), CAST(:block AS integer[]), CAST(:places AS bytea[])
    )
    ON CONFLICT (word, block) DO UPDATE SET places = excluded.places
""")

# (word, block) -> places
_Found = dict[tuple[int, int], list[int]]


def note_passages(session: Session, passage_ids: Sequence[int]) -> None:
    """Have new passages found from now on; in the transaction that adds them."""
    if not passage_ids:
        return
    session.execute(insert(TermWaiting), [{"passage_id": one} for one in passage_ids])
    if count_waiting(session) >= AT_ONCE:
        take_in(session)


def count_waiting(session: Session) -> int:
    """How many passages are looked through at every search because no block names them."""
    return session.scalar(select(func.count()).select_from(TermWaiting)) or 0


def take_in(session: Session) -> int:
    """Write the words of some waiting passages into the blocks.

    Returns:
        How many passages were taken in; 0 when none waits, and while somebody else does it.
    """
    if not _hold(session):
        return 0
    rows = session.execute(
        select(Passage.id, Passage.text)
        .join(TermWaiting, TermWaiting.passage_id == Passage.id)
        .order_by(Passage.id)
        .limit(AT_ONCE)
    ).all()
    if not rows:
        return 0
    found = _words_by_block((row.id, row.text) for row in rows)
    if found:
        _add(session, found)
    ids = [row.id for row in rows]
    for at in range(0, len(ids), _ASKED):
        session.execute(
            delete(TermWaiting)
            .where(TermWaiting.passage_id.in_(ids[at : at + _ASKED]))
            .execution_options(synchronize_session=False)
        )
    return len(rows)


def ask_for_index(session: Session, queue: Queue) -> Job | None:
    """Plan the job that brings the index up to date, where there is much to do.

    That is so after an update of Copydesk or of Python, and in a store of before the index.
    """
    if is_outdated(session):
        begin_again(session)
    if count_waiting(session) < AT_ONCE:
        return None
    return queue.plan(session, TERM_INDEX, key="terms", actor="system", partition="terms")


def is_outdated(session: Session) -> bool:
    """Whether the blocks were made by another Copydesk, or with another Unicode."""
    form = session.scalar(select(TermIndexState.form))
    return form is not None and form != FORM


def begin_again(session: Session) -> None:
    """Empty the index; every passage waits."""
    session.execute(delete(TermBlock))
    session.execute(delete(TermWaiting))
    session.execute(delete(TermIndexState))
    session.execute(insert(TermWaiting).from_select(["passage_id"], select(Passage.id)))


def _hold(session: Session) -> bool:
    """Let nobody else write blocks until this transaction ends; say whether we may."""
    here = select(TermIndexState).where(TermIndexState.id == 1)
    state = session.scalar(here.with_for_update(skip_locked=True))
    if state is not None:
        return state.form == FORM
    try:
        with session.begin_nested():
            session.execute(insert(TermIndexState).values(id=1, form=FORM))
    except IntegrityError:
        return False
    return True


def _words_by_block(texts: Iterable[tuple[int, str]]) -> _Found:
    keys: dict[str, int] = {}
    found: _Found = {}
    for passage, words in texts:
        block, place = divmod(passage, BLOCK)
        for word in words_of(words):
            key = keys.get(word)
            if key is None:
                key = keys[word] = key_of(word)
            found.setdefault((key, block), []).append(place)
    return found


def _add(session: Session, found: _Found) -> None:
    """Add places to the blocks; those that are there stay."""
    known = _known(session, found)
    rows = [
        (word, block, pack([*unpack(known.get((word, block), b"")), *places]))
        for (word, block), places in found.items()
    ]
    if session.get_bind().dialect.name == "postgresql":
        words, blocks, places = map(list, zip(*rows, strict=True))
        session.execute(_ALL_IN_ONE, {"word": words, "block": blocks, "places": places})
    else:
        session.execute(_ONE_BY_ONE, [{"word": w, "block": b, "places": p} for w, b, p in rows])


def _known(session: Session, found: _Found) -> dict[tuple[int, int], bytes]:
    words: dict[int, list[int]] = {}
    for word, block in found:
        words.setdefault(block, []).append(word)
    known: dict[tuple[int, int], bytes] = {}
    for block, wanted in words.items():
        for at in range(0, len(wanted), _ASKED):
            rows = session.execute(
                select(TermBlock.word, TermBlock.places).where(
                    TermBlock.block == block, TermBlock.word.in_(wanted[at : at + _ASKED])
                )
            )
            known.update({(row.word, block): row.places for row in rows})
    return known
