"""Room for what agreement keeps

Revision ID: 0008_agreement
Revises: 0007_adoption
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008_agreement"
down_revision = "0007_adoption"
branch_labels = None
depends_on = None

KINDS = "'agreed', 'missing', 'boundary', 'label', 'attribute', 'speaker', 'split/merge'"


def upgrade() -> None:
    op.add_column("scheme_version", sa.Column("rules", sa.JSON(none_as_null=True), nullable=True))
    op.create_table(
        "comparison",
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("passage_id", sa.Integer(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("answers", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("answered_on", sa.String(10), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["batch_id"], ["batch.id"], name="fk_comparison_batch_id_batch"),
        sa.ForeignKeyConstraint(
            ["passage_id"], ["passage.id"], name="fk_comparison_passage_id_passage"
        ),
        sa.PrimaryKeyConstraint("batch_id", "passage_id", name="pk_comparison"),
    )
    op.create_index("ix_comparison_passage_id", "comparison", ["passage_id"])
    op.create_table(
        "conflict",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("passage_id", sa.Integer(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("layer", sa.String(80), nullable=False),
        sa.Column("key", sa.String(40), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("differs", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("labels", sa.Text(), nullable=False),
        sa.Column("start", sa.Integer(), nullable=False),
        sa.Column("end", sa.Integer(), nullable=False),
        sa.Column("spans", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("absent", sa.JSON(none_as_null=True), nullable=False),
        sa.CheckConstraint(f"kind IN ({KINDS})", name=op.f("ck_conflict_kind")),
        sa.ForeignKeyConstraint(["batch_id"], ["batch.id"], name="fk_conflict_batch_id_batch"),
        sa.ForeignKeyConstraint(
            ["passage_id"], ["passage.id"], name="fk_conflict_passage_id_passage"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_conflict"),
        sa.UniqueConstraint(
            "batch_id", "passage_id", "layer", "key",
            name="uq_conflict_batch_id_passage_id_layer_key",
        ),
    )  # fmt: skip
    op.create_index(
        "ix_conflict_batch_id_kind_passage_id", "conflict", ["batch_id", "kind", "passage_id"]
    )
    op.create_index(
        "ix_conflict_batch_id_layer_kind_passage_id",
        "conflict",
        ["batch_id", "layer", "kind", "passage_id"],
    )
    op.create_index("ix_conflict_passage_id", "conflict", ["passage_id"])
    op.create_table(
        "agreement",
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("seen_revision", sa.Integer(), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("computed", sa.Integer(), nullable=True),
        sa.Column("summary", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("report", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("computed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["batch_id"], ["batch.id"], name="fk_agreement_batch_id_batch"),
        sa.PrimaryKeyConstraint("batch_id", name="pk_agreement"),
    )


def downgrade() -> None:
    op.drop_table("agreement")
    op.drop_table("conflict")
    op.drop_table("comparison")
    op.drop_column("scheme_version", "rules")
