"""Room for what intake keeps

Revision ID: 0002_intake
Revises: 0001_create_tables
"""

from __future__ import annotations

revision = "0002_intake"
down_revision = "0001_create_tables"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
