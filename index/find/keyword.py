"""The keyword view: a tantivy index of all passages, ranked by BM25.

It holds passage numbers and terms, not text. One document of each commit also says which change of the catalogue
the view has reached with it, so a killed writer leaves a view that knows exactly where it stands. (One document for
that alone would have to be replaced with every commit, and tantivy's BM25 goes on counting what was deleted.) Changes
of vectors are none of its business: it stands on the last change of words. Its files are checked when it is opened
(index.find.keyword_files); a torn one is made again.
"""

from __future__ import annotations

import errno
import logging
import math
import re
import shutil
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout
from tantivy import (
    DocAddress,
    Document,
    FieldType,
    Index,
    IndexWriter,
    Occur,
    Order,
    Query,
    Schema,
    SchemaBuilder,
    Searcher,
)  # fmt: skip

from index.find import keyword_files
from index.text.terms import ANALYSER, analyser, other_spellings, parted
from newsdesk.catalogue.catalogue import Catalogue
from newsdesk.catalogue.changes import START, Position, What
from newsdesk.catalogue.rows import StoredPassage
from newsdesk.errors import DataFolderError, DiskFull
from newsdesk.types import Filters

logger = logging.getLogger("newsdesk.index")

FOLDER = "keyword-4"
"""Name of the view's folder; the number rises when the fields or the analyser change, which makes it afresh."""

FOLLOWED: tuple[What, ...] = ("text", "gone")
"""The changes that concern words; a vector that came or went does not."""

_BATCH = 5_000  # changes a commit; 5,000 passages take 0.3 s
_WRITER_MEMORY = 64_000_000  # bytes
_NOBODY = 0  # passage number of a document that holds a position alone; real ones start at 1
_NOT_THE_FILES = re.compile(r"\b(?:os error|code:) (?:13|23|24|28|30)\b")
"""Linux says that there is no permission, no more open files, no room, or no writing: nothing that deleting would cure."""
_FUZZY_FROM = 5  # letters: of shorter words nearly every other is one letter away
_FUZZY_WEIGHT = 0.5  # against the term itself, if it were there
_LOCK = "keyword.lock"
_PATIENCE = 10  # seconds that opening waits for a writer to finish, before it trusts it


