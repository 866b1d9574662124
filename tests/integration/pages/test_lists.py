"""Lists by keyset: every row once, in order, wherever a page ends; and the JSON answers."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from app.errors import NotFoundError
from app.models.batches import Batch
from app.queries import article_list, articles, batches, jobs, passages, quarantine
from app.queries.annotations import get_passage


@pytest.fixture
def session(desk):
    with desk.line.session() as session:
        yield session


def batch_id(session, slug="demo"):
    return session.scalars(select(Batch.id).where(Batch.slug == slug)).one()


def walk(list_page):
    """All rows of a list, page by page."""
    rows, after = [], None
    while True:
        page = list_page(after)
        rows.extend(page.rows)
        after = page.next
        if after is None:
            return rows


LISTS = {
    "articles": article_list.list_articles,
    "articles of an outlet": lambda s, **k: article_list.list_articles(
        s, outlet="The Freeholder", **k
    ),
    "articles with a word": lambda s, **k: article_list.list_articles(s, q="THE", **k),
    "batches": batches.list_batch_rows,
    "jobs": jobs.list_jobs,
    "set aside": lambda s, **k: quarantine.list_quarantined(s, quarantine.Sieve(batch="demo"), **k),
    **{
        f"passages: {choice}": lambda s, choice=choice, **k: passages.list_passages(
            s, batch_id(s), choice=choice, **k
        )
        for choice in passages.CHOICES
    },
}


@pytest.mark.parametrize("name", LISTS)
def test_small_pages_give_the_same_rows_as_one_large_page(session, name):
    whole = list(LISTS[name](session, limit=1000).rows)
    parts = walk(lambda after: LISTS[name](session, after=after, limit=2))
    assert whole
    assert parts == whole


def test_the_choices_of_passages_mean_what_they_say(session):
    ids = {
        choice: {row.uid: row for row in passages.list_passages(
            session, batch_id(session), choice=choice, limit=1000).rows}
        for choice in passages.CHOICES
    }  # fmt: skip
    everything = ids["all"]
    assert len(everything) == 171
    assert set(ids["annotated"]) == {u for u, row in everything.items() if row.annotated}
    assert set(ids["waiting"]) == {u for u, r in everything.items() if r.annotated < r.tasks}
    assert set(ids["aside"]) == {u for u, r in everything.items() if r.quarantined or r.refused}


def test_previous_and_next_lead_through_a_batch_and_back(session):
    order = [row.uid for row in passages.list_passages(session, batch_id(session)).rows]
    seen = [get_passage(session, "demo", uid) for uid in order[:3]]
    assert [page.previous for page in seen] == [None, order[0], order[1]]
    assert [page.next for page in seen] == order[1:4]


def test_the_answer_about_an_article_has_offsets_that_fit_its_text(session, desk):
    shown = articles.show_article(session, desk.article)
    assert {
        "uid",
        "title",
        "byline",
        "text",
        "roles",
        "passages",
        "suggestions",
        "relations",
    } <= set(shown)
    text = shown["text"]
    assert "".join(text[r["start"] : r["end"]] for r in shown["roles"]) == text
    with_emoji = shown["passages"][1]
    assert text[with_emoji["start"] : with_emoji["end"]].startswith("The water was eleven degrees")


def test_the_answer_about_a_batch_adds_up_its_lanes(session):
    shown = batches.show_batch(session, "demo")
    assert shown["batch"] == "demo"
    assert shown["passages"] == 171
    for count in ("tasks", "pushed", "annotated", "quarantined"):
        assert shown[count] == sum(lane[count] for lane in shown["lanes"])
    assert [lane["annotator"] for lane in shown["lanes"]] == [
        f"{name}@example.org" for name in ("ada", "ben", "chloe")
    ]
    first = shown["lanes"][0]
    assert first["url"].endswith(f"/projects/{first['project_id']}/data")


def test_a_lane_that_several_share_names_no_annotator(session):
    (lane,) = batches.show_batch(session, "shared-pilot")["lanes"]
    assert lane["annotator"] is None
    assert lane["annotators"] == ["ada@example.org", "ben@example.org"]


def test_a_lane_that_is_not_pushed_has_no_address(session):
    (lane,) = batches.show_batch(session, "week-14")["lanes"]
    assert (lane["project_id"], lane["url"]) == (None, None)
    assert lane["annotator"] == "chloe@example.org"


def test_batches_and_jobs_are_listed_by_name_and_state(session, desk):
    assert batches.list_batches(session) == {
        "batches": [
            {"batch": "week-14", "state": "draft"},
            {"batch": "shared-pilot", "state": "open"},
            {"batch": "demo", "state": "open"},
        ]
    }
    shown = jobs.show_job(session, desk.failed_job)
    assert (shown["job"], shown["state"], shown["batch"]) == (
        desk.failed_job,
        "failed",
        "shared-pilot",
    )
    assert shown["error"]["remedy"]


@pytest.mark.parametrize(
    "ask",
    [
        lambda s: articles.show_article(s, "no"),
        lambda s: batches.show_batch(s, "no"),
        lambda s: jobs.show_job(s, 999_999),
        lambda s: quarantine.get_quarantined(s, "demo", 999_999),
        lambda s: get_passage(s, "demo", "no"),
    ],
)
def test_what_is_not_there_is_an_error_with_a_remedy(session, ask):
    with pytest.raises(NotFoundError) as caught:
        ask(session)
    assert caught.value.remedy
