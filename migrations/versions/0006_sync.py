"""Room for what sync keeps

Revision ID: 0006_sync
Revises: 0005_dealing
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006_sync"
down_revision = "0005_dealing"
branch_labels = None
depends_on = None

ADDED = {
    "batch": (
        ("next_sync_at", sa.DateTime(timezone=True), None),
        ("full_synced_at", sa.DateTime(timezone=True), None),
        ("sync_failures", sa.Integer(), sa.text("0")),
        ("sync_problem", sa.Text(), sa.text("''")),
    ),
    "lane": (
        ("reached", sa.String(length=40), sa.text("''")),
        ("settled", sa.String(length=40), sa.text("''")),
    ),
    "annotation": (("kept", sa.Boolean(), sa.false()),),
    "job": (("taken_at", sa.DateTime(timezone=True), None),),
}


def upgrade() -> None:
    for table, columns in ADDED.items():
        for name, kind, default in columns:
            nullable = default is None
            op.add_column(table, sa.Column(name, kind, nullable=nullable, server_default=default))
    op.create_table(
        "studio_task",
        sa.Column("lane_id", sa.Integer(), nullable=False),
        sa.Column("ls_task_id", sa.Integer(), nullable=False),
        sa.Column("task_id", sa.Integer(), nullable=True),
        sa.Column("updated_at", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("missing", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "state IN ('ours', 'text_changed', 'data_changed', 'overwritten', 'foreign')",
            name=op.f("ck_studio_task_state"),
        ),
        sa.ForeignKeyConstraint(["lane_id"], ["lane.id"], name=op.f("fk_studio_task_lane_id_lane")),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name=op.f("fk_studio_task_task_id_task")),
        sa.PrimaryKeyConstraint("lane_id", "ls_task_id", name=op.f("pk_studio_task")),
    )
    op.create_index("ix_studio_task_task_id", "studio_task", ["task_id"])
    _partial_index("ix_studio_task_odd", "studio_task", "lane_id", "state != 'ours' OR missing > 0")
    _partial_index("ix_annotation_missing", "annotation", "task_id", "missing > 0")
    op.create_table(
        "drift",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("lane_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("examples", sa.JSON(), nullable=False),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(length=255), nullable=False),
        sa.CheckConstraint("state IN ('open', 'closed', 'answered')", name=op.f("ck_drift_state")),
        sa.ForeignKeyConstraint(["lane_id"], ["lane.id"], name=op.f("fk_drift_lane_id_lane")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_drift")),
        sa.UniqueConstraint("lane_id", "kind", name=op.f("uq_drift_lane_id_kind")),
    )


def _partial_index(name: str, table: str, column: str, where: str) -> None:
    condition = sa.text(where)
    op.create_index(name, table, [column], sqlite_where=condition, postgresql_where=condition)


def downgrade() -> None:
    op.drop_index("ix_annotation_missing", table_name="annotation")
    op.drop_table("drift")
    op.drop_table("studio_task")
    for table, columns in reversed(ADDED.items()):
        for name, _, _ in columns:
            op.drop_column(table, name)
