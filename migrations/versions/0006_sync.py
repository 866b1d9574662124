"""Room for what sync keeps

Revision ID: 0006_sync
Revises: 0005_dealing
"""

from __future__ import annotations

revision = "0006_sync"
down_revision = "0005_dealing"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
