"""Room for what suggestions keeps

Revision ID: 0004_suggestions
Revises: 0003_passages
"""

from __future__ import annotations

revision = "0004_suggestions"
down_revision = "0003_passages"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
