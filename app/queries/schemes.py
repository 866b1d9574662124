"""Reads of schemes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.errors import NotFoundError
from app.models.batches import Batch
from app.models.schemes import Scheme, SchemeVersion


@dataclass(frozen=True, slots=True)
class Guideline:
    """The guideline of a batch's scheme version, as it was written (Markdown)."""

    batch: str
    scheme: str
    version: int
    text: str


def get_guideline(session: Session, slug: str) -> Guideline:
    """What the annotators of a batch go by.

    Raises:
        NotFoundError: no such batch.
    """
    row = session.execute(
        select(Scheme.name, SchemeVersion.n, SchemeVersion.guideline)
        .join(SchemeVersion, SchemeVersion.scheme_id == Scheme.id)
        .join(Batch, Batch.scheme_version_id == SchemeVersion.id)
        .where(Batch.slug == slug)
    ).one_or_none()
    if row is None:
        raise NotFoundError(
            f"There is no batch {slug!r}.", remedy="See them with: flask batches list"
        )
    return Guideline(slug, *row)


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
