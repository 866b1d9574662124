"""Passages (slices of an article's frozen text), and where each stands in each version."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.models.articles import Article
from app.models.base import Base


class Passage(Base):
    """A slice of one article. ``uid`` = H(article uid, text sha, occurrence); never changed.

    ``role`` is the one it has in the newest version in which it stands.
    """

    __tablename__ = "passage"

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(String(40), unique=True)
    article_id: Mapped[int] = mapped_column(ForeignKey("article.id"), index=True)
    role: Mapped[str] = mapped_column(String(16))
    text: Mapped[str] = mapped_column(Text)
    text_sha: Mapped[str] = mapped_column(String(64))
    occurrence: Mapped[int] = mapped_column(default=0)
    article: Mapped[Article] = relationship()


class Placement(Base):
    """Where a passage stands in one version of its article (code points, half-open).

    ``reason`` says why it is not simply a paragraph. ``by_hand``: somebody chose its bounds, and
    a corrected version keeps them where its words are unchanged.
    """

    __tablename__ = "placement"
    __table_args__ = (
        CheckConstraint('start < "end"', name="not_empty"),
        Index("ix_placement_passage_id", "passage_id"),
    )

    version_id: Mapped[int] = mapped_column(ForeignKey("article_version.id"), primary_key=True)
    passage_id: Mapped[int] = mapped_column(ForeignKey("passage.id"), primary_key=True)
    start: Mapped[int]
    end: Mapped[int]
    reason: Mapped[str] = mapped_column(Text, default="")
    by_hand: Mapped[bool] = mapped_column(default=False)
    passage: Mapped[Passage] = relationship()
