"""What readers thought of answers, with the articles that those stood on."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "feedback",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("key", sa.Text, nullable=False, unique=True),
        sa.Column("verdict", sa.Text, nullable=False),
        sa.Column("question", sa.Text, nullable=False),
        sa.Column("history", sa.JSON, nullable=False),
        sa.Column("as_of", sa.Integer, nullable=False),
        sa.Column("expected", sa.Text, nullable=False),
        sa.Column("comment", sa.Text, nullable=False),
        sa.Column("given_at", sa.Text, nullable=False),
        sa.Column("answerable", sa.Boolean, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("short_answer", sa.Text),
        sa.Column("confidence", sa.Float, nullable=False),
        sa.Column("mode", sa.Text, nullable=False),
        sa.Column("cut", sa.Boolean, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "feedback_citations",
        sa.Column("feedback", sa.Integer, sa.ForeignKey("feedback.number", ondelete="CASCADE"), nullable=False),
        sa.Column("place", sa.Integer, nullable=False),
        sa.Column("article", sa.Integer, sa.ForeignKey("articles.number", ondelete="CASCADE"), nullable=False),
        sa.Column("paragraph", sa.Integer, nullable=False),
        sa.Column("quote", sa.Text, nullable=False),
        sa.Column("start", sa.Integer, nullable=False),
        sa.Column("end", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("feedback", "place"),
    )
    op.create_index("feedback_citations_by_article", "feedback_citations", ["article"])
    op.create_table(
        "feedback_evidence",
        sa.Column("feedback", sa.Integer, sa.ForeignKey("feedback.number", ondelete="CASCADE"), nullable=False),
        sa.Column("place", sa.Integer, nullable=False),
        sa.Column("article", sa.Integer, sa.ForeignKey("articles.number", ondelete="CASCADE"), nullable=False),
        sa.Column("paragraphs", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("feedback", "place"),
    )
    op.create_index("feedback_evidence_by_article", "feedback_evidence", ["article"])
