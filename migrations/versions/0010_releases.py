"""Room for what releases keeps

Revision ID: 0010_releases
Revises: 0009_review
"""

from __future__ import annotations

revision = "0010_releases"
down_revision = "0009_review"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
