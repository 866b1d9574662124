"""What is kept about all articles is asked anew as soon as one of them changed."""

from __future__ import annotations

import pytest
from sqlalchemy import event, select

from app.models.articles import Article
from app.queries import article_list, remembered
from app.services import audit


@pytest.fixture
def statements(store):
    """The statements that the store was given, without those that ask what changed."""
    seen = []

    def note(_connection, _cursor, statement, *_):
        if statement.startswith("SELECT") and "max(" not in statement:
            seen.append(statement)

    event.listen(store.engine, "before_cursor_execute", note)
    yield seen
    event.remove(store.engine, "before_cursor_execute", note)


def counted(store, **chosen):
    with store.reading() as session:
        return article_list.count_articles(session, **chosen)


def found(store, q, **more):
    with store.reading() as session:
        return [row.title for row in article_list.list_articles(session, q=q, **more).rows]


def test_the_same_question_reads_the_titles_once(line, store, statements):
    for name in ("boats", "lamps"):
        line.add_article(name)
    assert counted(store, q="lamps") == 1
    before = len(statements)
    assert counted(store, q="lamps") == 1
    assert statements[before:] == []


def test_a_new_article_is_found_and_counted_at_once(line, store):
    line.add_article("boats", outlet="Gull")
    assert found(store, "counts") == ["Council counts boats again"]
    with store.reading() as session:
        assert article_list.list_outlets(session) == (("Gull", 1),)
    line.add_article("lamps", outlet="Tern")
    assert found(store, "counts") == ["Council counts lamps again", "Council counts boats again"]
    assert counted(store, q="counts") == counted(store) == 2
    with store.reading() as session:
        assert article_list.list_outlets(session) == (("Gull", 1), ("Tern", 1))


def test_a_changed_title_is_found_at_once(line, store):
    line.add_article("boats")
    assert found(store, "lamps") == []
    with store.transaction() as session:
        session.scalars(select(Article)).one().title = "Who minds the lamps"
        audit.record(session, actor="system", action="article_edited", object="article:x")
    assert found(store, "LAMPS") == ["Who minds the lamps"]


def test_an_answer_is_kept_for_a_while_only(line, store, monkeypatch):
    line.add_article("boats")
    assert counted(store, q="lamps") == 0
    with store.transaction() as session:
        session.scalars(select(Article)).one().title = "Who minds the lamps"
    later = remembered.time.monotonic() + remembered.KEPT_S + 1
    monkeypatch.setattr(remembered.time, "monotonic", lambda: later)
    assert counted(store, q="lamps") == 1


def test_only_the_last_questions_are_kept(line, store, statements):
    line.add_article("boats")
    for n in range(40):
        counted(store, q=f"word {n}")
    before = len(statements)
    counted(store, q="word 39")
    assert len(statements) == before
    counted(store, q="word 0")
    assert len(statements) == before + 1


def test_a_search_that_finds_too_much_is_read_page_by_page(line, store, monkeypatch):
    for name in ("boats", "lamps", "ropes"):
        line.add_article(name)
    monkeypatch.setattr(article_list, "_MOST_FOUND", 2)
    assert counted(store, q="counts") == 3
    assert found(store, "counts", limit=2) == [
        "Council counts ropes again",
        "Council counts lamps again",
    ]
