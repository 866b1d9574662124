"""Room for what dealing keeps

Revision ID: 0005_dealing
Revises: 0004_suggestions
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005_dealing"
down_revision = "0004_suggestions"
branch_labels = None
depends_on = None

ADDED = {
    "batch": (
        ("owner", sa.String(length=255), sa.text("''")),
        ("due_on", sa.Date(), None),
        ("note", sa.Text(), sa.text("''")),
        ("control", sa.Double(), sa.text("0")),
        ("doubled", sa.Double(), None),
        ("articles", sa.Integer(), sa.text("0")),
        ("dealt", sa.JSON(), None),
        ("judged_revision", sa.Integer(), sa.text("0")),
        ("closed_at", sa.DateTime(timezone=True), None),
    ),
    "lane": (
        ("quota", sa.Integer(), None),
        ("todo_tab", sa.Integer(), None),
        ("rework_tab", sa.Integer(), None),
        ("flagged", sa.Integer(), sa.text("0")),
    ),
    "task": (
        ("suggested", sa.Boolean(), sa.true()),
        ("answered_on", sa.Date(), None),
    ),
    "annotation": (
        ("flag", sa.String(length=80), sa.text("''")),
        ("flag_reason", sa.Text(), sa.text("''")),
    ),
    "connection": (("invite_url", sa.Text(), sa.text("''")),),
}


def upgrade() -> None:
    for table, columns in ADDED.items():
        for name, kind, default in columns:
            nullable = default is None
            op.add_column(table, sa.Column(name, kind, nullable=nullable, server_default=default))
    op.create_index(
        "ix_annotation_flagged",
        "annotation",
        ["task_id"],
        sqlite_where=sa.text("flag != ''"),
        postgresql_where=sa.text("flag != ''"),
    )
    op.create_table(
        "lane_day",
        sa.Column("lane_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("answered", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["lane_id"], ["lane.id"], name=op.f("fk_lane_day_lane_id_lane")),
        sa.PrimaryKeyConstraint("lane_id", "day", name=op.f("pk_lane_day")),
    )
    op.create_table(
        "tally",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_tally")),
    )


def downgrade() -> None:
    op.drop_table("tally")
    op.drop_table("lane_day")
    op.drop_index("ix_annotation_flagged", table_name="annotation")
    for table, columns in reversed(ADDED.items()):
        for name, _, _ in columns:
            op.drop_column(table, name)
