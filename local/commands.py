"""Copydesk's own commands, as a person would type them, with their JSON answers read."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

from local.errors import LocalError
from local.parts import Part
from local.ports import HOST

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from local.places import Instance
    from local.session import Session

_LIMIT_S = 900.0


class CommandFailedError(LocalError):
    """A command ended with an error; ``kind`` is its stable word for it."""

    def __init__(self, message: str, *, kind: str, remedy: str) -> None:
        super().__init__(message, remedy=remedy)
        self.kind = kind


class Flask:
    """Calls ``flask <noun> <verb> … --json``.

    Args:
        session: runs them.
        instance: whose log is named when a command breaks.
    """

    def __init__(self, session: Session, instance: Instance) -> None:
        self._session = session
        self._instance = instance

    def __call__(
        self, *arguments: str, feed: str = "", report: Callable[[], None] = lambda: None
    ) -> dict[str, Any]:
        """Run a command and return its answer.

        Args:
            arguments: noun, verb and options; ``--json`` is added.
            feed: what it reads on stdin.
            report: called now and then while it runs.

        Raises:
            CommandFailedError: it said what is wrong.
            LocalError: it broke without an answer.
        """
        command = [*arguments, "--json"]
        finished = self._session.ask(command, feed=feed, limit_s=_LIMIT_S, report=report)
        answer = _object(finished.stdout)
        name = "flask " + " ".join(arguments[:2])
        if finished.status == 0 and answer is not None:
            return answer
        error = (answer or {}).get("error")
        if isinstance(error, dict):
            raise CommandFailedError(
                f"{name}: {error.get('message', 'failed')}",
                kind=str(error.get("kind", "")),
                remedy=str(error.get("remedy", "")),
            )
        raise LocalError(
            f"{name} broke (status {finished.status}).", log=self._instance.log("setup")
        )


def _object(text: str) -> dict[str, Any] | None:
    try:
        value = json.loads(text)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def worker(instance: Instance, env: Mapping[str, str]) -> Part:
    """The worker as a part; it gets time to bring the step it is in to its end."""
    command = [sys.executable, "-m", "flask", "worker"]
    return Part("worker", command, env=env, log=instance.log("worker"), grace_s=60)


def web(instance: Instance, env: Mapping[str, str], port: int) -> Part:
    """The dashboard as a part, on loopback; requests under way get time to end."""
    where = ["--bind", f"{HOST}:{port}", "--config", "gunicorn.conf.py"]
    command = [sys.executable, "-m", "gunicorn", *where, "wsgi:app"]
    return Part("web", command, env=env, log=instance.log("web"), grace_s=35)
