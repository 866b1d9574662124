"""Where a fault can fall: each request, each transaction and each reading of a running job.

A point is named by what is done there, never by a line: a request by its operation, a
transaction by the function it is in. Points are found by a run without faults.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest import mock

from sqlalchemy.exc import OperationalError

from app.extensions import Store
from config import ROOT
from tests.rehearsal.studio import FAIR, Blow
from tests.rehearsal.world import Killed

REQUEST, TRANSACTION, READING = "request", "transaction", "reading"
_APP = str(ROOT / "app")
_SHELLS = ("runtime.py", "extensions.py", "gateways.py")


@dataclass(frozen=True, order=True, slots=True)
class Point:
    """A kind of step of a job, and what is done there."""

    step: str
    name: str

    def __str__(self) -> str:
        return f"{self.step} {self.name}"


@dataclass(frozen=True, slots=True)
class Fault:
    """What happens when a job comes to a point.

    Args:
        name: what it is called.
        blow: for a request, what becomes of it.
        before: done before the step begins; may raise.
        inside: raised within a transaction, which is thereby rolled back.
        after: raised once the transaction was committed.
        twins: a copy of a task may be left by it, until the next push removes it.
        stages: where alone it can fall; empty: everywhere.
    """

    name: str
    blow: Blow = FAIR
    before: Callable[[Any], None] | None = None
    inside: Callable[[], BaseException] | None = None
    after: Callable[[], BaseException] | None = None
    twins: bool = False
    stages: tuple[str, ...] = ()


def store_away() -> BaseException:
    """The store does not answer, or broke off."""
    return OperationalError("injected", None, Exception("the store is away"))


@dataclass
class Probe:
    """Counts the points a job comes to, and strikes at one of them.

    Args:
        at: where, and at the how-many-eth coming (counted from 1); None: only count.
        fault: what happens there.
        rig: handed to what happens there.
    """

    rig: Any = None
    at: tuple[Point, int] | None = None
    fault: Fault | None = None
    seen: Counter[Point] = field(default_factory=Counter)
    struck: bool = False
    awake: bool = False

    def come_to(self, step: str, name: str) -> Fault | None:
        """Note that a job is at a point; the fault that falls there."""
        if not self.awake:
            return None
        point = Point(step, name)
        self.seen[point] += 1
        if self.struck or self.at != (point, self.seen[point]):
            return None
        self.struck = True
        return self.fault

    def strike_request(self, operation: str) -> Blow:
        """For the gateway: what becomes of a request."""
        fault = self.come_to(REQUEST, operation)
        if fault is None:
            return FAIR
        self._do_before(fault)
        return fault.blow

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Watch the store's transactions and readings."""
        transaction, reading = Store.transaction, Store.reading

        @contextmanager
        def watched(store: Store) -> Iterator[Any]:
            fault = self.come_to(TRANSACTION, _who_asks())
            self._do_before(fault)
            self.rig.ledger.begin()
            with transaction(store) as session:
                yield session
                self.rig.ledger.before_commit()
                if fault is not None and fault.inside is not None:
                    raise fault.inside()
            self.rig.ledger.after_commit()
            if fault is not None and fault.after is not None:
                raise fault.after()

        @contextmanager
        def watched_reading(store: Store) -> Iterator[Any]:
            fault = self.come_to(READING, _who_asks())
            self._do_before(fault)
            with reading(store) as session:
                yield session

        with (
            mock.patch.object(Store, "transaction", watched),
            mock.patch.object(Store, "reading", watched_reading),
        ):
            yield

    @contextmanager
    def asleep(self) -> Iterator[None]:
        """What is done meanwhile is no step of the job."""
        before, self.awake = self.awake, False
        try:
            yield
        finally:
            self.awake = before

    def _do_before(self, fault: Fault | None) -> None:
        if fault is not None and fault.before is not None:
            with self.asleep():
                fault.before(self.rig)


def _who_asks() -> str:
    """The function of the application in whose name a step is made."""
    frame: Any = sys._getframe(1)
    while frame is not None:
        code = frame.f_code
        if code.co_filename.startswith(_APP) and not code.co_filename.endswith(_SHELLS):
            return f"{Path(code.co_filename).stem}.{code.co_qualname.replace('.<locals>', '')}"
        frame = frame.f_back
    return "nobody"


def die(_rig: Any) -> None:
    """End the process as kill -9 does."""
    raise Killed


def lose_store(_rig: Any) -> None:
    """Find the store away."""
    raise store_away()
