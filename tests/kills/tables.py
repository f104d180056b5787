"""What an archive that was killed is held against: what was acknowledged, itself, and an unharmed one."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random

from app.service.ownership import Ownership
from index.find.chroma import ChromaView
from index.find.keyword import FOLLOWED, KeywordIndex
from index.text.terms import terms
from newsdesk.catalogue.catalogue import Catalogue
from newsdesk.catalogue.vectors import StoredVectors
from newsdesk.types import Filters
from tests.kills.articles import EVERYWHERE, generated_article, mark
from tests.kills.ledger import Changes, stored_articles
from tests.support import ENOUGH

SAMPLED_VECTORS = 500


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the final table."""

    what: str
    expected: object
    found: object

    @property
    def good(self) -> bool:
        """Whether it is as it must be."""
        return self.expected == self.found


def watch_vectors(file: Path) -> None:
    """From now on the catalogue counts the vectors that are made, and those made for a text that had one.

    A vector in use goes only when another one for the same text takes its place.
    """
    with _sql(file) as connection:
        connection.executescript("""
            CREATE TABLE kills_watch (what TEXT NOT NULL);
            CREATE TRIGGER kills_made AFTER INSERT ON vectors BEGIN INSERT INTO kills_watch VALUES ('made'); END;
            CREATE TRIGGER kills_again BEFORE DELETE ON vectors
                WHEN EXISTS (SELECT 1 FROM passages WHERE embedded_hash = OLD.embedded_hash)
                BEGIN INSERT INTO kills_watch VALUES ('again'); END;
        """)


@contextmanager
def _sql(file: Path) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(file, timeout=60)
    try:
        yield connection
        connection.commit()
    finally:
        connection.close()


def count(file: Path, query: str) -> int:
    """The number that a query of the catalogue gives."""
    with _sql(file) as connection:
        return int(connection.execute(query).fetchone()[0])


def catalogue_rows(file: Path, wanted: Changes) -> list[Row]:
    """The catalogue is sound, and holds what was asked for last and nothing else."""
    catalogue = Catalogue(file, create=False)
    stored, double = stored_articles(catalogue)
    catalogue.close()
    with _sql(file) as connection:
        sound = [row[0] for row in connection.execute("PRAGMA integrity_check")]
        loose = connection.execute("PRAGMA foreign_key_check").fetchall()
    right = {id_: state for id_, state in wanted.items() if state is not None}
    return [
        Row("articles", len(right), len(stored)),
        Row("articles with the content asked for last", len(right), sum(stored.get(i) == a for i, a in right.items())),
        Row("articles stored twice", [], double),
        Row("integrity of the catalogue", ["ok"], sound),
        Row("rows without what they belong to", [], loose),
    ]


def vector_rows(file: Path) -> list[Row]:
    """A vector for each text and none besides; no text was embedded while it had one."""
    texts = count(file, "SELECT count(DISTINCT embedded_hash) FROM passages")
    used = "SELECT embedded_hash FROM passages"
    return [
        Row("vectors", texts, count(file, "SELECT count(*) FROM vectors")),
        Row(
            "vectors of no passage",
            0,
            count(file, f"SELECT count(*) FROM vectors WHERE embedded_hash NOT IN ({used})"),
        ),
        Row("texts embedded twice", 0, count(file, "SELECT count(*) FROM kills_watch WHERE what = 'again'")),
    ]


def view_rows(data: Path, wanted: Changes, editions: Mapping[int, int]) -> list[Row]:
    """Both views hold the catalogue's passages, each once, and find them."""
    catalogue = Catalogue(data / "catalogue.sqlite3", create=False)
    owner = Ownership(data)
    try:
        numbers = catalogue.passage_numbers(Filters())
        return [*keyword_rows(data, catalogue, numbers, wanted, editions), *chroma_rows(data, catalogue, numbers)]
    finally:
        owner.release()
        catalogue.close()


def keyword_rows(
    data: Path, catalogue: Catalogue, numbers: Sequence[int], wanted: Changes, editions: Mapping[int, int]
) -> list[Row]:
    """Every passage is found once, by its own mark too; no mark of an old edition finds anything."""
    keyword = KeywordIndex(data, catalogue)
    keyword.catch_up()
    hits = [number for number, _ in keyword.search(dict.fromkeys(terms(f"{EVERYWHERE} the of"), 1.0), ENOUGH)]
    about = catalogue.passages(numbers)
    right = present = stale = 0
    for number, newest in editions.items():
        for edition in range(newest + 1):
            [term] = terms(mark(number, edition))
            found = [about[hit].article.id for hit, _ in keyword.search({term: 1.0}, 10)]
            if wanted.get(f"kills/{number}") == generated_article(number, edition):
                present += 1
                right += found == [f"kills/{number}"]
            else:
                stale += len(found)
    return [
        Row("keyword view: passages found", list(numbers), sorted(hits)),
        Row("keyword view: marks that find their article, once", present, right),
        Row("keyword view: passages found by marks that are gone", 0, stale),
        Row("keyword view: stands at the last change", True, keyword.reached == catalogue.changes.last(FOLLOWED)),
    ]


def chroma_rows(data: Path, catalogue: Catalogue, numbers: Sequence[int]) -> list[Row]:
    """As many vectors as passages, and each finds itself."""
    vectors = StoredVectors(catalogue)
    model = vectors.active()
    assert model is not None
    view = ChromaView(data, catalogue, vectors, model)
    try:
        view.catch_up()
        some = Random(1).sample(list(numbers), min(SAMPLED_VECTORS, len(numbers)))
        kept, rows = vectors.load(model, some)
        itself = sum(number in [hit for hit, _ in view.search(row, 10)] for number, row in zip(kept, rows, strict=True))
        return [
            Row("Chroma view: vectors", len(numbers), len(view)),
            Row("Chroma view: stands at the last change", True, view.reached == catalogue.changes.last()),
            Row("Chroma view: vectors of a sample that find themselves", len(some), itself),
        ]
    finally:
        view.close()


def unharmed_rows(file: Path, unharmed: Path) -> list[Row]:
    """The ids are those of a folder that nothing happened to."""

    def ids(file: Path, table: str) -> list[str]:
        with _sql(file) as connection:
            return sorted(row[0] for row in connection.execute(f"SELECT id FROM {table}"))

    return [Row(f"ids of {table} as in the unharmed folder", ids(unharmed, table), ids(file, table))
            for table in ("articles", "passages")]  # fmt: skip
