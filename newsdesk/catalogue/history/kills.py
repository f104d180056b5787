"""What senders took back: out of the archive at once, and kept out when it comes, or comes again."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, delete, select

from newsdesk.address import article_address
from newsdesk.catalogue import schema
from newsdesk.catalogue.hashes import story_hash
from newsdesk.catalogue.history import names, versions
from newsdesk.catalogue.history.held import drop_held, held_versions
from newsdesk.catalogue.history.order import is_newer, is_of_unknown_order
from newsdesk.catalogue.rows import article_of, chunks, now, paragraphs_of, put_row
from newsdesk.catalogue.storing import leave_fingerprints_of, remove_articles
from newsdesk.types import Article, Withdrawn

# Before the first id of an article, among the hashes of what was removed: which names are one article's.
_ARTICLE = "article:"


@dataclass(frozen=True, slots=True)
class Kill:
    """What is remembered of something that was taken back."""

    item: Withdrawn
    """Under one of its names, an id or an address; without its origin."""
    stories: frozenset[str]
    """`newsdesk.catalogue.hashes.story_hash` of what was removed, none when it came before its article; and, marked as
    such, the first id of each article that was taken back under this name."""
    killed_at: str


def withdraw(connection: Connection, item: Withdrawn) -> None:
    """Removes what a sender took back, and remembers it; what is known to be newer stays.

    Does nothing for an item without an id.
    """
    if not item.id:
        return
    article_id = names.first_id(connection, item.id) or item.id
    called = {item.id, article_id, *names.other_names(connection, article_id)}
    gone = [*_out_of_archive(connection, article_id, item), *_out_of_waiting(connection, article_id, item)]
    called |= {address for article in gone if (address := article_address(article.url))}
    stories = {story_hash(article) for article in gone}
    killed_at = now()
    for name in called:
        _remember(connection, name, item, stories, killed_at, article_id)


def is_kept_out(connection: Connection, article: Article, called: Iterable[str]) -> bool:
    """Whether its sender took an article back that bears these names: this version of it, or a newer one.

    Where nobody can tell which is newer, what was removed stays out and what says something else comes in; after a kill
    that came before its article nothing does.
    """
    wanted = {name for name in (article.id, article_address(article.url), *called) if name}
    rows = connection.execute(select(schema.kills).where(schema.kills.c.name.in_(wanted))).all()
    return any(_keeps_out(row, article) for row in rows)


def killed_at(connection: Connection, name: str) -> str | None:
    """When the article of this id or address was taken back last, UTC, ISO 8601; None when it never was."""
    return connection.scalar(select(schema.kills.c.killed_at).where(schema.kills.c.name == name))


def readmit(connection: Connection, given: Iterable[str]) -> dict[str, list[str]]:
    """Forgets that the articles of these ids and addresses were taken back, under all their names.

    Returns each given name with the names that its article was remembered under: none where nothing was taken back
    under it. What merely says the same, such as another outlet's copy, stays out.
    """
    table = schema.kills
    articles_by_name = {
        row.name: _articles_in(row.stories) for row in connection.execute(select(table.c.name, table.c.stories))
    }
    found = {name: _names_with(name, articles_by_name) for name in given}
    for chunk in chunks(sorted(set().union(*found.values()))):
        connection.execute(delete(table).where(table.c.name.in_(chunk)))
    return found


def all_kills(connection: Connection) -> list[Kill]:
    """Everything that was taken back."""
    rows = connection.execute(select(schema.kills).order_by(schema.kills.c.name))
    return [
        Kill(Withdrawn("", row.name, row.reason, row.edition, row.modified), frozenset(row.stories), row.killed_at)
        for row in rows
    ]


def carry_over(connection: Connection, kills: Sequence[Kill]) -> None:
    """Takes over what another catalogue remembers, as `restore` does: what was taken back since the backup stays out."""
    for kill in kills:
        _remember(connection, kill.item.id, kill.item, kill.stories, kill.killed_at)
    for kill in kills:
        article_id = names.first_id(connection, kill.item.id)
        if article_id is None:
            continue
        here = [article for _, article in held_versions(connection, article_id) if article is not None]
        row = connection.execute(select(schema.articles).where(schema.articles.c.id == article_id)).first()
        if row is not None:
            here.append(article_of(row, paragraphs_of(connection, row.number)))
        if any(is_kept_out(connection, each, [kill.item.id]) or is_newer(each, kill.item) for each in here):
            withdraw(connection, kill.item)


def _keeps_out(row: Row[Any], article: Article) -> bool:
    if is_newer(article, row):
        return False
    removed = [each for each in row.stories if not each.startswith(_ARTICLE)]
    return not is_of_unknown_order(article, row) or not removed or story_hash(article) in removed


def _articles_in(stories: Iterable[str]) -> set[str]:
    """The first ids among what is remembered under a name; an older Newsdesk noted none."""
    return {each for each in stories if each.startswith(_ARTICLE)}


def _names_with(name: str, articles_by_name: Mapping[str, set[str]]) -> list[str]:
    """All names of the articles that were taken back under this id or address."""
    known = {name, article_address(name)} & articles_by_name.keys()
    articles = set().union(*(articles_by_name[each] for each in known))
    return sorted(known | {other for other, theirs in articles_by_name.items() if articles & theirs})


def _out_of_archive(connection: Connection, article_id: str, item: Withdrawn) -> list[Article]:
    """The versions that left."""
    table = schema.articles
    row = connection.execute(select(table).where(table.c.id == article_id)).first()
    if row is None:
        return []
    present = article_of(row, paragraphs_of(connection, row.number))
    older = [article for _, article in versions.sound(versions.stored(connection, row.number))]
    if is_newer(present, item):
        leave_fingerprints_of(connection, versions.drop_but_newer(connection, row.number, item))
        return [article for article in older if not is_newer(article, item)]
    remove_articles(connection, select(table.c.number).where(table.c.number == row.number))
    return [*older, present]


def _out_of_waiting(connection: Connection, article_id: str, item: Withdrawn) -> list[Article]:
    """The versions under embargo that left."""
    waiting = held_versions(connection, article_id)
    gone = [(number, article) for number, article in waiting if article is None or not is_newer(article, item)]
    drop_held(connection, [article_id], [number for number, _ in gone])
    return [article for _, article in gone if article is not None]


def _remember(
    connection: Connection, name: str, item: Withdrawn, stories: Collection[str], killed_at: str, article_id: str = ""
) -> None:
    """A kill that comes again, or one of another version, adds to the first."""
    table = schema.kills
    before = connection.execute(select(table).where(table.c.name == name)).first()
    latest = item if before is None or not is_newer(before, item) else before
    which = {_ARTICLE + article_id} if article_id else set()
    values = {
        "edition": latest.edition,
        "modified": latest.modified,
        "stories": sorted({*stories, *which, *(before.stories if before else ())}),
        "reason": item.reason,
        "killed_at": before.killed_at if before and not stories else killed_at,
    }
    put_row(connection, table, {"name": name}, values)
