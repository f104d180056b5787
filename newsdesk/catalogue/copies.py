"""Articles that say the same: agency stories that several outlets printed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import Connection, select

from newsdesk.catalogue import schema
from newsdesk.catalogue.rows import chunks
from newsdesk.types import Copy


def copies_of(connection: Connection, article_id: str, paragraph: int, as_of: date | None = None) -> list[Copy]:
    """Other articles that hold the same paragraph (but for case and white space), oldest first; none after `as_of`."""
    one, other, of, about = schema.paragraphs, schema.paragraphs.alias(), schema.articles, schema.articles.alias()
    query = (
        select(about.c.id, about.c.source, about.c.url)
        .distinct()
        .select_from(one.join(of, of.c.number == one.c.article))
        .join(other, other.c.text_hash == one.c.text_hash)
        .join(about, about.c.number == other.c.article)
        .where(of.c.id == article_id, one.c.number == paragraph, about.c.id != article_id)
        .where(about.c.day <= (as_of or date.max).toordinal())
        .order_by(about.c.day, about.c.id)
    )
    return [Copy(*row) for row in connection.execute(query)]


def count_duplicates(connection: Connection, article_ids: Sequence[str]) -> int:
    """How many of these have the same paragraphs as an article stored before them (but for case and white space)."""
    about, one, other, every = (
        schema.articles,
        schema.paragraphs,
        schema.paragraphs.alias(),
        schema.paragraphs.alias(),
    )
    wanted: set[int] = set()
    texts: dict[int, list[bytes]] = {}
    for chunk in chunks(article_ids):
        numbers = select(about.c.number).where(about.c.id.in_(chunk))
        wanted.update(connection.scalars(numbers))
        # Only articles that begin alike are compared.
        beginnings = select(one.c.text_hash).where(one.c.article.in_(numbers), one.c.number == 0)
        alike = select(other.c.article).where(other.c.text_hash.in_(beginnings), other.c.number == 0)
        query = select(every.c.article, every.c.text_hash).where(every.c.article.in_(alike))
        found: dict[int, list[bytes]] = {}
        for article, hashed in connection.execute(query.order_by(every.c.article, every.c.number)):
            found.setdefault(article, []).append(hashed)
        texts.update(found)
    seen: set[tuple[bytes, ...]] = set()
    count = 0
    for article in sorted(texts):
        text = tuple(texts[article])
        count += text in seen and article in wanted
        seen.add(text)
    return count
