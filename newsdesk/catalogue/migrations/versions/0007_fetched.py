"""What was fetched from web addresses, so that it is asked for politely the next time."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.create_table(
        "fetched",
        sa.Column("address", sa.Text, primary_key=True),
        sa.Column("status", sa.Integer, nullable=False),
        sa.Column("fetched_at", sa.Integer, nullable=False),
        sa.Column("next_at", sa.Integer, nullable=False),
        sa.Column("etag", sa.Text, nullable=False),
        sa.Column("last_modified", sa.Text, nullable=False),
        sa.Column("content_hash", sa.Text, nullable=False),
        sa.Column("article", sa.Text, nullable=False),
    )
    op.add_column("rejects", sa.Column("mapping", sa.Text, nullable=False, server_default=sa.text("''")))
