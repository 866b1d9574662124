"""Reading ahead: the next page is on its way meanwhile, and no more than that is held."""

from __future__ import annotations

import threading

import pytest

from app.jobs.reading import ahead


def test_all_pages_come_in_their_order():
    assert list(ahead(iter(range(50)))) == list(range(50))
    assert list(ahead(iter([]))) == []


def test_a_page_is_asked_for_only_once_the_one_before_was_taken():
    asked, third = [], threading.Event()

    def pages():
        for n in range(4):
            asked.append(n)
            if n == 2:
                third.set()
            yield n

    reading = ahead(pages())
    assert next(reading) == 0
    assert next(reading) == 1
    # The one after the page that is worked on is fetched meanwhile; the one after that is not.
    assert third.wait(10)
    assert asked == [0, 1, 2]
    assert list(reading) == [2, 3]


def test_what_went_wrong_is_raised_where_the_page_is_missed():
    def pages():
        yield 1
        raise OSError("gone")

    reading = ahead(pages())
    assert next(reading) == 1
    with pytest.raises(OSError, match="gone"):
        next(reading)


def test_whoever_stops_reading_ends_the_fetching():
    before = threading.active_count()
    reading = ahead(iter(range(1_000_000)))
    assert next(reading) == 0
    reading.close()
    assert threading.active_count() == before
