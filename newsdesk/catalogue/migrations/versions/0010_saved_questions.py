"""Saved questions: what is asked of every new article, what was found, and how far the archive was read for them."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.create_table(
        "saved_questions",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("key", sa.Text, nullable=False, unique=True),
        sa.Column("question", sa.Text, nullable=False),
        sa.Column("webhook", sa.Text, nullable=False),
        sa.Column("secret", sa.Text, nullable=False),
        sa.Column("since", sa.Integer, nullable=False),
        sa.Column("saved_at", sa.Text, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "saved_findings",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("saved", sa.Integer, sa.ForeignKey("saved_questions.number", ondelete="CASCADE"), nullable=False),
        sa.Column("article", sa.Integer, sa.ForeignKey("articles.number", ondelete="CASCADE"), nullable=False),
        sa.Column("paragraph", sa.Integer, nullable=False),
        sa.Column("start", sa.Integer, nullable=False),
        sa.Column("end", sa.Integer, nullable=False),
        sa.Column("quote", sa.Text, nullable=False),
        sa.Column("short_answer", sa.Text, nullable=False),
        sa.Column("confidence", sa.Float, nullable=False),
        sa.Column("found_at", sa.Text, nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("due", sa.Integer, nullable=False),
        sa.UniqueConstraint("saved", "article"),
        sqlite_autoincrement=True,
    )
    op.create_index("saved_findings_by_article", "saved_findings", ["article"])
    op.create_index("saved_findings_by_due", "saved_findings", ["due"])
    op.create_table(
        "saved_progress",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("passage", sa.Integer, nullable=False),
    )
