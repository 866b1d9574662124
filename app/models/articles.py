"""Articles as they came, their frozen texts, and the blocks that tile them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.models.base import Base


class Article(Base):
    """A piece of news. ``current_version`` is the ``n`` of the version in force.

    ``cluster`` is the uid of the first of the articles that say nearly the same (its own for
    the first of them, None where there are no others); ``cluster_share`` is how much of the
    smaller text of a pair was found in the other one, from 0 to 1.
    """

    __tablename__ = "article"
    __table_args__ = (
        CheckConstraint("kind IN ('imported', 'adopted')", name="kind"),
        Index("ix_article_outlet_id", "outlet", "id"),
        Index("ix_article_section_id", "section", "id"),
        Index("ix_article_cluster_id", "cluster", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(String(40), unique=True)
    external_id: Mapped[str | None] = mapped_column(String(500), unique=True)
    kind: Mapped[str] = mapped_column(String(16), default="imported")
    title: Mapped[str] = mapped_column(Text, default="")
    outlet: Mapped[str] = mapped_column(String(200), default="")
    section: Mapped[str] = mapped_column(String(200), default="")
    byline: Mapped[str] = mapped_column(Text, default="")
    published_at: Mapped[datetime | None]
    url: Mapped[str] = mapped_column(Text, default="")
    language: Mapped[str] = mapped_column(String(16), default="")
    story: Mapped[str | None] = mapped_column(String(200))
    source: Mapped[str] = mapped_column(Text, default="")
    current_version: Mapped[int] = mapped_column(default=1)
    imported_at: Mapped[datetime]
    retracted_at: Mapped[datetime | None]
    retracted_reason: Mapped[str] = mapped_column(Text, default="")
    cluster: Mapped[str | None] = mapped_column(String(40))
    cluster_share: Mapped[float | None]
    versions: Mapped[list[ArticleVersion]] = relationship(
        back_populates="article", order_by="ArticleVersion.n"
    )


class ArticleVersion(Base):
    """One state of an article: its bytes, and the text frozen from them.

    ``made_at`` and ``actor`` say who imported it and when; versions of before this was kept
    have neither.
    """

    __tablename__ = "article_version"
    __table_args__ = (UniqueConstraint("article_id", "n"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    article_id: Mapped[int] = mapped_column(ForeignKey("article.id"))
    n: Mapped[int]
    bytes_sha: Mapped[str] = mapped_column(String(64), index=True)
    original: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    encoding: Mapped[str] = mapped_column(String(32))
    text: Mapped[str] = mapped_column(Text)
    fixes: Mapped[list[Any]]
    made_at: Mapped[datetime | None]
    actor: Mapped[str] = mapped_column(String(255), default="")
    article: Mapped[Article] = relationship(back_populates="versions")
    blocks: Mapped[list[Block]] = relationship(order_by="Block.ord")


class Block(Base):
    """A stretch of an article version with one role; the blocks tile the text.

    ``by_hand``: somebody gave it its role, and a corrected version keeps that.
    """

    __tablename__ = "block"
    __table_args__ = (CheckConstraint('start < "end"', name="not_empty"),)

    version_id: Mapped[int] = mapped_column(ForeignKey("article_version.id"), primary_key=True)
    ord: Mapped[int] = mapped_column(primary_key=True)
    role: Mapped[str] = mapped_column(String(16))
    start: Mapped[int]
    end: Mapped[int]
    reason: Mapped[str] = mapped_column(Text)
    by_hand: Mapped[bool] = mapped_column(default=False)
