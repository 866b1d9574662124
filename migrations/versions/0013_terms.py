"""Room for the index of terms; every passage waits to be taken into it

Revision ID: 0013_terms
Revises: 0012_opinions
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013_terms"
down_revision = "0012_opinions"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "term_block",
        sa.Column("word", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("block", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("places", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("word", "block", name=op.f("pk_term_block")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "term_index_state",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("form", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_term_index_state")),
    )
    op.create_table(
        "term_waiting",
        sa.Column("passage_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["passage_id"],
            ["passage.id"],
            name=op.f("fk_term_waiting_passage_id_passage"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("passage_id", name=op.f("pk_term_waiting")),
    )
    op.execute("INSERT INTO term_waiting (passage_id) SELECT id FROM passage")


def downgrade() -> None:
    for table in ("term_waiting", "term_index_state", "term_block"):
        op.drop_table(table)
