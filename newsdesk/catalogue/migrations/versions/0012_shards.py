"""Where each vector lies on Chroma servers, and what is still to be written there."""

import sqlalchemy as sa
from alembic import op

from newsdesk.catalogue.schema import Integer, Text

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.create_table(
        "shards",
        sa.Column("number", Integer, primary_key=True),
        sa.Column("model", Integer, sa.ForeignKey("models.number", ondelete="CASCADE"), nullable=False),
        sa.Column("server", Text, nullable=False),
        sa.Column("collection", Text, nullable=False, unique=True),
        sa.Column("first", Integer, nullable=False),
        sa.Column("last", Integer, nullable=False),
        sa.Column("records", Integer, nullable=False),
        sa.Column("state", Text, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "placed",
        sa.Column("model", Integer, nullable=False),
        sa.Column("passage", Integer, nullable=False),
        sa.Column("shard", Integer, sa.ForeignKey("shards.number", ondelete="CASCADE"), nullable=False),
        sa.PrimaryKeyConstraint("model", "passage"),
        sqlite_with_rowid=False,
    )
    op.create_index("placed_by_shard", "placed", ["shard", "passage"])
    op.create_table(
        "shard_work",
        sa.Column("shard", Integer, sa.ForeignKey("shards.number", ondelete="CASCADE"), nullable=False),
        sa.Column("passage", Integer, nullable=False),
        sa.PrimaryKeyConstraint("shard", "passage"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "shard_progress",
        sa.Column("model", Integer, sa.ForeignKey("models.number", ondelete="CASCADE"), primary_key=True),
        sa.Column("sequence", sa.BigInteger, nullable=False),
        sa.Column("mark", sa.BigInteger, nullable=False),
        sa.Column("filled", sa.Boolean, nullable=False),
    )
