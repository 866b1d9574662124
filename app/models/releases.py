"""Datasets and their releases: frozen rows, each release immutable once it is ready."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.models.base import Base


class ReleaseState(StrEnum):
    """It is being built, it stands for ever, or its building failed."""

    BUILDING = "building"
    READY = "ready"
    FAILED = "failed"


class Dataset(Base):
    """A named line of releases."""

    __tablename__ = "dataset"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80), unique=True)
    created_at: Mapped[datetime]
    releases: Mapped[list[Release]] = relationship(back_populates="dataset", order_by="Release.id")


class Release(Base):
    """One version of a dataset.

    ``plan`` is what was asked for. ``as_of`` names the newest gold, revision, article version
    and task (row ids) that were there when it began: what came later is not in it. ``sha256``
    is that of its logical records. ``version`` is empty until it is ready. ``withdrawn`` are
    the uids of articles in it that were retracted since; nothing else of it ever changes.
    """

    __tablename__ = "release"
    __table_args__ = (
        UniqueConstraint("dataset_id", "number"),
        CheckConstraint("state IN ('building', 'ready', 'failed')", name="state"),
        Index("ix_release_dataset_id_version", "dataset_id", "version"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    dataset_id: Mapped[int] = mapped_column(ForeignKey("dataset.id"))
    number: Mapped[int]
    version: Mapped[str] = mapped_column(String(40), default="")
    state: Mapped[str] = mapped_column(String(16), default=ReleaseState.BUILDING)
    problem: Mapped[str] = mapped_column(Text, default="")
    plan: Mapped[dict[str, Any]]
    as_of: Mapped[dict[str, Any]]
    manifest: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True), deferred=True)
    records: Mapped[int] = mapped_column(default=0)
    spans: Mapped[int] = mapped_column(default=0)
    sha256: Mapped[str] = mapped_column(String(64), default="")
    notes: Mapped[str] = mapped_column(Text, default="")
    actor: Mapped[str] = mapped_column(String(255))
    created_at: Mapped[datetime]
    built_at: Mapped[datetime | None]
    withdrawn: Mapped[list[Any]]
    dataset: Mapped[Dataset] = relationship(back_populates="releases")


class ReleaseArticle(Base):
    """An article as it was when a release was built: its fields, its group and its split."""

    __tablename__ = "release_article"
    __table_args__ = (Index("ix_release_article_uid", "uid"),)

    release_id: Mapped[int] = mapped_column(ForeignKey("release.id"), primary_key=True)
    uid: Mapped[str] = mapped_column(String(40), primary_key=True)
    group: Mapped[str] = mapped_column(String(40))
    split: Mapped[str | None] = mapped_column(String(8))
    fields: Mapped[dict[str, Any]]


class ReleaseFile(Base):
    """A release in a format, as a ZIP file in the instance folder; it can be made anew any time.

    ``report`` is what the format could not hold.
    """

    __tablename__ = "release_file"

    release_id: Mapped[int] = mapped_column(ForeignKey("release.id"), primary_key=True)
    form: Mapped[str] = mapped_column(String(20), primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64))
    bytes: Mapped[int] = mapped_column(BigInteger)
    report: Mapped[list[Any]]
    made_at: Mapped[datetime]


class ReleaseRecord(Base):
    """One frozen record: its canonical line. ``ord`` follows the passages' uids."""

    __tablename__ = "release_record"

    release_id: Mapped[int] = mapped_column(ForeignKey("release.id"), primary_key=True)
    ord: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(String(40))
    sha: Mapped[str] = mapped_column(String(64))
    line: Mapped[str] = mapped_column(Text)
