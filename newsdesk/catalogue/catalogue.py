"""The catalogue: the only truth about the archive. Everything else is a view that can be made again.

Articles with their versions, paragraphs and passages, the change log that the views follow, and the list
of rejects. Vectors and feedback, which belong to the same truth, are in newsdesk.catalogue.vectors and newsdesk.feedback.
An article is acknowledged when the transaction that holds it commits.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import Row, Select, and_, delete, func, insert, select

from newsdesk.catalogue import schema
from newsdesk.catalogue.changes import START, Position, log_changes
from newsdesk.catalogue.hashes import content_hash
from newsdesk.catalogue.rejects import ListedReject
from newsdesk.catalogue.rows import (
    Outcome,
    StoredPassage,
    _article,
    _chunks,
    _day,
    _filtered,
    _load_passages,
    _now,
    _paragraphs,
    _stored_hashes,
)
from newsdesk.catalogue.sqlite import WAY_BACK, open_engine, writing
from newsdesk.catalogue.storing import _put, _remove
from newsdesk.errors import ArticleNotFound, CatalogueDamaged, DataFolderError
from newsdesk.types import Article, Copy, Filters, Passage, Rejected, embedded_text

_ARTICLES_AT_ONCE = _REJECTS_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class Counts:
    """How much the archive holds."""

    articles: int
    paragraphs: int
    passages: int
    rejects: int
    samples: int


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

    def close(self) -> None:
        """Gives back the file handles."""
        self.engine.dispose()

    # ----------------------------------------------------------------- writing

    def put(self, articles: Sequence[Article], split: Callable[[Article], Sequence[Passage]]) -> list[Outcome]:
        """Stores articles in one transaction and says what became of each; `split` makes the passages.

        An article that is stored as it is costs no splitting. The same id with other content is a new
        version: passages whose text is as before keep their numbers, and their vectors unless the header
        changed. The first article that is not a sample drives the samples out.
        """
        with writing(self.engine).begin() as connection:
            if any(not article.sample for article in articles):
                _remove(connection, select(schema.articles.c.number).where(schema.articles.c.sample))
            elif connection.scalar(select(schema.articles.c.number).where(~schema.articles.c.sample).limit(1)):
                return ["unchanged"] * len(articles)  # samples come too late beside an ingest that has begun
            return [_put(connection, article, split) for article in articles]

    def remove(self, article_ids: Sequence[str]) -> None:
        """Removes articles with their versions, passages and vectors, in one transaction; feedback loses their words.

        Raises ArticleNotFound, and removes nothing, when one of them is not there.
        """
        with writing(self.engine).begin() as connection:
            known = _stored_hashes(connection, article_ids)
            for article_id in article_ids:
                if article_id not in known:
                    raise ArticleNotFound(article_id)
            for chunk in _chunks(list(article_ids)):
                _remove(connection, select(schema.articles.c.number).where(schema.articles.c.id.in_(chunk)))

    def reject(self, rejected: Sequence[Rejected]) -> None:
        """Puts sources that were not taken in on the list; what is on it already becomes the newest."""
        table = schema.rejects
        with writing(self.engine).begin() as connection:
            for item in rejected:
                same = and_(table.c.origin == item.origin, table.c.id == item.id, table.c.reason == item.reason)
                connection.execute(delete(table).where(same))
                connection.execute(insert(table).values(**asdict(item), rejected_at=_now()))

    def forget_rejects(self, numbers: Sequence[int]) -> None:
        """Takes these off the list."""
        table = schema.rejects
        for chunk in _chunks(numbers):
            with writing(self.engine).begin() as connection:
                connection.execute(delete(table).where(table.c.number.in_(chunk)))

    # ----------------------------------------------------------------- reading

    def article(self, article_id: str) -> Article:
        """The article with all its paragraphs. Raises ArticleNotFound, and CatalogueDamaged rather than give other text."""
        with self.engine.begin() as connection:
            row = connection.execute(select(schema.articles).where(schema.articles.c.id == article_id)).first()
            if row is None:
                raise ArticleNotFound(article_id)
            article = _article(row, _paragraphs(connection, row.number))
        if content_hash(article) != row.content_hash:
            raise CatalogueDamaged(
                f"The article {article_id!r} is damaged in the catalogue {self.file}: it is not what was stored. "
                f"`newsdesk check` says what else is. {WAY_BACK}"
            )
        return article

    def articles(self, filters: Filters, limit: int, offset: int) -> tuple[int, list[Article]]:
        """How many articles pass the filters, and a page of them without paragraphs, newest first."""
        table = schema.articles
        chosen = _filtered(select(table), filters)
        with self.engine.begin() as connection:
            total = connection.scalar(select(func.count()).select_from(chosen.subquery())) or 0
            page = chosen.order_by(table.c.day.desc(), table.c.number).limit(limit).offset(offset)
            return total, [_article(row, ()) for row in connection.execute(page)]

    def newest_day(self) -> date | None:
        """The day of the newest article; None when none has a date. A day to come is a slip and does not count."""
        day = schema.articles.c.day
        with self.engine.begin() as connection:
            return _day(connection.scalar(select(func.max(day)).where(day <= date.today().toordinal())) or 0)

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
            for chunk in _chunks(numbers):
                found.update(_load_passages(connection, chunk))
        return found

    def embedded_texts(self, numbers: Sequence[int]) -> list[str]:
        """What the embedding model is to see of these passages, in their order; removed ones left out."""
        found = self.passages(numbers)
        return [embedded_text(found[number].header, found[number].text) for number in numbers if number in found]

    def passage_numbers(self, filters: Filters) -> list[int]:
        """Numbers of all passages whose article passes the filters, rising."""
        chosen = _filtered(select(schema.articles.c.number), filters)
        query = select(schema.passages.c.number).where(schema.passages.c.article.in_(chosen))
        with self.engine.begin() as connection:
            return sorted(connection.scalars(query))

    def leads(self, filters: Filters, limit: int) -> list[int]:
        """Numbers of the first passage of each article that passes the filters, the newest articles first."""
        about, of = schema.articles, schema.passages
        query = _filtered(select(of.c.number).join(about, about.c.number == of.c.article), filters)
        query = query.where(of.c.position == 0).order_by(about.c.day.desc(), about.c.number).limit(limit)
        with self.engine.begin() as connection:
            return list(connection.scalars(query))

    def copies(self, article_id: str, paragraph: int, as_of: date | None = None) -> list[Copy]:
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
        with self.engine.begin() as connection:
            return [Copy(*row) for row in connection.execute(query)]

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

    def rejects(self, limit: int) -> list[Rejected]:
        """What was not taken in and why, last first."""
        table = schema.rejects
        query = select(table.c.origin, table.c.id, table.c.reason).order_by(table.c.number.desc()).limit(limit)
        with self.engine.begin() as connection:
            return [Rejected(*row) for row in connection.execute(query)]

    def listed_rejects(self) -> Iterator[ListedReject]:
        """The whole list, last first, read piece by piece."""
        table = schema.rejects
        newest_first = select(table).order_by(table.c.number.desc()).limit(_REJECTS_AT_ONCE)
        rows: Sequence[Row[Any]] = []
        while True:
            query = newest_first.where(table.c.number < rows[-1].number) if rows else newest_first
            with self.engine.begin() as connection:
                rows = connection.execute(query).all()
            for row in rows:
                yield ListedReject(row.number, row.origin, row.id, row.reason, row.rejected_at)
            if len(rows) < _REJECTS_AT_ONCE:
                return

    def rejects_of(self, origins: Iterable[str]) -> list[int]:
        """Numbers of the rejects that are these files, lines of these files ("FILE:LINE") or below these folders.

        One that comes on the list again gets another number, so these can be forgotten after the sources were read.
        """
        table = schema.rejects
        numbers: list[int] = []
        with self.engine.begin() as connection:
            for origin in origins:
                stem = origin.rstrip("/")
                near = table.c.origin.between(stem, stem + ";")  # the first character behind "/", the digits and ":"
                for number, found in connection.execute(select(table.c.number, table.c.origin).where(near)):
                    if re.fullmatch(r"(?:/.*|:\d+)?", found.removeprefix(stem), re.DOTALL):
                        numbers.append(number)
        return numbers

    def duplicates(self, article_ids: Sequence[str]) -> int:
        """How many of these have the same paragraphs as an article stored before them (but for case and white space)."""
        about, one, other, every = (
            schema.articles,
            schema.paragraphs,
            schema.paragraphs.alias(),
            schema.paragraphs.alias(),
        )
        wanted: set[int] = set()
        texts: dict[int, list[bytes]] = {}
        with self.engine.begin() as connection:
            for chunk in _chunks(article_ids):
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

    # -------------------------------------------------------------- change log

    def last_change(self) -> Position:
        """The place of the newest change; START when nothing ever changed."""
        table = schema.changes
        query = select(table.c.sequence, table.c.mark).order_by(table.c.sequence.desc()).limit(1)
        with self.engine.begin() as connection:
            row = connection.execute(query).first()
        return Position(*row) if row else START

    def changes_after(self, position: Position, limit: int) -> tuple[Position, list[int]] | None:
        """The next changes: the place reached, and the passages concerned, each once.

        None when the log does not hold `position` (it began anew, or is another catalogue's): whatever view stands
        there has to be made anew.
        """
        table = schema.changes
        query = select(table).where(table.c.sequence > position.sequence).order_by(table.c.sequence).limit(limit)
        with self.engine.begin() as connection:
            here = connection.scalar(select(table.c.mark).where(table.c.sequence == position.sequence))
            if position != START and here != position.mark:
                return None
            rows = connection.execute(query).all()
        reached = Position(rows[-1].sequence, rows[-1].mark) if rows else position
        return reached, list(dict.fromkeys(row.passage for row in rows))

    def begin_log_anew(self) -> None:
        """Leaves one change in the log for each passage there is, under new numbers: every view is made anew."""
        with writing(self.engine).begin() as connection:
            connection.execute(delete(schema.changes))
            log_changes(connection, connection.scalars(select(schema.passages.c.number)))


# -------------------------------------------------------------------- private


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
