"""What can go wrong on one machine, said so that a person can act on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


class LocalError(Exception):
    """Something could not be done here.

    Args:
        message: what happened.
        remedy: what to do about it.
        log: a log file whose last lines tell more.
    """

    def __init__(self, message: str, *, remedy: str = "", log: Path | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy
        self.log = log


class StopRequestedError(Exception):
    """Somebody asked for an end (Ctrl-C, ``make stop``) while something was under way."""


def tail(path: Path, lines: int = 15) -> str:
    """The last lines of a log file, or "" when there is none.

    Only the end is read: Label Studio's log can be large.
    """
    try:
        with path.open("rb") as file:
            file.seek(0, 2)
            file.seek(max(0, file.tell() - 16_384))
            text = file.read().decode("utf-8", "replace")
    except OSError:
        return ""
    return "\n".join(text.splitlines()[-lines:])
