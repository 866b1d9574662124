"""Keep the term bank, what suggesters propose, and what of it was pushed

Revision ID: 0004_suggestions
Revises: 0003_passages
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004_suggestions"
down_revision = "0003_passages"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "lexicon_version",
        sa.Column("n", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("sha", sa.String(length=64), nullable=False),
        sa.Column("terms", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("actor", sa.String(length=255), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("n", name=op.f("pk_lexicon_version")),
    )
    op.create_table(
        "suggester_option",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("options", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_suggester_option")),
    )
    op.create_table(
        "listed_name",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("label", sa.String(length=120), nullable=False),
        sa.Column("variants", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_listed_name")),
    )
    op.create_table(
        "suggestion_run",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("version", sa.String(length=40), nullable=False),
        sa.Column("config_sha", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_suggestion_run")),
        sa.UniqueConstraint(
            "name", "version", "config_sha", name=op.f("uq_suggestion_run_name_version_config_sha")
        ),
    )
    op.create_table(
        "term",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("since", sa.Integer(), nullable=False),
        sa.Column("until", sa.Integer(), nullable=True),
        sa.Column("surface", sa.String(length=120), nullable=False),
        sa.Column("variants", sa.JSON(), nullable=False),
        sa.Column("part", sa.String(length=16), nullable=False),
        sa.Column("case", sa.String(length=16), nullable=False),
        sa.Column("type", sa.String(length=16), nullable=False),
        sa.Column("topic", sa.String(length=60), nullable=False),
        sa.Column("leans", sa.String(length=16), nullable=False),
        sa.Column("about", sa.String(length=200), nullable=False),
        sa.Column("alternatives", sa.JSON(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("mirror_of", sa.String(length=80), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.CheckConstraint("status IN ('active', 'muted')", name=op.f("ck_term_status")),
        sa.ForeignKeyConstraint(
            ["since"], ["lexicon_version.n"], name=op.f("fk_term_since_lexicon_version")
        ),
        sa.ForeignKeyConstraint(
            ["until"], ["lexicon_version.n"], name=op.f("fk_term_until_lexicon_version")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_term")),
        sa.UniqueConstraint("key", "since", name=op.f("uq_term_key_since")),
    )
    with op.batch_alter_table("term", schema=None) as batch_op:
        batch_op.create_index(
            "uq_term_key_current",
            ["key"],
            unique=True,
            sqlite_where=sa.text("until IS NULL"),
            postgresql_where=sa.text("until IS NULL"),
        )

    op.create_table(
        "prediction",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("passage_id", sa.Integer(), nullable=False),
        sa.Column("sha", sa.String(length=64), nullable=False),
        sa.Column("model_version", sa.String(length=200), nullable=False),
        sa.Column("left_out", sa.Integer(), nullable=False),
        sa.Column("relations", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["passage_id"], ["passage.id"], name=op.f("fk_prediction_passage_id_passage")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_prediction")),
        sa.UniqueConstraint("passage_id", "sha", name=op.f("uq_prediction_passage_id_sha")),
    )
    op.create_table(
        "suggestion_answer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("left_out", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["run_id"],
            ["suggestion_run.id"],
            name=op.f("fk_suggestion_answer_run_id_suggestion_run"),
        ),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["article_version.id"],
            name=op.f("fk_suggestion_answer_version_id_article_version"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_suggestion_answer")),
        sa.UniqueConstraint(
            "version_id", "name", name=op.f("uq_suggestion_answer_version_id_name")
        ),
    )
    with op.batch_alter_table("suggestion_answer", schema=None) as batch_op:
        batch_op.create_index(
            "ix_suggestion_answer_name_run_id_version_id",
            ["name", "run_id", "version_id"],
            unique=False,
        )

    op.create_table(
        "prediction_span",
        sa.Column("prediction_id", sa.Integer(), nullable=False),
        sa.Column("ord", sa.Integer(), nullable=False),
        sa.Column("region", sa.String(length=80), nullable=False),
        sa.Column("layer", sa.String(length=80), nullable=False),
        sa.Column("label", sa.String(length=120), nullable=False),
        sa.Column("start", sa.Integer(), nullable=False),
        sa.Column("end", sa.Integer(), nullable=False),
        sa.Column("attrs", sa.JSON(), nullable=False),
        sa.Column("term", sa.String(length=80), nullable=True),
        sa.CheckConstraint('start >= 0 AND start < "end"', name=op.f("ck_prediction_span_bounds")),
        sa.ForeignKeyConstraint(
            ["prediction_id"],
            ["prediction.id"],
            name=op.f("fk_prediction_span_prediction_id_prediction"),
        ),
        sa.PrimaryKeyConstraint("prediction_id", "ord", name=op.f("pk_prediction_span")),
    )
    with op.batch_alter_table("prediction_span", schema=None) as batch_op:
        batch_op.create_index("ix_prediction_span_term", ["term"], unique=False)

    op.create_table(
        "suggestion",
        sa.Column("answer_id", sa.Integer(), nullable=False),
        sa.Column("ord", sa.Integer(), nullable=False),
        sa.Column("label", sa.String(length=120), nullable=False),
        sa.Column("start", sa.Integer(), nullable=False),
        sa.Column("end", sa.Integer(), nullable=False),
        sa.Column("score", sa.Double(), nullable=False),
        sa.Column("attrs", sa.JSON(), nullable=False),
        sa.Column("term", sa.String(length=80), nullable=True),
        sa.CheckConstraint('start >= 0 AND start < "end"', name=op.f("ck_suggestion_bounds")),
        sa.ForeignKeyConstraint(
            ["answer_id"],
            ["suggestion_answer.id"],
            name=op.f("fk_suggestion_answer_id_suggestion_answer"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("answer_id", "ord", name=op.f("pk_suggestion")),
    )
    with op.batch_alter_table("suggestion", schema=None) as batch_op:
        batch_op.create_index("ix_suggestion_term", ["term"], unique=False)

    op.create_table(
        "suggestion_relation",
        sa.Column("answer_id", sa.Integer(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("from_ord", sa.Integer(), nullable=False),
        sa.Column("to_ord", sa.Integer(), nullable=False),
        sa.Column("label", sa.String(length=120), nullable=False),
        sa.Column("score", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(
            ["answer_id", "from_ord"],
            ["suggestion.answer_id", "suggestion.ord"],
            name=op.f("fk_suggestion_relation_answer_id_from_ord_suggestion"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["answer_id", "to_ord"],
            ["suggestion.answer_id", "suggestion.ord"],
            name=op.f("fk_suggestion_relation_answer_id_to_ord_suggestion"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("answer_id", "n", name=op.f("pk_suggestion_relation")),
    )
    # In one statement, since that leaves the table as it is: SQLite would have to copy it, and
    # lose its checks on the way.
    op.execute(
        "ALTER TABLE task ADD COLUMN prediction_id INTEGER "
        "CONSTRAINT fk_task_prediction_id_prediction REFERENCES prediction (id)"
    )
    op.create_index("ix_task_prediction_id", "task", ["prediction_id"])


def downgrade() -> None:
    op.drop_index("ix_task_prediction_id", "task")
    if op.get_bind().dialect.name == "sqlite":
        with op.batch_alter_table("task") as batch_op:
            batch_op.drop_column("prediction_id")
    else:
        op.drop_column("task", "prediction_id")
    op.drop_table("suggestion_relation")
    op.drop_table("suggestion")
    op.drop_table("prediction_span")
    op.drop_table("suggestion_answer")
    op.drop_table("prediction")
    op.drop_table("term")
    op.drop_table("suggestion_run")
    op.drop_table("listed_name")
    op.drop_table("suggester_option")
    op.drop_table("lexicon_version")