class KeywordIndex:
    """Searches passages by their words. One process at a time writes, whoever gets tantivy's lock; all read."""

    def __init__(self, data: Path, catalogue: Catalogue) -> None:
        self._folder = data / FOLDER
        self._catalogue = catalogue
        self._schema = _schema()
        self._writing = threading.Lock()
        self._lock = FileLock(data / _LOCK, thread_local=False)  # one process at a time writes or heals
        self._suspect, self._panic = False, ""
        self._index = self._open()

    def _open(self) -> Index:
        """Opens the files, made again if they are torn. Raises DataFolderError and its kinds."""
        with _translated(self._folder):
            self._folder.mkdir(parents=True, exist_ok=True)
            try:
                with self._lock.acquire(timeout=_PATIENCE):
                    for older in set(self._folder.parent.glob("keyword-*")) - {self._folder}:
                        shutil.rmtree(older)
                    self._heal()
                    index = self._index_of_folder()
                    keyword_files.seal(self._folder)
                    return index
            except Timeout:  # somebody who checked the files himself is writing a lot
                return self._opened()

    def _heal(self, fault: str = "") -> None:
        """Empties the folder if its files, or what happened, give reason to; clears up after a killed writer."""
        fault = fault or keyword_files.fault(self._folder)
        if fault:
            logger.warning("The keyword index in %s is damaged (%s); it is made again.", self._folder, fault)
            _empty(self._folder)
        elif not keyword_files.sealed(self._folder):
            keyword_files.delete_strays(self._folder)

    def _index_of_folder(self) -> Index:
        """Opens the files, emptied if tantivy cannot read them. For whoever holds the lock."""
        try:
            return self._opened()
        except ValueError as error:
            if _NOT_THE_FILES.search(str(error)):
                raise
            logger.warning("The keyword index in %s cannot be read (%s); it is made again.", self._folder, error)
            _empty(self._folder)
            return self._opened()

    def _opened(self) -> Index:
        index = Index(self._schema, str(self._folder), reuse=True)
        index.register_tokenizer(ANALYSER, analyser())
        return index

    @property
    def reached(self) -> Position:
        """The last change that the view holds, of those that it follows."""
        self._index.reload()
        searcher = self._index.searcher()
        hits = searcher.search(Query.term_query(self._schema, "vouches", True), 1, order_by_field="reached").hits
        if not hits:
            return START
        stored = searcher.doc(hits[0][1])
        return Position(int(stored["reached"][0]), int(stored["mark"][0]))

    def standing(self) -> Position:
        """The same while it is searched: a fault of the files is noted, and they are looked at again. Raises DataFolderError."""
        with self._watched():
            return self.reached

    def catch_up(self, keep_going: Callable[[], bool] = lambda: True, *, begun_anew: bool = False) -> bool:
        """Follows the change log to where it ends now, or as long as `keep_going()` holds.

        What others add meanwhile is left for the next time: a long ingest must not keep a question waiting. With
        `begun_anew` the caller has just made the log begin anew, as a purge does, so nobody is warned that it did.

        False when it was stopped, or when another process is at it (and so will do it). Raises DiskFull and other
        DataFolderErrors; what was committed before stays.
        """
        with self._writing, _translated(self._folder):
            if self._is_up_to_date():
                return True
            try:
                with self._lock.acquire(timeout=0):
                    return self._write(keep_going, begun_anew)
            except Timeout:
                return False

    def _is_up_to_date(self) -> bool:
        last = self._catalogue.changes.last(FOLLOWED)
        try:
            return self.standing() == last and not self._suspect
        except DataFolderError as error:
            logger.warning("%s", error)
            return False  # now suspect

    def _write(self, keep_going: Callable[[], bool], begun_anew: bool) -> bool:
        if self._suspect or not keyword_files.sealed(self._folder):  # a search failed, or another process was killed
            self._heal(self._panic)
        self._suspect, self._panic = False, ""
        try:
            return self._write_once(keep_going, begun_anew)
        except ValueError as error:
            if _NOT_THE_FILES.search(str(error)):
                raise
            self._heal(f"writing failed: {error}")
            return self._write_once(keep_going, begun_anew)

    def _write_once(self, keep_going: Callable[[], bool], begun_anew: bool) -> bool:
        self._index = self._index_of_folder()
        keyword_files.break_seal(self._folder)
        writer = self._index.writer(_WRITER_MEMORY, num_threads=1)
        try:
            done = self._follow(writer, keep_going, begun_anew)
        except BaseException:
            with suppress(ValueError):  # the first error says more
                writer.wait_merging_threads()  # gives tantivy's own lock back
            raise
        writer.wait_merging_threads()
        keyword_files.seal(self._folder)
        self._index.reload()
        return done

    def _follow(self, writer: IndexWriter, keep_going: Callable[[], bool], begun_anew: bool) -> bool:
        reached, last = self.reached, self._catalogue.changes.last(FOLLOWED)
        anew = False
        while keep_going():
            changes = self._catalogue.changes.after(reached, _BATCH, FOLLOWED)
            if changes is None:
                logger.log(
                    logging.INFO if begun_anew else logging.WARNING,
                    "The keyword index in %s stands on a change that the catalogue does not have, as after a restore, a "
                    "purge, or when catalogue.sqlite3-wal is lost; it is made again.", self._folder,
                )  # fmt: skip
                writer.delete_all_documents()
                reached, anew = START, True
                continue
            position, numbers = changes
            if position == reached and not anew:
                return True
            self._put(writer, numbers, position)
            reached = position
            complete = reached.sequence >= last.sequence
            if complete or not anew:  # until it is whole again, a service goes on answering from what was there
                writer.commit()
            if complete:
                if anew:
                    writer.garbage_collect_files()
                return True
        return False

    def _put(self, writer: IndexWriter, numbers: Sequence[int], position: Position) -> None:
        """Makes these passages as the catalogue says now, and the view reach that change."""
        # By query: tantivy-py 0.27 silently deletes nothing when asked by the term of a numeric field.
        writer.delete_documents_by_query(Query.term_set_query(self._schema, "number", [_NOBODY, *numbers]))
        documents = [_fields(passage) for passage in self._catalogue.passages(numbers).values()]
        documents = documents or [{"number": _NOBODY}]  # all of them are gone
        documents[-1] |= {"vouches": True, "reached": position.sequence, "mark": position.mark}
        for fields in documents:  # with the schema, or whole numbers lose their type
            writer.add_document(Document.from_dict(fields, self._schema))

    def search(
        self, weights: Mapping[str, float], limit: int, filters: Filters | None = None, *, near: bool = False
    ) -> list[tuple[int, float]]:
        """The best passages by BM25 over weighted terms (see index.text.terms), best first: (passage number, score).

        Of equal scores the lower number comes first. With `near`, a term that stands nowhere finds those one letter
        away.
        """
        if not weights or limit < 1:
            return []
        with self._watched():
            searcher = self._index.searcher()
            clauses = [
                (Occur.Should, self._clause(searcher, term, weight, near=near)) for term, weight in weights.items()
            ]
            query = Query.boolean_query([(Occur.Must, Query.boolean_query(clauses)), *self._conditions(filters)])
            hits = _with_ties(searcher, query, limit)
            numbers = searcher.fast_field_values("number", [address for _, address in hits])
        found = [(int(number or 0), score) for (score, _), number in zip(hits, numbers, strict=True)]
        return sorted(found, key=lambda hit: (-hit[1], hit[0]))[:limit]

    def holding(
        self, words: Sequence[str], limit: int, filters: Filters | None = None, *, newest_first: bool = False
    ) -> list[tuple[int, float]]:
        """The passages that hold every one of these terms: (passage number, score), the best first, or the newest."""
        if not words or limit < 1:
            return []
        with self._watched():
            searcher = self._index.searcher()
            clauses = [(Occur.Must, Query.term_query(self._schema, "text", word)) for word in words]
            query = Query.boolean_query([*clauses, *self._conditions(filters)])
            if newest_first:
                found = searcher.search(query, limit, count=False, order_by_field="day", order=Order.Desc).hits
                hits = [(0.0, address) for _, address in found]
            else:
                hits = _with_ties(searcher, query, limit)
            numbers = searcher.fast_field_values("number", [address for _, address in hits])
        numbered = [(int(number or 0), score) for (score, _), number in zip(hits, numbers, strict=True)]
        return numbered if newest_first else sorted(numbered, key=lambda hit: (-hit[1], hit[0]))[:limit]

    def _clause(self, searcher: Searcher, term: str, weight: float, *, near: bool) -> Query:
        """The term, or terms near it when it stands nowhere: a slip of the pen must not find nothing."""
        if not near or not _has_near_terms(term) or searcher.doc_freq("text", term):
            return Query.boost_query(Query.term_query(self._schema, "text", term), weight)
        others = Query.fuzzy_term_query(self._schema, "text", term, distance=1)
        # Scored 1 whatever it matches, where a rare term's BM25 score is about the logarithm of the archive's size.
        return Query.boost_query(others, weight * _FUZZY_WEIGHT * math.log(2 + searcher.num_docs))

    def holds(self, term: str, *, near: bool = False) -> bool:
        """Whether the term, or with `near` one that is a letter away, stands in any passage."""
        with self._watched():
            searcher = self._index.searcher()
            if searcher.doc_freq("text", term) > 0:
                return True
            if not near or not _has_near_terms(term):
                return False
            return bool(searcher.search(Query.fuzzy_term_query(self._schema, "text", term, distance=1), 1).hits)

    @contextmanager
    def _watched(self) -> Iterator[None]:
        """After a search that failed the files are looked at again; after a panic they are made again whatever they are."""
        try:
            with _translated(self._folder):
                yield
        except DataFolderError as error:
            self._suspect = True
            if _is_panic(error.__cause__):
                self._panic = "a search ended in a panic"
            raise

    def _conditions(self, filters: Filters | None) -> list[tuple[Occur, Query]]:
        """Filters as clauses that add nothing to the score."""
        found = []
        if filters and filters.sources:
            found.append(Query.term_set_query(self._schema, "source", list(filters.sources)))
        days = filters.days() if filters else None
        if days is not None:
            found.append(Query.range_query(self._schema, "day", FieldType.Unsigned, days[0], days[1]))
        return [(Occur.Must, Query.const_score_query(query, 0.0)) for query in found]

    def inverse_document_frequency(self, terms: Sequence[str]) -> dict[str, float]:
        """How rare each term is: ln(1 + (N - n + 0.5) / (n + 0.5)), as in BM25; 0 < value."""
        rarity = {}
        with self._watched():
            searcher = self._index.searcher()
            total = searcher.num_docs
            frequency = {term: min(searcher.doc_freq("text", term), total) for term in terms}
        for term, having in frequency.items():
            rarity[term] = math.log(1 + (total - having + 0.5) / (having + 0.5))
        return rarity


