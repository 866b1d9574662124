"""Room for second opinions, and for the counts of annotators against gold

Revision ID: 0012_opinions
Revises: 0011_release_files
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012_opinions"
down_revision = "0011_release_files"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("gold", sa.Column("opinion", sa.JSON(none_as_null=True), nullable=True))
    op.add_column("gold", sa.Column("compared", sa.JSON(none_as_null=True), nullable=True))


def downgrade() -> None:
    op.drop_column("gold", "compared")
    op.drop_column("gold", "opinion")
