"""The term bank, in numbered versions: each row of a term says from when until when it held."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base


class LexiconVersion(Base):
    """One state of the whole term bank. ``sha`` names what it answers with."""

    __tablename__ = "lexicon_version"

    n: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    sha: Mapped[str] = mapped_column(String(64))
    terms: Mapped[int]
    reason: Mapped[str] = mapped_column(Text)
    actor: Mapped[str] = mapped_column(String(255))
    created_at: Mapped[datetime]


class Term(Base):
    """A term as it stood from version ``since`` on, and up to ``until`` (not included).

    The current state of a term is its one row without ``until``; older rows never change.
    """

    __tablename__ = "term"
    __table_args__ = (
        UniqueConstraint("key", "since"),
        CheckConstraint("status IN ('active', 'muted')", name="status"),
        Index(
            "uq_term_key_current",
            "key",
            unique=True,
            sqlite_where=text("until IS NULL"),
            postgresql_where=text("until IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(80))
    since: Mapped[int] = mapped_column(ForeignKey("lexicon_version.n"))
    until: Mapped[int | None] = mapped_column(ForeignKey("lexicon_version.n"))
    surface: Mapped[str] = mapped_column(String(120))
    variants: Mapped[list[Any]]
    part: Mapped[str] = mapped_column(String(16))
    case: Mapped[str] = mapped_column(String(16))
    type: Mapped[str] = mapped_column(String(16))
    topic: Mapped[str] = mapped_column(String(60))
    leans: Mapped[str] = mapped_column(String(16))
    about: Mapped[str] = mapped_column(String(200))
    alternatives: Mapped[list[Any]]
    note: Mapped[str] = mapped_column(Text)
    mirror_of: Mapped[str] = mapped_column(String(80))
    status: Mapped[str] = mapped_column(String(16))


class TermFigure(Base):
    """What annotators made of a term, counted when a job ends: for large instances.

    ``app.services.term_figures`` alone writes it, always by a count.
    """

    __tablename__ = "term_figure"

    key: Mapped[str] = mapped_column(String(80), primary_key=True)
    unchanged: Mapped[int]
    changed: Mapped[int]
    removed: Mapped[int]
    waiting: Mapped[int]
    found: Mapped[int]
