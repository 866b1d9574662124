"""Room for what passages keeps

Revision ID: 0003_passages
Revises: 0002_intake
"""

from __future__ import annotations

revision = "0003_passages"
down_revision = "0002_intake"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
