"""``python -m local …``: what the Makefile calls."""

from __future__ import annotations

import argparse
import json
import sys
from typing import TYPE_CHECKING

from local.errors import LocalError, tail
from local.places import Instance
from local.progress import Say

if TYPE_CHECKING:
    from collections.abc import Sequence


_INSTANCE_COMMANDS = {
    "run": "start everything, with demo articles",
    "demo": "the same, with simulated annotators",
    "stop": "end everything",
    "status": "what is running",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what was asked and return the exit status.

    Args:
        arguments: the command line without the program's name; None for the process's own.
    """
    sys.stdout.reconfigure(errors="replace")  # type: ignore[union-attr]
    asked = _parser().parse_args(arguments)
    try:
        return _dispatch(asked)
    except LocalError as err:
        _complain(err)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m local", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for name, what in _INSTANCE_COMMANDS.items():
        command = commands.add_parser(name, help=what)
        command.add_argument("--instance", default="instance", help="its folder")
        if name in {"run", "demo"}:
            command.add_argument("--port", type=int, help="the dashboard's")
    setup = commands.add_parser("setup", help="make the environments")
    setup.add_argument("--for", dest="profile", choices=("run", "test"), default="run")
    test = commands.add_parser("test", help="all tests, then the coverage gates")
    test.add_argument("--no-skips", action="store_true", help="a skipped test fails the run")
    commands.add_parser("check", help="lint, format, types, imports, requirements")
    commands.add_parser("lock", help="write the requirements from the .in files")
    commands.add_parser("commands", help="(inner) flask commands, asked on stdin")
    commands.add_parser("annotate", help="(inner) simulated annotators at work")
    return parser


# Imported where they are called: `setup`, `stop` and `status` run on a bare Python, and the
# supervisor does not carry what only tests and simulated annotators need.
def _dispatch(asked: argparse.Namespace) -> int:
    if asked.command in _INSTANCE_COMMANDS:
        return _on_instance(asked)
    if asked.command == "test":
        from local import suite

        return suite.run(Say(), no_skips=asked.no_skips)
    if asked.command == "check":
        from local import checks

        return checks.run(Say())
    if asked.command == "commands":
        from local import command_loop

        command_loop.serve()
        return 0
    if asked.command == "annotate":
        from local import at_work

        sys.stdout.write(json.dumps(at_work.annotate(json.load(sys.stdin))))
        return 0
    from local import requirements, setup

    if asked.command == "setup":
        setup.prepare(asked.profile, Say())
    else:
        requirements.lock(Say())
    return 0


def _on_instance(asked: argparse.Namespace) -> int:
    instance, say = Instance.at(asked.instance), Say()
    if asked.command in {"run", "demo"}:
        from local import start

        return start.run(instance, say, port=asked.port, demo=asked.command == "demo")
    from local import stop

    return stop.stop(instance, say) if asked.command == "stop" else stop.status(instance, say)


def _complain(err: LocalError) -> None:
    say = Say(sys.stderr)
    say.line(f"\n{err.message}")
    if err.log is not None:
        say.line(f"The last lines of {err.log}:\n{tail(err.log)}")
    if err.remedy:
        say.line(err.remedy)


if __name__ == "__main__":
    raise SystemExit(main())
