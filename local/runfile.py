"""``run.json``: where to go, there only while every part is up."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from local import jsonfile

if TYPE_CHECKING:
    from collections.abc import Mapping

    from local.places import Instance


@dataclass(frozen=True, slots=True)
class Running:
    """What ``run.json`` tells.

    Args:
        dashboard: the dashboard's absolute address.
        labelstudio: Label Studio's absolute address.
        admin_email: the first admin's.
        pids: ``supervisor``, ``web``, ``worker`` and ``labelstudio``.
    """

    dashboard: str
    labelstudio: str
    admin_email: str
    pids: Mapping[str, int]


def publish(instance: Instance, running: Running) -> None:
    """Write the file whole: a reader sees the old one or the new one, never a part."""
    jsonfile.write(instance.run_file, asdict(running))


def withdraw(instance: Instance) -> None:
    """Remove the file: from now on nobody may rely on it."""
    instance.run_file.unlink(missing_ok=True)
