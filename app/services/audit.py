"""Every write leaves a line: who did what to which object."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy.orm import Session

from app.models.audit import Audit


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
    session.add(
        Audit(at=datetime.now(UTC), actor=actor, action=action, object=object, detail=detail or {})
    )
