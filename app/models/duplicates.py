"""What near-duplicates are found by: a signature an article, and its bands as an index."""

from __future__ import annotations

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base


class NearSignature(Base):
    """The MinHash of an article's current version; ``words_sha`` tells equal texts at once."""

    __tablename__ = "near_signature"

    article_id: Mapped[int] = mapped_column(ForeignKey("article.id"), primary_key=True)
    words_sha: Mapped[str] = mapped_column(String(64), index=True)
    signature: Mapped[bytes] = mapped_column(LargeBinary)


class NearBand(Base):
    """An article under one of its bands: articles that share a band may be near-duplicates.

    A band holds few articles (``app.services.duplicates``), so that looking one up costs the
    same however many there are.
    """

    __tablename__ = "near_band"
    __table_args__ = (Index("ix_near_band_article_id", "article_id"),)

    band: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    article_id: Mapped[int] = mapped_column(ForeignKey("article.id"), primary_key=True)
