"""Even-handedness: what is counted, by what, for whom, and what is kept and shown of it."""

from __future__ import annotations

import csv
import io
import json

import pytest
from sqlalchemy import select

from app.models.audit import Audit
from app.models.evenness import EvennessReport, Outlet
from app.models.jobs import Job
from app.queries.evenness import iter_counted, list_outlets, newest_count
from app.services.evenness import request_count
from app.services.reviews import open_review
from labeling.evenness import EVERYBODY, REVIEWERS
from tests.integration.terms.test_page import answer, bring_in
from tests.line import ADA, BEN, Line

REGIME = """The regime speaks to the harbour

The regime said on Monday that all was well in the land, and so it went on.

“Nobody loves the regime,” said Ann Bell of Quay Watch, who has walked past it every day."""


OTHER = """Hill farmers count their sheep

The regime said nothing about wool, which farmers in the hills had hoped for since spring.

“Nobody here waits for the regime,” Tom Reed told a full hall of shepherds after the fair."""


@pytest.fixture
def line(settings, store):
    line = Line(settings, store)
    bring_in(store, REGIME, outlet="Gull")
    bring_in(store, OTHER, outlet="Tern")
    line.add_batch("b", scheme="news", annotators=(ADA, BEN), overlap=2)
    line.push("b")
    answer(line, "The regime said", "regime", lanes=(0,))
    answer(line, "The regime said", lanes=(1,))
    answer(line, "“Nobody", lanes=(0, 1))
    line.sync("b")
    yield line
    line.queue.close()


@pytest.fixture
def call(app):
    def run(*words, exit_code=0):
        result = app.test_cli_runner().invoke(args=["terms", *words, "--json"])
        assert result.exit_code == exit_code, result.output
        return json.loads(result.stdout)

    run.plain = lambda *words: app.test_cli_runner().invoke(args=["terms", *words]).output
    return run


def counts(report, by):
    """(labeled, places) by value and annotator."""
    return {
        (row["value"], row["who"]): (row["labeled"], row["rate"]["n"])
        for row in report["rates"][by]
    }


def test_places_that_somebody_looked_at_are_counted_for_each_who_looked(line, call):
    report = call("evenness")
    leans = counts(report, "leans")
    (value,) = {value for value, who in leans if who == EVERYBODY}
    assert leans[value, EVERYBODY] == (2, 8)
    people = {who: n for (_, who), n in leans.items() if who != EVERYBODY}
    assert sorted(people.values()) == [(0, 4), (2, 4)]
    voices = counts(report, "voice")
    assert voices["outlet", EVERYBODY] == (2, 4)
    assert voices["quoted", EVERYBODY] == (0, 4)
    row = next(row for row in report["rates"]["leans"] if row["who"] == EVERYBODY)
    assert row["rate"] == {"value": None, "ci95": None, "n": 8, "reason": "too few"}
    assert {one["term"] for one in row["passages"]} == {"regime"}


def test_a_reviewers_verdict_is_counted_apart(line, store, call):
    from datetime import UTC, datetime

    from app.models.passages import Passage
    from app.queries.reviewing import show_review
    from app.services.accounts import create_user
    from app.services.deciding import decide, submit
    from labeling.decisions import Decision, Verdict

    who = {"actor": "ruth@example.org", "now": datetime.now(UTC)}
    with store.transaction() as session:
        create_user(session, email="ruth@example.org", role="reviewer", actor="system")
        uid = session.scalar(
            select(Passage.uid)
            .where(Passage.text.startswith("The regime said"))
            .order_by(Passage.id)
            .limit(1)
        )
        open_review(session, "b", uid, **who)
        for group in show_review(session, "b", uid)["groups"]:
            if group["kind"] != "agreed":
                core = Decision(group["group"], group["layer"], Verdict.REJECT, reason="plain")
                decide(session, "b", uid, core, **who)
        submit(session, "b", uid, **who)
    leans = counts(call("evenness"), "leans")
    assert {n for (_, who), n in leans.items() if who == REVIEWERS} == {(0, 1)}


