"""Room for what adoption keeps, and for how what was set aside is settled

Revision ID: 0007_adoption
Revises: 0006_sync
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007_adoption"
down_revision = "0006_sync"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "adoption",
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=16), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("sha", sa.String(length=64), nullable=False),
        sa.Column("config", sa.Text(), nullable=False),
        sa.Column("pseudonyms", sa.Boolean(), nullable=False),
        sa.Column("counts", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("source IN ('export', 'connection')", name=op.f("ck_adoption_source")),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["batch.id"], name=op.f("fk_adoption_batch_id_batch")
        ),
        sa.PrimaryKeyConstraint("batch_id", name=op.f("pk_adoption")),
    )
    with op.batch_alter_table("quarantine", schema=None) as batch_op:
        batch_op.add_column(sa.Column("item", sa.Integer(), nullable=True))
        batch_op.add_column(
            sa.Column("decided_by", sa.String(length=255), nullable=False, server_default="")
        )
        batch_op.add_column(sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("note", sa.Text(), nullable=False, server_default=""))
    _allow_states("open", "accepted", "ignored", "asked", "superseded")


def downgrade() -> None:
    op.execute("UPDATE quarantine SET state = 'ignored' WHERE state = 'asked'")
    _allow_states("open", "accepted", "ignored", "superseded")
    with op.batch_alter_table("quarantine", schema=None) as batch_op:
        for column in ("note", "decided_at", "decided_by", "item"):
            batch_op.drop_column(column)
    op.drop_table("adoption")


def _allow_states(*states: str) -> None:
    name = op.f("ck_quarantine_state")
    with op.batch_alter_table("quarantine", schema=None) as batch_op:
        batch_op.drop_constraint(name, type_="check")
        batch_op.create_check_constraint(
            name, "state IN (" + ", ".join(f"'{state}'" for state in states) + ")"
        )
