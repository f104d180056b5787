"""What was learnt about lines that an outlet prints again and again. Nothing yet: it is learnt from the next articles on."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.create_table(
        "outlet_lines",
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("text_hash", sa.LargeBinary, nullable=False),
        sa.Column("furniture", sa.Boolean, nullable=False),
        sa.Column("judged", sa.Integer, nullable=False),
        sa.Column("since", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("source", "text_hash"),
    )
    op.create_index("outlet_lines_by_text", "outlet_lines", ["text_hash"])
