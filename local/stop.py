"""``stop`` and ``status``: from another shell, by the ledger of the instance."""

from __future__ import annotations

import os
import signal
import time
from typing import TYPE_CHECKING

from local import jsonfile, runfile
from local.ledger import Ledger
from local.processes import wait_gone

if TYPE_CHECKING:
    from local.places import Instance
    from local.processes import Identity
    from local.progress import Say

# The worker finishes its step (60 s at most), then Label Studio ends.
_LIMIT_S = 100.0


def stop(instance: Instance, say: Say) -> int:
    """End everything of an instance and wait until it is gone.

    Args:
        instance: whose processes.
        say: where progress goes.

    Returns:
        0: nothing of it runs any more.
    """
    supervisor = Ledger(instance).supervisor()
    if supervisor is not None:
        _end_supervisor(supervisor, say)
    orphans = Ledger(instance).end_orphans(20) if instance.ledger.exists() else []
    if instance.folder.exists():
        runfile.withdraw(instance)
    if supervisor is None and not orphans:
        say.line(f"Nothing of {instance.folder} was running.")
    else:
        say.line(f"Everything of {instance.folder} has ended.")
    return 0


def _end_supervisor(supervisor: Identity, say: Say) -> None:
    os.kill(supervisor.pid, signal.SIGTERM)
    deadline = time.monotonic() + _LIMIT_S
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
    ledger = Ledger(instance)
    supervisor = ledger.supervisor()
    if supervisor is None:
        say.line(f"{instance.folder}: not running")
        return 1
    say.line(f"{instance.folder}: supervisor {supervisor.pid}")
    for name, identity in sorted(ledger.living().items()):
        say.line(f"  {name:<12} {identity.pid}")
    where = jsonfile.read(instance.run_file)
    if not where:
        say.line("  still starting")
        return 1
    say.line(f"  dashboard    {where['dashboard']}\n  Label Studio {where['labelstudio']}")
    return 0
