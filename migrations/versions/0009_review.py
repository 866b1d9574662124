"""Room for what review keeps

Revision ID: 0009_review
Revises: 0008_agreement
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009_review"
down_revision = "0008_agreement"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "review",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("passage_id", sa.Integer(), nullable=False),
        sa.Column("stage", sa.String(length=16), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("reviewer", sa.String(length=255), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("revisions", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("bulk", sa.Boolean(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "stage IN ('first', 'second', 'adjudication')", name=op.f("ck_review_stage")
        ),
        sa.CheckConstraint("state IN ('open', 'submitted', 'left')", name=op.f("ck_review_state")),
        sa.ForeignKeyConstraint(["batch_id"], ["batch.id"], name=op.f("fk_review_batch_id_batch")),
        sa.ForeignKeyConstraint(
            ["passage_id"], ["passage.id"], name=op.f("fk_review_passage_id_passage")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review")),
    )
    op.create_index("ix_review_passage_id", "review", ["passage_id"], unique=False)
    op.create_index(
        "ix_review_reviewer_submitted_at", "review", ["reviewer", "submitted_at"], unique=False
    )
    op.create_index(
        "uq_review_batch_id_passage_id_stage_turn",
        "review",
        ["batch_id", "passage_id", "stage", "turn"],
        unique=True,
        sqlite_where=sa.text("state != 'left'"),
        postgresql_where=sa.text("state != 'left'"),
    )
    op.create_table(
        "review_item",
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("passage_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("answers", sa.Integer(), nullable=False),
        sa.Column("open", sa.Integer(), nullable=False),
        sa.Column("agreed", sa.Integer(), nullable=False),
        sa.Column("disagreement", sa.Integer(), nullable=False),
        sa.Column("kinds", sa.String(length=120), nullable=False),
        sa.Column("labels", sa.Text(), nullable=False),
        sa.Column("answered_on", sa.String(length=10), nullable=False),
        sa.Column("came_back", sa.Boolean(), nullable=False),
        sa.Column("sample", sa.Integer(), nullable=False),
        sa.Column("flagged_by", sa.String(length=255), nullable=False),
        sa.Column("flag_note", sa.Text(), nullable=False),
        sa.Column("stale", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "state IN ('waiting', 'ready', 'second', 'adjudication', 'reviewed', 'rework')",
            name=op.f("ck_review_item_state"),
        ),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["batch.id"], name=op.f("fk_review_item_batch_id_batch")
        ),
        sa.ForeignKeyConstraint(
            ["passage_id"], ["passage.id"], name=op.f("fk_review_item_passage_id_passage")
        ),
        sa.PrimaryKeyConstraint("batch_id", "passage_id", name=op.f("pk_review_item")),
    )
    op.create_index(
        "ix_review_item_batch_id_state_disagreement_passage_id",
        "review_item",
        ["batch_id", "state", "disagreement", "passage_id"],
        unique=False,
    )
    op.create_index("ix_review_item_passage_id", "review_item", ["passage_id"], unique=False)
    op.create_index(
        "ix_review_item_state_answered_on_passage_id",
        "review_item",
        ["state", "answered_on", "passage_id"],
        unique=False,
    )
    op.create_index(
        "ix_review_item_state_disagreement_passage_id",
        "review_item",
        ["state", "disagreement", "passage_id"],
        unique=False,
    )
    op.create_table(
        "review_note",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("passage_id", sa.Integer(), nullable=False),
        sa.Column("group", sa.String(length=80), nullable=False),
        sa.Column("actor", sa.String(length=255), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["batch.id"], name=op.f("fk_review_note_batch_id_batch")
        ),
        sa.ForeignKeyConstraint(
            ["passage_id"], ["passage.id"], name=op.f("fk_review_note_passage_id_passage")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_note")),
    )
    op.create_index(
        "ix_review_note_batch_id_passage_id",
        "review_note",
        ["batch_id", "passage_id"],
        unique=False,
    )
    op.create_table(
        "decision",
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("review_id", sa.Integer(), nullable=False),
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("passage_id", sa.Integer(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("group", sa.String(length=80), nullable=False),
        sa.Column("layer", sa.String(length=80), nullable=False),
        sa.Column("verdict", sa.String(length=16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.Column("span", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("values", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("links", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("bulk", sa.Boolean(), nullable=False),
        sa.Column("revisions", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("actor", sa.String(length=255), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("undoes", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "(verdict = 'undo') = (undoes IS NOT NULL)", name=op.f("ck_decision_undoes")
        ),
        sa.CheckConstraint(
            "verdict IN ('accept', 'reject', 'edit', 'add', 'undo')",
            name=op.f("ck_decision_verdict"),
        ),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["batch.id"], name=op.f("fk_decision_batch_id_batch")
        ),
        sa.ForeignKeyConstraint(
            ["passage_id"], ["passage.id"], name=op.f("fk_decision_passage_id_passage")
        ),
        sa.ForeignKeyConstraint(
            ["review_id"], ["review.id"], name=op.f("fk_decision_review_id_review")
        ),
        sa.ForeignKeyConstraint(
            ["undoes"], ["decision.seq"], name=op.f("fk_decision_undoes_decision")
        ),
        sa.ForeignKeyConstraint(
            ["version"], ["annotator.id"], name=op.f("fk_decision_version_annotator")
        ),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_decision")),
        sa.UniqueConstraint("undoes", name=op.f("uq_decision_undoes")),
    )
    op.create_index(
        "ix_decision_batch_id_passage_id", "decision", ["batch_id", "passage_id"], unique=False
    )
    op.create_index("ix_decision_review_id", "decision", ["review_id"], unique=False)
    op.create_table(
        "gold",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("passage_id", sa.Integer(), nullable=False),
        sa.Column("review_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("revisions", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("relations", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("choices", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("settled_by", sa.String(length=255), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("current", sa.Boolean(), nullable=False),
        sa.Column("stale", sa.Boolean(), nullable=False),
        sa.CheckConstraint("state IN ('reviewed', 'pending')", name=op.f("ck_gold_state")),
        sa.ForeignKeyConstraint(["batch_id"], ["batch.id"], name=op.f("fk_gold_batch_id_batch")),
        sa.ForeignKeyConstraint(
            ["passage_id"], ["passage.id"], name=op.f("fk_gold_passage_id_passage")
        ),
        sa.ForeignKeyConstraint(
            ["review_id"], ["review.id"], name=op.f("fk_gold_review_id_review")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gold")),
        sa.UniqueConstraint("review_id", name=op.f("uq_gold_review_id")),
    )
    op.create_index(
        "ix_gold_batch_id_passage_id_id", "gold", ["batch_id", "passage_id", "id"], unique=False
    )
    op.create_index("ix_gold_passage_id", "gold", ["passage_id"], unique=False)
    op.create_index(
        "uq_gold_batch_id_passage_id",
        "gold",
        ["batch_id", "passage_id"],
        unique=True,
        sqlite_where=sa.text("current"),
        postgresql_where=sa.text("current"),
    )
    op.create_table(
        "gold_span",
        sa.Column("gold_id", sa.Integer(), nullable=False),
        sa.Column("region", sa.String(length=40), nullable=False),
        sa.Column("passage_id", sa.Integer(), nullable=False),
        sa.Column("group", sa.String(length=80), nullable=False),
        sa.Column("layer", sa.String(length=80), nullable=False),
        sa.Column("label", sa.String(length=120), nullable=False),
        sa.Column("start", sa.Integer(), nullable=False),
        sa.Column("end", sa.Integer(), nullable=False),
        sa.Column("attrs", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("voice", sa.String(length=16), nullable=True),
        sa.Column("settled", sa.String(length=16), nullable=False),
        sa.Column("decision_seq", sa.Integer(), nullable=True),
        sa.CheckConstraint('start >= 0 AND start < "end"', name=op.f("ck_gold_span_bounds")),
        sa.ForeignKeyConstraint(
            ["decision_seq"], ["decision.seq"], name=op.f("fk_gold_span_decision_seq_decision")
        ),
        sa.ForeignKeyConstraint(["gold_id"], ["gold.id"], name=op.f("fk_gold_span_gold_id_gold")),
        sa.ForeignKeyConstraint(
            ["passage_id"], ["passage.id"], name=op.f("fk_gold_span_passage_id_passage")
        ),
        sa.PrimaryKeyConstraint("gold_id", "region", name=op.f("pk_gold_span")),
    )
    op.create_index(
        "ix_gold_span_layer_label_passage_id",
        "gold_span",
        ["layer", "label", "passage_id"],
        unique=False,
    )
    op.create_index("ix_gold_span_passage_id", "gold_span", ["passage_id"], unique=False)
    op.add_column("batch", sa.Column("policy", sa.JSON(none_as_null=True), nullable=True))


def downgrade() -> None:
    op.drop_column("batch", "policy")
    for table in ("gold_span", "gold", "decision", "review_note", "review_item", "review"):
        op.drop_table(table)
