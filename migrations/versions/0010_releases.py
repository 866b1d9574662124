"""Room for what releases keeps

Revision ID: 0010_releases
Revises: 0009_review
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010_releases"
down_revision = "0009_review"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "dataset",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dataset")),
        sa.UniqueConstraint("name", name=op.f("uq_dataset_name")),
    )
    op.create_table(
        "release",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("dataset_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("version", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("plan", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("as_of", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("manifest", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("records", sa.Integer(), nullable=False),
        sa.Column("spans", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("notes", sa.Text(), nullable=False),
        sa.Column("actor", sa.String(length=255), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("built_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn", sa.JSON(none_as_null=True), nullable=False),
        sa.CheckConstraint(
            "state IN ('building', 'ready', 'failed')", name=op.f("ck_release_state")
        ),
        sa.ForeignKeyConstraint(
            ["dataset_id"], ["dataset.id"], name=op.f("fk_release_dataset_id_dataset")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_release")),
        sa.UniqueConstraint("dataset_id", "number", name=op.f("uq_release_dataset_id_number")),
    )
    op.create_index(
        "ix_release_dataset_id_version", "release", ["dataset_id", "version"], unique=False
    )
    op.create_table(
        "release_article",
        sa.Column("release_id", sa.Integer(), nullable=False),
        sa.Column("uid", sa.String(length=40), nullable=False),
        sa.Column("group", sa.String(length=40), nullable=False),
        sa.Column("split", sa.String(length=8), nullable=True),
        sa.Column("fields", sa.JSON(none_as_null=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["release_id"], ["release.id"], name=op.f("fk_release_article_release_id_release")
        ),
        sa.PrimaryKeyConstraint("release_id", "uid", name=op.f("pk_release_article")),
    )
    op.create_index("ix_release_article_uid", "release_article", ["uid"], unique=False)
    op.create_table(
        "release_record",
        sa.Column("release_id", sa.Integer(), nullable=False),
        sa.Column("ord", sa.Integer(), nullable=False),
        sa.Column("uid", sa.String(length=40), nullable=False),
        sa.Column("sha", sa.String(length=64), nullable=False),
        sa.Column("line", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["release_id"], ["release.id"], name=op.f("fk_release_record_release_id_release")
        ),
        sa.PrimaryKeyConstraint("release_id", "ord", name=op.f("pk_release_record")),
    )


def downgrade() -> None:
    for table in ("release_record", "release_article", "release", "dataset"):
        op.drop_table(table)
