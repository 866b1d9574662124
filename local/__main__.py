"""``python -m local …``: what the Makefile calls."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from local.errors import LocalError, tail
from local.progress import Say

if TYPE_CHECKING:
    from collections.abc import Sequence


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
    setup = commands.add_parser("setup", help="make the environments")
    setup.add_argument("--for", dest="profile", choices=("run", "test"), default="run")
    return parser


def _dispatch(asked: argparse.Namespace) -> int:
    from local import setup

    setup.prepare(asked.profile, Say())
    return 0


def _complain(err: LocalError) -> None:
    say = Say(sys.stderr)
    say.line(f"\n{err.message}")
    if err.log is not None:
        say.line(f"The last lines of {err.log}:\n{tail(err.log)}")
    if err.remedy:
        say.line(err.remedy)


if __name__ == "__main__":
    raise SystemExit(main())
