"""Reads of schemes."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.models.schemes import Scheme, SchemeVersion


def list_schemes(session: Session) -> dict[str, Any]:
    """Every scheme with its newest version, as ``schemes list --json`` prints it."""
    newest = (
        select(SchemeVersion.scheme_id, func.max(SchemeVersion.n).label("n"))
        .group_by(SchemeVersion.scheme_id)
        .subquery()
    )
    rows = session.execute(
        select(Scheme.name, SchemeVersion)
        .join(SchemeVersion, SchemeVersion.scheme_id == Scheme.id)
        .join(
            newest,
            (newest.c.scheme_id == SchemeVersion.scheme_id) & (newest.c.n == SchemeVersion.n),
        )
        .order_by(Scheme.name)
    )
    return {
        "schemes": [
            {
                "scheme": name,
                "version": version.n,
                "sha": version.sha,
                "layers": [
                    {"name": lay["name"], "labels": lay["labels"]} for lay in version.layers
                ],
            }
            for name, version in rows
        ]
    }
