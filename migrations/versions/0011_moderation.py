"""Room for what moderation keeps

Revision ID: 0011_moderation
Revises: 0010_releases
"""

from __future__ import annotations

revision = "0011_moderation"
down_revision = "0010_releases"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
