"""Run a command to its end under the supervisor, so that Ctrl-C ends it too."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from local.errors import LocalError
from local.parts import Part

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from local.supervise import Supervisor


@dataclass(frozen=True, slots=True)
class Finished:
    """What a command left behind: its exit status and what it printed on stdout."""

    status: int
    stdout: str


class Runner:
    """Runs helper commands one after the other; what they log goes to ``logs/setup.log``."""

    def __init__(self, supervisor: Supervisor) -> None:
        self._supervisor = supervisor

    def run(
        self,
        command: Sequence[str],
        *,
        env: Mapping[str, str],
        feed: str = "",
        limit_s: float = 300.0,
        report: Callable[[], None] = lambda: None,
    ) -> Finished:
        """Run a command and wait for it.

        Args:
            command: what to execute.
            env: its whole environment.
            feed: what it reads on stdin.
            limit_s: seconds after which it is ended.
            report: called now and then while it runs.

        Raises:
            LocalError: it took longer than ``limit_s``.
            StopRequestedError: somebody asked for an end; the command is ended.
        """
        log = self._supervisor.instance.log("setup")
        helper = Part("helper", command, env=env, log=log, is_asked=True)
        self._supervisor.launch(helper)
        helper.tell(feed.encode(), is_last=True)
        deadline, stdout = time.monotonic() + limit_s, b""
        while (piece := helper.hear(0.1)) != b"":
            if time.monotonic() > deadline:
                raise LocalError(f"{command[1]} took longer than {limit_s:.0f} s.", log=log)
            stdout += piece or b""
            report()
            self._supervisor.pause(0)
        while (status := helper.exit_status()) is None:
            self._supervisor.pause(0.05)
        self._supervisor.dismiss(helper)
        return Finished(status, stdout.decode("utf-8", "replace"))