def test_what_an_outlet_states_is_filled_in_and_never_guessed(line, store, call):
    assert {value for value, _ in counts(call("evenness"), "outlet_lean")} == {"not stated"}
    said = call("lean", "Gull", "left", "--source", "its statutes", "--as", "admin@example.org")
    assert said == {"outlet": "Gull", "lean": "left", "source": "its statutes"}
    by_outlet = counts(call("evenness"), "outlet_lean")
    assert by_outlet["left", EVERYBODY] == by_outlet["not stated", EVERYBODY] == (1, 4)
    both = {value for value, _ in counts(call("evenness"), "leans_by_outlet")}
    assert all(" in left" in one or " in not stated" in one for one in both)
    listed = {row["outlet"]: row for row in call("outlets")["outlets"]}
    assert listed["Gull"]["lean"] == "left"
    assert listed["Tern"] == {"outlet": "Tern", "articles": 1, "lean": None, "source": ""}
    assert "its statutes" in call.plain("outlets")
    call("lean", "Gull", "not-stated")
    assert "Gull: not stated." in call.plain("lean", "Gull", "not-stated")
    with store.reading() as session:
        assert session.scalars(select(Outlet)).all() == []
        kept = session.scalars(
            select(Audit).where(Audit.action == "outlet_lean_stated").order_by(Audit.seq)
        ).all()
    assert [(one.actor, one.detail["before"], one.detail["lean"]) for one in kept][:2] == [
        ("admin@example.org", None, "left"),
        ("system", "left", None),
    ]


def test_a_lean_that_cannot_be_is_refused(call, line):
    assert "Invalid value" in call.plain("lean", "Gull", "north")
    assert "needs a name" in call("lean", " ", "left", exit_code=1)["error"]["message"]


def test_the_newest_count_is_kept_with_who_asked(line, store, call):
    call("evenness")
    call("evenness", "--as", "admin@example.org")
    with store.reading() as session:
        assert len(session.scalars(select(EvennessReport)).all()) == 1
        assert newest_count(session).actor == "admin@example.org"
        actions = session.scalars(select(Audit.action).order_by(Audit.seq)).all()
    assert actions.count("evenness_counted") == 2
    assert "too few" in call.plain("evenness")


def test_a_job_counts_and_the_page_shows_figures_and_passages(line, store, reviewer, viewer):
    assert "Nothing is counted yet" in viewer.get("/terms/evenness").text
    assert json.loads(viewer.get("/terms/evenness?format=json").text)["rates"] is None
    asked = reviewer.send("/terms/evenness")
    assert asked.status_code == 303
    with store.reading() as session:
        job = session.scalars(select(Job).where(Job.name == "evenness_v1")).one()
    assert line.run(job).result == {"passages": 4}
    body = viewer.get("/terms/evenness").text
    assert "too few (8)" in body
    assert "2 annotators, and passages" in body
    assert "outlet&#39;s own" in body
    for word in ("biased", "wrong", "bias "):
        assert word not in body
    rows = list(csv.DictReader(io.StringIO(viewer.get("/terms/evenness?format=csv").text)))
    assert {row["by"] for row in rows} >= {"leans", "voice", "outlet_lean"}
    answered = json.loads(viewer.get("/terms/evenness?format=json").text)
    assert answered["rates"]["leans"]
    assert answered["made_at"]
    assert viewer.send("/terms/evenness").status_code == 403


def test_asking_twice_plans_one_job(line, store):
    with store.transaction() as session:
        first = request_count(session, line.queue, actor="system")
        assert request_count(session, line.queue, actor="system").id == first.id


def test_an_admin_fills_in_outlets_on_a_page(line, store, admin, viewer):
    assert 'name="lean"' not in viewer.get("/terms/outlets").text
    form = {"name": "Gull", "lean": "centre", "source": "=masthead"}
    assert admin.send("/terms/outlets", data=form).status_code == 303
    body = admin.get("/terms/outlets").text
    assert '<option value="centre" selected>' in body
    assert "Kept. It shows in the next count." in body
    assert "=masthead" in viewer.get("/terms/outlets").text
    admin.send("/terms/outlets", data={"name": "Gull", "lean": "north"})
    assert "is no lean" in admin.get("/terms/outlets").text
    assert viewer.send("/terms/outlets", data=form).status_code == 403
    admin.send("/terms/outlets", data={"name": "Gull", "lean": ""})
    with store.reading() as session:
        assert [row.lean for row in list_outlets(session)] == [None, None]


def test_without_articles_the_pages_say_what_to_do(viewer):
    assert "No outlets yet" in viewer.get("/terms/outlets").text


def test_counting_goes_through_everything_in_short_reads(line, store, monkeypatch):
    from app.queries import evenness

    whole = list(iter_counted(store))[-1][1].report()
    monkeypatch.setattr(evenness, "_AT_ONCE", 1)
    steps = list(iter_counted(store))
    assert [n for n, _ in steps][:4] == [1, 2, 3, 4]
    assert steps[-1][1].report() == whole
