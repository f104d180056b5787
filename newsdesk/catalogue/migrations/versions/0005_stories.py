"""Which articles are one story, and the hashes that such articles are found by. `Stories.catch_up` fills both for what was there before."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "stories",
        sa.Column("article", sa.Integer, sa.ForeignKey("articles.number", ondelete="CASCADE"), primary_key=True),
        sa.Column("story", sa.Integer, nullable=False),
        sa.Column("text_hash", sa.LargeBinary, nullable=False),
        sa.Column("hashes", sa.Integer, nullable=False),
        sa.Column("last_hash", sa.Integer, nullable=False),
    )
    op.create_index("stories_by_story", "stories", ["story"])
    op.create_index("stories_by_text", "stories", ["text_hash"])
    op.create_table(
        "sketches",
        sa.Column("hash", sa.Integer, nullable=False),
        sa.Column("day", sa.Integer, nullable=False),
        sa.Column("article", sa.Integer, sa.ForeignKey("stories.article", ondelete="CASCADE"), nullable=False),
        sa.PrimaryKeyConstraint("hash", "day", "article"),
        sqlite_with_rowid=False,
    )
    op.create_index("sketches_by_article", "sketches", ["article"])
