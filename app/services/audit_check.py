"""The check of the audit log, and the place outside the store that remembers where it stood.

Whoever may write to the store could make the whole chain anew, or cut its end off: then the
chain alone looks sound. So each check leaves what it saw last in the instance folder, and the
next one holds the chain against that.
"""

from __future__ import annotations

import json
from pathlib import Path

from app.extensions import Store
from app.queries.audit import ChainRead, Head, find_head, iter_links, list_unlinked
from app.services.audit import FIRST, link_sha
from config import Settings

HEAD_FILE = "audit.head"


def read_chain(store: Store, *, newest: int | None = None) -> ChainRead:
    """Read the chain from its beginning, or only its newest links.

    Args:
        store: the store; it is read in short reads.
        newest: only so many links at the end.
    """
    found = ChainRead()
    with store.reading() as session:
        head = find_head(session)
        first = 0 if newest is None or head is None else max(0, head.n - newest)
        start = find_head(session, first) if first else None
        # Links and lines are made in one commit, so these two reads see the same ones.
        for seq in list_unlinked(session):
            found.add("added", seq, f"Line {seq} was added past the log: no link knows it.")
    before, last = (start.sha if start is not None else FIRST), first
    for n, seq, sha, line in iter_links(store, first):
        if n != last + 1:
            found.add("removed", None, f"Links {last + 1} to {n - 1} are not there.")
        elif line is None:
            found.add("removed", seq, f"Line {seq} is not there.")
        elif link_sha(before, line) != sha:
            found.add("altered", seq, f"Line {seq} is not as it was written.")
        before, last = sha, n
        found.rows += 1
        found.head = Head(n, sha)
    return found


def hold_against(found: ChainRead, store: Store, head: Head | None) -> None:
    """Hold what was read against where the chain stood before."""
    if head is None or head.n == 0:
        return
    with store.reading() as session:
        now = find_head(session, head.n)
    if now is None:
        there = found.head.n if found.head is not None else 0
        message = f"The log had {head.n} lines at the last check, and has {there} now."
        found.add("cut_off", None, message)
    elif now.sha != head.sha:
        message = f"The log up to its line {head.n} is another one than at the last check."
        found.add("replaced", None, message)


def read_head(settings: Settings) -> Head | None:
    """Where the chain stood at the last check of this machine; None where there was none."""
    path = _place(settings)
    try:
        said = json.loads(path.read_bytes())
        return Head(int(said["n"]), str(said["sha"]))
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError):
        # A file that says nothing must not pass for "there was no check before".
        return Head(2**31 - 1, "")


def keep_head(settings: Settings, head: Head | None) -> None:
    """Remember where the chain stands."""
    path = _place(settings)
    partial = path.with_name(f".{HEAD_FILE}")
    said = {"n": 0, "sha": FIRST} if head is None else {"n": head.n, "sha": head.sha}
    partial.write_text(json.dumps(said) + "\n", encoding="utf-8")
    partial.chmod(0o600)
    partial.replace(path)


def forget_head(settings: Settings) -> None:
    """Forget it: a restore has put an older log in its place, and says so in it."""
    _place(settings).unlink(missing_ok=True)


def _place(settings: Settings) -> Path:
    return settings.instance / HEAD_FILE
