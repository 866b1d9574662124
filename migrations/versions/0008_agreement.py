"""Room for what agreement keeps

Revision ID: 0008_agreement
Revises: 0007_adoption
"""

from __future__ import annotations

revision = "0008_agreement"
down_revision = "0007_adoption"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
