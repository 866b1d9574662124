"""What outlets say they are, as an admin filled it in, and the newest count of even-handedness."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base


class Outlet(Base):
    """What an outlet states about itself. ``source`` says where; nothing here is ever guessed."""

    __tablename__ = "outlet"
    __table_args__ = (
        CheckConstraint(
            "lean IN ('left', 'centre', 'right', 'state', 'opposition', 'none')", name="lean"
        ),
    )

    name: Mapped[str] = mapped_column(String(200), primary_key=True)
    lean: Mapped[str] = mapped_column(String(16))
    source: Mapped[str] = mapped_column(Text, default="")
    actor: Mapped[str] = mapped_column(String(255))
    changed_at: Mapped[datetime]


class EvennessReport(Base):
    """A count of how often terms were labeled, as it came out; the newest counts."""

    __tablename__ = "evenness_report"

    id: Mapped[int] = mapped_column(primary_key=True)
    made_at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(255))
    report: Mapped[dict[str, Any]] = mapped_column(JSON(none_as_null=True))
