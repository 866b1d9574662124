"""Room for what review keeps

Revision ID: 0009_review
Revises: 0008_agreement
"""

from __future__ import annotations

revision = "0009_review"
down_revision = "0008_agreement"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
