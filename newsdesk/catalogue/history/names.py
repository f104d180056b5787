"""Under which ids an article is known: its first one, and those of later versions that bore the same address."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, delete, select, union, union_all

from newsdesk.catalogue import schema
from newsdesk.catalogue.hashes import story_hash
from newsdesk.catalogue.rows import chunks, put_row
from newsdesk.types import Article


def first_id(connection: Connection, name: str) -> str | None:
    """The first id of the article, in the archive or under embargo, that has or had the id `name`; None if none has."""
    articles, held, names = schema.articles, schema.held, schema.names
    found = union_all(  # each of them gives the same; together they cost as much as one
        select(articles.c.id).where(articles.c.id == name),
        select(held.c.id).where(held.c.id == name),
        select(names.c.id).where(names.c.name == name),
    )
    return connection.execute(found).scalars().first()


def first_id_at(connection: Connection, address: str) -> str | None:
    """The first id of the article at an address (`newsdesk.address.article_address`); None when there is none."""
    if not address:
        return None
    articles, held = schema.articles, schema.held
    found = union_all(
        select(articles.c.id, articles.c.number).where(articles.c.address == address),
        select(held.c.id, held.c.number).where(held.c.address == address),
    )
    row = connection.execute(found.order_by("number").limit(1)).first()
    return str(row.id) if row is not None else None


def first_ids(connection: Connection, names: Sequence[str]) -> dict[str, str]:
    """Name -> first id, of those that any article has."""
    articles, held, other = schema.articles, schema.held, schema.names
    found: dict[str, str] = {}
    for chunk in chunks(names, 3):
        rows = union_all(
            select(other.c.name, other.c.id).where(other.c.name.in_(chunk)),
            select(held.c.id, held.c.id).where(held.c.id.in_(chunk)),
            select(articles.c.id, articles.c.id).where(articles.c.id.in_(chunk)),
        )
        found.update(tuple(row) for row in connection.execute(rows))
    return found


def known_among(connection: Connection, names: Sequence[str]) -> set[str]:
    """Those ids and addresses under which anything is, was or was taken back."""
    articles, held, other, kills = schema.articles, schema.held, schema.names, schema.kills
    columns = articles.c.id, articles.c.address, held.c.id, held.c.address, other.c.name, kills.c.name
    found: set[str] = set()
    for chunk in chunks(names, len(columns)):
        found.update(connection.scalars(union(*(select(column).where(column.in_(chunk)) for column in columns))))
    return found


def other_names(connection: Connection, article_id: str) -> list[str]:
    """The other ids under which the article with this first id is known."""
    table = schema.names
    query = select(table.c.name).where(table.c.id == article_id, table.c.name != article_id).order_by(table.c.name)
    return list(connection.scalars(query))


def came_last(connection: Connection, name: str) -> str | None:
    """`story_hash` of what came last under this name, of an article with several; else None."""
    return connection.scalar(select(schema.names.c.story_hash).where(schema.names.c.name == name))


def note(connection: Connection, name: str, article: Article, before: Article | None) -> None:
    """Notes that `article` (under its first id) came under `name`; `before` is what it was until then, if it was there.

    An article with one name alone needs no row.
    """
    if name != article.id and before is not None and came_last(connection, article.id) is None:
        _put(connection, article.id, article.id, story_hash(before))
    if name != article.id or came_last(connection, name) is not None:
        _put(connection, name, article.id, story_hash(article))


def _put(connection: Connection, name: str, article_id: str, said: str) -> None:
    put_row(connection, schema.names, {"name": name}, {"id": article_id, "story_hash": said})


def forget_names(connection: Connection, article_ids: Iterable[str]) -> None:
    """Of articles that leave."""
    for article_id in article_ids:
        connection.execute(delete(schema.names).where(schema.names.c.id == article_id))


def names_kept(connection: Connection, article_id: str) -> list[dict[str, str]]:
    """The rows of an article, to be put back by `put_back`."""
    rows = connection.execute(select(schema.names).where(schema.names.c.id == article_id))
    return [dict(row._mapping) for row in rows]


def put_back(connection: Connection, rows: Sequence[dict[str, str]]) -> None:
    """Puts back what `names_kept` gave."""
    for row in rows:
        _put(connection, row["name"], row["id"], row["story_hash"])
