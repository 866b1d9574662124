"""Suggestions in the store: made at import, renewed when a suggester changes, never doubled."""

from __future__ import annotations

from importlib.metadata import EntryPoint

import pytest
from sqlalchemy import func, select

from app.models.suggestions import (
    SuggesterOption,
    Suggestion,
    SuggestionAnswer,
    SuggestionRelation,
    SuggestionRun,
)
from app.queries.articles import show_article
from app.services import suggesters
from app.services.lexicon import set_muted
from app.services.suggestions import count_outdated, renew_some
from labeling.suggest.interface import Suggestion as SuggestionValue
from labeling.suggest.interface import Suggestions


def shown(store, uid):
    with store.reading() as session:
        return show_article(session, uid)


def labels(store, uid):
    data = shown(store, uid)
    return [(s["label"], data["text"][s["start"] : s["end"]]) for s in data["suggestions"]]


def count(store, model):
    with store.reading() as session:
        return session.scalar(select(func.count()).select_from(model))


def renew(store):
    renewed, after = 0, 0
    while True:
        with store.transaction() as session:
            step = renew_some(session, after)
        if step is None:
            return renewed
        after, renewed = step[0], renewed + step[1]


def mute(store, key):
    with store.transaction() as session:
        set_muted(session, key, muted=True, actor="system")


def test_an_article_has_its_suggestions_as_soon_as_it_is_there(store, add_article):
    uid = add_article()
    data = shown(store, uid)
    spans = {s["id"]: s for s in data["suggestions"]}
    text = {key: data["text"][s["start"] : s["end"]] for key, s in spans.items()}
    terms = [
        (text[k], s["attrs"]["voice"]) for k, s in spans.items() if s["label"] == "LOADED_TERM"
    ]
    assert terms == [
        ("Regime", "headline"), ("regime", "quoted"), ("fat cats", "outlet"), ("slammed", "outlet"),
    ]  # fmt: skip
    assert spans["lexicon-3"]["attrs"]["term"] == "fat cat"
    assert all(0 <= s["score"] <= 1 for s in spans.values())
    (said_by,) = data["relations"]
    assert (text[said_by["from"]], text[said_by["to"]]) == (
        "“The 😀 regime is over,”", "Omar Teague",
    )  # fmt: skip
    assert {s["source"].split("@")[0] for s in spans.values()} >= {"lexicon", "quotes"}


def test_muting_a_term_makes_articles_outdated_until_they_are_renewed(store, add_article):
    uid, other = add_article(), add_article("A harbour reopens\n\nThe quay was dry.")
    with store.transaction() as session:
        assert count_outdated(session) == 0
    mute(store, "regime")
    assert ("LOADED_TERM", "regime") in labels(store, uid)
    with store.transaction() as session:
        assert count_outdated(session) == 2
    assert renew(store) == 2
    assert ("LOADED_TERM", "regime") not in labels(store, uid)
    assert ("LOADED_TERM", "fat cats") in labels(store, uid)
    assert labels(store, other) == []
    assert renew(store) == 0


def test_renewing_leaves_no_rows_of_before(store, add_article):
    add_article()
    before = [count(store, model) for model in (Suggestion, SuggestionRelation, SuggestionAnswer)]
    mute(store, "deplorable")
    assert renew(store) == 1
    after = [count(store, model) for model in (Suggestion, SuggestionRelation, SuggestionAnswer)]
    assert after == before
    assert count(store, SuggestionRun) == 4, "the old run is still known by name"


def test_many_and_long_articles_are_renewed_step_by_step(store, add_article, monkeypatch):
    for n in range(5):
        add_article(f"Story {n}\n\nThe regime number {n}.")
    mute(store, "regime")
    monkeypatch.setattr("app.services.suggestions.RENEWED_AT_ONCE", 2)
    assert renew(store) == 5
    mute(store, "crony")
    monkeypatch.setattr("app.services.suggestions.CHARS_AT_ONCE", 10)
    with store.transaction() as session:
        assert renew_some(session, 0)[1] == 1
    assert renew(store) == 4


def test_an_admin_can_turn_a_suggester_off(store, add_article):
    uid = add_article()
    with store.transaction() as session:
        session.add(SuggesterOption(name="lexicon", enabled=False, options={}))
    assert renew(store) == 1
    assert "LOADED_TERM" not in {label for label, _ in labels(store, uid)}
    assert "QUOTE" in {label for label, _ in labels(store, uid)}


class Shouting:
    name, version, config_sha = "shouting", "7", "ab" * 32

    def suggest(self, document):
        return Suggestions([SuggestionValue("x", "WORK", 0, 4, 0.25, {"entry": 5})])


class Crashing(Shouting):
    name = "crashing"

    def suggest(self, document):
        raise RuntimeError("no model here")


class Misnamed(Shouting):
    name = "other"


@pytest.fixture
def entry_points(monkeypatch):
    """Pretend that packages with these entry points are installed."""

    def install(**points):
        class Point(EntryPoint):
            def load(self):
                found = points[self.name]
                if isinstance(found, Exception):
                    raise found
                return found

        given = [Point(name, "module:thing", "copydesk.suggesters") for name in points]
        monkeypatch.setattr(suggesters, "entry_points", lambda group: given)
        suggesters._BUILT.clear()

    yield install
    suggesters._BUILT.clear()


def test_third_parties_suggest_by_an_entry_point_and_a_bad_one_blocks_nobody(
    store, add_article, entry_points
):
    entry_points(
        shouting=Shouting,
        crashing=Crashing(),
        absent=ImportError("no such thing"),
        misnamed=Misnamed,
        incomplete=object,
        quotes=Shouting,
    )
    uid = add_article()
    assert ("WORK", "Regi") in labels(store, uid)
    (work,) = [s for s in shown(store, uid)["suggestions"] if s["label"] == "WORK"]
    assert work["source"].startswith("shouting@7+")
    with store.reading() as session:
        rows = session.execute(
            select(SuggestionAnswer.name, SuggestionAnswer.problem).where(
                SuggestionAnswer.problem != ""
            )
        )
        problems = dict(rows.all())
    assert problems == {
        "absent": "ImportError: no such thing",
        "crashing": "RuntimeError: no model here",
        "incomplete": "TypeError: it has not all that a suggester has "
        "(name, version, config_sha, suggest)",
        "misnamed": "ValueError: it calls itself 'other'",
    }
    with store.transaction() as session:
        assert count_outdated(session) == 0


def test_only_the_newest_line_ups_are_kept_in_memory(store, add_article):
    for key in ("regime", "crony", "rant", "fiasco", "tirade", "blast"):
        mute(store, key)
        add_article(f"Story of {key}\n\nThe {key} was there.")
    assert len(suggesters._BUILT) <= 4
