"""Room for what dealing keeps

Revision ID: 0005_dealing
Revises: 0004_suggestions
"""

from __future__ import annotations

revision = "0005_dealing"
down_revision = "0004_suggestions"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
