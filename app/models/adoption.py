"""Where adopted work came from: an export, or a project that others made in Label Studio."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base


class Adoption(Base):
    """The origin of an adopted batch; ``finished_at`` is set once all of it is here.

    ``config`` is the label config of the project as it was; the batch's scheme is made of it.
    ``sha`` tells whether a file that is adopted again is the same. ``pseudonyms``: names and
    e-mail addresses were kept out.
    """

    __tablename__ = "adoption"
    __table_args__ = (CheckConstraint("source IN ('export', 'connection')", name="source"),)

    batch_id: Mapped[int] = mapped_column(ForeignKey("batch.id"), primary_key=True)
    source: Mapped[str] = mapped_column(String(16))
    name: Mapped[str] = mapped_column(Text)
    sha: Mapped[str] = mapped_column(String(64))
    config: Mapped[str] = mapped_column(Text)
    pseudonyms: Mapped[bool] = mapped_column(default=False)
    counts: Mapped[dict[str, Any] | None]
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
