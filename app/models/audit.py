"""Who did what, append-only, and the chain that shows whether it stayed as it was."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base


class Audit(Base):
    """One act: a signed-in user, ``--as`` somebody, or ``system`` did something to an object."""

    __tablename__ = "audit"
    __table_args__ = (Index("ix_audit_object_seq", "object", "seq"),)

    seq: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(255))
    action: Mapped[str] = mapped_column(String(80))
    object: Mapped[str] = mapped_column(String(200))
    detail: Mapped[dict[str, Any]]


class AuditLink(Base):
    """The link of one audit line: ``sha`` is of the line and of the link before (``n`` - 1)."""

    __tablename__ = "audit_link"

    n: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    seq: Mapped[int] = mapped_column(ForeignKey("audit.seq"), unique=True)
    sha: Mapped[str] = mapped_column(String(64))
