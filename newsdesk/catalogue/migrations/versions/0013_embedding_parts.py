"""Parts of the work of making vectors, which are given out to workers."""

import sqlalchemy as sa
from alembic import op

from newsdesk.catalogue.schema import Integer, Text

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.create_table(
        "embedding_parts",
        sa.Column("number", Integer, primary_key=True),
        sa.Column("model", Integer, sa.ForeignKey("models.number", ondelete="CASCADE"), nullable=False),
        sa.Column("passages", sa.JSON, nullable=False),
        sa.Column("holder", Text, nullable=False),
        sa.Column("expires", Integer, nullable=False),
        sa.Column("tries", Integer, nullable=False),
        sqlite_autoincrement=True,
    )
