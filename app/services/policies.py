"""House policies: every import that says something new is a version of its own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models.moderation import PolicyVersion
from app.services import audit
from app.services.desk import forget_policies
from labeling.moderation.policy import Policy


@dataclass(frozen=True, slots=True)
class ImportedPolicy:
    """What an import came to; ``made`` is false where the newest version says the same."""

    name: str
    version: int
    rules: int
    in_force: bool
    made: bool


def import_policy(session: Session, policy: Policy, source: str, *, actor: str) -> ImportedPolicy:
    """Keep a policy as the newest version of its name. Articles are looked at anew afterwards.

    Args:
        session: a transaction.
        policy: what was read.
        source: the TOML it was read from.
        actor: who brings it.
    """
    newest = session.scalar(
        select(PolicyVersion)
        .where(PolicyVersion.name == policy.name, PolicyVersion.current)
        .with_for_update()
    )
    if newest is not None and newest.sha == policy.sha:
        return _imported(newest, made=False)
    if newest is not None:
        newest.current = False
        session.flush()
    row = PolicyVersion(
        name=policy.name,
        n=newest.n + 1 if newest else 1,
        title=policy.title,
        sha=policy.sha,
        source=source,
        rules=len(policy.rules),
        in_force=policy.in_force,
        actor=actor,
        created_at=datetime.now(UTC),
    )
    session.add(row)
    session.flush()
    forget_policies(session)
    audit.record(
        session,
        actor=actor,
        action="policy_imported",
        object=f"policy:{row.name}@{row.n}",
        detail={"rules": row.rules, "in_force": row.in_force},
    )
    return _imported(row, made=True)


def _imported(row: PolicyVersion, *, made: bool) -> ImportedPolicy:
    return ImportedPolicy(row.name, row.n, row.rules, row.in_force, made)
