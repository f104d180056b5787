"""Rows of the catalogue as the types that the rest of Newsdesk uses."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from typing import Any, Literal, TypeVar

from sqlalchemy import Connection, Row, Select, Table, and_, bindparam, insert, select, text, update

from newsdesk.catalogue import schema
from newsdesk.catalogue.database.sqlite import all_in_one
from newsdesk.catalogue.hashes import embedded_hash
from newsdesk.types import Article, Filters, Span, embedded_text, passage_text
from newsdesk.wording.quoted import quoted

logger = logging.getLogger("newsdesk.catalogue.catalogue")

T = TypeVar("T")

Outcome = Literal["added", "updated", "unchanged", "older", "held", "withdrawn"]
"""What became of an article: it is new, or a newer version; the archive holds it already; it is an older version, kept as
history; it waits for the end of its embargo; its sender took it back, before or now."""

_MOST_RANGES = 200  # in one query; SQLite takes expressions 1,000 deep
_PARAGRAPH = (schema.paragraphs.c.article, schema.paragraphs.c.number, schema.paragraphs.c.text)
_MAX_VARIABLES = 10_000  # values in one IN (...); SQLite takes 32,766 a statement


@dataclass(frozen=True, slots=True)
class StoredPassage:
    """A passage as the views and the engine need it, with its number, its text and its article."""

    number: int
    id: str
    spans: tuple[Span, ...]
    text: str
    header: str
    article: Article
    """Without its paragraphs."""
    story: int = 0
    """The number of the story that the article tells; 0 when nobody has looked yet."""


# Made once: making a statement costs more than running it.
_PARAGRAPHS = (
    select(schema.paragraphs.c.text)
    .where(schema.paragraphs.c.article == bindparam("article"))
    .order_by(schema.paragraphs.c.number)
)


def load_passages(connection: Connection, numbers: Sequence[int]) -> dict[int, StoredPassage]:
    of, about, told = schema.passages, schema.articles, schema.stories
    query = (
        select(
            of.c.number.label("passage"),
            of.c.id.label("passage_id"),
            of.c.spans,
            of.c.header,
            of.c.embedded_hash,
            told.c.story,
            about,
        )
        .join(about, about.c.number == of.c.article)
        .outerjoin(told, told.c.article == of.c.article)
        .where(of.c.number.in_(numbers))
    )
    rows = connection.execute(query).all()
    spans_of = {row.passage: _spans(row.spans) for row in rows}
    texts = _paragraph_texts(connection, [(row.number, spans_of[row.passage]) for row in rows])
    found = {}
    articles: dict[int, Article] = {}  # several passages of an article are often found together
    for row in rows:
        spans = spans_of[row.passage]
        own = {span.paragraph: texts.get((row.number, span.paragraph), "") for span in spans}
        text, header = passage_text(own, spans), text_of(row.header)
        if embedded_hash(embedded_text(header, text)) == row.embedded_hash:
            if row.number not in articles:
                articles[row.number] = article_of(row, ())
            article, story = articles[row.number], row.story or 0
            found[row.passage] = StoredPassage(row.passage, row.passage_id, spans, text, header, article, story)
        else:
            logger.error(
                "Passage %s is damaged in the catalogue and is passed over; run `newsdesk check`.",
                quoted(row.passage_id),
            )
    return found


def _spans(stored: Any) -> tuple[Span, ...]:
    """The spans of a passage; none when they cannot be read, which the passage's hash then gives away."""
    try:
        return tuple(Span(int(paragraph), int(start), int(end)) for paragraph, start, end in stored)
    except (TypeError, ValueError):
        return ()


