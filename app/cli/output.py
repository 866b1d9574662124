"""How every command answers: text for people, exactly one JSON object with ``--json``.

Exit 0: done. 1: failed. 2: usage (click's own). 3: done, but items were set aside and
``--strict`` was given. Logs go to stderr, the answer alone to stdout.
"""

from __future__ import annotations

import functools
import json
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, NoReturn, ParamSpec

import click
from sqlalchemy.exc import OperationalError, ProgrammingError

from app.errors import AppError
from app.extensions import CLASH, UNUSABLE_VALUES
from labeling.errors import LabelingError

P = ParamSpec("P")

# How Python holds a byte of a name or an argument that is not UTF-8.
_HALF_CHARACTER = re.compile(r"[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command found or did: an object for programs and a text for people."""

    data: dict[str, Any]
    text: str
    exit_code: int = 0


def answers(function: Callable[P, Answer]) -> Callable[..., None]:
    """Give a command ``--json``, print its answer, and turn its errors into clear ones."""

    @click.option("--json", "as_json", is_flag=True, help="Print one JSON object on stdout.")
    @functools.wraps(function)
    def wrapper(*args: Any, as_json: bool, **kwargs: Any) -> None:
        with clear_errors(as_json=as_json):
            answer = function(*args, **kwargs)
        click.echo(shown(json.dumps(answer.data, ensure_ascii=False) if as_json else answer.text))
        sys.exit(answer.exit_code)

    return wrapper


@contextmanager
def clear_errors(*, as_json: bool) -> Iterator[None]:
    """Turn what goes wrong inside into a clear answer and exit 1."""
    try:
        yield
    except (AppError, LabelingError) as err:
        done = getattr(err, "result", None)
        fail(err.kind, err.message, err.remedy, as_json=as_json, done=done)
    except (OperationalError, ProgrammingError) as err:
        fail("store", f"The store cannot be used: {err.orig}", _store_remedy(err), as_json=as_json)
    except CLASH:
        message = "Somebody changed the same thing at the same moment; nothing was done."
        fail("conflict", message, "Try again.", as_json=as_json)
    except UNUSABLE_VALUES as err:
        reason = str(getattr(err, "orig", err)).strip().partition("\n")[0]
        message = f"A text or a number cannot be stored ({reason}); nothing was done."
        remedy = "Look for what is very long, very large, or not text (a NUL, half a character)."
        fail("invalid_input", message, remedy, as_json=as_json)


def fail(
    kind: str, message: str, remedy: str, *, as_json: bool, done: dict[str, Any] | None = None
) -> NoReturn:
    """Say what failed and what to do, and what was ``done`` before; then exit with 1."""
    if as_json:
        error = {"kind": kind, "message": message, "remedy": remedy}
        click.echo(shown(json.dumps({"error": error, **(done or {})}, ensure_ascii=False)))
    else:
        click.echo(shown(f"Error: {message}"), err=True)
        if remedy:
            click.echo(shown(f"  {remedy}"), err=True)
    sys.exit(1)


def shown(text: str) -> str:
    """A text that can be printed and stored: a file's name need not be text to the last byte."""
    return _HALF_CHARACTER.sub("\N{REPLACEMENT CHARACTER}", text)


def _store_remedy(err: OperationalError | ProgrammingError) -> str:
    text = str(err.orig).lower()
    if any(sign in text for sign in ("no such table", "does not exist", "unable to open")):
        return "Run: flask db upgrade"
    if "locked" in text:
        return "Another process is writing; try again."
    return "Check COPYDESK_DATABASE_URL and that the server is up: flask doctor"


def table(headers: tuple[str, ...], rows: list[tuple[Any, ...]], *, empty: str) -> str:
    """Rows as aligned columns for people; ``empty`` says what to do when there is none."""
    if not rows:
        return empty
    cells = [headers, *[tuple("" if c is None else str(c) for c in row) for row in rows]]
    widths = [max(len(row[i]) for row in cells) for i in range(len(headers))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in cells
    )
