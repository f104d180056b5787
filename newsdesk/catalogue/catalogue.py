"""The catalogue: the only truth about the archive. Everything else is a view that can be made again.

Articles with their versions, paragraphs and passages, what is under embargo or was taken back, the change log that the views follow, the list of rejects, the
leases and readers' feedback. The vectors, which belong to the same truth, are in the module `vectors` beside this one.
An article is acknowledged when the transaction that holds it commits.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row, Select, Text, cast, func, or_, select

from newsdesk.catalogue import schema
from newsdesk.catalogue.access.keys import KeyStore
from newsdesk.catalogue.changes import ChangeLog
from newsdesk.catalogue.database.either import WAY_BACK, know_tables, name_of, open_engine, place_of, writing
from newsdesk.catalogue.feedback import FeedbackStore
from newsdesk.catalogue.hashes import content_hash
from newsdesk.catalogue.history import held, kills, names, versions
from newsdesk.catalogue.history.taking import take_all_in
from newsdesk.catalogue.history.versions import History, Revision, Version
from newsdesk.catalogue.leases import Leases
from newsdesk.catalogue.lines import known_lines, lines_left_out
from newsdesk.catalogue.rejects import Rejects
from newsdesk.catalogue.rows import (
    Outcome,
    StoredPassage,
    article_of,
    chunks,
    day_of,
    filtered,
    load_passages,
    numbers_of,
    paragraphs_of,
)
from newsdesk.catalogue.runs.fetched import FetchLog
from newsdesk.catalogue.runs.log import Runs
from newsdesk.catalogue.runs.sources import Sources
from newsdesk.catalogue.saved.store import SavedQuestions
from newsdesk.catalogue.stories.copies import copies_of, count_duplicates
from newsdesk.catalogue.stories.settling import settle
from newsdesk.catalogue.stories.stories import Stories, count_stories
from newsdesk.catalogue.storing import follow_lines, holds_samples, remove_articles, remove_samples
from newsdesk.errors import ArticleNotFound, CatalogueDamaged, DataFolderError, NotTakenBack
from newsdesk.types import Article, Copy, Filters, HeldArticle, Passage, Withdrawn, embedded_text
from newsdesk.wording.quoted import quoted

_ARTICLES_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class Counts:
    """How much the archive holds."""

    articles: int
    paragraphs: int
    passages: int
    rejects: int
    samples: int
    stories: int
    """Copies of one story, cut and edited ones too, count once."""
    under_embargo: int = 0
    """Articles that wait for the end of their embargo, or for a version that lifts it; none of the others counts them."""


@dataclass(frozen=True, slots=True)
class Stored:
    """What one transaction did."""

    outcomes: list[Outcome]
    """What became of each article, in their order."""
    samples_left: int = 0
    """Sample articles that made way."""


class Catalogue:
    """One catalogue. Safe to use from many threads, and beside other processes."""

    def __init__(
        self, at: Path | str, *, create: bool = True, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        """Opens, and with `create` makes, the catalogue; what came under an embargo that has ended by now appears.

        `at` is a file, or the address (postgresql://...) of a database. Raises DataFolderError when that cannot be done,
        CatalogueDamaged when there was a file and it is gone, CatalogueUnreachable when the database does not answer.
        """
        self.at = place_of(at)
        if isinstance(self.at, Path):
            _check_file(self.at, create=create)
        self.engine = open_engine(self.at, create=create)
        self.changes = ChangeLog(self.engine)
        self.rejects = Rejects(self.engine)
        self.leases = Leases(self.engine)
        self.feedback = FeedbackStore(self.engine)
        self.fetched = FetchLog(self.engine)
        self._clock = clock
        self.release_due()
        self.stories = Stories(self.engine)
        self.saved = SavedQuestions(self.engine)
        self.runs = Runs(self.engine)
        self.sources = Sources(self.engine)
        self.keys = KeyStore(self.engine)

    @property
    def name(self) -> str:
        """Where it is, in words that may be shown: an address comes without its password."""
        return name_of(self.at)

    @property
    def file(self) -> Path:
        """The file, of a catalogue that is one."""
        assert isinstance(self.at, Path), "this catalogue is in PostgreSQL"
        return self.at

    def close(self) -> None:
        """Gives back the file handles or connections."""
        self.engine.dispose()

    # ----------------------------------------------------------------- writing

    def put(self, items: Sequence[Article | Withdrawn], split: Callable[[Article], Sequence[Passage]]) -> Stored:
        """Stores articles in one transaction and says what became of each; `split` makes the passages.

        An article that is stored as it is costs no splitting. The same id or address with other content is a new
        version, or an older one if its publisher says so: passages whose text is as before keep their numbers, and
        their vectors unless the header changed. What is under embargo waits (newsdesk.catalogue.history.held), what is
        withdrawn leaves. The first article that is not a sample drives the samples out.
        """
        moment = self._clock()
        others = [item for item in items if not _is_sample(item)]
        if len(others) < len(items) and any(isinstance(item, Article) and not _waits(item, moment) for item in others):
            stored = self.put(others, split)  # samples beside them come too late
            told = iter(stored.outcomes)
            return replace(stored, outcomes=["unchanged" if _is_sample(item) else next(told) for item in items])
        with writing(self.engine).begin() as connection:
            articles = [item for item in items if isinstance(item, Article)]
            ids = [item.id for item in items]
            left = 0
            if any(not article.sample and not _waits(article, moment) for article in articles):
                left = remove_samples(connection)
            elif any(article.sample for article in articles) and connection.scalar(
                select(schema.articles.c.number).where(~schema.articles.c.sample).limit(1)
            ):
                return Stored(["unchanged"] * len(items))  # samples come too late beside an ingest that has begun
            lines = known_lines(connection, numbers_of(connection, ids))
            outcomes = take_all_in(connection, items, split, moment)
            changed = [id_ for id_, outcome in zip(ids, outcomes, strict=True) if outcome != "unchanged"]
            numbers = numbers_of(connection, sorted(set(names.first_ids(connection, changed).values())))
            follow_lines(connection, lines, numbers, split)
            settle(connection, numbers)
            know_tables(connection)
            return Stored(outcomes, left)

    def release_due(self) -> int:
        """Takes in what waited for the end of its embargo, if that has come, in one transaction; how many articles."""
        moment = self._clock()
        with self.engine.begin() as connection:
            if not held.are_due(connection, moment):
                return 0
        with writing(self.engine).begin() as connection:
            return held.release_due(connection, moment)

    def remove(self, article_ids: Sequence[str], split: Callable[[Article], Sequence[Passage]] | None = None) -> None:
        """Removes articles with their versions, passages and vectors, in one transaction; feedback loses their words.

        Each id under which an article is known will do, also of one under embargo. With `split`, lines that no longer
        repeat across their outlet's articles are searched again. Raises ArticleNotFound, and removes nothing, when one
        of them is not there.
        """
        with writing(self.engine).begin() as connection:
            known = names.first_ids(connection, article_ids)
            for article_id in article_ids:
                if article_id not in known:
                    raise ArticleNotFound(article_id)
            firsts = sorted(set(known.values()))
            lines = known_lines(connection, numbers_of(connection, firsts))
            held.drop_held(connection, firsts)
            for chunk in chunks(firsts):
                remove_articles(connection, select(schema.articles.c.number).where(schema.articles.c.id.in_(chunk)))
            if split is not None:
                follow_lines(connection, lines, [], split)

    # ----------------------------------------------------------------- reading

    def article(self, article_id: str) -> Article:
        """The article with all its paragraphs. Raises ArticleNotFound, and CatalogueDamaged rather than give other text."""
        with self.engine.begin() as connection:
            row = _row(connection, article_id)
            article = article_of(row, paragraphs_of(connection, row.number))
        if content_hash(article) != row.content_hash:
            raise CatalogueDamaged(
                f"The article {quoted(article_id)} is damaged in the catalogue {self.name}: it is not what was stored. "
                f"`newsdesk check` says what else is. {WAY_BACK}"
            )
        return article

    def history(self, article_id: str) -> History:
        """All that the article said, and its names. Raises ArticleNotFound, also while it is under embargo."""
        with self.engine.begin() as connection:
            row = _row(connection, article_id)
            present = article_of(row, paragraphs_of(connection, row.number))
            older = versions.stored(connection, row.number)
            known_as = names.other_names(connection, row.id)
        sound = present if content_hash(present) == row.content_hash else None
        return History(row.id, tuple(known_as), (*older, Version(row.version, sound, row.changed_at)))

    def revision(self, article_id: str) -> Revision:
        """Which version of the article is the present one, with those before. Raises ArticleNotFound."""
        with self.engine.begin() as connection:
            row = _row(connection, article_id)
            older = versions.stored(connection, row.number) if row.version > 1 else ()
            return Revision(row.version, row.changed_at, tuple(older))

    def withdrawn_at(self, article_id: str) -> str | None:
        """When its sender last took the article of this id or address back, UTC, ISO 8601; None when it never did."""
        with self.engine.begin() as connection:
            return kills.killed_at(connection, article_id)

    def readmit(self, given: Sequence[str]) -> dict[str, list[str]]:
        """Lets articles in again, by id or address, that their senders took back: their text is gone and has to come anew.

        Returns each given name with all names of its article. Raises NotTakenBack, and lets none in, when nothing was
        ever taken back under one of them.
        """
        with writing(self.engine).begin() as connection:
            found = kills.readmit(connection, given)
            for name, all_names in found.items():
                if not all_names:
                    raise NotTakenBack(name)
        return found

    def left_out(self, article: Article) -> frozenset[int]:
        """Numbers of the article's paragraphs that its outlet prints under many stories: shown, but in no passage."""
        with self.engine.begin() as connection:
            return lines_left_out(connection, article)

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

    def passage_numbers(self, filters: Filters, at_most: int | None = None) -> list[int]:
        """Numbers of all passages whose article passes the filters, rising; `at_most` so many, whichever they are."""
        chosen = filtered(select(schema.articles.c.number), filters)
        query = select(schema.passages.c.number).where(schema.passages.c.article.in_(chosen)).limit(at_most)
        with self.engine.begin() as connection:
            return sorted(connection.scalars(query).all())

    def passing(self, numbers: Sequence[int], filters: Filters) -> set[int]:
        """Those of these passages whose article passes the filters."""
        of, about, days = schema.passages, schema.articles, filters.days()
        # Not filtered by the database: SQLite would go through all articles of an outlet to find those of a few passages.
        query = select(of.c.number, about.c.source, about.c.day).join(about, about.c.number == of.c.article)
        with self.engine.begin() as connection:
            rows = [row for some in chunks(numbers) for row in connection.execute(query.where(of.c.number.in_(some)))]
        return {
            row.number
            for row in rows
            if (not filters.sources or row.source in filters.sources)
            and (days is None or days[0] <= row.day <= days[1])
        }

    def newest_passage(self) -> int:
        """The highest number of a passage; as they are never given again, there are not more passages than that."""
        with self.engine.begin() as connection:
            return connection.scalar(select(func.max(schema.passages.c.number))) or 0

    def holds_samples(self) -> bool:
        """Whether the sample archive is there."""
        with self.engine.begin() as connection:
            return holds_samples(connection)

    def outlets(self) -> list[str]:
        """The outlets that articles name as theirs, each once."""
        source = schema.articles.c.source
        with self.engine.begin() as connection:
            return [name for name in connection.scalars(select(source).distinct().order_by(source)) if name]

    def authors_named(self, name: str) -> list[str]:
        """The authors of this name, as articles write them, whatever the case; of a surname alone all who bear it."""
        authors = schema.articles.c.authors
        query = select(authors).where(cast(authors, Text).contains(_in_json(name), autoescape=True))
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
                cast(about.c.authors, Text).contains(_in_json(each, whole=True), autoescape=True) for each in authors
            )
            query = query.where(or_(*wrote))
        query = query.where(of.c.position == 0).order_by(about.c.day.desc(), about.c.number).limit(limit)
        with self.engine.begin() as connection:
            return list(connection.scalars(query))

    def copies(self, article_id: str, paragraph: int, as_of: date | None = None, quote: str = "") -> list[Copy]:
        """Other articles that hold the same paragraph (but for case and white space), oldest first; none after `as_of`.

        With a `quote`, also those of the same story that hold its words in another paragraph.
        """
        with self.engine.begin() as connection:
            return copies_of(connection, article_id, paragraph, as_of, quote)

    def duplicates(self, article_ids: Sequence[str]) -> int:
        """How many of these are of a story that an article stored before them tells."""
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
                under_embargo=held.count_held(connection),
                stories=count_stories(connection),
            )


