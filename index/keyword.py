"""The keyword view: a tantivy index of all passages, ranked by BM25.

It holds passage numbers and terms, not text, and one more document that says which change of the
catalogue it has reached; that document is replaced in the same commit as the passages it vouches for, so
a killed writer leaves a view that knows exactly where it stands.
"""

from __future__ import annotations

import logging
import math
import shutil
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

from tantivy import Document, FieldType, Index, IndexWriter, Occur, Query, Schema, SchemaBuilder

from index.terms import ANALYSER, analyser
from newsdesk.catalogue import Catalogue, StoredPassage
from newsdesk.types import Filters

logger = logging.getLogger("newsdesk.index")

FOLDER = "keyword-1"
"""Name of the view's folder; the number rises when the fields or the analyser change, which makes it afresh."""

_BATCH = 5_000  # changes a commit; 5,000 passages take 0.3 s
_WRITER_MEMORY = 64_000_000  # bytes
_REACHED = 0  # passage number of the document that holds the sequence number; real ones start at 1


class KeywordIndex:
    """Searches passages by their words. One process at a time writes, whoever gets tantivy's lock; all read."""

    def __init__(self, data: Path, catalogue: Catalogue) -> None:
        self._folder = data / FOLDER
        self._catalogue = catalogue
        self._schema = _schema()
        self._writing = threading.Lock()
        self._index = self._open()

    def _open(self) -> Index:
        self._folder.mkdir(parents=True, exist_ok=True)
        try:
            index = Index(self._schema, str(self._folder), reuse=True)
        except ValueError as error:
            logger.warning("The keyword index in %s cannot be read (%s); it is made again.", self._folder, error)
            shutil.rmtree(self._folder)
            self._folder.mkdir(parents=True)
            index = Index(self._schema, str(self._folder), reuse=True)
        index.register_tokenizer(ANALYSER, analyser())
        return index

    @property
    def reached(self) -> int:
        """Sequence number of the last change that the view holds."""
        self._index.reload()
        searcher = self._index.searcher()
        hits = searcher.search(Query.term_query(self._schema, "number", _REACHED), 1).hits
        return int(searcher.doc(hits[0][1])["reached"][0]) if hits else 0

    def catch_up(self) -> bool:
        """Follows the change log to its end; False when another process is at it (and so will do it)."""
        with self._writing:
            reached, last = self.reached, self._catalogue.last_change()
            if reached == last:
                return True
            try:
                writer = self._index.writer(_WRITER_MEMORY, num_threads=1)
            except ValueError as error:
                if "lock" not in str(error).lower():
                    raise
                return False
            if reached > last:
                logger.warning("The keyword index in %s is of another catalogue; it is made again.", self._folder)
                writer.delete_all_documents()
                writer.commit()
                self._index.reload()
            self._follow(writer)
            writer.wait_merging_threads()
            self._index.reload()
            return True

    def _follow(self, writer: IndexWriter) -> None:
        reached = self.reached
        while True:
            sequence, numbers = self._catalogue.changes_after(reached, _BATCH)
            if sequence == reached:
                return
            found = self._catalogue.passages(numbers)
            # By query: tantivy-py 0.27 silently deletes nothing when asked by the term of a numeric field.
            writer.delete_documents_by_query(Query.term_set_query(self._schema, "number", [_REACHED, *numbers]))
            for passage in found.values():
                writer.add_document(self._document(passage))
            writer.add_document(Document.from_dict({"number": _REACHED, "reached": sequence}, self._schema))
            writer.commit()
            reached = sequence

    def _document(self, passage: StoredPassage) -> Document:
        about = passage.article
        fields = {
            "number": passage.number,
            "text": f"{about.title}\n{passage.text}",
            "day": about.published.toordinal() if about.published else 0,
            "source": about.source,
        }
        return Document.from_dict(fields, self._schema)  # with the schema, or whole numbers lose their type

    def search(
        self, weights: Mapping[str, float], limit: int, filters: Filters | None = None
    ) -> list[tuple[int, float]]:
        """The best passages by BM25 over weighted terms (see index.terms), best first: (passage number, score)."""
        if not weights or limit < 1:
            return []
        clauses = [
            (Occur.Should, Query.boost_query(Query.term_query(self._schema, "text", term), weight))
            for term, weight in weights.items()
        ]
        query = Query.boolean_query([(Occur.Must, Query.boolean_query(clauses)), *self._conditions(filters)])
        searcher = self._index.searcher()
        hits = searcher.search(query, limit, count=False).hits
        numbers = searcher.fast_field_values("number", [address for _, address in hits])
        return [(int(number or 0), float(score)) for (score, _), number in zip(hits, numbers, strict=True)]

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
        searcher = self._index.searcher()
        total = searcher.num_docs
        rarity = {}
        for term in terms:
            having = min(searcher.doc_freq("text", term), total)
            rarity[term] = math.log(1 + (total - having + 0.5) / (having + 0.5))
        return rarity


def discard(data: Path) -> None:
    """Throws the view away; opening it again makes it afresh."""
    shutil.rmtree(data / FOLDER, ignore_errors=True)


def _schema() -> Schema:
    builder = SchemaBuilder()
    builder.add_unsigned_field("number", indexed=True, fast=True)
    builder.add_text_field("text", tokenizer_name=ANALYSER, index_option="freq")
    builder.add_unsigned_field("day", indexed=True, fast=True)
    builder.add_text_field("source", tokenizer_name="raw", index_option="basic")
    builder.add_unsigned_field("reached", stored=True)
    return builder.build()
