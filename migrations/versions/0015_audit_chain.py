"""The audit log becomes a chain; what was written before is linked in its order

Revision ID: 0015_audit_chain
Revises: 0014_moderation
"""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0015_audit_chain"
down_revision = "0014_moderation"
branch_labels = None
depends_on = None

AT_ONCE = 2_000


def upgrade() -> None:
    link = op.create_table(
        "audit_link",
        sa.Column("n", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("sha", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["seq"], ["audit.seq"], name=op.f("fk_audit_link_seq_audit")),
        sa.PrimaryKeyConstraint("n", name=op.f("pk_audit_link")),
        sa.UniqueConstraint("seq", name=op.f("uq_audit_link_seq")),
    )
    audit = sa.table(
        "audit",
        sa.column("seq", sa.Integer),
        sa.column("at", sa.DateTime(timezone=True)),
        sa.column("actor", sa.String),
        sa.column("action", sa.String),
        sa.column("object", sa.String),
        sa.column("detail", sa.JSON),
    )
    connection = op.get_bind()
    sha, n, after = "0" * 64, 0, 0
    while True:
        rows = connection.execute(
            sa.select(audit).where(audit.c.seq > after).order_by(audit.c.seq).limit(AT_ONCE)
        ).all()
        if not rows:
            return
        links = []
        for row in rows:
            n, sha = n + 1, _sha(sha, row)
            links.append({"n": n, "seq": row.seq, "sha": sha})
        connection.execute(sa.insert(link), links)
        after = rows[-1].seq


def _sha(before: str, row: sa.Row) -> str:
    said = [row.seq, _moment(row.at), row.actor, row.action, row.object, row.detail]
    content = json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(f"{before}\n{content}".encode()).hexdigest()


def _moment(at: datetime) -> str:
    # SQLite keeps times without a zone; they are UTC.
    aware = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    return aware.isoformat(timespec="microseconds")


def downgrade() -> None:
    op.drop_table("audit_link")
