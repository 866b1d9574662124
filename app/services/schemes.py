"""Schemes: import a label config and its guideline as a new immutable version."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.errors import NotFoundError
from app.models.schemes import Scheme, SchemeVersion
from app.services import audit
from labeling.agreement.rules import read_rules, rules_sha
from labeling.scheme import read_scheme


def import_scheme(
    session: Session,
    *,
    name: str,
    config: str,
    guideline: str,
    actor: str,
    rules: dict[str, Any] | None = None,
) -> tuple[SchemeVersion, bool]:
    """Add a version, unless the same config, guideline and rules are one already.

    Args:
        rules: when two spans are the same thing, where that is not the default
            (``labeling.agreement.rules``).

    Returns:
        The version, and whether it is new.

    Raises:
        SchemeError: the config or the rules cannot be used; nothing is changed.
    """
    read = read_scheme(config, guideline)
    read_rules(rules, read)
    sha = rules_sha(read.sha, rules)
    scheme = _ensure_scheme(session, name)
    known = session.scalar(
        select(SchemeVersion).where(SchemeVersion.scheme_id == scheme.id, SchemeVersion.sha == sha)
    )
    if known is not None:
        return known, False
    newest = session.scalar(
        select(func.max(SchemeVersion.n)).where(SchemeVersion.scheme_id == scheme.id)
    )
    version = SchemeVersion(
        scheme=scheme,
        n=(newest or 0) + 1,
        config=config,
        guideline=guideline,
        sha=sha,
        rules=rules or None,
        layers=_as_json([asdict(layer) for layer in read.layers]),
        created_at=datetime.now(UTC),
    )
    session.add(version)
    session.flush()
    audit.record(
        session, actor=actor, action="scheme_imported", object=f"scheme:{name}@{version.n}"
    )
    return version, True


def _ensure_scheme(session: Session, name: str) -> Scheme:
    scheme = session.scalar(select(Scheme).where(Scheme.name == name))
    if scheme is None:
        scheme = Scheme(name=name)
        session.add(scheme)
        session.flush()
    return scheme


def newest_version(session: Session, name: str) -> SchemeVersion:
    """The newest version of a scheme.

    Raises:
        NotFoundError: there is no such scheme.
    """
    version = session.scalar(
        select(SchemeVersion)
        .join(SchemeVersion.scheme)
        .where(Scheme.name == name)
        .order_by(SchemeVersion.n.desc())
        .limit(1)
    )
    if version is None:
        raise NotFoundError(
            f"There is no scheme {name!r}.", remedy="See them with: flask schemes list"
        )
    return version


def _as_json(layers: list[dict[str, Any]]) -> list[Any]:
    return [
        {key: list(value) if isinstance(value, tuple) else value for key, value in layer.items()}
        for layer in layers
    ]
