"""Time, luck and what is still to come: the same seed gives the same world."""

from __future__ import annotations

import heapq
import random
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from unittest import mock

from app.jobs import runtime
from app.jobs.runtime import Drain

BEGINNING = datetime(2026, 1, 5, 8, tzinfo=UTC)


class World:
    """A clock that only moves when somebody waits, and things that happen at its times.

    ``skew`` is how wrong the clock of our own machine is; the server's is always right.
    """

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.luck = random.Random(seed)
        self.at = BEGINNING
        self.skew = timedelta()
        self._due: list[tuple[datetime, int, Callable[[], object]]] = []
        self._made = 0

    def now(self) -> datetime:
        """What the clock of our own machine says."""
        return self.at + self.skew

    def pass_time(self, seconds: float) -> None:
        """Let time go by, and let happen what falls into it, each thing at its time."""
        goal = self.at + timedelta(seconds=seconds)
        while self._due and self._due[0][0] <= goal:
            self.at, _, happen = heapq.heappop(self._due)
            happen()
        self.at = goal

    def later(self, seconds: float, happen: Callable[[], object]) -> None:
        """Let something happen after a while."""
        self._made += 1
        heapq.heappush(self._due, (self.at + timedelta(seconds=seconds), self._made, happen))

    @contextmanager
    def clocks(self) -> Iterator[None]:
        """Every job body reads our machine's clock from here."""
        real = runtime.now
        with ExitStack() as patches:
            for name, module in sorted(sys.modules.items()):
                if name.startswith("app.jobs") and getattr(module, "now", None) is real:
                    patches.enter_context(mock.patch.object(module, "now", self.now))
            yield


class Killed(BaseException):
    """Not an Exception: nothing in the product may catch it, as nothing catches a kill -9."""


class WorldsEvent:
    """The drain's event: waiting for it moves the world's clock."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._set = False

    def set(self) -> None:
        self._set = True

    def is_set(self) -> bool:
        return self._set

    def wait(self, timeout: float) -> bool:
        if not self._set:
            self._world.pass_time(timeout)
        return self._set


class WorldsDrain(Drain):
    """A drain whose process ends where it would park for its end."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self.stop = WorldsEvent(world)  # type: ignore[assignment]

    def park_before_start(self) -> None:
        self.park_if_stopping()

    def park_if_stopping(self) -> None:
        if self.stop.is_set():
            raise Killed
