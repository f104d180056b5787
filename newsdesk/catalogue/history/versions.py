"""Older versions of articles: kept when a newer one comes, put in their place when they come late, read again."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from newsdesk.catalogue import schema
from newsdesk.catalogue.hashes import content_hash, is_sound_version, story_hash
from newsdesk.catalogue.history.order import Told, is_newer, is_older
from newsdesk.catalogue.rows import now
from newsdesk.types import Article


@dataclass(frozen=True, slots=True)
class Version:
    """What an article said for a time."""

    number: int
    """From 1 on, in the order in which its publisher made them, as far as that is known."""
    article: Article | None
    """None when it is damaged."""
    seen_at: str
    """When Newsdesk took it in, UTC, ISO 8601; "" when that was not noted."""


@dataclass(frozen=True, slots=True)
class History:
    """All that is known of what an article said."""

    id: str
    also_known_as: tuple[str, ...]
    """Other ids under which versions came."""
    versions: tuple[Version, ...]
    """The oldest first; the last is the one that answers are made of."""


@dataclass(frozen=True, slots=True)
class Revision:
    """Which version of an article is the present one."""

    number: int
    seen_at: str
    """When Newsdesk took it in, UTC, ISO 8601."""
    older: tuple[Version, ...] = ()
    """The versions before, the oldest first."""

    @property
    def before(self) -> Article | None:
        """The version before; None when there is none, or it is damaged."""
        return self.older[-1].article if self.older else None


def content_of(article: Article) -> dict[str, Any]:
    """An article as JSON keeps it, with its hash."""
    fields = asdict(article) | {"content_hash": content_hash(article)}
    return dict(json.loads(json.dumps(fields, default=str)))


def article_from(content: Any) -> Article | None:
    """The article that `content_of` wrote; None when it is no longer what was stored."""
    if not is_sound_version(content):
        return None
    fields = {name: value for name, value in content.items() if name != "content_hash"}
    try:
        day = fields.get("published")
        fields |= {"paragraphs": tuple(fields["paragraphs"]), "authors": tuple(fields.get("authors") or ())}
        return Article(**(fields | {"published": date.fromisoformat(day) if day else None}))
    except (TypeError, ValueError, KeyError):  # of a time before hashes were kept
        return None


def keep(connection: Connection, old: Row[Any], present: Article) -> None:
    """Keeps what an article's row says, as a newer version is about to take its place."""
    content = content_of(present) | {"content_hash": old.content_hash}
    _insert(connection, old.number, old.version, content, old.changed_at)


def stored(connection: Connection, article_number: int) -> list[Version]:
    """The older versions of an article, the oldest first."""
    table = schema.versions
    query = select(table).where(table.c.article == article_number).order_by(table.c.version)
    return [Version(row.version, article_from(row.content), row.seen_at) for row in connection.execute(query)]


def sound(versions: Sequence[Version]) -> list[tuple[int, Article]]:
    """Number and text of those that are not damaged."""
    return [(version.number, version.article) for version in versions if version.article is not None]


def comes_late(connection: Connection, number: int, present: Article, article: Article) -> bool:
    """Whether something newer than `article` was in the archive before it."""
    if is_older(article, present):
        return True
    if not article.edition and not article.modified:
        return False
    return any(is_older(article, other) for _, other in sound(stored(connection, number)))


def keep_late(connection: Connection, old: Row[Any], present: Article, article: Article) -> bool:
    """Puts an older version that comes late in its place among the others; False when it is there already."""
    versions = sound(stored(connection, old.number))
    behind = [(number, other) for number, other in [*versions, (old.version, present)] if is_older(article, other)]
    place, following = min(behind, key=lambda each: each[0])
    said = story_hash(article)
    if story_hash(following) == said or any(story_hash(other) == said for _, other in versions):
        return False
    articles, table = schema.articles, schema.versions
    connection.execute(update(articles).where(articles.c.number == old.number).values(version=old.version + 1))
    numbers = select(table.c.version).where(table.c.article == old.number, table.c.version >= place)
    for number in sorted(connection.scalars(numbers), reverse=True):  # one by one: no two may have a number meanwhile
        of_one = table.c.article == old.number, table.c.version == number
        connection.execute(update(table).where(*of_one).values(version=number + 1))
    _insert(connection, old.number, place, content_of(article), now())
    return True


def drop_but_newer(connection: Connection, article_number: int, told: Told) -> list[Any]:
    """Removes the older versions that are not known to be newer than what `told` says; the contents that went."""
    table, gone = schema.versions, []
    for version in stored(connection, article_number):
        if version.article is None or not is_newer(version.article, told):
            of_one = table.c.article == article_number, table.c.version == version.number
            gone.append(connection.scalar(select(table.c.content).where(*of_one)))
            connection.execute(delete(table).where(*of_one))
    return gone


def _insert(connection: Connection, article: int, version: int, content: dict[str, Any], seen_at: str) -> None:
    values = {"article": article, "version": version, "content": content, "seen_at": seen_at, "replaced_at": now()}
    connection.execute(insert(schema.versions).values(**values))
