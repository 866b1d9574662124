"""The process in which a start asks its ``flask`` commands; see ``local.command_loop``."""

from __future__ import annotations

import json
import sys
import time
from typing import TYPE_CHECKING

from local.errors import LocalError
from local.parts import Part
from local.runner import Finished

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from local.supervise import Supervisor


class Session:
    """Asks commands under the supervisor, so that Ctrl-C ends what is under way.

    Args:
        supervisor: owns the process.
        env: the environment of the instance.
        command: what answers; ``python -m local commands``.
    """

    def __init__(
        self,
        supervisor: Supervisor,
        env: Mapping[str, str],
        command: Sequence[str] = (sys.executable, "-m", "local", "commands"),
    ) -> None:
        self._supervisor = supervisor
        self._log = supervisor.instance.log("setup")
        self._part = Part("commands", command, env=env, log=self._log, is_asked=True)
        self._started = False

    def ask(
        self,
        arguments: Sequence[str],
        *,
        feed: str,
        limit_s: float,
        report: Callable[[], None],
    ) -> Finished:
        """Run a command and wait for it.

        Args:
            arguments: as after ``flask``.
            feed: what it reads on stdin.
            limit_s: seconds after which it is given up.
            report: called now and then while it runs.

        Raises:
            LocalError: it took longer than ``limit_s``, or its process ended.
            StopRequestedError: somebody asked for an end.
        """
        if not self._started:
            self._supervisor.launch(self._part)
            self._started = True
        request = json.dumps({"arguments": list(arguments), "feed": feed}) + "\n"
        self._part.tell(request.encode())
        answer = json.loads(self._read(arguments, time.monotonic() + limit_s, report))
        return Finished(answer["status"], answer["stdout"])

    def close(self) -> None:
        """End the process: nothing more will be asked."""
        if self._started:
            self._part.kill()
            self._supervisor.dismiss(self._part)
            self._started = False

    def _read(self, arguments: Sequence[str], deadline: float, report: Callable[[], None]) -> bytes:
        name = "flask " + " ".join(arguments[:2])
        line = b""
        while not line.endswith(b"\n"):
            report()
            self._supervisor.pause(0)
            if time.monotonic() > deadline:
                raise LocalError(f"{name} was not done in time.", log=self._log)
            piece = self._part.hear(0.1)
            if piece == b"":
                raise LocalError(f"{name} broke.", log=self._log)
            line += piece or b""
        return line
