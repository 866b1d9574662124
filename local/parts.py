"""A part: one long-running program, in a process group of its own, with a log of its own."""

from __future__ import annotations

import os
import select
import signal
import subprocess
from contextlib import suppress
from typing import TYPE_CHECKING

from local.places import ROOT
from local.processes import signal_group

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

_LOG_LIMIT = 20_000_000


class Part:
    """A program that shall keep running.

    Args:
        name: ``labelstudio``, ``worker`` or ``web``.
        command: what to execute.
        env: its whole environment.
        log: where its output goes.
        grace_s: seconds it gets to end by itself when asked to.
        is_asked: it is told things on its stdin and answers on its stdout; without, both
            belong to nobody and the log.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        *,
        env: Mapping[str, str],
        log: Path,
        grace_s: float = 15.0,
        is_asked: bool = False,
    ) -> None:
        self.name = name
        self.log = log
        self.grace_s = grace_s
        self._command = list(command)
        self._env = dict(env)
        self._is_asked = is_asked
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """The pid of the running (or last) process."""
        if self._process is None:
            raise RuntimeError(f"{self.name} was never started")
        return self._process.pid

    def start(self) -> None:
        """Start it; its session is its own, so that Ctrl-C at the terminal reaches us only."""
        rotate(self.log)
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command,
                env=self._env,
                cwd=ROOT,
                stdin=subprocess.PIPE if self._is_asked else subprocess.DEVNULL,
                stdout=subprocess.PIPE if self._is_asked else log,
                stderr=log,
                start_new_session=True,
            )

    def tell(self, request: bytes, *, is_last: bool = False) -> None:
        """Write to its stdin; a process that has ended already does not hear it."""
        pipe = self._process.stdin if self._process else None
        if pipe is None:
            raise RuntimeError(f"{self.name} takes no requests")
        with suppress(BrokenPipeError):
            pipe.write(request)
            pipe.flush()
            if is_last:
                pipe.close()

    def hear(self, seconds: float) -> bytes | None:
        """What it wrote to its stdout: b"" at the end, None where nothing came in time."""
        pipe = self._process.stdout if self._process else None
        if pipe is None:
            raise RuntimeError(f"{self.name} gives no answers")
        if not select.select([pipe], [], [], seconds)[0]:
            return None
        return os.read(pipe.fileno(), 65_536)

    def exit_status(self) -> int | None:
        """None while it runs. When it has ended, whatever is left of its group is killed."""
        if self._process is None or not self._has_ended(self._process):
            return None
        if self._process.returncode is not None:
            return self._process.returncode
        # Before the pid is given back: no other process can have this group's number yet.
        signal_group(self._process.pid, signal.SIGKILL)
        self._close_pipes()
        return self._process.wait()

    def ask_to_end(self) -> None:
        """Ask it to end by itself."""
        if self.exit_status() is None and self._process is not None:
            self._process.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it and its children at once."""
        if self._process is not None and self._process.returncode is None:
            signal_group(self._process.pid, signal.SIGKILL)
            self._process.wait()
        self._close_pipes()

    def _close_pipes(self) -> None:
        for pipe in (self._process.stdin, self._process.stdout) if self._process else ():
            if pipe is not None:
                with suppress(BrokenPipeError):
                    pipe.close()

    @staticmethod
    def _has_ended(process: subprocess.Popen[bytes]) -> bool:
        """Look without giving the pid back, where the system can."""
        if process.returncode is not None or not hasattr(os, "waitid"):
            return process.poll() is not None
        options = os.WEXITED | os.WNOHANG | os.WNOWAIT
        return os.waitid(os.P_PID, process.pid, options) is not None


def rotate(log: Path, limit: int = _LOG_LIMIT) -> None:
    """Put a log that has grown large aside, once; the one before it is forgotten."""
    if log.exists() and log.stat().st_size > limit:
        log.replace(log.with_suffix(".log.1"))
