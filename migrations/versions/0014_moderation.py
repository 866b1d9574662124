"""Room for house policies, the moderation desk and what is decided there

Revision ID: 0014_moderation
Revises: 0013_terms
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014_moderation"
down_revision = "0013_terms"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "desk_count",
        sa.Column("facet", sa.String(length=16), nullable=False),
        sa.Column("value", sa.String(length=80), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("facet", "value", name=op.f("pk_desk_count")),
    )
    op.create_table(
        "policy_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("sha", sa.String(length=64), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("rules", sa.Integer(), nullable=False),
        sa.Column("in_force", sa.Boolean(), nullable=False),
        sa.Column("current", sa.Boolean(), nullable=False),
        sa.Column("actor", sa.String(length=255), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policy_version")),
        sa.UniqueConstraint("name", "n", name=op.f("uq_policy_version_name_n")),
    )
    op.create_index(
        "uq_policy_version_name_current",
        "policy_version",
        ["name"],
        unique=True,
        sqlite_where=sa.text("current"),
        postgresql_where=sa.text("current"),
    )
    op.create_table(
        "desk_article",
        sa.Column("article_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("outlet", sa.String(length=200), nullable=False),
        sa.Column("section", sa.String(length=200), nullable=False),
        sa.Column("published_on", sa.String(length=10), nullable=False),
        sa.Column("basis", sa.String(length=64), nullable=False),
        sa.Column("policies", sa.String(length=64), nullable=False),
        sa.Column("proposed", sa.String(length=16), nullable=True),
        sa.Column("severity", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.Column("verdict", sa.String(length=16), nullable=True),
        sa.Column("by", sa.String(length=255), nullable=False),
        sa.Column("seen", sa.String(length=64), nullable=False),
        sa.Column("changed", sa.Boolean(), nullable=False),
        sa.Column("arrived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("held_by", sa.String(length=255), nullable=False),
        sa.Column("held_until", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('quiet', 'waiting', 'escalated', 'appealed', 'decided')",
            name=op.f("ck_desk_article_state"),
        ),
        sa.ForeignKeyConstraint(
            ["article_id"], ["article.id"], name=op.f("fk_desk_article_article_id_article")
        ),
        sa.PrimaryKeyConstraint("article_id", name=op.f("pk_desk_article")),
    )
    op.create_index("ix_desk_article_held_by", "desk_article", ["held_by"], unique=False)
    op.create_index(
        "ix_desk_article_open_severity",
        "desk_article",
        ["open", "severity", "article_id"],
        unique=False,
    )
    op.create_index(
        "ix_desk_article_open_since", "desk_article", ["open", "since", "article_id"], unique=False
    )
    op.create_index("ix_desk_article_policies", "desk_article", ["policies"], unique=False)
    op.create_index(
        "ix_desk_article_state_outlet", "desk_article", ["state", "outlet"], unique=False
    )
    op.create_index(
        "ix_desk_article_state_published_on",
        "desk_article",
        ["state", "published_on"],
        unique=False,
    )
    op.create_index(
        "ix_desk_article_state_section", "desk_article", ["state", "section"], unique=False
    )
    op.create_index(
        "ix_desk_article_state_severity",
        "desk_article",
        ["state", "severity", "article_id"],
        unique=False,
    )
    op.create_index(
        "ix_desk_article_state_since",
        "desk_article",
        ["state", "since", "article_id"],
        unique=False,
    )
    op.create_table(
        "moderation_event",
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("article_id", sa.Integer(), nullable=False),
        sa.Column("act", sa.String(length=16), nullable=False),
        sa.Column("verdict", sa.String(length=16), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("basis", sa.String(length=64), nullable=False),
        sa.Column("proposed", sa.String(length=16), nullable=True),
        sa.Column("actor", sa.String(length=255), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("undoes", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "(act = 'undo') = (undoes IS NOT NULL)", name=op.f("ck_moderation_event_undoes")
        ),
        sa.CheckConstraint(
            "act IN ('verdict', 'appeal', 'upheld', 'overturned', 'note', 'undo')",
            name=op.f("ck_moderation_event_act"),
        ),
        sa.CheckConstraint(
            "verdict IN ('fine', 'needs_edit', 'escalate')",
            name=op.f("ck_moderation_event_verdict"),
        ),
        sa.ForeignKeyConstraint(
            ["article_id"], ["article.id"], name=op.f("fk_moderation_event_article_id_article")
        ),
        sa.ForeignKeyConstraint(
            ["undoes"],
            ["moderation_event.seq"],
            name=op.f("fk_moderation_event_undoes_moderation_event"),
        ),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_moderation_event")),
        sa.UniqueConstraint("undoes", name=op.f("uq_moderation_event_undoes")),
    )
    op.create_index(
        "ix_moderation_event_actor_at", "moderation_event", ["actor", "at"], unique=False
    )
    op.create_index(
        "ix_moderation_event_article_id_seq",
        "moderation_event",
        ["article_id", "seq"],
        unique=False,
    )
    op.create_table(
        "desk_match",
        sa.Column("article_id", sa.Integer(), nullable=False),
        sa.Column("policy", sa.String(length=80), nullable=False),
        sa.Column("rule", sa.String(length=80), nullable=False),
        sa.Column("verdict", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.String(length=80), nullable=False),
        sa.Column("spans", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["article_id"],
            ["desk_article.article_id"],
            name=op.f("fk_desk_match_article_id_desk_article"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("article_id", "policy", "rule", name=op.f("pk_desk_match")),
    )
    op.create_index(
        "ix_desk_match_policy_article_id", "desk_match", ["policy", "article_id"], unique=False
    )
    op.create_table(
        "desk_term",
        sa.Column("article_id", sa.Integer(), nullable=False),
        sa.Column("term", sa.String(length=80), nullable=False),
        sa.Column("voice", sa.String(length=16), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("decided", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["article_id"],
            ["desk_article.article_id"],
            name=op.f("fk_desk_term_article_id_desk_article"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("article_id", "term", "voice", name=op.f("pk_desk_term")),
    )
    op.create_index(
        "ix_desk_term_term_article_id", "desk_term", ["term", "article_id"], unique=False
    )
    op.create_index(
        "ix_desk_term_voice_article_id", "desk_term", ["voice", "article_id"], unique=False
    )


def downgrade() -> None:
    for table in ("moderation_event", "desk_term", "desk_match", "desk_article", "policy_version"):
        op.drop_table(table)
    op.drop_table("desk_count")
