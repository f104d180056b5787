"""Where each vector lies on Chroma servers, and what is still to be written there."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.create_table(
        "shards",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("model", sa.Integer, sa.ForeignKey("models.number", ondelete="CASCADE"), nullable=False),
        sa.Column("server", sa.Text, nullable=False),
        sa.Column("collection", sa.Text, nullable=False, unique=True),
        sa.Column("first", sa.Integer, nullable=False),
        sa.Column("last", sa.Integer, nullable=False),
        sa.Column("records", sa.Integer, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "placed",
        sa.Column("model", sa.Integer, nullable=False),
        sa.Column("passage", sa.Integer, nullable=False),
        sa.Column("shard", sa.Integer, sa.ForeignKey("shards.number", ondelete="CASCADE"), nullable=False),
        sa.PrimaryKeyConstraint("model", "passage"),
        sqlite_with_rowid=False,
    )
    op.create_index("placed_by_shard", "placed", ["shard", "passage"])
    op.create_table(
        "shard_work",
        sa.Column("shard", sa.Integer, sa.ForeignKey("shards.number", ondelete="CASCADE"), nullable=False),
        sa.Column("passage", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("shard", "passage"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "shard_progress",
        sa.Column("model", sa.Integer, sa.ForeignKey("models.number", ondelete="CASCADE"), primary_key=True),
        sa.Column("sequence", sa.BigInteger, nullable=False),
        sa.Column("mark", sa.BigInteger, nullable=False),
        sa.Column("filled", sa.Boolean, nullable=False),
    )
