"""Pace is the median of the last week, and silent where there is too little to say."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.queries.pace import ENOUGH, Pace, reckon

TODAY = date(2026, 11, 24)


def days(*answered: int) -> dict[date, int]:
    """So many a day, the last number today."""
    last = len(answered) - 1
    return {TODAY - timedelta(last - n): many for n, many in enumerate(answered)}


@pytest.mark.parametrize(
    ("answered", "left", "pace"),
    [
        ((), 5, Pace()),
        ((19,), 5, Pace()),
        ((20,), 40, Pace(20, TODAY + timedelta(2))),
        ((20,), 41, Pace(20, TODAY + timedelta(3))),
        ((20,), 0, Pace(20)),
        ((10, 20, 30), 40, Pace(20, TODAY + timedelta(2))),
        ((100, 0, 0), 9, Pace(0)),
        ((90, 1, 1, 1, 1, 1, 1, 1), 7, Pace(1, TODAY + timedelta(7))),
        ((30, 0, 0, 0, 0, 0, 0, 0), 7, Pace(0)),
    ],
)
def test_pace(answered: tuple[int, ...], left: int, pace: Pace) -> None:
    assert reckon(days(*answered), left, TODAY) == pace


def test_a_server_whose_clock_is_ahead_breaks_nothing() -> None:
    assert reckon({TODAY + timedelta(1): 30}, 5, TODAY) == Pace(0)


@given(st.lists(st.integers(0, 50), max_size=20), st.integers(0, 1000))
def test_a_day_is_named_only_when_something_is_left_and_moves(
    answered: list[int], left: int
) -> None:
    found = reckon(days(*answered), left, TODAY)
    assert (found.a_day is None) == (sum(answered) < ENOUGH)
    if found.done_on is not None:
        assert found.done_on > TODAY
        assert left > 0
