"""Annotators as forms offer them."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models.connections import Annotator

OFFERED = 20


def list_annotators(session: Session) -> tuple[str, ...]:
    """The e-mails of those who came last, in alphabetical order."""
    newest = session.scalars(select(Annotator.email).order_by(Annotator.id.desc()).limit(OFFERED))
    return tuple(sorted(newest))
