"""`flask audit`: whether the log of who did what is as it was written."""

from __future__ import annotations

import click
from flask import current_app
from flask.cli import AppGroup

from app.cli.output import Answer, answers
from app.errors import InvalidInputError
from app.extensions import get_store
from app.queries.audit import Head
from app.services import audit_check
from config import Settings

group = AppGroup("audit", help="The log of who did what.")


@group.command()
@click.option("--head", "given", metavar="N:SHA256", help="Where it stood, as you noted it.")
@click.option(
    "--accept", is_flag=True, help="Do not hold it against the last check on this machine."
)
@answers
def verify(given: str | None, accept: bool) -> Answer:
    """Read the whole log, and say whether anything of it was altered, removed or added.

    It is held against where it stood at the last check, or at --head. Exit 1 when it is not as
    it was written.
    """
    settings: Settings = current_app.extensions["settings"]
    store = get_store()
    head = _head(given) if given else None if accept else audit_check.read_head(settings)
    found = audit_check.read_chain(store)
    audit_check.hold_against(found, store, head)
    if found.ok:
        audit_check.keep_head(settings, found.head)
    shown = f"{found.head.n}:{found.head.sha}" if found.head is not None else ""
    data = {
        "ok": found.ok,
        "rows": found.rows,
        "head": shown,
        "count": found.count,
        "problems": found.problems,
    }
    lines = [f"{'ok' if found.ok else 'NOT as it was written'}: {found.rows} lines"]
    lines += [f"  {problem['kind']}: {problem['message']}" for problem in found.problems]
    if found.ok and shown:
        lines.append(f"Note it elsewhere, and hold it against that: --head {shown}")
    return Answer(data, "\n".join(lines), 0 if found.ok else 1)


def _head(text: str) -> Head:
    number, _, sha = text.partition(":")
    if not (number.isascii() and number.isdigit() and len(number) < 10 and len(sha) == 64):
        raise InvalidInputError(
            f"{text!r} is not a place in the log.", remedy="Give it as verify printed it: N:SHA256"
        )
    return Head(int(number), sha)
