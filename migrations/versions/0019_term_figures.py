"""Room for what annotators made of terms, and an index of the tasks that have a prediction

Revision ID: 0019_term_figures
Revises: 0018_desk_orders
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019_term_figures"
down_revision = "0018_desk_orders"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "term_figure",
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("unchanged", sa.Integer(), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.Column("removed", sa.Integer(), nullable=False),
        sa.Column("waiting", sa.Integer(), nullable=False),
        sa.Column("found", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_term_figure")),
    )
    op.drop_index("ix_task_prediction_id", table_name="task")
    op.create_index(
        "ix_task_prediction_id",
        "task",
        ["prediction_id"],
        unique=False,
        sqlite_where=sa.text("prediction_id IS NOT NULL"),
        postgresql_where=sa.text("prediction_id IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_task_prediction_id", table_name="task")
    op.create_index("ix_task_prediction_id", "task", ["prediction_id"], unique=False)
    op.drop_table("term_figure")
