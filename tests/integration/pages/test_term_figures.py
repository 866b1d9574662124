"""The term bank of a large instance shows what was counted when a job ended."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import delete, select

from app.jobs.term_figures import keep_term_figures
from app.models.annotations import Revision
from app.models.batches import Tally
from app.models.lexicon import TermFigure
from app.queries import term_acceptance
from app.queries.term_acceptance import Acceptance, acceptance_of, count_acceptance
from app.services.articles import ArticleFields, prepare_article, store_article
from app.services.term_figures import EVERY_MINUTES, is_due, keep, signature
from tests.line import ADA, Line

TEXT = ["The regime speaks of a regime", "Nobody said that the crony was in the harbour on Monday."]
NOW = datetime(2026, 6, 1, tzinfo=UTC)


def add(store, *paragraphs):
    prepared = prepare_article(
        "\n\n".join(paragraphs).encode(),
        source="a.txt",
        fields=ArticleFields(),
        max_bytes=100_000,
    )
    with store.transaction() as session:
        store_article(session, prepared)


@pytest.fixture
def line(settings, store):
    line = Line(settings, store)
    add(store, *TEXT)
    yield line
    line.queue.close()


@pytest.fixture
def large(monkeypatch):
    monkeypatch.setattr(term_acceptance, "LIVE", 0)


def kept(store):
    with store.reading() as session:
        rows = session.scalars(select(TermFigure).order_by(TermFigure.key))
        return {row.key: (row.unchanged, row.waiting, row.found) for row in rows}


def due(store, now=NOW):
    with store.reading() as session:
        return is_due(session, now)


def count(store, now=NOW):
    with store.transaction() as session:
        keep(session, count_acceptance(session, ["regime"]), signature(session), now)


def test_a_small_instance_keeps_nothing_and_counts_for_each_page(line, store, viewer):
    keep_term_figures(store)
    assert kept(store) == {}
    assert not due(store)
    assert "It stands 2 times" in viewer.get("/lexicon/regime").text


def test_a_large_one_counts_for_each_page_until_a_job_has_ended(line, store, viewer, large):
    assert "It stands 2 times" in viewer.get("/lexicon/regime").text
    line.add_batch(scheme="news", annotators=(ADA,))
    line.push()
    figures = kept(store)
    assert figures["regime"] == (0, 2, 2)
    assert figures["climate-alarmist"] == (0, 0, 0)
    with store.reading() as session:
        counted = count_acceptance(session, sorted(figures))
        assert acceptance_of(session, sorted(figures)) == counted
        assert acceptance_of(session, ["no-such-term"]) == {"no-such-term": Acceptance()}


def test_what_was_kept_is_shown_until_the_next_count(line, store, viewer, large):
    count(store)
    with store.transaction() as session:
        row = session.get_one(TermFigure, "regime")
        row.found = 41
    assert "It stands 41 times" in viewer.get("/lexicon/regime").text
    count(store)
    assert "It stands 2 times" in viewer.get("/lexicon/regime").text


def test_it_is_counted_again_when_something_came_and_a_while_has_passed(line, store, large):
    later = NOW + timedelta(minutes=EVERY_MINUTES)
    assert due(store)
    count(store)
    assert not due(store)
    assert not due(store, later)
    add(store, "A regime fell", "Nobody in the harbour saw the regime fall on Monday.")
    assert not due(store, later - timedelta(minutes=1))
    assert due(store, later)
    # A clock that was put back does not stop it for hours.
    assert due(store, NOW - timedelta(hours=9))


def test_a_job_that_ends_later_changes_nothing_that_is_current(line, store, large):
    keep_term_figures(store)
    before = kept(store)
    with store.transaction() as session:
        session.execute(delete(TermFigure).where(TermFigure.key != "regime"))
    keep_term_figures(store)
    assert set(kept(store)) == {"regime"}
    assert len(before) > 1
    with store.reading() as session:
        assert session.scalar(select(Revision.id).limit(1)) is None
        names = session.scalars(select(Tally.name).where(Tally.name.like("term%")))
        assert len(names.all()) == 4
