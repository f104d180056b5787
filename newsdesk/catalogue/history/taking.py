"""What becomes of articles that are taken in: new, a version, under embargo, or kept out. Read `take_in` first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, select

from newsdesk.address import article_address
from newsdesk.catalogue import schema
from newsdesk.catalogue.hashes import content_hash, story_hash
from newsdesk.catalogue.history import names
from newsdesk.catalogue.history.held import Split, held_versions, hold, is_held, lift, plain
from newsdesk.catalogue.history.kills import is_kept_out, withdraw
from newsdesk.catalogue.rows import Outcome, article_of, paragraphs_of
from newsdesk.catalogue.storing import put_article, put_new
from newsdesk.types import Article, HeldArticle, Withdrawn


def take_all_in(
    connection: Connection, items: Sequence[Article | Withdrawn], split: Split, moment: datetime
) -> list[Outcome]:
    """What became of each, in their order. Articles of which nothing is known yet, as most are, are stored together."""
    known = names.known_among(connection, sorted({name for item in items for name in _names_of(item)}))
    outcomes: list[Outcome] = []
    new: list[Article] = []
    for item in items:
        called = _names_of(item)
        if type(item) is Article and known.isdisjoint(called):
            new.append(item)
            outcomes.append("added")
        else:
            _add(connection, new, split)
            outcomes.append(take_in(connection, item, split, moment))
        known |= called
    _add(connection, new, split)
    return outcomes


def _add(connection: Connection, new: list[Article], split: Split) -> None:
    if new:
        put_new(connection, new, split)
        new.clear()


def _names_of(item: Article | Withdrawn) -> set[str]:
    """The id and the address."""
    address = article_address(item.url) if isinstance(item, Article) else ""
    return {item.id, address} if address else {item.id}


def take_in(connection: Connection, item: Article | Withdrawn, split: Split, moment: datetime) -> Outcome:
    """Stores an article, or hides one that was taken back; `moment` decides which embargoes have ended."""
    if isinstance(item, Withdrawn):
        withdraw(connection, item)
        return "withdrawn"
    if _is_there(connection, item):
        return "unchanged"
    name = item.id
    article = _under_its_first_id(connection, item)
    if is_kept_out(connection, article, [name]):
        return "withdrawn"
    if names.came_last(connection, name) == story_hash(article) and not _may_say_more(connection, article):
        return "unchanged"  # read again: a version under another name came after it
    before = _present(connection, article.id) if article.id != name else None
    outcome = _stored(connection, article, split, moment)
    names.note(connection, name, article, before)
    return outcome


def _is_there(connection: Connection, article: Article) -> bool:
    """Whether the archive holds exactly this: when files are read again, nearly always, so this comes before all else."""
    table = schema.articles
    stored = connection.scalar(select(table.c.content_hash).where(table.c.id == article.id))
    return stored is not None and type(article) is Article and stored == content_hash(article)


def _under_its_first_id(connection: Connection, article: Article) -> Article:
    """The article under the id under which it, or what is at its address, first came."""
    known = names.first_id(connection, article.id)
    known = known or names.first_id_at(connection, article_address(article.url))
    return replace(article, id=known) if known else article


def _may_say_more(connection: Connection, article: Article) -> bool:
    """Whether an article that says the same as before may be another version, or bring or end an embargo."""
    says_which = isinstance(article, HeldArticle) or article.edition or article.modified
    return bool(says_which) or bool(held_versions(connection, article.id))


def _stored(connection: Connection, article: Article, split: Split, moment: datetime) -> Outcome:
    if isinstance(article, HeldArticle) and is_held(article, moment):
        return hold(connection, article, split)
    article = plain(article) if isinstance(article, HeldArticle) else article
    return lift(connection, article, split) or put_article(connection, article, split)


def _present(connection: Connection, article_id: str) -> Article | None:
    row = connection.execute(select(schema.articles).where(schema.articles.c.id == article_id)).first()
    return article_of(row, paragraphs_of(connection, row.number)) if row is not None else None
