"""The queue: what waits, in which order, for whom."""

from __future__ import annotations

import re
from html import unescape

import pytest

from app.models.review import Review, ReviewItem
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


@pytest.mark.parametrize(
    ("sieve", "wanted"),
    [
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
    ],
    ids=str,
)
def test_the_queue_is_narrowed(queue, sieve, wanted):
    assert uids(queue, **sieve) == [getattr(queue, name) for name in wanted]


def test_a_sample_is_the_same_whenever_it_is_asked_for(queue):
    samples = {row.passage_id: row.sample for row in queue.rows(ReviewItem)}
    first = min(samples.values())
    share = (first + 1) / 100
    assert len(uids(queue, sample=share)) == 1
    order = uids(queue, order="random")
    assert uids(queue, sample=share) == order[:1]


def test_ones_own_passages_are_left_out(queue):
    assert uids(queue, reader=BEN) == []


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


def test_a_reviewer_named_elsewhere_does_not_matter(queue):
    assert uids(queue, reader=RUTH) == uids(queue)
