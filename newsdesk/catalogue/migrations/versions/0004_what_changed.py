"""Changes say what changed. Of those before nobody knows, so they count as changes of the text, which every view follows."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.add_column("changes", sa.Column("what", sa.Text, nullable=False, server_default=sa.text("'text'")))
    op.create_index("changes_by_what", "changes", ["what"])
