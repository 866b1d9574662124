"""A part: one long-running program, in a process group of its own, with a log of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
from contextlib import ExitStack
from typing import IO, TYPE_CHECKING

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
        answer: a file for what it prints on stdout, where that is not for the log.
        feed: what it reads on stdin.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        *,
        env: Mapping[str, str],
        log: Path,
        grace_s: float = 15.0,
        answer: Path | None = None,
        feed: bytes = b"",
    ) -> None:
        self.name = name
        self.log = log
        self.grace_s = grace_s
        self._command = list(command)
        self._env = dict(env)
        self._answer = answer
        self._feed = feed
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
        with ExitStack() as files:
            log = files.enter_context(self.log.open("ab"))
            answer = log if self._answer is None else files.enter_context(self._answer.open("wb"))
            self._process = subprocess.Popen(
                self._command,
                env=self._env,
                cwd=ROOT,
                stdin=self._open_feed(files),
                stdout=answer,
                stderr=log,
                start_new_session=True,
            )

    def _open_feed(self, files: ExitStack) -> IO[bytes] | int:
        if not self._feed:
            return subprocess.DEVNULL
        # A file rather than a pipe: it can never block, and it is gone when it is closed.
        feed = files.enter_context(tempfile.TemporaryFile())  # noqa: SIM115 -- the stack closes it
        feed.write(self._feed)
        feed.seek(0)
        return feed

    def exit_status(self) -> int | None:
        """None while it runs. When it has ended, whatever is left of its group is killed."""
        if self._process is None:
            return None
        if not self._has_ended(self._process):
            return None
        # Before the pid is given back: no other process can have this group's number yet.
        signal_group(self._process.pid, signal.SIGKILL)
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

    @staticmethod
    def _has_ended(process: subprocess.Popen[bytes]) -> bool:
        if process.returncode is not None or not hasattr(os, "waitid"):
            return process.poll() is not None
        options = os.WEXITED | os.WNOHANG | os.WNOWAIT
        return os.waitid(os.P_PID, process.pid, options) is not None


def rotate(log: Path, limit: int = _LOG_LIMIT) -> None:
    """Put a log that has grown large aside, once; the one before it is forgotten."""
    if log.exists() and log.stat().st_size > limit:
        log.replace(log.with_suffix(".log.1"))
