"""The ledger of processes, and the lock that lets one supervisor hold an instance."""

from __future__ import annotations

import fcntl
import json
import os
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING

from local import jsonfile
from local.errors import LocalError
from local.processes import Identity, end

if TYPE_CHECKING:
    from collections.abc import Iterator

    from local.places import Instance


class Ledger:
    """Every process started for an instance, by name, written down before it matters.

    A supervisor that was killed with -9 cannot end its parts; the next one reads here what
    is left and ends it.
    """

    def __init__(self, instance: Instance) -> None:
        self._file = instance.ledger
        self._entries = {
            name: identity
            for name, value in jsonfile.read(self._file).items()
            if (identity := Identity.from_json(value)) is not None
        }

    def record(self, name: str, pid: int) -> None:
        """Write a process down; one that is gone already is forgotten."""
        identity = Identity.of(pid)
        if identity is None:
            self._entries.pop(name, None)
        else:
            self._entries[name] = identity
        self._write()

    def forget(self, name: str) -> None:
        """Strike a process that has ended."""
        if self._entries.pop(name, None) is not None:
            self._write()

    def living(self) -> dict[str, Identity]:
        """The parts that are alive."""
        return {name: identity for name, identity in self._entries.items() if identity.is_alive()}

    def end_orphans(self, grace_s: float) -> list[str]:
        """End the parts whose supervisor has gone; return their names."""
        ended = [name for name, identity in self.living().items() if end(identity, grace_s)]
        self._entries.clear()
        self._write()
        return ended

    def _write(self) -> None:
        entries = {name: identity.to_json() for name, identity in self._entries.items()}
        jsonfile.write(self._file, entries)


@contextmanager
def hold(instance: Instance) -> Iterator[None]:
    """Be the one supervisor of an instance; the lock file says who that is.

    Raises:
        LocalError: another one holds it.
    """
    with instance.lock.open("a+") as lock:
        if not try_lock(lock):
            holder = read_holder(lock)
            who = "" if holder is None else f" (process {holder.pid})"
            raise LocalError(
                f"The instance {instance.folder} is running already{who}.",
                remedy=f"Use it, or end it first: make stop INSTANCE={instance.folder}",
            )
        own = Identity.of(os.getpid())
        lock.truncate(0)
        lock.write(json.dumps({} if own is None else own.to_json()))
        lock.flush()
        yield
        lock.truncate(0)


def try_lock(lock: IO[str]) -> bool:
    """Take the lock of an open lock file if nobody has it; closing the file gives it back."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def read_holder(lock: IO[str]) -> Identity | None:
    """Who wrote themselves into a lock file, if that process is alive."""
    lock.seek(0)
    try:
        holder = Identity.from_json(json.loads(lock.read()))
    except ValueError:
        return None
    return holder if holder is not None and holder.is_alive() else None
