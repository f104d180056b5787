"""Articles that say the same: what other outlets printed of the story that one of them tells."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import Connection, func, select

from newsdesk.catalogue import schema
from newsdesk.catalogue.rows import chunks, text_of
from newsdesk.types import Copy

_QUOTES = str.maketrans("“”„«»‘’‚", '"""""\'\'\'')


def copies_of(
    connection: Connection, article_id: str, paragraph: int, as_of: date | None = None, quote: str = ""
) -> list[Copy]:
    """Other articles that hold the same paragraph (but for case and white space), oldest first; none after `as_of`.

    With a `quote`, also those of the same story that hold its words in another paragraph (but for the kind of quotation marks).
    """
    one, other, of, about = schema.paragraphs, schema.paragraphs.alias(), schema.articles, schema.articles.alias()
    told, mate = schema.stories, schema.stories.alias()
    columns = about.c.day, about.c.id, about.c.source, about.c.url
    here = of.c.id == article_id, one.c.number == paragraph
    elsewhere = about.c.id != article_id, about.c.day <= (as_of or date.max).toordinal()
    whole = (
        select(*columns)
        .distinct()
        .select_from(one.join(of, of.c.number == one.c.article))
        .join(other, other.c.text_hash == one.c.text_hash)
        .join(about, about.c.number == other.c.article)
        .where(*here, *elsewhere)
    )
    found = {tuple(row) for row in connection.execute(whole)}
    if quote:
        mates = (
            select(*columns, other.c.text)
            .select_from(of.join(told, told.c.article == of.c.number))
            .join(mate, mate.c.story == told.c.story)
            .join(about, about.c.number == mate.c.article)
            .join(other, other.c.article == about.c.number)
            .where(of.c.id == article_id, *elsewhere)
        )
        words = _plain(quote)
        found.update(tuple(row[:4]) for row in connection.execute(mates) if words in _plain(text_of(row.text)))
    return [Copy(*row[1:]) for row in sorted(found)]


def count_duplicates(connection: Connection, article_ids: Sequence[str]) -> int:
    """How many of these are of a story that an article stored before them tells."""
    about, told = schema.articles, schema.stories
    query = select(func.count()).select_from(told.join(about, about.c.number == told.c.article))
    later = told.c.story < told.c.article  # the number of a story is its first article's
    return sum(connection.scalar(query.where(later, about.c.id.in_(chunk))) or 0 for chunk in chunks(article_ids))


def _plain(text: str) -> str:
    return f" {' '.join(text.translate(_QUOTES).split()).casefold()} "
