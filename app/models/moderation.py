"""The moderation desk: house policies in versions, the queue of articles, what was decided.

``moderation_event`` and ``policy_version`` are append-only. ``desk_article``, ``desk_match``
and ``desk_term`` are made from articles, suggestions, gold and policies by
``app.services.desk`` alone; the state of a row is made from its events.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.models.articles import Article
from app.models.base import Base

# Part of the rows: a query is answered by such an index when it says the same, letter by letter.
_DESK = "state != 'quiet'"
_ON_THE_DESK: dict[str, Any] = {
    "sqlite_where": text(_DESK),
    "postgresql_where": text(_DESK),
}


class PolicyVersion(Base):
    """One immutable state of a house policy; the newest of a name is the one that counts.

    ``source`` is its TOML as it came. ``in_force`` is what it says of itself.
    """

    __tablename__ = "policy_version"
    __table_args__ = (
        UniqueConstraint("name", "n"),
        Index(
            "uq_policy_version_name_current",
            "name",
            unique=True,
            sqlite_where=text("current"),
            postgresql_where=text("current"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    n: Mapped[int]
    title: Mapped[str] = mapped_column(String(200))
    sha: Mapped[str] = mapped_column(String(64))
    source: Mapped[str] = mapped_column(Text)
    rules: Mapped[int]
    in_force: Mapped[bool]
    current: Mapped[bool] = mapped_column(default=True)
    actor: Mapped[str] = mapped_column(String(255))
    created_at: Mapped[datetime]


class DeskArticle(Base):
    """An article as the desk sees it; one row for every article that was ever looked at.

    ``basis`` names the spans and policies it rests on, ``policies`` the policies alone, so that
    one sees which rows an import of a policy has made old. ``seen`` is the basis of the verdict
    in force: where it differs, something changed since. ``by`` gave that verdict. ``open``:
    somebody has to look at it. ``published_on`` is a day, as text, so that both stores compare
    it alike. ``held_by`` has it open until ``held_until``.
    """

    __tablename__ = "desk_article"
    __table_args__ = (
        CheckConstraint(
            "state IN ('quiet', 'waiting', 'escalated', 'appealed', 'decided')",
            name="state",
        ),
        Index("ix_desk_article_open_severity", "open", "severity", "article_id"),
        Index("ix_desk_article_open_since", "open", "since", "article_id"),
        Index("ix_desk_article_open_outlet_severity", "open", "outlet", "severity", "article_id"),
        Index("ix_desk_article_open_outlet_since", "open", "outlet", "since", "article_id"),
        Index("ix_desk_article_open_section_severity", "open", "section", "severity", "article_id"),
        Index("ix_desk_article_open_section_since", "open", "section", "since", "article_id"),
        Index("ix_desk_article_state_severity", "state", "severity", "article_id"),
        Index("ix_desk_article_state_since", "state", "since", "article_id"),
        Index("ix_desk_article_severity", "severity", "article_id", **_ON_THE_DESK),
        Index("ix_desk_article_since", "since", "article_id", **_ON_THE_DESK),
        Index("ix_desk_article_state_outlet", "state", "outlet"),
        Index("ix_desk_article_state_section", "state", "section"),
        Index("ix_desk_article_state_published_on", "state", "published_on"),
        Index("ix_desk_article_held_by", "held_by"),
        Index("ix_desk_article_policies", "policies"),
    )

    article_id: Mapped[int] = mapped_column(
        ForeignKey("article.id"), primary_key=True, autoincrement=False
    )
    outlet: Mapped[str] = mapped_column(String(200), default="")
    section: Mapped[str] = mapped_column(String(200), default="")
    published_on: Mapped[str] = mapped_column(String(10), default="")
    basis: Mapped[str] = mapped_column(String(64), default="")
    policies: Mapped[str] = mapped_column(String(64), default="")
    proposed: Mapped[str | None] = mapped_column(String(16))
    severity: Mapped[int] = mapped_column(default=0)
    state: Mapped[str] = mapped_column(String(16), default="quiet")
    open: Mapped[bool] = mapped_column(default=False)
    verdict: Mapped[str | None] = mapped_column(String(16))
    by: Mapped[str] = mapped_column(String(255), default="")
    seen: Mapped[str] = mapped_column(String(64), default="")
    changed: Mapped[bool] = mapped_column(default=False)
    arrived_at: Mapped[datetime | None]
    since: Mapped[datetime | None]
    decided_at: Mapped[datetime | None]
    held_by: Mapped[str] = mapped_column(String(255), default="")
    held_until: Mapped[datetime | None]
    article: Mapped[Article] = relationship()


class DeskMatch(Base):
    """A rule that matches an article, by the newest policies in force."""

    __tablename__ = "desk_match"
    __table_args__ = (Index("ix_desk_match_policy_article_id", "policy", "article_id"),)

    article_id: Mapped[int] = mapped_column(
        ForeignKey("desk_article.article_id", ondelete="CASCADE"), primary_key=True
    )
    policy: Mapped[str] = mapped_column(String(80), primary_key=True)
    rule: Mapped[str] = mapped_column(String(80), primary_key=True)
    verdict: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str] = mapped_column(String(80))
    spans: Mapped[int]


class DeskTerm(Base):
    """A loaded term in an article that a rule matches, and a voice it stands in there.

    ``term`` is its id in the term bank, or the words themselves where the bank has none.
    """

    __tablename__ = "desk_term"
    __table_args__ = (
        Index("ix_desk_term_term_article_id", "term", "article_id"),
        Index("ix_desk_term_voice_article_id", "voice", "article_id"),
    )

    article_id: Mapped[int] = mapped_column(
        ForeignKey("desk_article.article_id", ondelete="CASCADE"), primary_key=True
    )
    term: Mapped[str] = mapped_column(String(80), primary_key=True)
    voice: Mapped[str] = mapped_column(String(16), primary_key=True)
    n: Mapped[int]
    decided: Mapped[int]


class DeskCount(Base):
    """How many articles of the desk hold a term: counted when a job ends, for large desks."""

    __tablename__ = "desk_count"

    facet: Mapped[str] = mapped_column(String(16), primary_key=True)
    value: Mapped[str] = mapped_column(String(80), primary_key=True)
    n: Mapped[int]


class ModerationEvent(Base):
    """One act of one person on one article. Append-only; an undo names what it takes back.

    ``basis`` names the spans and policies the person saw; ``proposed`` is what rules said.
    """

    __tablename__ = "moderation_event"
    __table_args__ = (
        CheckConstraint(
            "act IN ('verdict', 'appeal', 'upheld', 'overturned', 'note', 'undo')", name="act"
        ),
        CheckConstraint("verdict IN ('fine', 'needs_edit', 'escalate')", name="verdict"),
        CheckConstraint("(act = 'undo') = (undoes IS NOT NULL)", name="undoes"),
        UniqueConstraint("undoes"),
        Index("ix_moderation_event_article_id_seq", "article_id", "seq"),
        Index("ix_moderation_event_actor_at", "actor", "at"),
    )

    seq: Mapped[int] = mapped_column(primary_key=True)
    article_id: Mapped[int] = mapped_column(ForeignKey("article.id"))
    act: Mapped[str] = mapped_column(String(16))
    verdict: Mapped[str | None] = mapped_column(String(16))
    reason: Mapped[str] = mapped_column(Text, default="")
    note: Mapped[str] = mapped_column(Text, default="")
    basis: Mapped[str] = mapped_column(String(64), default="")
    proposed: Mapped[str | None] = mapped_column(String(16))
    actor: Mapped[str] = mapped_column(String(255))
    at: Mapped[datetime]
    undoes: Mapped[int | None] = mapped_column(ForeignKey("moderation_event.seq"))
