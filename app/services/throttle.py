"""Slowing down those who guess passwords, for all web processes together, in SQL.

Three brakes, each on failed sign-ins:

- one address (or known browser) on one account: ``PAIR`` tries, then a wait;
- one address on any accounts: ``ADDRESS`` tries, then a wait;
- one account from anywhere: after ``ACCOUNT`` failures only one try each ``GAP`` is let
  through. A browser that has signed in to the account before (it carries a signed cookie)
  is exempt, so that nobody can lock the owner out by guessing.

A try is counted before the password is looked at and taken back when it was right: of many
tries at once, no more than the allowed ones reach the hash.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, select, text
from sqlalchemy.orm import Session

from app.errors import AppError
from app.models.accounts import SignInAttempt


@dataclass(frozen=True, slots=True)
class Brake:
    """At most ``tries`` failures within ``window``."""

    tries: int
    window: timedelta


PAIR = Brake(5, timedelta(seconds=60))
ADDRESS = Brake(30, timedelta(seconds=60))
ACCOUNT = Brake(50, timedelta(minutes=15))
GAP = timedelta(seconds=10)
_KEPT = timedelta(hours=1)

# Any constant of our own; it names the lock that makes counting and adding one step.
_ADVISORY_LOCK = 7_321_904_551


class TooManyAttemptsError(AppError):
    """Too many failed sign-ins; ``wait_s`` says how long to wait."""

    kind = "too_many_attempts"

    def __init__(self, wait_s: int) -> None:
        super().__init__(
            "There were too many failed tries to sign in.",
            remedy=f"Wait {wait_s} seconds and try again.",
        )
        self.wait_s = wait_s


@dataclass(frozen=True, slots=True)
class Attempt:
    """A try that was let through and counted; ``keys[0]`` is the pair's."""

    keys: tuple[str, ...]
    ids: tuple[int, ...]


def admit(session: Session, *, email: str, address: str, browser: str | None) -> Attempt:
    """Let a try through and count it, or refuse it.

    Args:
        session: a transaction of its own, committed before the password is looked at.
        email: the account tried, whether it exists or not.
        address: the client's network address.
        browser: the mark of a browser that has signed in to this account before.

    Raises:
        TooManyAttemptsError: not now.
    """
    now = datetime.now(UTC)
    _one_at_a_time(session)
    session.execute(delete(SignInAttempt).where(SignInAttempt.at < now - _KEPT))
    pair = _key("pair", email, browser or address)
    wait = max(_wait(session, pair, PAIR, now), _wait(session, _key("from", address), ADDRESS, now))
    keys = [pair, _key("from", address)]
    if browser is None:
        wait = max(wait, _wait_for_account(session, _key("account", email), now))
        keys.append(_key("account", email))
    if wait > timedelta():
        raise TooManyAttemptsError(math.ceil(wait.total_seconds()))
    rows = [SignInAttempt(key=key, at=now) for key in keys]
    session.add_all(rows)
    session.flush()
    return Attempt(tuple(keys), tuple(row.id for row in rows))


def forgive(session: Session, attempt: Attempt) -> None:
    """Take a try back that was right, and with it the failures of the same pair."""
    session.execute(
        delete(SignInAttempt).where(
            SignInAttempt.id.in_(attempt.ids) | (SignInAttempt.key == attempt.keys[0])
        )
    )


def _one_at_a_time(session: Session) -> None:
    # SQLite has taken its write lock already (BEGIN IMMEDIATE); PostgreSQL would let two
    # transactions count the same rows and both go on.
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _ADVISORY_LOCK})


def _wait(session: Session, key: str, brake: Brake, now: datetime) -> timedelta:
    times = _newest(session, key, since=now - brake.window, at_most=brake.tries)
    return times[-1] + brake.window - now if len(times) == brake.tries else timedelta()


def _wait_for_account(session: Session, key: str, now: datetime) -> timedelta:
    times = _newest(session, key, since=now - ACCOUNT.window, at_most=ACCOUNT.tries)
    return times[0] + GAP - now if len(times) == ACCOUNT.tries else timedelta()


def _newest(session: Session, key: str, *, since: datetime, at_most: int) -> list[datetime]:
    return list(
        session.scalars(
            select(SignInAttempt.at)
            .where(SignInAttempt.key == key, SignInAttempt.at > since)
            .order_by(SignInAttempt.at.desc())
            .limit(at_most)
        )
    )


def _key(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
