"""Who did what, append-only."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, String
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