def _fields(passage: StoredPassage) -> dict[str, int | str | bool]:
    """What the index is told of a passage."""
    about = passage.article
    text = parted(f"{about.title}\n{passage.text}")
    if others := other_spellings(text, about.language):
        text += f"\n{others}"
    return {
        "number": passage.number,
        "text": text,
        "day": about.published.toordinal() if about.published else 0,
        "source": about.source,
    }


def _with_ties(searcher: Searcher, query: Query, limit: int) -> list[tuple[float, DocAddress]]:
    """The best `limit` hits, and all that score as the last of these: which of them tantivy meets first is chance."""
    wanted = limit
    while True:
        wanted *= 2
        hits = searcher.search(query, wanted, count=False).hits
        if len(hits) < wanted or hits[-1][0] < hits[limit - 1][0]:
            return [(float(score), address) for score, address in hits]


def _has_near_terms(term: str) -> bool:
    """Letters alone, and not too few: a number or a code that is one digit off is another one."""
    return len(term) >= _FUZZY_FROM and term.isalpha()


def discard(data: Path) -> None:
    """Throws the view away; opening it again makes it afresh. Waits for a writer; raises DataFolderError."""
    folder = data / FOLDER
    if folder.exists():
        with _translated(folder), FileLock(data / _LOCK):
            _empty(folder)


