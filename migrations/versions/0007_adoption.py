"""Room for what adoption keeps

Revision ID: 0007_adoption
Revises: 0006_sync
"""

from __future__ import annotations

revision = "0007_adoption"
down_revision = "0006_sync"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
