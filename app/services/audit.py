"""Every write leaves a line: who did what to which object. The lines form a chain.

Each line is linked at the end of its transaction: its link holds the sha256 of the line and of
the link before, so that whoever alters, removes or swaps lines later breaks the chain. Links
are made one transaction after the other, in the short moment before a commit: on SQLite the
write lock sees to that, on PostgreSQL a lock of our own.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import event, insert, select, text
from sqlalchemy.orm import Session

from app.models.audit import Audit, AuditLink

FIRST = "0" * 64
"""What stands before the first link."""

_PENDING = "audit_lines"
_LOCK = 4_071_869_221


def record(
    session: Session,
    *,
    actor: str,
    action: str,
    object: str,  # noqa: A002 - the audit's own word, in the design
    detail: dict[str, Any] | None = None,
) -> None:
    """Add an audit line in the caller's transaction.

    Args:
        actor: an e-mail address, or ``system``.
        action: a past-tense verb phrase such as ``batch_created``.
        object: kind and key, such as ``batch:demo``.
        detail: small JSON; never texts, tokens or passwords.
    """
    line = Audit(
        at=datetime.now(UTC), actor=actor, action=action, object=object, detail=detail or {}
    )
    session.add(line)
    session.info.setdefault(_PENDING, []).append(line)


def link_sha(before: str, line: Audit) -> str:
    """The sha256 of a link: of the one before, and of all that its line says.

    Args:
        before: the sha256 of the link before, ``FIRST`` for the first.
        line: the audit line.
    """
    said = [
        line.seq, line.at.astimezone(UTC).isoformat(timespec="microseconds"),
        line.actor, line.action, line.object, _as_stored(line.detail),
    ]  # fmt: skip
    content = json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(f"{before}\n{content}".encode()).hexdigest()


def _as_stored(detail: Mapping[str, Any]) -> Any:
    """A detail as it comes back from the store: keys are texts, tuples are lists."""
    return json.loads(json.dumps(detail))


@event.listens_for(Session, "before_commit")
def _link_lines(session: Session) -> None:
    """Link what this transaction recorded; what a savepoint took back is not there any more."""
    pending: list[Audit] | None = session.info.get(_PENDING)
    if not pending or session.in_nested_transaction():
        return
    # Nothing may wait for anybody's row while the chain is locked.
    session.flush()
    lines = sorted((line for line in pending if line in session), key=lambda line: line.seq)
    pending.clear()
    if not lines:
        return
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    last = session.execute(
        select(AuditLink.n, AuditLink.sha).order_by(AuditLink.n.desc()).limit(1)
    ).one_or_none()
    n, sha = (0, FIRST) if last is None else (last[0], last[1])
    links = []
    for line in lines:
        n, sha = n + 1, link_sha(sha, line)
        links.append({"n": n, "seq": line.seq, "sha": sha})
    session.execute(insert(AuditLink), links)
