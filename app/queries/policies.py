"""House policies: those that count now, all their versions, and one of them in full."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.errors import NotFoundError
from app.models.moderation import DeskMatch, PolicyVersion
from labeling.moderation.matching import rule_in_words
from labeling.moderation.policy import Policy, read_policy
from labeling.suggest.lexicon import LABEL as LOADED
from labeling.suggest.voice import QUOTE

_READ = lru_cache(maxsize=64)(lambda source, name: read_policy(source, source=name))


@dataclass(frozen=True, slots=True)
class Current:
    """A policy that counts now, and which version of it."""

    n: int
    policy: Policy


@dataclass(frozen=True, slots=True)
class Policies:
    """Every policy that counts now. ``sha`` names them all together."""

    current: tuple[Current, ...]
    sha: str

    @property
    def labels(self) -> frozenset[str] | None:
        """The labels that their rules look at; None: of some rule every label."""
        found = {LOADED, QUOTE}
        for rule in (rule for one in self.current for rule in one.policy.rules):
            if not rule.label:
                return None
            found.update(rule.label)
        return frozenset(found)


@dataclass(frozen=True, slots=True)
class PolicyRow:
    """A version of a policy in the list; ``articles`` it matches now, if it is the newest."""

    name: str
    n: int
    title: str
    rules: int
    in_force: bool
    current: bool
    actor: str
    created_at: datetime
    articles: int


@dataclass(frozen=True, slots=True)
class PolicyPage:
    """One version of a policy with its rules in words, its TOML, and all its versions."""

    row: PolicyRow
    policy: Policy
    rules: tuple[tuple[Any, str], ...]
    source: str
    versions: tuple[PolicyRow, ...]


def current_policies(session: Session) -> Policies:
    """The newest version of each policy that is in force, by name."""
    rows = session.execute(
        select(PolicyVersion.name, PolicyVersion.n, PolicyVersion.source)
        .where(PolicyVersion.current, PolicyVersion.in_force)
        .order_by(PolicyVersion.name)
    )
    return together([Current(n, _READ(source, name)) for name, n, source in rows])


def together(current: Sequence[Current]) -> Policies:
    """Policies under one name."""
    said = json.dumps([[one.policy.name, one.policy.sha] for one in current])
    return Policies(tuple(current), hashlib.sha256(said.encode("ascii")).hexdigest())


def has_policies(session: Session) -> bool:
    """Whether any policy was ever imported."""
    return session.scalar(select(PolicyVersion.id).limit(1)) is not None


def list_policies(session: Session, name: str | None = None) -> tuple[PolicyRow, ...]:
    """Every version of every policy, or of one, by name and newest first."""
    query = select(PolicyVersion).order_by(PolicyVersion.name, PolicyVersion.n.desc())
    if name is not None:
        query = query.where(PolicyVersion.name == name)
    matched = _matched(session)
    return tuple(_row(row, matched) for row in session.scalars(query))


def get_policy(session: Session, name: str, n: int | None = None) -> PolicyPage:
    """One version of a policy; the newest unless ``n`` says otherwise.

    Raises:
        NotFoundError: there is no such policy, or no such version of it.
    """
    rows = list_policies(session, name)
    found = next((row for row in rows if (row.current if n is None else row.n == n)), None)
    if found is None:
        what = f"policy {name!r}" if n is None or not rows else f"version {n} of {name!r}"
        raise NotFoundError(f"There is no {what}.", remedy="See them with: flask policies list")
    source = session.scalars(
        select(PolicyVersion.source).where(PolicyVersion.name == name, PolicyVersion.n == found.n)
    ).one()
    policy: Policy = _READ(source, name)
    words = tuple((rule, rule_in_words(rule)) for rule in policy.rules)
    return PolicyPage(found, policy, words, source, rows)


def reasons_of(policies: Policies) -> dict[str, str]:
    """The reasons of all policies that count, by code."""
    found: dict[str, str] = {}
    for one in policies.current:
        for code, words in one.policy.reasons.items():
            found.setdefault(code, words)
    return found


def as_json(rows: Iterable[PolicyRow]) -> dict[str, Any]:
    """The answer of ``policies list``."""
    return {
        "policies": [
            {
                "name": row.name,
                "version": row.n,
                "title": row.title,
                "rules": row.rules,
                "in_force": row.in_force and row.current,
                "current": row.current,
                "articles": row.articles,
                "by": row.actor,
                "at": row.created_at.isoformat(),
            }
            for row in rows
        ]
    }


def _matched(session: Session) -> dict[str, int]:
    each = select(DeskMatch.policy, DeskMatch.article_id).distinct().subquery()
    rows = session.execute(select(each.c.policy, func.count()).group_by(each.c.policy))
    return {row[0]: row[1] for row in rows}


def _row(row: PolicyVersion, matched: dict[str, int]) -> PolicyRow:
    return PolicyRow(
        name=row.name,
        n=row.n,
        title=row.title,
        rules=row.rules,
        in_force=row.in_force,
        current=row.current,
        actor=row.actor,
        created_at=row.created_at,
        articles=matched.get(row.name, 0) if row.current else 0,
    )
