"""Room for the files of releases

Revision ID: 0011_release_files
Revises: 0010_releases
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011_release_files"
down_revision = "0010_releases"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "release_file",
        sa.Column("release_id", sa.Integer(), nullable=False),
        sa.Column("form", sa.String(length=20), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("report", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["release_id"], ["release.id"], name=op.f("fk_release_file_release_id_release")
        ),
        sa.PrimaryKeyConstraint("release_id", "form", name=op.f("pk_release_file")),
    )


def downgrade() -> None:
    op.drop_table("release_file")
