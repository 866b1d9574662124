"""The index finds every occurrence that a plain scan of the texts finds, no more and no less."""

from __future__ import annotations

import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select, update

from app.models.articles import Article
from app.models.passages import Passage, Placement
from app.models.terms import TermBlock, TermIndexState, TermWaiting
from app.queries import terms
from app.queries.term_places import iter_candidates
from app.queries.terms import iter_occurrences
from app.services import term_index
from app.services.term_index import begin_again, count_waiting, is_outdated, take_in
from labeling.concordance import find_term
from labeling.term_index import BLOCK
from tests.conftest import STORES
from tests.integration.terms.corpus import add_passages

WORDS = [
    "attack", "Attack-", "ATTACKED", "the", "death tax", "straße", "STRASSE", "İstanbul", "ısı",
    "ΑΣ", "ας", "ᾳ", "α\u0345", "\u0345attack", "ﬁne", "ſo", "Ⓐ", "ⓐ", "攻撃", "攻撃 する", "😀",
    "👩‍🚀", "—", "“so-called”", "attack_1", "a\u0301ttack", "don't", "don’t", "Ǆ", "ǆ", "...",
    "—attack", "\u200b",
]  # fmt: skip


def plain_scan(store, term):
    """Every place of the term by looking at every text that stands in a version in force."""
    with store.reading() as session:
        rows = session.execute(
            select(Passage.uid, Passage.text)
            .join(Placement, Placement.passage_id == Passage.id)
            .join(Article, Article.id == Passage.article_id)
            .order_by(Article.id, Placement.start)
        ).all()
    return [
        (uid, one.start, one.end, one.match) for uid, text in rows for one in find_term(text, term)
    ]


def indexed(store, term):
    found = iter_occurrences(store, term)
    return [(one["passage"], one["start"], one["end"], one["match"]) for one in found]


@pytest.fixture(scope="module", params=STORES)
def odd_store(request, tmp_path_factory):
    """Odd texts in several blocks: some taken in at once, some added to blocks, some waiting."""
    from app.extensions import Store

    chance = random.Random(7)
    patch = pytest.MonkeyPatch()
    patch.setattr(term_index, "AT_ONCE", 40)
    template = request.getfixturevalue(f"{request.param}_template")
    with template.copy(tmp_path_factory.mktemp("terms") / "instance") as given_settings:
        store = Store(given_settings.sqlalchemy_url)
        for first in (1, 60, BLOCK - 9, 4 * BLOCK - 3, 200 * BLOCK, 90):
            texts = [
                chance.choice(["", " ", "x"]).join(chance.choices(WORDS, k=chance.randint(1, 6)))
                + chance.choice(["", ".", " -ready", "'s"])
                for _ in range(23)
            ]
            add_passages(store, [text if text.strip() else "x" for text in texts], first=first)
        yield store
        store.dispose()
    patch.undo()


TERMS = st.one_of(
    st.sampled_from(WORDS),
    st.builds(lambda a, b, s: s.join((a, b)), *[st.sampled_from(WORDS)] * 2, st.sampled_from(" -")),
    st.sampled_from(WORDS).map(str.upper),
    st.sampled_from(WORDS).map(str.lower),
    st.text(st.sampled_from("".join(WORDS)), min_size=1, max_size=6),
).filter(str.strip)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(term=TERMS)
def test_index_and_check_find_what_a_plain_scan_finds(odd_store, term):
    assert indexed(odd_store, term) == plain_scan(odd_store, term)


def test_some_of_the_odd_texts_are_in_blocks_and_some_still_wait(odd_store):
    with odd_store.reading() as session:
        assert 0 < count_waiting(session) < 40
        blocks = session.scalars(select(TermBlock.block).distinct().order_by(TermBlock.block)).all()
    assert len(blocks) >= 3


def test_all_words_of_a_term_narrow_where_it_is_looked_for(odd_store):
    with odd_store.reading() as session:
        every = len(session.scalars(select(Passage.id)).all())
        proposed = sum(len(ids) for ids in iter_candidates(session, ["attack"]))
        waiting = count_waiting(session)
        nothing = sum(len(ids) for ids in iter_candidates(session, ["no-such-word"]))
        one_of = sum(len(ids) for ids in iter_candidates(session, ["attack", "no-such-word"]))
    assert nothing < proposed < every
    assert proposed == one_of
    assert nothing >= waiting


@pytest.mark.parametrize("after", [0, 59, BLOCK - 9, BLOCK, 4 * BLOCK, 201 * BLOCK])
def test_candidates_go_on_where_one_stopped(odd_store, after):
    with odd_store.reading() as session:
        whole = [one for ids in iter_candidates(session, ["the"]) for one in ids]
        rest = [one for ids in iter_candidates(session, ["the"], after=after) for one in ids]
    assert whole == sorted(whole)
    assert rest == [one for one in whole if one > after]


def test_a_term_that_stands_nearly_everywhere_is_looked_for_in_order(odd_store, monkeypatch):
    monkeypatch.setattr(terms, "MOST_SORTED", 10)
    monkeypatch.setattr(terms, "PAGE", 7)
    assert indexed(odd_store, "attack") == plain_scan(odd_store, "attack")


def test_what_is_gone_or_superseded_is_not_found(store):
    add_passages(store, ["The zeal of one.", "The zeal of two."])
    with store.transaction() as session:
        while take_in(session):
            pass
        first = session.scalar(select(Passage.id).order_by(Passage.id).limit(1))
        session.execute(delete(Placement).where(Placement.passage_id == first))
        session.execute(delete(Passage).where(Passage.id == first))
    assert [one[3] for one in indexed(store, "zeal")] == ["zeal"]
    with store.transaction() as session:
        session.execute(update(Article).values(current_version=2))
    assert indexed(store, "zeal") == []


def test_a_passage_without_any_word_is_taken_in(store):
    add_passages(store, ["\n"])
    with store.transaction() as session:
        assert take_in(session) == 1
        assert count_waiting(session) == 0
    assert indexed(store, "zeal") == []


def test_a_waiting_passage_can_go(store):
    add_passages(store, ["The zeal of one."])
    with store.transaction() as session:
        session.execute(delete(Placement))
        session.execute(delete(Passage))
        assert count_waiting(session) == 0


def test_an_index_of_another_unicode_is_not_used_until_it_is_made_again(store):
    add_passages(store, ["The zeal of one."])
    with store.transaction() as session:
        assert take_in(session) == 1
        session.execute(update(TermIndexState).values(form="1/0.0"))
        session.execute(delete(TermBlock))
    add_passages(store, ["The zeal of two."])
    with store.transaction() as session:
        assert is_outdated(session)
        assert take_in(session) == 0
    assert len(indexed(store, "zeal")) == 2
    with store.transaction() as session:
        begin_again(session)
        assert not is_outdated(session)
        assert take_in(session) == 2
        assert take_in(session) == 0
        assert session.scalars(select(TermWaiting.passage_id)).all() == []
    assert len(indexed(store, "zeal")) == 2


def test_while_somebody_takes_passages_in_another_lets_it_be(store):
    add_passages(store, ["The zeal of one."])
    with store.transaction() as session:
        assert take_in(session) == 1
    add_passages(store, ["The zeal of two."])
    if store.is_sqlite:
        return  # only one writes at a time there
    with store.transaction() as session:
        assert take_in(session) == 1
        with store.transaction() as other:
            assert take_in(other) == 0
