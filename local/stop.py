"""``stop`` and ``status``: from another shell, by the ledger of the instance."""

from __future__ import annotations

import os
import signal
import time
from typing import IO, TYPE_CHECKING

from local import jsonfile, runfile
from local.ledger import Ledger, read_holder, try_lock
from local.processes import wait_gone

if TYPE_CHECKING:
    from local.places import Instance
    from local.processes import Identity
    from local.progress import Say

# The worker finishes its step (60 s at most), then Label Studio ends.
_LIMIT_S = 100.0
_ORPHAN_GRACE_S = 20.0


def stop(instance: Instance, say: Say) -> int:
    """End everything of an instance and wait until it is gone.

    Args:
        instance: whose processes.
        say: where progress goes.

    Returns:
        0: nothing of it runs any more.
    """
    ended = False
    if instance.lock.exists():
        with instance.lock.open("r+") as lock:
            ended = _take_over(lock, say)
            # The lock is ours now: no supervisor can start while we look for what is left.
            ended = bool(Ledger(instance).end_orphans(_ORPHAN_GRACE_S)) or ended
            runfile.withdraw(instance)
    what = "Everything of" if ended else "Nothing of"
    say.line(f"{what} {instance.folder} {'has ended' if ended else 'was running'}.")
    return 0


def _take_over(lock: IO[str], say: Say) -> bool:
    """End the supervisor and take its lock; return whether there was one."""
    ended = False
    deadline = time.monotonic() + _LIMIT_S
    while not try_lock(lock):
        # One that has only just begun may not have written its name yet: look again.
        holder = read_holder(lock)
        if holder is not None:
            _end_supervisor(holder, say, deadline)
            ended = True
        time.sleep(0.05)
    return ended


def _end_supervisor(supervisor: Identity, say: Say, deadline: float) -> None:
    os.kill(supervisor.pid, signal.SIGTERM)
    while not wait_gone(supervisor, 1):
        say.waiting("ending; the worker brings its step to an end")
        if time.monotonic() > deadline:
            os.kill(supervisor.pid, signal.SIGKILL)
            wait_gone(supervisor, 5)


def status(instance: Instance, say: Say) -> int:
    """Say what of an instance is running.

    Args:
        instance: whose processes.
        say: where the answer goes.

    Returns:
        0 when everything is up, 1 when it is not.
    """
    supervisor = _supervisor(instance)
    parts = Ledger(instance).living()
    where = jsonfile.read(instance.run_file) if supervisor is not None else {}
    if supervisor is not None:
        state = f"supervisor {supervisor.pid}"
    else:
        state = "left behind by a killed supervisor (`make stop` ends it)" if parts else ""
    say.line(f"{instance.folder}: {state or 'not running'}")
    for name, identity in sorted(parts.items()):
        say.line(f"  {name:<12} {identity.pid}")
    if where:
        say.line(f"  dashboard    {where['dashboard']}\n  Label Studio {where['labelstudio']}")
    elif supervisor is not None:
        say.line("  still starting")
    return 0 if where else 1


def _supervisor(instance: Instance) -> Identity | None:
    try:
        with instance.lock.open() as lock:
            return read_holder(lock)
    except OSError:
        return None
