"""Run ``flask`` commands one after the other in one process.

Starting Python and importing the application costs a command far more than its work. A
start of all parts asks a handful of commands; asked here, they share one import. Each gets
an application of its own and behaves as it does on a terminal.
"""

from __future__ import annotations

import io
import json
import os
import sys
from contextlib import redirect_stdout
from typing import TYPE_CHECKING

from flask.cli import FlaskGroup

from app import create_app

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TextIO


def serve() -> None:
    """Answer requests on stdin, a JSON object a line, until it is closed.

    A request is ``{"arguments": [...], "feed": "..."}``, an answer
    ``{"status": n, "stdout": "..."}``. What commands log goes to stderr.
    """
    requests, answers = sys.stdin, os.fdopen(os.dup(1), "w", encoding="utf-8")
    # Whatever writes to the real stdout beside a command's answer belongs to the log.
    os.dup2(2, 1)
    for line in requests:
        asked = json.loads(line)
        status, stdout = run(asked["arguments"], io.StringIO(asked["feed"]))
        answers.write(json.dumps({"status": status, "stdout": stdout}) + "\n")
        answers.flush()


def run(arguments: Sequence[str], feed: TextIO) -> tuple[int, str]:
    """Run one command.

    Args:
        arguments: as after ``flask`` on a command line.
        feed: its stdin.

    Returns:
        exit status and what it printed on stdout.
    """
    group = FlaskGroup(create_app=create_app, set_debug_flag=False, load_dotenv=False)
    printed, given = io.StringIO(), sys.stdin
    sys.stdin = feed
    status = 0
    try:
        with redirect_stdout(printed):
            group.main(args=list(arguments), prog_name="flask", standalone_mode=True)
    except SystemExit as end:
        # As the interpreter does: nothing is 0, a number is itself, anything else is 1.
        status = 0 if end.code is None else end.code if isinstance(end.code, int) else 1
    finally:
        sys.stdin = given
    return status, printed.getvalue()
