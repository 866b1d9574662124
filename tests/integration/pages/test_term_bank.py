"""The term bank's pages: to read for all, to change for admins, every change renews."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from app.models.jobs import Job
from app.models.suggestions import PredictionSpan
from app.queries.lexicon import current_terms
from app.queries.term_acceptance import SELDOM, TELLING, Acceptance, acceptance_of
from app.queries.term_bank import get_term
from app.services.articles import ArticleFields, prepare_article, store_article
from tests.line import ADA, BEN, Line

DAYS = (
    f"The regime said on day {n} that all was well in the land, and so it went on."
    for n in range(4)
)
TEXT = "\n\n".join(["The regime speaks", *DAYS])


@pytest.fixture
def line(settings, store):
    line = Line(settings, store)
    prepared = prepare_article(
        TEXT.encode(), source="a.txt", fields=ArticleFields(), max_bytes=100_000
    )
    with store.transaction() as session:
        store_article(session, prepared)
    yield line
    line.queue.close()


def judge(line):
    """Four annotators' ways with a suggestion, and one task that nobody has answered."""
    line.add_batch(scheme="news", annotators=(ADA,))
    line.push()
    (lane,) = line.lanes()
    tasks = [t for t in line.server.tasks_of(lane.ls_project_id) if t["predictions"]]
    kept = [dict(item) for item in tasks[0]["predictions"][0]["result"]]
    line.server.annotate(tasks[0]["id"], kept)
    moved = [dict(item) for item in tasks[1]["predictions"][0]["result"]]
    for item in (item for item in moved if item.get("from_name") == "loaded"):
        value = item["value"]
        text = tasks[1]["data"]["text"][: value["end"]]
        item["value"] = {**value, "start": 0, "text": text}
    line.server.annotate(tasks[1]["id"], moved)
    line.server.annotate(tasks[2]["id"], [])
    line.server.annotate(tasks[3]["id"], [], was_cancelled=True)
    line.sync()
    return len(tasks)


def test_what_annotators_made_of_a_term_is_counted(line, store):
    pushed = judge(line)
    with store.reading() as session:
        terms = session.scalars(
            select(PredictionSpan.term).where(PredictionSpan.term.is_not(None)).distinct()
        )
        assert terms.all() == ["regime"]
        seen = acceptance_of(session, ["regime", "crony"])
    assert seen["crony"] == Acceptance()
    regime = seen["regime"]
    assert (regime.unchanged, regime.changed, regime.removed) == (1, 1, 1)
    assert regime.judged == 3
    assert (regime.waiting, regime.found) == (pushed - 3, 5)


def test_a_term_that_hardly_anybody_accepts_is_pointed_out():
    assert Acceptance(removed=TELLING).seldom
    assert not Acceptance(removed=TELLING - 1).seldom
    assert not Acceptance(unchanged=round(TELLING * SELDOM) + 1, removed=TELLING).seldom


def test_the_list_and_the_page_of_a_term_tell_it(line, viewer):
    judge(line)
    listed = viewer.get("/lexicon?q=REGIME").text
    assert "1 accepted, 1 changed, 1 removed" in listed
    page = viewer.get("/lexicon/regime").text
    assert "Accepted as suggested" in page
    assert "regime&#39;s" in page
    assert "government, administration" in page
    assert "imported starter.csv" in page


def test_the_list_shows_what_its_address_says(viewer):
    body = viewer.get("/lexicon?topic=migration&leans=right").text
    assert "illegal alien" in body
    assert "undocumented immigrant" not in body
    assert "death tax" not in body
    assert "No term fits" in viewer.get("/lexicon?q=zzzz").text
    first = viewer.get("/lexicon").text
    assert "Next page" in first
    assert "worth a look" in first
    assert ">Add a term<" not in first


def test_a_term_not_seen_yet_says_how_often_it_stands_in_the_articles(viewer, line):
    body = viewer.get("/lexicon/regime").text
    assert "Nobody has seen it as a suggestion yet. It stands 5 times" in body
    assert viewer.get("/lexicon/nothing").status_code == 404


def test_an_admin_adds_a_term_and_a_job_looks_for_it(admin, store):
    form = {
        "surface": "gobbledygook", "topic": "any", "type": "emotive", "leans": "none",
        "part": "noun", "case": "any", "alternatives": "jargon; long words", "note": "Mocks.",
    }  # fmt: skip
    answer = admin.send("/lexicon/new", data=form)
    assert answer.status_code == 303
    assert answer.headers["Location"].endswith("/lexicon/gobbledygook")
    body = admin.get("/lexicon/gobbledygook").text
    assert "jargon, long words" in body
    assert "gobbledygooks" in body
    assert "The term was added." in body
    with store.reading() as session:
        assert session.scalars(select(Job.name)).all() == ["suggest_v1"]


def test_a_term_that_cannot_be_used_comes_back_with_the_reason(admin):
    answer = admin.send("/lexicon/new", data={"surface": "x", "topic": "any", "variants": "y; z"})
    assert answer.status_code == 422
    assert "needs two letters" in answer.text
    assert 'value="y; z"' in answer.text
    twice = admin.send("/lexicon/new", data={"surface": "regime", "topic": "any"})
    assert twice.status_code == 422
    assert "already" in twice.text


def test_an_admin_mutes_and_unmutes_a_term(admin, store):
    assert admin.send("/lexicon/regime/mute").status_code == 303
    with store.reading() as session:
        assert get_term(session, "regime").term.status == "muted"
    body = admin.get("/lexicon/regime").text
    assert "Suggest it again" in body
    assert "muted regime" in body
    assert ">muted<" in admin.get("/lexicon?status=muted").text
    assert admin.send("/lexicon/regime/unmute").status_code == 303
    with store.reading() as session:
        assert {t.status for t in current_terms(session)} == {"active"}
        assert session.scalars(select(Job.name)).all() == ["suggest_v1"]


def test_a_term_shows_its_counterpart(viewer):
    body = viewer.get("/lexicon/terrorist").text
    assert 'href="/lexicon/freedom-fighter"' in body


def test_several_annotators_are_counted_each(store, line):
    line.add_batch("both", scheme="news", annotators=(ADA, BEN), overlap=2)
    line.push("both")
    for lane in line.lanes("both"):
        for task in line.server.tasks_of(lane.ls_project_id):
            line.server.annotate(task["id"], [])
    line.sync("both")
    with store.reading() as session:
        assert acceptance_of(session, ["regime"])["regime"].removed == 10
