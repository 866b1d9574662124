"""The term bank: every change is a version, nothing is lost, everybody's change is told."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from app.errors import ConflictError, NotFoundError
from app.models.audit import Audit
from app.models.lexicon import LexiconVersion, Term
from app.queries.lexicon import current_terms, newest_version
from app.services.lexicon import add_term, import_terms, set_muted
from app.services.seeding import seed_instance
from labeling.suggest.lexicon_csv import read_terms
from labeling.suggest.lexicon_terms import TermError


def bank(text):
    return read_terms(text.encode(), source="bank.csv")


def import_(store, text):
    with store.transaction() as session:
        return import_terms(session, bank(text), source="bank.csv", actor="ada@example.org")


def terms(store):
    with store.reading() as session:
        return {term.key: term for term in current_terms(session)}


def test_a_fresh_instance_has_the_starter_lexicon_and_never_gets_it_again(store):
    with store.transaction() as session:
        assert newest_version(session).n == 1
        set_muted(session, "regime", muted=True, actor="system")
        seed_instance(session)
    assert len(terms(store)) >= 200
    assert terms(store)["regime"].status == "muted"


def test_an_import_adds_changes_and_leaves_the_rest(store):
    before = terms(store)
    text = "surface,topic,note\nregime,any,Mine.\nnew word,any,New.\n"
    done = import_(store, text)
    assert (done.version, done.added, done.changed, done.unchanged) == (2, 1, 1, 0)
    after = terms(store)
    assert done.terms == len(after) == len(before) + 1
    assert after["regime"].note == "Mine."
    assert after["regime"].alternatives == before["regime"].alternatives
    assert {k: v for k, v in after.items() if k not in ("regime", "new-word")} == {
        k: v for k, v in before.items() if k != "regime"
    }
    again = import_(store, text)
    assert (again.version, again.added, again.changed, again.unchanged) == (2, 0, 0, 2)


def test_a_muted_term_stays_muted_when_a_file_does_not_speak_of_it(store):
    with store.transaction() as session:
        set_muted(session, "regime", muted=True, actor="system")
    import_(store, "surface,topic\nregime,any\n")
    assert terms(store)["regime"].status == "muted"
    import_(store, "surface,topic,status\nregime,any,active\n")
    assert terms(store)["regime"].status == "active"


def test_what_a_term_was_in_an_older_version_is_still_known(store):
    import_(store, "surface,topic,note\nregime,any,Second.\n")
    import_(store, "surface,topic,note\nregime,any,Third.\n")
    with store.reading() as session:
        rows = session.execute(
            select(Term.since, Term.until, Term.note)
            .where(Term.key == "regime")
            .order_by(Term.since)
        ).all()
        versions = session.scalars(select(LexiconVersion).order_by(LexiconVersion.n)).all()
    assert [(since, until) for since, until, _ in rows] == [(1, 2), (2, 3), (3, None)]
    assert rows[-1].note == "Third."
    assert [v.n for v in versions] == [1, 2, 3]
    assert len({v.sha for v in versions}) == 1, "a note shapes no answer"


def test_a_term_is_added_once(store):
    with store.transaction() as session:
        values = {"surface": "sham vote", "topic": "elections", "leans": "left"}
        assert add_term(session, values, actor="ada@example.org").key == "sham-vote"
    with store.transaction() as session:
        with pytest.raises(ConflictError, match="'sham-vote' already"):
            add_term(session, values, actor="ada@example.org")
        with pytest.raises(TermError, match="topic is empty"):
            add_term(session, {"surface": "sham poll"}, actor="ada@example.org")
    assert newest(store) == 2


def test_muting_twice_is_one_change_and_an_unknown_term_is_told(store):
    with store.transaction() as session:
        set_muted(session, "regime", muted=True, actor="ada@example.org")
        set_muted(session, "regime", muted=True, actor="ada@example.org")
        with pytest.raises(NotFoundError, match="no term 'nothing'"):
            set_muted(session, "nothing", muted=True, actor="ada@example.org")
    assert newest(store) == 2
    with store.reading() as session:
        lines = session.scalars(
            select(Audit).where(Audit.action == "lexicon_changed").order_by(Audit.seq)
        ).all()
    assert [(line.actor, line.detail["reason"]) for line in lines] == [
        ("system", "imported starter.csv"), ("ada@example.org", "muted regime"),
    ]  # fmt: skip


def newest(store):
    with store.reading() as session:
        return newest_version(session).n
