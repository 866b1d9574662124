"""Guessing passwords is slowed down, for all processes together, and locks nobody out."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from app.extensions import Store
from app.models.accounts import SignInAttempt
from app.services import throttle
from app.services.throttle import ACCOUNT, ADDRESS, PAIR, TooManyAttemptsError


def attempt(store, email="nora@example.org", address="192.0.2.1", browser=None):
    with store.transaction() as session:
        return throttle.admit(session, email=email, address=address, browser=browser)


def let_through(store, **given) -> bool:
    try:
        attempt(store, **given)
    except TooManyAttemptsError:
        return False
    return True


def go_on(store, seconds):
    """Time passes: every attempt becomes older."""
    with store.transaction() as session:
        for row in session.scalars(select(SignInAttempt)):
            row.at -= timedelta(seconds=seconds)


def test_the_sixth_wrong_try_within_a_minute_waits(store):
    for _ in range(PAIR.tries):
        attempt(store)
    with pytest.raises(TooManyAttemptsError) as caught:
        attempt(store)
    assert 50 <= caught.value.wait_s <= 60
    assert str(caught.value.wait_s) in caught.value.remedy
    go_on(store, 61)
    attempt(store)


def test_another_account_and_another_address_are_not_slowed_down(store):
    for _ in range(PAIR.tries):
        attempt(store)
    assert let_through(store, email="omar@example.org")
    assert let_through(store, address="192.0.2.2")


def test_a_right_password_takes_the_failures_back(store):
    for _ in range(PAIR.tries - 1):
        attempt(store)
    good = attempt(store)
    with store.transaction() as session:
        throttle.forgive(session, good)
    assert all(let_through(store) for _ in range(PAIR.tries))


def test_many_tries_at_once_are_no_more_than_the_allowed_ones(store):
    with ThreadPoolExecutor(8) as pool:
        passed = list(pool.map(lambda _: let_through(store), range(40)))
    assert sum(passed) == PAIR.tries


def test_the_count_is_kept_across_processes(store):
    for _ in range(PAIR.tries):
        attempt(store)
    other = Store(store.url)
    assert not let_through(other)
    other.dispose()


def test_one_address_cannot_go_on_to_ever_new_accounts(store):
    passed = [let_through(store, email=f"{n}@example.org") for n in range(ADDRESS.tries + 5)]
    assert sum(passed) == ADDRESS.tries


def test_guessing_from_many_addresses_is_slowed_to_one_try_each_gap(store):
    for n in range(ACCOUNT.tries):
        assert let_through(store, address=f"198.51.100.{n}")
    assert not let_through(store, address="203.0.113.1")
    go_on(store, 11)
    assert let_through(store, address="203.0.113.1")
    assert not let_through(store, address="203.0.113.2")


def test_a_browser_that_signed_in_before_is_not_locked_out_by_others(store):
    for n in range(ACCOUNT.tries + 3):
        let_through(store, address=f"198.51.100.{n}")
    assert let_through(store, address="203.0.113.1", browser="known")


def test_a_known_browser_may_not_guess_without_end_either(store):
    passed = [let_through(store, browser="known") for _ in range(PAIR.tries + 2)]
    assert sum(passed) == PAIR.tries


def test_old_attempts_are_forgotten_and_none_says_whose_it_was(store):
    for n in range(3):
        attempt(store, address=f"198.51.100.{n}")
    with store.reading() as session:
        keys = list(session.scalars(select(SignInAttempt.key)))
    assert len(keys) == 9
    assert not any("nora" in key or "198" in key for key in keys)
    go_on(store, 2 * 3600)
    attempt(store, email="omar@example.org")
    with store.reading() as session:
        assert session.scalar(select(func.count()).select_from(SignInAttempt)) == 3
