"""A real worker process of an instance, for tests that kill it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from config import ROOT, Settings

START_S = 60.0


class WorkerUnderTest:
    """`flask worker` as a process of its own; ended by its own pid."""

    def __init__(self, settings: Settings, log: Path, **environment: str) -> None:
        self._settings = settings
        self._log = log
        self._environment = environment
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> WorkerUnderTest:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    @property
    def pid(self) -> int:
        """The process id of the worker that was started last."""
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """Start it, and wait until it says that it has started."""
        before = self.started()
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "flask", "worker"],
                cwd=ROOT,
                env={**os.environ, **environment_of(self._settings), **self._environment},
                stdout=log,
                stderr=log,
            )
        wait_until(lambda: self.started() > before, START_S, self.tail)

    def started(self) -> int:
        """How many workers have started so far."""
        return self._log.read_bytes().count(b"worker_started") if self._log.exists() else 0

    def kill(self) -> None:
        """Kill -9."""
        if self._process is not None:
            if self._process.poll() is None:
                self._process.kill()
            self._process.wait()

    def terminate(self) -> int:
        """SIGTERM; give its exit status."""
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)
        return self._process.wait(timeout=60)

    def pause(self) -> None:
        """Freeze it, as a machine that hangs would."""
        os.kill(self.pid, signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on."""
        os.kill(self.pid, signal.SIGCONT)

    def wait_for_death(self) -> None:
        """Wait until somebody has ended it."""
        assert self._process is not None
        self._process.wait(timeout=START_S)

    def tail(self) -> str:
        """The end of its log, for messages."""
        return self._log.read_text(encoding="utf-8", errors="replace")[-3000:]


def environment_of(settings: Settings) -> dict[str, str]:
    """The environment variables that describe these settings to another process."""
    found = {"COPYDESK_INSTANCE": str(settings.instance)}
    if settings.database_url is not None:
        found["COPYDESK_DATABASE_URL"] = settings.database_url.get_secret_value()
    found["COPYDESK_PUSH_CHUNK"] = str(settings.push_chunk)
    found["COPYDESK_PUSH_SETTLE_S"] = str(settings.push_settle_s)
    found["COPYDESK_SYNC_EVERY_S"] = str(settings.sync_every_s)
    return found


def wait_until(
    holds: Callable[[], bool], seconds: float, explain: Callable[[], str] = lambda: ""
) -> None:
    """Poll until something holds.

    Raises:
        TimeoutError: it did not hold in time; the message carries the explanation.
    """
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {seconds} s\n{explain()}")
        time.sleep(0.05)