# -------------------------------------------------------------------- private


def _row(connection: Connection, article_id: str) -> Row[Any]:
    """The row of the article that has or had this id. Raises ArticleNotFound."""
    query = select(schema.articles).where(schema.articles.c.id == article_id)
    row = connection.execute(query).first()
    if row is None and (known := names.first_id(connection, article_id)) is not None:
        row = connection.execute(select(schema.articles).where(schema.articles.c.id == known)).first()
    if row is None:
        raise ArticleNotFound(article_id)
    return row


def _is_sample(item: Article | Withdrawn) -> bool:
    return isinstance(item, Article) and item.sample


def _waits(article: Article, moment: datetime) -> bool:
    return isinstance(article, HeldArticle) and held.is_held(article, moment)


def _in_json(name: str, *, whole: bool = False) -> str:
    """A name as the column of authors holds it, with its quotes when `whole`."""
    return json.dumps(name) if whole else json.dumps(name)[1:-1]


def _check_file(file: Path, *, create: bool) -> None:
    """Raises DataFolderError when there is no archive and none is to be made."""
    no_folder = next((place for place in (file.parent, *file.parent.parents) if place.is_file()), None)
    if no_folder is not None:
        raise DataFolderError(f"{no_folder} is a file, not the folder of an archive. Name a folder with --data.")
    _check_not_lost(file)
    if not create and not file.exists():
        raise DataFolderError(
            f"There is no archive in {file.parent}. Put articles into it with `newsdesk ingest PATH --data "
            f"{file.parent}`, or name another folder with --data."
        )


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
