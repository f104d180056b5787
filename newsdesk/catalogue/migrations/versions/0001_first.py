"""The first schema: articles and versions, paragraphs, passages, vectors, change log, rejects, leases."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "articles",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("id", sa.Text, nullable=False, unique=True),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("content_hash", sa.Text, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("authors", sa.JSON, nullable=False),
        sa.Column("day", sa.Integer, nullable=False),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("agency", sa.Text, nullable=False),
        sa.Column("section", sa.Text, nullable=False),
        sa.Column("language", sa.Text, nullable=False),
        sa.Column("sample", sa.Boolean, nullable=False),
        sa.Column("changed_at", sa.Text, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("articles_by_day", "articles", ["day"])
    op.create_index("articles_by_source", "articles", ["source"])
    op.create_table(
        "versions",
        sa.Column("article", sa.Integer, sa.ForeignKey("articles.number", ondelete="CASCADE"), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("content", sa.JSON, nullable=False),
        sa.Column("replaced_at", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("article", "version"),
    )
    op.create_table(
        "paragraphs",
        sa.Column("article", sa.Integer, sa.ForeignKey("articles.number", ondelete="CASCADE"), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("text_hash", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("article", "number"),
    )
    op.create_index("paragraphs_by_text", "paragraphs", ["text_hash"])
    op.create_table(
        "passages",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("id", sa.Text, nullable=False, unique=True),
        sa.Column("article", sa.Integer, sa.ForeignKey("articles.number", ondelete="CASCADE"), nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("spans", sa.JSON, nullable=False),
        sa.Column("header", sa.Text, nullable=False),
        sa.Column("embedded_hash", sa.LargeBinary, nullable=False),
        sa.Column("embedded_length", sa.Integer, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("passages_by_article", "passages", ["article"])
    op.create_index("passages_by_embedded", "passages", ["embedded_hash"])
    op.create_table(
        "models",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("key", sa.Text, nullable=False, unique=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("active", sa.Boolean, nullable=False),
    )
    op.create_table(
        "vectors",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("model", sa.Integer, sa.ForeignKey("models.number", ondelete="CASCADE"), nullable=False),
        sa.Column("embedded_hash", sa.LargeBinary, nullable=False),
        sa.Column("vector", sa.LargeBinary, nullable=False),
        sa.UniqueConstraint("model", "embedded_hash"),
    )
    op.create_table(
        "changes",
        sa.Column("sequence", sa.Integer, primary_key=True),
        sa.Column("passage", sa.Integer, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "rejects",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("origin", sa.Text, nullable=False),
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("rejected_at", sa.Text, nullable=False),
        sa.UniqueConstraint("origin", "id", "reason"),
    )
    op.create_table(
        "leases",
        sa.Column("work", sa.Text, primary_key=True),
        sa.Column("holder", sa.Text, nullable=False),
        sa.Column("expires", sa.Integer, nullable=False),
    )
