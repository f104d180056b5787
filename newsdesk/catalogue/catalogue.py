"""The catalogue: the only truth about the archive. Everything else is a view that can be made again.

Articles with their versions, paragraphs and passages, the change log that the views follow, the list of rejects, the
leases and readers' feedback. The vectors, which belong to the same truth, are in the module `vectors` beside this one.
An article is acknowledged when the transaction that holds it commits.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import Select, Text, func, or_, select, type_coerce

from newsdesk.catalogue import schema
from newsdesk.catalogue.access.keys import KeyStore
from newsdesk.catalogue.changes import ChangeLog
from newsdesk.catalogue.copies import copies_of, count_duplicates
from newsdesk.catalogue.feedback import FeedbackStore
from newsdesk.catalogue.fetched import FetchLog
from newsdesk.catalogue.hashes import content_hash
from newsdesk.catalogue.leases import Leases
from newsdesk.catalogue.rejects import Rejects
from newsdesk.catalogue.rows import (
    Outcome,
    StoredPassage,
    article_of,
    chunks,
    day_of,
    filtered,
    load_passages,
    paragraphs_of,
    stored_hashes,
)
from newsdesk.catalogue.sqlite import WAY_BACK, open_engine, writing
from newsdesk.catalogue.storing import put_article, remove_articles
from newsdesk.errors import ArticleNotFound, CatalogueDamaged, DataFolderError
from newsdesk.types import Article, Copy, Filters, Passage, embedded_text

_ARTICLES_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class Counts:
    """How much the archive holds."""

    articles: int
    paragraphs: int
    passages: int
    rejects: int
    samples: int


@dataclass(frozen=True, slots=True)
class Stored:
    """What one transaction did."""

    outcomes: list[Outcome]
    """What became of each article, in their order."""
    samples_left: int = 0
    """Sample articles that made way."""


class Catalogue:
    """One catalogue file. Safe to use from many threads, and beside other processes."""

    def __init__(self, file: Path, *, create: bool = True) -> None:
        """Opens, and with `create` makes, the catalogue.

        Raises DataFolderError when that cannot be done, CatalogueDamaged when there was one and it is gone.
        """
        _check_not_lost(file)
        if not create and not file.exists():
            raise DataFolderError(
                f"There is no archive in {file.parent}. Put articles into it with `newsdesk ingest PATH --data "
                f"{file.parent}`, or name another folder with --data."
            )
        self.file = file
        self.engine = open_engine(file)
        self.changes = ChangeLog(self.engine)
        self.rejects = Rejects(self.engine)
        self.leases = Leases(self.engine)
        self.feedback = FeedbackStore(self.engine)
        self.fetched = FetchLog(self.engine)
        self.keys = KeyStore(self.engine)

    def close(self) -> None:
        """Gives back the file handles."""
        self.engine.dispose()

    # ----------------------------------------------------------------- writing

    def put(self, articles: Sequence[Article], split: Callable[[Article], Sequence[Passage]]) -> Stored:
        """Stores articles in one transaction and says what became of each; `split` makes the passages.

        An article that is stored as it is costs no splitting. The same id with other content is a new
        version: passages whose text is as before keep their numbers, and their vectors unless the header
        changed. The first article that is not a sample drives the samples out.
        """
        with writing(self.engine).begin() as connection:
            left = 0
            if any(not article.sample for article in articles):
                left = remove_articles(connection, select(schema.articles.c.number).where(schema.articles.c.sample))
            elif connection.scalar(select(schema.articles.c.number).where(~schema.articles.c.sample).limit(1)):
                return Stored(["unchanged"] * len(articles))  # samples come too late beside an ingest that has begun
            return Stored([put_article(connection, article, split) for article in articles], left)

    def remove(self, article_ids: Sequence[str]) -> None:
        """Removes articles with their versions, passages and vectors, in one transaction; feedback loses their words.

        Raises ArticleNotFound, and removes nothing, when one of them is not there.
        """
        with writing(self.engine).begin() as connection:
            known = stored_hashes(connection, article_ids)
            for article_id in article_ids:
                if article_id not in known:
                    raise ArticleNotFound(article_id)
            for chunk in chunks(list(article_ids)):
                remove_articles(connection, select(schema.articles.c.number).where(schema.articles.c.id.in_(chunk)))

    # ----------------------------------------------------------------- reading

    def article(self, article_id: str) -> Article:
        """The article with all its paragraphs. Raises ArticleNotFound, and CatalogueDamaged rather than give other text."""
        with self.engine.begin() as connection:
            row = connection.execute(select(schema.articles).where(schema.articles.c.id == article_id)).first()
            if row is None:
                raise ArticleNotFound(article_id)
            article = article_of(row, paragraphs_of(connection, row.number))
        if content_hash(article) != row.content_hash:
            raise CatalogueDamaged(
                f"The article {article_id!r} is damaged in the catalogue {self.file}: it is not what was stored. "
                f"`newsdesk check` says what else is. {WAY_BACK}"
            )
        return article

    def articles(self, filters: Filters, limit: int, offset: int) -> tuple[int, list[Article]]:
        """How many articles pass the filters, and a page of them without paragraphs, newest first."""
        table = schema.articles
        chosen = filtered(select(table), filters)
        with self.engine.begin() as connection:
            total = connection.scalar(select(func.count()).select_from(chosen.subquery())) or 0
            page = chosen.order_by(table.c.day.desc(), table.c.number).limit(limit).offset(offset)
            return total, [article_of(row, ()) for row in connection.execute(page)]

    def newest_day(self) -> date | None:
        """The day of the newest article; None when none has a date. A day to come is a slip and does not count."""
        day = schema.articles.c.day
        with self.engine.begin() as connection:
            return day_of(connection.scalar(select(func.max(day)).where(day <= date.today().toordinal())) or 0)

    def every_article(self) -> Iterator[Article]:
        """All articles with their paragraphs, in the order in which they came, read one by one. Raises CatalogueDamaged."""
        table, last = schema.articles, 0
        while True:
            query = select(table.c.number, table.c.id).where(table.c.number > last).order_by(table.c.number)
            with self.engine.begin() as connection:
                rows = connection.execute(query.limit(_ARTICLES_AT_ONCE)).all()
            for row in rows:
                with suppress(ArticleNotFound):  # removed meanwhile
                    yield self.article(row.id)
            if len(rows) < _ARTICLES_AT_ONCE:
                return
            last = rows[-1].number

    def passages(self, numbers: Sequence[int]) -> dict[int, StoredPassage]:
        """The passages that (still) exist among `numbers`; a damaged one is left out, and logged."""
        found: dict[int, StoredPassage] = {}
        with self.engine.begin() as connection:
            for chunk in chunks(numbers):
                found.update(load_passages(connection, chunk))
        return found

    def embedded_texts(self, numbers: Sequence[int]) -> list[str]:
        """What the embedding model is to see of these passages, in their order; removed ones left out."""
        found = self.passages(numbers)
        return [embedded_text(found[number].header, found[number].text) for number in numbers if number in found]

    def passage_numbers(self, filters: Filters) -> list[int]:
        """Numbers of all passages whose article passes the filters, rising."""
        chosen = filtered(select(schema.articles.c.number), filters)
        query = select(schema.passages.c.number).where(schema.passages.c.article.in_(chosen))
        with self.engine.begin() as connection:
            return sorted(connection.scalars(query))

    def outlets(self) -> list[str]:
        """The outlets that articles name as theirs, each once."""
        source = schema.articles.c.source
        with self.engine.begin() as connection:
            return [name for name in connection.scalars(select(source).distinct().order_by(source)) if name]

    def authors_named(self, name: str) -> list[str]:
        """The authors of this name, as articles write them, whatever the case; of a surname alone all who bear it."""
        authors = schema.articles.c.authors
        query = select(authors).where(type_coerce(authors, Text).contains(_in_json(name), autoescape=True))
        wanted = name.casefold()
        with self.engine.begin() as connection:
            found = {author for several in connection.scalars(query) for author in several}
        return sorted(author for author in found if f" {author.casefold()}".endswith(f" {wanted}"))

    def leads(self, filters: Filters, limit: int, authors: Sequence[str] = ()) -> list[int]:
        """Numbers of the first passage of each article that passes the filters, the newest articles first.

        With `authors`, only of those that one of them wrote.
        """
        about, of = schema.articles, schema.passages
        query = filtered(select(of.c.number).join(about, about.c.number == of.c.article), filters)
        if authors:
            wrote = (
                type_coerce(about.c.authors, Text).contains(_in_json(each, whole=True), autoescape=True)
                for each in authors
            )
            query = query.where(or_(*wrote))
        query = query.where(of.c.position == 0).order_by(about.c.day.desc(), about.c.number).limit(limit)
        with self.engine.begin() as connection:
            return list(connection.scalars(query))

    def copies(self, article_id: str, paragraph: int, as_of: date | None = None) -> list[Copy]:
        """Other articles that hold the same paragraph (but for case and white space), oldest first; none after `as_of`."""
        with self.engine.begin() as connection:
            return copies_of(connection, article_id, paragraph, as_of)

    def duplicates(self, article_ids: Sequence[str]) -> int:
        """How many of these have the same paragraphs as an article stored before them (but for case and white space)."""
        with self.engine.begin() as connection:
            return count_duplicates(connection, article_ids)

    def counts(self) -> Counts:
        """How much there is of everything."""
        with self.engine.begin() as connection:

            def count(query: Select[Any]) -> int:
                return connection.scalar(select(func.count()).select_from(query.subquery())) or 0

            return Counts(
                articles=count(select(schema.articles.c.number)),
                paragraphs=count(select(schema.paragraphs.c.number)),
                passages=count(select(schema.passages.c.number)),
                rejects=count(select(schema.rejects.c.number)),
                samples=count(select(schema.articles.c.number).where(schema.articles.c.sample)),
            )


# -------------------------------------------------------------------- private


def _in_json(name: str, *, whole: bool = False) -> str:
    """A name as the column of authors holds it, with its quotes when `whole`."""
    return json.dumps(name) if whole else json.dumps(name)[1:-1]


def _check_not_lost(file: Path) -> None:
    """Raises CatalogueDamaged when indexes lie beside a catalogue that is missing or empty: one is made before them."""
    if file.exists() and file.stat().st_size:
        return
    views = [name for pattern in ("keyword-*", "chroma") for name in file.parent.glob(pattern)]
    if views:
        raise CatalogueDamaged(
            f"The catalogue {file} is {'empty' if file.exists() else 'gone'}, but an index of it is there "
            f"({views[0].name}), so an archive was here. {WAY_BACK} To begin with nothing in this very folder, remove "
            "the folder first."
        )
