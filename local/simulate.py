"""Let simulated annotators work through the demo batch, by Label Studio's real API.

The work is done in a process of its own (``python -m local annotate``), because it loads
the gateway's library and the supervisor shall stay small.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from local.errors import LocalError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from local.places import Instance
    from local.runner import Runner

Report = Callable[[], None]
NOTE = "SIMULATED.txt"
_NOTE_TEXT = """\
The annotations of the demo batch in this instance were made by a program.

Its annotators ({annotators}) are simulated: they find quotes, names and
loaded words by a few rules and err on purpose, each in a way of their own. Nothing in the
batch is a judgement of a person, and no figure computed from it says anything about people.
"""


def let_annotate(
    runner: Runner,
    env: Mapping[str, str],
    instance: Instance,
    job: Mapping[str, Any],
    report: Report,
) -> int:
    """Have the demo lanes annotated and leave a note that says so.

    Args:
        runner: runs the process that does it.
        env: its environment.
        instance: where the note goes.
        job: ``url``, ``token`` and ``lanes`` (as ``batches show`` tells them).
        report: called now and then.

    Returns:
        how many annotations were new; running it again makes none twice.

    Raises:
        LocalError: Label Studio did not take them.
    """
    emails = ", ".join(str(lane["annotator"]) for lane in job["lanes"])
    (instance.folder / NOTE).write_text(_NOTE_TEXT.format(annotators=emails), "utf-8")
    command = [sys.executable, "-m", "local", "annotate"]
    finished = runner.run(command, env=env, feed=json.dumps(job), limit_s=900, report=report)
    if finished.status != 0:
        log = instance.log("setup")
        raise LocalError("The simulated annotators could not finish.", log=log)
    return int(json.loads(finished.stdout)["made"])
