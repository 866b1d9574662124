"""Orders of the desk: of one outlet, of one section, and of all that is on it

Revision ID: 0018_desk_orders
Revises: 0017_review_views
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018_desk_orders"
down_revision = "0017_review_views"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for facet in ("outlet", "section"):
        for column in ("severity", "since"):
            op.create_index(
                f"ix_desk_article_open_{facet}_{column}",
                "desk_article",
                ["open", facet, column, "article_id"],
                unique=False,
            )
    for column in ("severity", "since"):
        op.create_index(
            f"ix_desk_article_{column}",
            "desk_article",
            [column, "article_id"],
            unique=False,
            sqlite_where=sa.text("state != 'quiet'"),
            postgresql_where=sa.text("state != 'quiet'"),
        )


def downgrade() -> None:
    op.drop_index("ix_desk_article_since", table_name="desk_article")
    op.drop_index("ix_desk_article_severity", table_name="desk_article")
    for facet in ("outlet", "section"):
        for column in ("severity", "since"):
            op.drop_index(f"ix_desk_article_open_{facet}_{column}", table_name="desk_article")
