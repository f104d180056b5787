"""Versions know when they were seen, articles their address, embargoed ones are stored apart, kills are remembered."""

import sqlalchemy as sa
from alembic import op

from newsdesk.address import article_address

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.add_column("articles", sa.Column("edition", sa.Integer, nullable=False, server_default=sa.text("0")))
    op.add_column("articles", sa.Column("modified", sa.Text, nullable=False, server_default=sa.text("''")))
    op.add_column("articles", sa.Column("address", sa.Text, nullable=False, server_default=sa.text("''")))
    op.add_column("versions", sa.Column("seen_at", sa.Text, nullable=False, server_default=sa.text("''")))
    _find_addresses()
    op.create_index("articles_by_address", "articles", ["address"])
    op.create_table(
        "names",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("story_hash", sa.Text, nullable=False),
    )
    op.create_index("names_by_id", "names", ["id"])
    op.create_table(
        "held",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("address", sa.Text, nullable=False),
        sa.Column("until", sa.Text),
        sa.Column("content", sa.JSON, nullable=False),
        sa.Column("passages", sa.JSON, nullable=False),
        sa.Column("came_free", sa.Boolean, nullable=False),
        sa.Column("seen_at", sa.Text, nullable=False),
    )
    for column in ("id", "address", "until"):
        op.create_index(f"held_by_{column}", "held", [column])
    op.create_table(
        "kills",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("edition", sa.Integer, nullable=False),
        sa.Column("modified", sa.Text, nullable=False),
        sa.Column("stories", sa.JSON, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("killed_at", sa.Text, nullable=False),
    )


def _find_addresses() -> None:
    connection = op.get_bind()
    update = sa.text("UPDATE articles SET address = :address WHERE number = :number")
    last = 0
    while rows := connection.execute(
        sa.text("SELECT number, url FROM articles WHERE number > :last ORDER BY number LIMIT 5000"), {"last": last}
    ).all():
        last = rows[-1].number
        found = [{"number": row.number, "address": article_address(str(row.url))} for row in rows]
        if known := [each for each in found if each["address"]]:
            connection.execute(update, known)