def _paragraph_texts(
    connection: Connection, passages: Sequence[tuple[int, Sequence[Span]]]
) -> dict[tuple[int, int], str]:
    """Text of paragraphs by (article, number): of those that these passages, given with their articles, are made of."""
    wanted = sorted(
        (article, min(span.paragraph for span in spans), max(span.paragraph for span in spans))
        for article, spans in passages
        if spans
    )
    texts: dict[tuple[int, int], str] = {}
    in_one = connection.dialect.name == "sqlite"
    for start in range(0, len(wanted), _MOST_RANGES):
        some = wanted[start : start + _MOST_RANGES]
        values = {f"{end}{n}": number for n, each in enumerate(some) for end, number in zip("afl", each, strict=True)}
        rows = connection.execute(_paragraphs_in(len(some), in_one), values)
        for article, number, said in (rows.scalar_one() or ()) if in_one else rows:
            texts[article, number] = text_of(said)
    return texts


@cache
def _paragraphs_in(ranges: int, in_one: bool) -> Select[Any]:
    """Paragraphs from :f0 to :l0 of article :a0, from :f1 to :l1 of :a1, and so on.

    Written out, a range a passage: SQLite reads the whole table for pairs in an IN, twice as much for a range an article;
    put together by SQLAlchemy it would take longer than it takes to run.
    """
    wanted = " OR ".join(f"(article = :a{n} AND number BETWEEN :f{n} AND :l{n})" for n in range(ranges))
    return select(*([all_in_one(_PARAGRAPH)] if in_one else _PARAGRAPH)).where(text(wanted))


def paragraphs_of(connection: Connection, article_number: int) -> tuple[str, ...]:
    return tuple(map(text_of, connection.scalars(_PARAGRAPHS, {"article": article_number})))


def article_of(row: Row[Any], paragraphs: tuple[str, ...]) -> Article:
    return Article(
        id=text_of(row.id),
        title=text_of(row.title),
        paragraphs=paragraphs,
        source=text_of(row.source),
        authors=tuple(map(text_of, row.authors)) if isinstance(row.authors, list) else (),
        published=day_of(row.day),
        url=text_of(row.url),
        agency=text_of(row.agency),
        section=text_of(row.section),
        language=text_of(row.language),
        sample=row.sample,
        edition=row.edition if isinstance(row.edition, int) else 0,
        modified=text_of(row.modified),
    )


def text_of(stored: Any) -> str:
    """The text; one flipped bit makes bytes or a number of it, which the hash of what it belongs to gives away."""
    return stored if isinstance(stored, str) else repr(stored)


def day_of(stored: Any) -> date | None:
    """The day; none when it cannot be one, which the article's hash then gives away."""
    try:
        return date.fromordinal(stored) if stored else None
    except (TypeError, ValueError, OverflowError):
        return None


def filtered(query: Select[Any], filters: Filters) -> Select[Any]:
    table = schema.articles
    if filters.sources:
        query = query.where(table.c.source.in_(filters.sources))
    days = filters.days()
    return query if days is None else query.where(table.c.day.between(*days))


def numbers_of(connection: Connection, article_ids: Sequence[str]) -> list[int]:
    """Numbers of those of these articles that are there."""
    table = schema.articles
    found: list[int] = []
    for chunk in chunks(article_ids):
        found.extend(connection.scalars(select(table.c.number).where(table.c.id.in_(chunk))))
    return found


def put_row(connection: Connection, table: Table, key: dict[str, Any], values: dict[str, Any]) -> None:
    """Gives the row with this key these values; makes it if it is not there. Nobody else writes meanwhile."""
    same = and_(*(table.c[name] == value for name, value in key.items()))
    if not connection.execute(update(table).where(same).values(values)).rowcount:
        connection.execute(insert(table).values({**key, **values}))


def chunks(items: Sequence[T], times: int = 1) -> Iterator[Sequence[T]]:
    """Pieces of `items` that a statement can name so many `times`."""
    size = _MAX_VARIABLES // times
    for start in range(0, len(items), size):
        yield items[start : start + size]


def now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def moment_text(moment: datetime) -> str:
    """A moment in UTC, of one width, so that texts are in the order of the moments; without a zone it is in UTC."""
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}".rjust(27, "0")
