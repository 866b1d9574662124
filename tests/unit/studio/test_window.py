"""How far a project was read: nothing that comes to light late is ever left out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from labeling.studio.window import OVERLAP, Window
from labeling.studio.wire import format_time

ZERO = datetime(2026, 3, 1, 12, tzinfo=UTC)


def at(seconds):
    return format_time(ZERO + timedelta(seconds=seconds))


def test_before_anything_was_read_everything_is():
    assert Window().since is None
    assert Window().after("", at(0)) == Window("", "", "")


def test_the_next_reading_goes_back_by_the_overlap():
    assert Window().after(at(0), at(10)).since == at(-300)


def test_what_is_dated_later_than_the_server_is_now_moves_the_cursor_no_further_than_now():
    assert Window().after(at(3600), at(10)).cursor == at(10)
    assert Window().after(at(3600), "").cursor == at(3600)


def test_a_cursor_never_goes_back():
    window = Window().after(at(0), at(10))
    assert window.after("", at(20)).cursor == at(0)
    assert window.after(at(-500), at(20)).cursor == at(0)


def test_once_the_overlap_has_passed_what_was_read_again_is_settled():
    window = Window().after(at(0), at(10))
    assert window.after(at(0), at(309)).since == at(-300)
    assert window.after(at(0), at(310)).since == at(0)
    moved_on = window.after(at(400), at(500))
    assert (moved_on.cursor, moved_on.since) == (at(400), at(100))


def test_a_server_whose_clock_went_back_is_given_the_overlap_anew():
    window = Window().after(at(0), at(1000)).after(at(0), at(500))
    assert window.after(at(0), at(790)).settled == ""
    assert window.after(at(0), at(800)).settled == at(0)


@given(
    st.lists(
        st.tuples(
            st.integers(1, 2000),  # when a change is dated
            st.integers(0, int(OVERLAP.total_seconds()) - 1),  # how much later it is seen
        ),
        max_size=30,
    ),
    st.lists(st.integers(1, 400), min_size=1, max_size=30),
)
def test_every_change_is_read_at_least_once_after_it_came_to_light(changes, pauses):
    window, now, read = Window(), 0, set()
    for pause in [*pauses, 3000]:
        now += pause
        since = window.since
        seen = [
            n
            for n, (dated, late) in enumerate(changes)
            if dated + late <= now and (since is None or at(dated) >= since)
        ]
        read.update(seen)
        newest = max((at(changes[n][0]) for n in seen), default="")
        window = window.after(newest, at(now))
    assert read == set(range(len(changes)))
