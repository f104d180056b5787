"""Changes get a mark, by which a view knows that it stands on this very log; removed texts leave a fingerprint."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("changes", sa.Column("mark", sa.Integer, nullable=False, server_default=sa.text("0")))
    op.execute("UPDATE changes SET mark = random() & 9223372036854775807")
    op.create_table(
        "removed_texts",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("fingerprints", sa.LargeBinary, nullable=False),
    )
