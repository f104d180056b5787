"""Keys of those who may use the service; of a secret there is only the hash."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.create_table(
        "keys",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("name", sa.Text, nullable=False, unique=True),
        sa.Column("scope", sa.Text, nullable=False),
        sa.Column("hash", sa.LargeBinary, nullable=False),
        sa.Column("made_at", sa.Text, nullable=False),
        sa.Column("last_used", sa.Text, nullable=False),
        sa.Column("revoked_at", sa.Text, nullable=False),
        sqlite_autoincrement=True,
    )
