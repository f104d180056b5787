"""Changes get a mark, by which a view knows that it stands on this very log; removed texts leave a fingerprint; numbers of rejects never return."""

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
        sqlite_autoincrement=True,
    )
    op.rename_table("rejects", "rejects_before")
    op.create_table(
        "rejects",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("origin", sa.Text, nullable=False),
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("rejected_at", sa.Text, nullable=False),
        sa.UniqueConstraint("origin", "id", "reason"),
        sqlite_autoincrement=True,
    )
    op.execute("INSERT INTO rejects SELECT number, origin, id, reason, rejected_at FROM rejects_before")
    op.drop_table("rejects_before")