def _empty(folder: Path) -> None:
    """Deletes all that is in the folder, not the folder: another process may have it open."""
    for file in folder.iterdir():
        shutil.rmtree(file) if file.is_dir() and not file.is_symlink() else file.unlink()


def _is_panic(error: BaseException | None) -> bool:
    return type(error).__name__ == "PanicException"  # pyo3's, which is no Exception


@contextmanager
def _translated(folder: Path) -> Iterator[None]:
    """Turns tantivy's errors, its panics among them, and the system's into ours."""
    try:
        yield
    except (ValueError, OSError) as error:
        if re.search(r"(?:os error|code:) 28\b", str(error)) or getattr(error, "errno", None) == errno.ENOSPC:
            raise DiskFull(
                f"There is no room left on the disk for the keyword index in {folder}. The articles are stored; make "
                "room, and the index goes on by itself or with `newsdesk rebuild`."
            ) from error
        if getattr(error, "errno", None) in (errno.EROFS, errno.EACCES, errno.EPERM):
            raise DataFolderError(
                f"The keyword index in {folder} cannot be written to: {error}. Give this user the right to write to the "
                "data folder, or choose another with --data."
            ) from error
        raise DataFolderError(
            f"The keyword index in {folder} failed: {error}. `newsdesk rebuild` makes it again."
        ) from error
    except BaseException as error:
        if not _is_panic(error):
            raise
        raise DataFolderError(
            f"The keyword index in {folder} failed: {error}. `newsdesk rebuild` makes it again."
        ) from error


def _schema() -> Schema:
    builder = SchemaBuilder()
    builder.add_unsigned_field("number", indexed=True, fast=True)
    builder.add_text_field("text", tokenizer_name=ANALYSER, index_option="freq")
    builder.add_unsigned_field("day", indexed=True, fast=True)
    builder.add_text_field("source", tokenizer_name="raw", index_option="basic")
    builder.add_boolean_field("vouches", indexed=True)
    builder.add_unsigned_field("reached", stored=True, fast=True)
    builder.add_unsigned_field("mark", stored=True)
    return builder.build()
