"""Articles whose time has not come: stored apart from the archive, which takes them in when it has.

An embargo holds for all versions of an item (IPTC, NewsML-G2), and its newest version says until when. So an article is
either in the archive, with its older versions, or here, with all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import fields
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, delete, func, insert, select, update

from newsdesk.address import article_address
from newsdesk.catalogue import schema
from newsdesk.catalogue.hashes import story_hash
from newsdesk.catalogue.history import names, versions
from newsdesk.catalogue.history.order import is_newer, is_older
from newsdesk.catalogue.rows import Outcome, article_of, moment_text, now, paragraphs_of
from newsdesk.catalogue.storing import leave_fingerprints_of, put_article, remove_articles, remove_samples
from newsdesk.types import Article, HeldArticle, Passage, Span, passage_text

Split = Callable[[Article], Sequence[Passage]]


def is_held(article: HeldArticle, moment: datetime) -> bool:
    """Whether its time has not come at `moment`."""
    return article.until is None or moment_text(article.until) > moment_text(moment)


def plain(article: Article) -> Article:
    """The article without what its sender says of its time."""
    return Article(**{field.name: getattr(article, field.name) for field in fields(Article)})


def hold(connection: Connection, article: HeldArticle, split: Split) -> Outcome:
    """Stores what must not be read yet; a version of it that is in the archive leaves it, and waits here too."""
    said, until = plain(article), moment_text(article.until) if article.until else None
    table = schema.articles
    row = connection.execute(select(table).where(table.c.id == said.id)).first()
    if row is not None:
        present = article_of(row, paragraphs_of(connection, row.number))
        if versions.comes_late(connection, row.number, present, said):
            return put_article(connection, said, split)  # what is newer lifted its embargo
        if _is_read_again(connection, row.number, present, said):
            return "unchanged"
        _hide(connection, row, present, until, split)
    rows = _held(connection, said.id)
    newer = [each for each in rows if (other := _article(each)) is not None and is_older(said, other)]
    if newer:
        until = newer[-1].until
    elif any(each.until != until for each in rows):
        connection.execute(update(schema.held).where(schema.held.c.id == said.id).values(until=until))
    elif any(_says(each, said) and not each.came_free for each in rows):
        return "unchanged"
    same = [each.number for each in rows if _says(each, said)]
    if same:
        connection.execute(update(schema.held).where(schema.held.c.number.in_(same)).values(came_free=False))
    else:
        _insert(connection, said, until, split(said))
    return "held"


def lift(connection: Connection, article: Article, split: Split) -> Outcome | None:
    """What becomes of an article that may be read, of which versions are held; None when none are (any more)."""
    rows = _held(connection, article.id)
    if not rows:
        return None
    known = [(row, other) for row in rows if (other := _article(row)) is not None]
    if any(row.came_free and _says(row, article) for row in rows):
        return "unchanged"  # read again, from before the embargo
    newer = [row for row, other in known if is_older(article, other)]
    if not newer:
        _release(connection, rows)
        return None
    if any(_says(row, article) for row in rows):
        return "unchanged"
    _insert(connection, article, newer[-1].until, split(article), came_free=True)
    return "held"


def are_due(connection: Connection, moment: datetime) -> bool:
    """Whether an embargo has ended by then."""
    return connection.scalar(select(schema.held.c.id).where(_is_due(moment)).limit(1)) is not None


def release_due(connection: Connection, moment: datetime) -> int:
    """Takes into the archive what may be read from `moment` on; how many articles."""
    table = schema.held
    ids = list(connection.scalars(select(table.c.id).distinct().where(_is_due(moment)).order_by(table.c.id)))
    released = {each: _release(connection, _held(connection, each)) for each in ids}
    for each in ids:
        if not released[each]:  # damaged: it is not looked at again and again, and `newsdesk check` names it
            connection.execute(update(table).where(table.c.id == each).values(until=None))
    return sum(released.values())


def count_held(connection: Connection) -> int:
    """How many articles wait."""
    return connection.scalar(select(func.count(schema.held.c.id.distinct()))) or 0


def held_versions(connection: Connection, article_id: str) -> list[tuple[int, Article | None]]:
    """Number and text of each version that waits, in the order in which they came; None for a damaged one."""
    return [(row.number, _article(row)) for row in _held(connection, article_id)]


def drop_held(connection: Connection, article_ids: Sequence[str], numbers: Sequence[int] | None = None) -> int:
    """Removes articles that wait, or of them the rows with these numbers alone; how many rows went.

    Their fingerprints are left, so that `newsdesk purge` looks for them.
    """
    dropped = 0
    for article_id in article_ids:
        rows = [row for row in _held(connection, article_id) if numbers is None or row.number in numbers]
        leave_fingerprints_of(connection, [row.content for row in rows])
        connection.execute(delete(schema.held).where(schema.held.c.number.in_([row.number for row in rows])))
        if rows and not _held(connection, article_id):
            names.forget_names(connection, [article_id])
        dropped += len(rows)
    return dropped


def _is_due(moment: datetime) -> ColumnElement[bool]:
    return schema.held.c.until <= moment_text(moment)


def _held(connection: Connection, article_id: str) -> Sequence[Row[Any]]:
    table = schema.held
    return connection.execute(select(table).where(table.c.id == article_id).order_by(table.c.number)).all()


def _article(row: Row[Any]) -> Article | None:
    return versions.article_from(row.content)


def _says(row: Row[Any], article: Article) -> bool:
    """Whether a held version says the same as an article that is not known to be newer."""
    other = _article(row)
    return other is not None and story_hash(other) == story_hash(article) and not is_newer(article, other)


def _is_read_again(connection: Connection, number: int, present: Article, article: Article) -> bool:
    """Whether it is an older version of what is in the archive; a newer one that says the same brings an embargo."""
    older = [other for _, other in versions.sound(versions.stored(connection, number))]
    return not is_newer(article, present) and any(story_hash(other) == story_hash(article) for other in older)


def _hide(connection: Connection, row: Row[Any], present: Article, until: str | None, split: Split) -> None:
    """Takes an article with its older versions out of the archive, to wait with the version that brought an embargo."""
    kept = names.names_kept(connection, row.id)
    older = versions.stored(connection, row.number)
    for article, seen_at in [*((each.article, each.seen_at) for each in older), (present, row.changed_at)]:
        if article is not None:
            _insert(connection, article, until, split(article), came_free=True, seen_at=seen_at)
    remove_articles(connection, select(schema.articles.c.number).where(schema.articles.c.number == row.number))
    names.put_back(connection, kept)


def _insert(
    connection: Connection,
    article: Article,
    until: str | None,
    passages: Sequence[Passage],
    came_free: bool = False,
    seen_at: str = "",
) -> None:
    values = {
        "id": article.id,
        "address": article_address(article.url),
        "until": until,
        "content": versions.content_of(article),
        "passages": [[each.id, each.position, [list(span) for span in each.spans], each.header] for each in passages],
        "came_free": came_free,
        "seen_at": seen_at or now(),
    }
    connection.execute(insert(schema.held).values(**values))


def _release(connection: Connection, rows: Sequence[Row[Any]]) -> int:
    """Takes an article's held versions into the archive, in the order in which they came; 1 when it is there now."""
    known = [(row, article) for row in rows if (article := _article(row)) is not None]
    if len(known) < len(rows):
        return 0  # damaged: `newsdesk check` names it
    if not all(article.sample for _, article in known):
        remove_samples(connection)
    for row, article in known:
        put_article(connection, article, partial(_passages, row.passages), row.seen_at)
    connection.execute(delete(schema.held).where(schema.held.c.number.in_([row.number for row in rows])))
    return 1


def _passages(stored: Sequence[Any], article: Article) -> list[Passage]:
    """The passages that `_insert` stored, without paragraphs that are left out by now (newsdesk.catalogue.lines)."""
    texts = dict(enumerate(article.paragraphs))
    made = []
    for id_, position, listed, header in stored:
        spans = tuple(span for span in (Span(*each) for each in listed) if texts[span.paragraph])
        if spans:
            made.append(Passage(id_, article.id, position, spans, passage_text(texts, spans), header))
    return made


def damaged(connection: Connection) -> list[str]:
    """Ids of articles that wait and are not what was stored."""
    table = schema.held
    return [row.id for row in connection.execute(select(table)) if _article(row) is None]
