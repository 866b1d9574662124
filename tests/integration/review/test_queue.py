"""The queue: what waits, in which order, for whom."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pytest
from sqlalchemy import select

from app.models.audit import Audit
from app.models.review import Review, ReviewItem, ReviewView
from app.queries.review_pace import get_review_pace
from app.queries.review_queue import Key, Sieve, count_queue, list_next, list_queue
from tests.instances import PEOPLE
from tests.integration.review.room import RUTH, SAM, region
from tests.line import ADA, BEN

ME = PEOPLE["reviewer"]


@pytest.fixture
def queue(room):
    """Three passages: one with two conflicts, one on which all agree, one with a boundary."""
    room.first = room.disagree(0)
    room.agreed = room.agree(1)
    room.say(0, 2, region("a", "PERSON", 0, 9))
    room.say(1, 2, region("a", "PERSON", 0, 7))
    room.third = room.sync(2)
    return room


def uids(room, reader=ME, **sieve):
    with room.store.reading() as session:
        page = list_queue(session, Sieve(**sieve), reader=reader, now=room.now)
        return [row.passage for row in page.rows]


def test_what_annotators_differ_on_most_comes_first(queue):
    assert uids(queue) == [queue.third, queue.first, queue.agreed]


NARROWED = [
    ({"kind": "boundary"}, ["third"]),
    ({"kind": "missing"}, ["first"]),
    ({"label": "ORG"}, ["first"]),
    ({"batch": "first", "kind": "label"}, ["first"]),
    ({"batch": "another"}, []),
    ({"annotator": ADA}, ["third", "first", "agreed"]),
    ({"annotator": "nobody@example.org"}, []),
    ({"sample": 100.0}, ["third", "first", "agreed"]),
    ({"show": "reviewed"}, []),
    ({"show": "stale"}, []),
    ({"show": "flagged"}, []),
    ({"show": "second"}, []),
]


def test_the_queue_is_narrowed_and_leaves_ones_own_passages_out(queue):
    found = {str(sieve): uids(queue, **sieve) for sieve, _ in NARROWED}
    wanted = {str(sieve): [getattr(queue, name) for name in names] for sieve, names in NARROWED}
    assert found == wanted
    assert uids(queue, reader=BEN) == []
    assert uids(queue, reader=RUTH) == uids(queue)


def test_a_sample_is_the_same_whenever_it_is_asked_for(queue):
    samples = {row.passage_id: row.sample for row in queue.rows(ReviewItem)}
    first = min(samples.values())
    share = (first + 1) / 100
    assert len(uids(queue, sample=share)) == 1
    order = uids(queue, order="random")
    assert uids(queue, sample=share) == order[:1]


def test_a_long_queue_is_walked_page_by_page_in_every_order(queue):
    for order in ("disagreement", "age", "random"):
        found, after = [], None
        while True:
            with queue.store.reading() as session:
                page = list_queue(
                    session, Sieve(order=order), reader=ME, now=queue.now, after=after, limit=1
                )
            found += [row.passage for row in page.rows]
            if page.next is None:
                break
            after = Key.read(str(page.next))
        assert found == uids(queue, order=order)
        assert len(found) == 3


@pytest.mark.parametrize("text", ["", "x", "1~2", "1~a~b", f"1~{2**31}~1", "~~"])
def test_an_odd_place_in_the_queue_is_no_place(text):
    assert Key.read(text) is None


def test_the_queue_is_counted(queue):
    with queue.store.reading() as session:
        counts = count_queue(session, Sieve(), reader=ME)
    assert (counts.total, counts.more) == (3, False)
    assert counts.batches == [("first", 3)]
    assert dict(counts.kinds) == {"label": 1, "missing": 1, "boundary": 1}
    assert dict(counts.labels) == {"ORG": 1, "PERSON": 1} | {"ORG": 1}


def test_the_next_passage_is_one_nobody_else_has_open(queue):
    queue.decide(queue.first, "label", actor=SAM)
    with queue.store.reading() as session:
        found = list_next(session, Sieve(), reader=ME, now=queue.now)
        assert [uid for _, uid in found] == [queue.third, queue.agreed]
        page = list_queue(session, Sieve(), reader=ME, now=queue.now)
    assert [row.reviewer for row in page.rows] == ["", SAM, ""]


def test_after_the_last_passage_the_queue_begins_again(queue):
    with queue.store.reading() as session:
        page = list_queue(session, Sieve(), reader=ME, now=queue.now)
        last = page.rows[-1].key
        found = list_next(session, Sieve(), reader=ME, now=queue.now, after=last)
    assert [uid for _, uid in found] == [queue.third, queue.first]


def test_the_page_lists_the_queue_and_its_address_is_its_state(queue, reviewer):
    body = unescape(reviewer.get("/review?kind=boundary").text)
    assert queue.third in body
    assert queue.first not in body.split("<main")[1]
    assert f"/review/first/{queue.third}?kind=boundary" in body
    assert 'name="kind" value="boundary"' in body


def test_starting_goes_into_the_first_passage_and_holds_it(queue, reviewer):
    answer = reviewer.send("/review/start", {"order": "disagreement"})
    assert answer.location == f"/review/first/{queue.third}?order=disagreement"
    assert [one.reviewer for one in queue.rows(Review)] == [ME]


def test_an_empty_queue_says_what_to_do_next(room, reviewer):
    assert "See the batches" in reviewer.get("/review").text
    assert "Show the whole queue" in reviewer.get("/review?kind=speaker").text
    answer = reviewer.send("/review/start")
    assert answer.location == "/review"
    assert "Nothing more waits" in reviewer.get("/review").text


def test_odd_addresses_show_the_queue_all_the_same(queue, reviewer):
    for query in ("show=nothing&order=odd&sample=900", "after=zzz", "sample=abc"):
        body = reviewer.get(f"/review?{query}").text
        assert len(re.findall(r'<th scope="row">', body)) == 3, query


def test_a_viewer_sees_the_queue_and_cannot_start(queue, viewer):
    body = viewer.get("/review").text
    assert "Start reviewing" not in body
    assert viewer.send("/review/start").status_code == 403


def test_the_guideline_of_the_batch_is_at_hand(queue, viewer):
    assert "<h2>How</h2>" in viewer.get("/batches/first/guideline").text
    part = viewer.get("/batches/first/guideline", headers={"HX-Request": "true"}).text
    assert "<html" not in part
    assert viewer.get("/batches/nowhere/guideline").status_code == 404


def test_a_queue_is_kept_under_a_name_and_forgotten(queue, reviewer, viewer):
    kept = {"name": " Hard  ones ", "kind": "boundary", "order": "age"}
    answer = reviewer.send("/review/views", kept)
    assert answer.location == "/review?kind=boundary&order=age"
    body = unescape(reviewer.get("/review").text)
    assert '<a href="/review?kind=boundary&order=age"><span>Hard ones</span>' in body
    assert "Hard ones" not in viewer.get("/review").text
    reviewer.send("/review/views", {"name": "Hard ones", "kind": "label"})
    assert "/review?kind=label" in reviewer.get("/review").text
    reviewer.send("/review/views/forget", {"name": "Hard ones"})
    reviewer.send("/review/views/forget", {"name": "Hard ones"})
    assert "Hard ones" not in reviewer.get("/review").text
    assert queue.rows(ReviewView) == []
    with queue.store.reading() as session:
        saved = session.scalars(select(Audit.action).where(Audit.object == "review_view:Hard ones"))
        assert sorted(saved) == ["review_view_dropped", *["review_view_saved"] * 2]


def test_a_queue_needs_a_name_and_there_are_only_so_many(queue, reviewer):
    assert reviewer.send("/review/views", {"name": " "}).status_code == 422
    with queue.store.transaction() as session:
        session.add_all(ReviewView(owner=ME, name=f"v{n}", query={}) for n in range(50))
    answer = reviewer.send("/review/views", {"name": "one more"})
    assert answer.status_code == 422
    assert "Forget one first" in answer.text


def test_pace_is_told_once_there_is_enough_to_tell_it_by(queue, reviewer):
    today = queue.now.date()
    with queue.store.reading() as session:
        pace = get_review_pace(session, ME, 3, today)
    assert (pace.mine, pace.today, pace.desk.a_day, pace.work(3)) == (0, 0, None, None)
    with queue.store.transaction() as session:
        item = session.scalars(select(ReviewItem).order_by(ReviewItem.passage_id)).first()
        for n in range(24):
            at = queue.now - timedelta(days=n % 3)
            session.add(
                Review(
                    batch_id=item.batch_id, passage_id=item.passage_id, stage="first", turn=n + 1,
                    reviewer=ME if n < 21 else SAM, state="submitted", revisions=[],
                    opened_at=at - timedelta(seconds=40), leased_until=at, submitted_at=at,
                    bulk=n == 23,
                )
            )  # fmt: skip
    with queue.store.reading() as session:
        pace = get_review_pace(session, ME, 16, today)
    assert (pace.mine, pace.today, pace.desk.a_day) == (7, 8, 8.0)
    assert pace.desk.done_on == today + timedelta(days=2)
    assert (pace.seconds, pace.work(16)) == (40.0, 640.0)
    assert "too few settled to tell" in reviewer.get("/review").text
