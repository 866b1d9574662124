"""The index is kept by what changed: imports, corrections, edits, restores, updates."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import insert, select, update

from app.models.jobs import Job
from app.models.passages import Passage
from app.models.terms import TermIndexState, TermWaiting
from app.queries.terms import iter_occurrences
from app.services import term_index
from app.services.article_edits import merge_passages
from app.services.articles import ArticleFields, prepare_article, store_article
from app.services.curation import retract_article
from app.services.term_index import ask_for_index, count_waiting
from tests.line import Line

FIRST = """Council argues over the zealots

The zealots came back to the hall and stayed there until late at night, people said.

A second paragraph stands here with words of its own, so that it is long enough."""
LATER = FIRST.replace("A second paragraph", "A corrected paragraph of zealots")


@pytest.fixture
def line(settings, store):
    line = Line(settings, store)
    yield line
    line.queue.close()


@pytest.fixture
def call(app):
    def run(*words):
        result = app.test_cli_runner().invoke(args=[*map(str, words), "--json"])
        assert result.exit_code == 0, result.output
        return json.loads(result.stdout)

    return run


def bring_in(store, text):
    fields = ArticleFields(outlet="Gull", external_id="x-1")
    prepared = prepare_article(text.encode(), source="a.txt", fields=fields, max_bytes=100_000)
    with store.transaction() as session:
        return store_article(session, prepared).uid


def matches(store, term):
    return [one["match"] for one in iter_occurrences(store, term)]


@pytest.mark.parametrize("at_once", [1, 4_096])
def test_what_is_imported_corrected_edited_or_retracted_is_found_as_it_stands(
    store, line, monkeypatch, at_once
):
    monkeypatch.setattr(term_index, "AT_ONCE", at_once)
    uid = bring_in(store, FIRST)
    assert len(matches(store, "zealots")) == 2
    bring_in(store, LATER)
    assert len(matches(store, "zealots")) == 3
    assert matches(store, "A second paragraph") == []
    with store.reading() as session:
        start = next(one["start"] for one in iter_occurrences(store, "the zealots came"))
        placed = session.scalars(select(Passage.text).order_by(Passage.id)).all()
    assert placed
    with store.transaction() as session:
        body = line_start(session, uid)
        merge_passages(session, uid, start=body + start, version=2, actor="system")
    assert len(matches(store, "zealots")) == 3
    assert matches(store, "people said.\n\nA corrected") == ["people said.\n\nA corrected"]
    with store.transaction() as session:
        retract_article(session, uid, reason="withdrawn", actor="system")
    assert len(matches(store, "zealots")) == 3


def line_start(session, uid):
    from app.models.passages import Placement

    return session.scalar(
        select(Placement.start)
        .join(Passage, Passage.id == Placement.passage_id)
        .where(Passage.text.startswith("The zealots"))
        .order_by(Placement.version_id.desc())
        .limit(1)
    )


def test_an_import_takes_in_what_waits_once_there_is_enough(store, line, monkeypatch):
    monkeypatch.setattr(term_index, "AT_ONCE", 5)
    line.add_article("one", paragraphs=2)
    with store.reading() as session:
        assert count_waiting(session) == 3
    line.add_article("two", paragraphs=2)
    with store.reading() as session:
        assert count_waiting(session) == 1
    assert len(matches(store, "council")) == 2


def test_a_job_takes_in_what_an_old_store_holds(store, line, monkeypatch):
    line.add_article("one")
    with store.transaction() as session:
        assert ask_for_index(session, line.queue) is None
        monkeypatch.setattr(term_index, "AT_ONCE", 2)
        job = ask_for_index(session, line.queue)
    assert line.run(job).result == {"passages": 5}
    with store.reading() as session:
        assert session.scalars(select(TermWaiting.passage_id)).all() == []


def test_an_update_of_unicode_has_everything_taken_in_again(store, line, call, monkeypatch):
    line.add_article("one")
    assert call("terms", "index") == {"passages": 5, "waiting": 0}
    with store.transaction() as session:
        session.execute(update(TermIndexState).values(form="1/0.0"))
    monkeypatch.setattr(term_index, "AT_ONCE", 2)
    call("db", "upgrade")
    with store.reading() as session:
        assert session.scalars(select(Job.name)).all() == ["term_index_v1"]
        assert count_waiting(session) == 5
    assert call("terms", "index", "--again")["passages"] == 5
    assert call("terms", "show", "council")["total"] == 1


def test_a_restore_takes_everything_in_again(store, line, call, tmp_path):
    line.add_article("one")
    call("terms", "index")
    call("backup", "create", tmp_path / "b")
    names = {path.name for path in (tmp_path / "b").iterdir()}
    assert not {name for name in names if name.startswith("term_")}
    with store.transaction() as session:
        ids = session.scalars(select(Passage.id)).all()
        session.execute(insert(TermWaiting), [{"passage_id": one} for one in ids])
    call("backup", "restore", tmp_path / "b", "--replace")
    with store.reading() as session:
        assert count_waiting(session) == 0
    assert call("terms", "show", "council")["total"] == 1
