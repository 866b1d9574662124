"""The crash-loop brake."""

from hypothesis import given
from hypothesis import strategies as st

from local.brake import DEATHS, SLOW_S, WITHIN_S, Brake


def test_a_part_that_was_killed_once_is_back_at_once() -> None:
    assert Brake().died(100.0) == 0


def test_the_fifth_death_within_half_a_minute_puts_the_brake_on() -> None:
    brake = Brake()
    delays = [brake.died(float(second)) for second in range(DEATHS)]
    assert delays == [0, 0, 0, 0, SLOW_S]
    assert brake.is_on


def test_a_part_that_keeps_dying_stays_braked_although_its_deaths_lie_apart() -> None:
    brake = Brake()
    now = 0.0
    for _ in range(DEATHS):
        brake.died(now)
    for _ in range(20):
        now += SLOW_S + 1
        assert brake.died(now) == SLOW_S


def test_a_part_that_ran_well_for_minutes_is_trusted_again() -> None:
    brake = Brake()
    for _ in range(DEATHS):
        brake.died(0.0)
    assert brake.died(600.0) == 0
    assert not brake.is_on


@given(st.lists(st.floats(min_value=WITHIN_S / (DEATHS - 1) + 0.01, max_value=1e6), max_size=40))
def test_deaths_that_lie_far_enough_apart_never_put_the_brake_on(gaps: list[float]) -> None:
    brake, now = Brake(), 0.0
    for gap in gaps:
        now += gap
        assert brake.died(now) == 0
