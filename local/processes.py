"""Processes by identity: a pid alone may by now belong to somebody else.

An identity is the pid and the moment the process was started. Nothing here signals a pid
whose identity is not the one that was written down.
"""

from __future__ import annotations

import os
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


@dataclass(frozen=True, slots=True)
class Identity:
    """A process that cannot be mistaken for a later one with the same pid."""

    pid: int
    started: str

    @classmethod
    def of(cls, pid: int) -> Identity | None:
        """The identity of a living process, or None when there is none (or a zombie)."""
        started = _started(pid)
        return None if started is None else cls(pid, started)

    @classmethod
    def from_json(cls, value: object) -> Identity | None:
        """Read what ``to_json`` wrote; None for anything else."""
        match value:
            case {"pid": int(pid), "started": str(started)}:
                return cls(pid, started)
        return None

    def to_json(self) -> dict[str, object]:
        """A form for the ledger file."""
        return {"pid": self.pid, "started": self.started}

    def is_alive(self) -> bool:
        """Whether this very process still runs."""
        return _started(self.pid) == self.started


def _started(pid: int) -> str | None:
    try:
        # The name in brackets may hold spaces and brackets itself: read after the last one.
        fields = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace").rpartition(")")[2].split()
    except OSError:
        return None if Path("/proc/self").exists() else _started_by_ps(pid)
    if fields[0] in {"Z", "X"}:
        return None
    return f"{_BOOT_ID.read_text('ascii').strip()}:{fields[19]}"


def _started_by_ps(pid: int) -> str | None:
    """Where there is no /proc (macOS), ``ps`` tells the moment of the start."""
    command = ["ps", "-o", "lstart=", "-p", str(pid)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout.strip() or None


def signal_group(leader: int, number: signal.Signals) -> None:
    """Signal every process of a group we started; one that is empty already is fine."""
    try:
        os.killpg(leader, number)
    except (ProcessLookupError, PermissionError):
        return


def end(identity: Identity, grace_s: float) -> bool:
    """End a process that some supervisor started as the leader of its own group.

    Args:
        identity: who it is; nothing happens when that process is gone.
        grace_s: seconds it gets to end by itself before its whole group is killed.

    Returns:
        whether there was anything to end.
    """
    if not identity.is_alive():
        return False
    os.kill(identity.pid, signal.SIGTERM)
    wait_gone(identity, grace_s)
    signal_group(identity.pid, signal.SIGKILL)
    wait_gone(identity, 5)
    return True


def wait_gone(identity: Identity, seconds: float) -> bool:
    """Wait until a process has ended; False when it still runs after ``seconds``."""
    deadline = time.monotonic() + seconds
    while identity.is_alive():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True
