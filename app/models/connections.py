"""Label Studio servers, the annotators, and their accounts there."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.models.base import Base


class Connection(Base):
    """A Label Studio server and its token, encrypted with a key that is not in the database.

    ``invite_url`` is the link by which people join its organization: one link for everybody.
    """

    __tablename__ = "connection"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100), unique=True)
    url: Mapped[str] = mapped_column(Text)
    token_encrypted: Mapped[str] = mapped_column(Text)
    token_hint: Mapped[str] = mapped_column(String(8))
    token_kind: Mapped[str] = mapped_column(String(16), default="")
    version: Mapped[str] = mapped_column(String(40), default="")
    user_email: Mapped[str] = mapped_column(String(255), default="")
    created_at: Mapped[datetime]
    checked_at: Mapped[datetime | None]
    problem: Mapped[str] = mapped_column(Text, default="")
    invite_url: Mapped[str] = mapped_column(Text, default="")


class Annotator(Base):
    """A person who annotates. ``pseudonym`` stands for them wherever names must not travel."""

    __tablename__ = "annotator"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(255), unique=True)
    pseudonym: Mapped[str] = mapped_column(String(40), unique=True)


class Account(Base):
    """An annotator's account on one connection."""

    __tablename__ = "account"
    __table_args__ = (UniqueConstraint("connection_id", "ls_user_id"),)

    connection_id: Mapped[int] = mapped_column(ForeignKey("connection.id"), primary_key=True)
    annotator_id: Mapped[int] = mapped_column(ForeignKey("annotator.id"), primary_key=True)
    ls_user_id: Mapped[int]
    annotator: Mapped[Annotator] = relationship()
