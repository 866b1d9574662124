"""Room for corrections, edits by hand, retractions and near-duplicates

Revision ID: 0003_passages
Revises: 0002_intake
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003_passages"
down_revision = "0002_intake"
branch_labels = None
depends_on = None


# Columns are added and dropped in place on both stores: making a table anew would mean to drop
# one that others refer to.
def columns() -> list[tuple[str, sa.Column]]:
    no = sa.false()
    return [
        ("article", sa.Column("retracted_reason", sa.Text(), nullable=False, server_default="")),
        ("article", sa.Column("cluster", sa.String(length=40), nullable=True)),
        ("article", sa.Column("cluster_share", sa.Double(), nullable=True)),
        ("article_version", sa.Column("made_at", sa.DateTime(timezone=True), nullable=True)),
        (
            "article_version",
            sa.Column("actor", sa.String(length=255), nullable=False, server_default=""),
        ),
        ("block", sa.Column("by_hand", sa.Boolean(), nullable=False, server_default=no)),
        ("placement", sa.Column("reason", sa.Text(), nullable=False, server_default="")),
        ("placement", sa.Column("by_hand", sa.Boolean(), nullable=False, server_default=no)),
    ]


def upgrade() -> None:
    for table, column in columns():
        op.add_column(table, column)
    op.create_index("ix_article_cluster_id", "article", ["cluster", "id"])
    op.create_table(
        "near_signature",
        sa.Column("article_id", sa.Integer(), nullable=False),
        sa.Column("words_sha", sa.String(length=64), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["article_id"], ["article.id"], name="fk_near_signature_article_id_article"
        ),
        sa.PrimaryKeyConstraint("article_id", name="pk_near_signature"),
    )
    op.create_index("ix_near_signature_words_sha", "near_signature", ["words_sha"])
    op.create_table(
        "near_band",
        sa.Column("band", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("article_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["article_id"], ["article.id"], name="fk_near_band_article_id_article"
        ),
        sa.PrimaryKeyConstraint("band", "article_id", name="pk_near_band"),
    )
    op.create_index("ix_near_band_article_id", "near_band", ["article_id"])


def downgrade() -> None:
    op.drop_table("near_band")
    op.drop_table("near_signature")
    op.drop_index("ix_article_cluster_id", "article")
    for table, column in reversed(columns()):
        op.drop_column(table, column.name)
