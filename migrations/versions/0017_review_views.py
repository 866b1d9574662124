"""Room for the queues that reviewers keep, and the random order of a queue

Revision ID: 0017_review_views
Revises: 0016_evenness
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017_review_views"
down_revision = "0016_evenness"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "review_view",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("owner", sa.String(length=255), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("query", sa.JSON(none_as_null=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_view")),
        sa.UniqueConstraint("owner", "name", name=op.f("uq_review_view_owner_name")),
    )
    op.create_index(
        "ix_review_item_state_sample_passage_id",
        "review_item",
        ["state", "sample", "passage_id"],
        unique=False,
    )


def downgrade() -> None:
    op.drop_index("ix_review_item_state_sample_passage_id", table_name="review_item")
    op.drop_table("review_view")
