"""Room for what outlets state about themselves, and for a count of even-handedness

Revision ID: 0016_evenness
Revises: 0015_audit_chain
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016_evenness"
down_revision = "0015_audit_chain"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "outlet",
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("lean", sa.String(length=16), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("actor", sa.String(length=255), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "lean IN ('left', 'centre', 'right', 'state', 'opposition', 'none')",
            name=op.f("ck_outlet_lean"),
        ),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_outlet")),
    )
    op.create_table(
        "evenness_report",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(length=255), nullable=False),
        sa.Column("report", sa.JSON(none_as_null=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evenness_report")),
    )


def downgrade() -> None:
    op.drop_table("evenness_report")
    op.drop_table("outlet")
