"""Schemes: a label config and its guideline, in immutable versions."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.models.base import Base


class Scheme(Base):
    """A named line of scheme versions."""

    __tablename__ = "scheme"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100), unique=True)


class SchemeVersion(Base):
    """One immutable state of a scheme. ``layers`` is the typed reading of ``config``, as JSON.

    ``rules`` says when two spans are the same thing and which attributes count, where that is
    not the default (``labeling.agreement.rules``).
    """

    __tablename__ = "scheme_version"
    __table_args__ = (UniqueConstraint("scheme_id", "n"), UniqueConstraint("scheme_id", "sha"))

    id: Mapped[int] = mapped_column(primary_key=True)
    scheme_id: Mapped[int] = mapped_column(ForeignKey("scheme.id"))
    n: Mapped[int]
    config: Mapped[str] = mapped_column(Text)
    guideline: Mapped[str] = mapped_column(Text)
    sha: Mapped[str] = mapped_column(String(64))
    layers: Mapped[list[Any]]
    rules: Mapped[dict[str, Any] | None]
    created_at: Mapped[datetime]
    scheme: Mapped[Scheme] = relationship()
