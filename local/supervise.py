"""Keep the parts running, and end all of them in the end."""

from __future__ import annotations

import os
import signal
import time
from typing import TYPE_CHECKING, Self

from local.brake import Brake
from local.errors import LocalError, StopRequestedError, tail
from local.ledger import Ledger

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType, TracebackType

    from local.parts import Part
    from local.places import Instance
    from local.progress import Say

_TICK_S = 0.1
_ENDS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Supervisor:
    """Owner of every process of an instance, from entering the block to leaving it.

    Leaving the block, by whatever way, ends every process it started. Everything happens in
    one thread; whoever waits does so by ``pause``, which notices a request to end.
    """

    def __init__(self, instance: Instance, say: Say) -> None:
        self.instance = instance
        self.say = say
        self._ledger = Ledger(instance)
        self._parts: dict[str, Part] = {}
        self._brakes: dict[str, Brake] = {}
        self._due: dict[str, float] = {}
        self._requests = 0

    def __enter__(self) -> Self:
        for number in _ENDS:
            signal.signal(number, self._on_signal)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._end_all()

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self._requests += 1

    def pids(self) -> dict[str, int]:
        """The processes by name, the supervisor's own included."""
        return {"supervisor": os.getpid()} | {name: part.pid for name, part in self._parts.items()}

    def launch(self, part: Part) -> None:
        """Start a part and answer for it from now on."""
        self._parts[part.name] = part
        self._brakes.setdefault(part.name, Brake())
        part.start()
        self._ledger.record(part.name, part.pid)

    def dismiss(self, part: Part) -> None:
        """Answer no longer for a part that has ended by itself."""
        self._parts.pop(part.name, None)
        self._ledger.forget(part.name)

    def pause(self, seconds: float = _TICK_S) -> None:
        """Wait a moment.

        Raises:
            StopRequestedError: somebody asked for an end.
        """
        if self._requests:
            raise StopRequestedError
        time.sleep(seconds)
        if self._requests:
            raise StopRequestedError

    def wait_for(self, part: Part, is_ready: Callable[[], bool], *, limit_s: float) -> None:
        """Wait until a part just started is ready.

        Args:
            part: whose death would end the wait.
            is_ready: asked again and again; may print progress.
            limit_s: seconds after which it is given up.

        Raises:
            LocalError: it ended, or was not ready in time; its log is named.
        """
        deadline = time.monotonic() + limit_s
        while not is_ready():
            status = part.exit_status()
            if status is not None:
                raise LocalError(f"{part.name} ended at once (status {status}).", log=part.log)
            if time.monotonic() > deadline:
                raise LocalError(f"{part.name} was not ready in {limit_s:.0f} s.", log=part.log)
            self.pause()

    def watch(self, on_change: Callable[[], None]) -> None:
        """Restart whatever dies, until somebody asks for an end.

        Args:
            on_change: called after a pid has changed.

        Raises:
            StopRequestedError: always, in the end.
        """
        while True:
            self.pause()
            for part in list(self._parts.values()):
                if self._tend(part):
                    on_change()

    def _tend(self, part: Part) -> bool:
        now = time.monotonic()
        due = self._due.get(part.name)
        if due is None:
            status = part.exit_status()
            if status is None:
                return False
            self._due[part.name] = due = now + self._note_death(part, status, now)
        if now < due:
            return False
        del self._due[part.name]
        self.launch(part)
        return True

    def _note_death(self, part: Part, status: int, now: float) -> float:
        brake = self._brakes[part.name]
        was_on = brake.is_on
        delay = brake.died(now)
        if not brake.is_on:
            self.say.line(f"{part.name} ended ({_how(status)}); starting it again")
        elif not was_on:
            self.say.line(
                f"{part.name} keeps ending ({_how(status)}); trying every {delay:.0f} s.\n"
                f"The last lines of {part.log}:\n{tail(part.log)}"
            )
        return delay

    def _end_all(self) -> None:
        """Web and worker first: the worker finishes its step, for which it needs the server."""
        studio = [part for name, part in self._parts.items() if name == "labelstudio"]
        others = [part for name, part in self._parts.items() if name != "labelstudio"]
        for group in (others, studio):
            self._end_group(group)

    def _end_group(self, parts: list[Part]) -> None:
        # `kill -- -PGID` reaches make and us: one request may arrive twice.
        patience = self._requests + 1
        for part in parts:
            part.ask_to_end()
        begun = time.monotonic()
        for part in parts:
            while part.exit_status() is None:
                if time.monotonic() - begun > part.grace_s or self._requests > patience:
                    part.kill()
                    break
                time.sleep(0.05)
            self._ledger.forget(part.name)


def _how(status: int) -> str:
    return f"status {status}" if status >= 0 else f"signal {-status}"
