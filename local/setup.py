"""Make everything that running or testing needs, once; instant afterwards.

This runs on a bare Python, before anything is installed: standard library only.
"""

from __future__ import annotations

import fcntl
from contextlib import contextmanager
from typing import TYPE_CHECKING

from local import frontend
from local.places import ROOT, STUDIO_VENV, VENV
from local.venvs import Environment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from local.progress import Say

PROFILES = ("run", "test")


def prepare(profile: str, say: Say) -> None:
    """Make sure that everything ``profile`` needs is installed.

    Args:
        profile: ``run`` (to use Copydesk) or ``test`` (to change it; a superset).
        say: where progress goes.

    Raises:
        LocalError: an environment could not be made; the remedy says what to do.
    """
    with _one_at_a_time():
        _app(profile).ensure(say)
        studio = ROOT / "requirements-labelstudio.txt"
        Environment(STUDIO_VENV, studio, "Label Studio").ensure(say)
        frontend.ensure(say, with_tools=profile == "test")


def _app(profile: str) -> Environment:
    run = Environment(VENV, ROOT / "requirements.txt", "Copydesk's packages")
    test = Environment(VENV, ROOT / "requirements-test.txt", "Copydesk's packages and test tools")
    # Who has tested here once keeps the larger set, so that `make run` does not undo it.
    if profile == "test" or run.stamped_for() == test.requirements.name:
        return test
    return run


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Two set-ups at once would write over each other: the second waits."""
    lock_file = ROOT / ".cache" / "setup.lock"
    lock_file.parent.mkdir(exist_ok=True)
    with lock_file.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
