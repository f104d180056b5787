"""Catalogues of earlier schemas: brought to the present one with everything they held, whatever happens meanwhile."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from index.find.keyword import KeywordIndex
from newsdesk.catalogue import schema
from newsdesk.catalogue.catalogue import Catalogue
from newsdesk.catalogue.changes import START, Position
from newsdesk.catalogue.database.migrating import HEAD, MIGRATIONS
from newsdesk.catalogue.hashes import text_hash
from newsdesk.catalogue.upkeep.soundness import check
from newsdesk.catalogue.vectors import Progress, StoredVectors
from newsdesk.types import Article, Filters, Rejected
from tests.support import ENOUGH, Process, article, day, one_each

FIXTURES = Path(__file__).parents[2] / "fixtures"
FIRST_TABLES = ("articles", "paragraphs", "passages", "versions", "models", "vectors", "rejects")
LATER_TABLES = {
    "feedback": "0003",
    "stories": "0005",
    "sketches": "0005",
    "names": "0006",
    "held": "0006",
    "kills": "0006",
    "fetched": "0007",
    "runs": "0008",
    "sources": "0008",
    "outlet_lines": "0009",
    "saved_questions": "0010",
    "saved_findings": "0010",
    "saved_progress": "0010",
    "keys": "0011",
    "shards": "0012",
    "placed": "0012",
    "shard_work": "0012",
    "shard_progress": "0012",
    "embedding_parts": "0013",
}
"""Table -> the first schema that has it."""
MANY = 400_000  # changes: enough for the migration to take long enough to be killed in the middle


def revisions() -> list[str]:
    """All there ever were, the newest first."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return [script.revision for script in ScriptDirectory.from_config(config).walk_revisions()]


EARLIER = revisions()[1:]


def rows(file: Path, query: str) -> list[Any]:
    """What the query finds, without any code of ours."""
    with closing(sqlite3.connect(file)) as connection:
        return connection.execute(query).fetchall()


def stored_as(revision: str, file: Path, *more: str) -> Path:
    """A catalogue as that schema left it, after `more` statements."""
    with closing(sqlite3.connect(file)) as connection:
        connection.executescript((FIXTURES / f"schema-{revision}.sql").read_text(encoding="utf-8"))
        connection.execute("PRAGMA journal_mode=WAL")
        for statement in more:
            connection.execute(statement)
        connection.commit()
    return file


@pytest.fixture
def large(tmp_path: Path) -> Path:
    """A catalogue of the first schema, with many changes."""
    multiply = (
        "INSERT INTO changes (passage) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n "
        f"WHERE i < {MANY}) SELECT i % 4 + 1 FROM n"
    )
    return stored_as("0001", tmp_path / "catalogue.sqlite3", multiply)


def test_head_is_the_last_migration() -> None:
    """There is one line of history, and the code is written for its end."""
    assert revisions()[0] == HEAD


@pytest.mark.parametrize("revision", EARLIER)
def test_every_earlier_schema_has_a_catalogue_here(revision: str, tmp_path: Path) -> None:
    """A dump in tests/fixtures, of that very schema, so that no migration goes untested: make one before each new one."""
    file = FIXTURES / f"schema-{revision}.sql"
    assert file.exists(), f"dump a catalogue of schema {revision} that holds something in every table to {file}"
    stored_as(revision, tmp_path / "catalogue.sqlite3")
    assert rows(tmp_path / "catalogue.sqlite3", "SELECT version_num FROM alembic_version") == [(revision,)]


@pytest.mark.parametrize("revision", EARLIER)
def test_an_earlier_catalogue_becomes_one_of_today(revision: str, tmp_path: Path) -> None:
    """Its schema is a fresh one's; its texts are as they were stored; the views follow it; it goes on being used."""
    file = stored_as(revision, tmp_path / "catalogue.sqlite3")
    tables = [*FIRST_TABLES, *(table for table, since in LATER_TABLES.items() if since <= revision)]
    before = {table: rows(file, f"SELECT * FROM {table}") for table in tables}
    columns = {table: len(before[table][0]) for table in tables}
    assert all(before.values()), "something in every table"

    catalogue = Catalogue(file)

    with catalogue.engine.begin() as connection:
        assert compare_metadata(MigrationContext.configure(connection), schema.metadata) == []
    for table in tables:
        assert [row[: columns[table]] for row in rows(file, f"SELECT * FROM {table}")] == before[table], table
    assert not check(catalogue).damaged
    view = KeywordIndex(tmp_path, catalogue)
    assert view.catch_up()
    assert view.search({"ferri": 1.0}, 5)
    last = max(catalogue.passage_numbers(Filters()))
    assert catalogue.put([article("new", "New text.")], one_each).outcomes == ["added"]
    assert max(catalogue.passage_numbers(Filters())) > last, "a number is never given again"
    assert view.catch_up()
    assert view.search({"new": 1.0}, 5)
    catalogue.close()


def test_everything_in_the_first_schema_is_still_there(tmp_path: Path) -> None:
    """Articles with text and version, passages by id and number, vectors, the model, rejects, changes."""
    catalogue = Catalogue(stored_as("0001", tmp_path / "catalogue.sqlite3"))
    ferry = Article(
        "ferry",
        "Ferry returns to Hallowby",
        (
            "The ferry to Hallowby sailed again on Monday after three weeks in dock.",
            "Its captain, Ada Merrow, said the new engine had done very well.",
        ),
        source="Harbour Gazette",
        authors=("Ada Quill",),
        published=day("2021-03-02"),
        url="https://gazette.example/ferry",
    )
    assert catalogue.article("ferry") == ferry
    assert catalogue.article("bridge/2").published is None
    passages = catalogue.passages([1, 2, 3, 4])
    assert {number: passage.id for number, passage in passages.items()} == {
        2: "bridge/2#57426cde54a384a4",
        4: "ferry#58cea4b9f26c9f81",
    }
    assert passages[4].text == "\n\n".join(ferry.paragraphs)
    vectors = StoredVectors(catalogue)
    model = vectors.active()
    assert model is not None
    assert model.key == "made-up@1"
    assert vectors.progress(model) == Progress(1, 2)
    assert vectors.load(model, [2, 4])[0] == [2]
    assert catalogue.rejects.newest(5) == [Rejected("inbox/empty.txt", "", "is empty")]
    assert text_hash(ferry.paragraphs[0]) in [
        row[0] for row in rows(catalogue.file, "SELECT text_hash FROM paragraphs")
    ]
    position, changed = catalogue.changes.after(START, ENOUGH) or (START, [])
    assert position == catalogue.changes.last()
    assert set(changed) == {1, 2, 3, 4}
    assert len({mark for (mark,) in rows(catalogue.file, "SELECT mark FROM changes")}) == 9, "no mark is another's"
    catalogue.close()


def test_changes_of_before_concern_every_view(tmp_path: Path) -> None:
    """What they were nobody knows, so they count as changes of the text; a view that stands on one still does."""
    file = stored_as("0003", tmp_path / "catalogue.sqlite3")
    before = rows(file, "SELECT sequence, passage, mark FROM changes ORDER BY sequence")
    catalogue = Catalogue(file)
    assert rows(file, "SELECT sequence, passage, mark FROM changes ORDER BY sequence") == before
    assert {what for (what,) in rows(file, "SELECT what FROM changes")} == {"text"}
    for place, (sequence, _, mark) in enumerate(before):
        told = catalogue.changes.after(Position(sequence, mark), ENOUGH, ("text",))
        assert told is not None
        assert set(told[1]) == {passage for _, passage, _ in before[place + 1 :]}
    catalogue.remove(["ferry"])
    assert catalogue.changes.after(catalogue.changes.last(("text",)), ENOUGH) == (catalogue.changes.last(), [4])
    catalogue.close()


def test_feedback_of_the_third_schema_is_still_there(tmp_path: Path) -> None:
    """With what it quotes, and the article it quotes from."""
    catalogue = Catalogue(stored_as("0003", tmp_path / "catalogue.sqlite3"))
    [stored] = catalogue.feedback.every()
    assert stored.feedback.question == "When does the old bridge open?"
    [quoted] = stored.feedback.citations
    assert catalogue.article(quoted.article_id).paragraphs[quoted.paragraph][quoted.start : quoted.end] == quoted.quote
    catalogue.close()


OPEN = """
import sys
from pathlib import Path
from newsdesk.catalogue.catalogue import Catalogue
print("opening", flush=True)
print(Catalogue(sys.argv[1]).counts().articles, flush=True)
"""


@pytest.mark.parametrize("share", [0.0, 0.3, 0.8])
def test_a_killed_migration_leaves_a_catalogue_that_opens(large: Path, share: float) -> None:
    """kill -9 while the rows of an earlier schema are being changed: the next one finds them all."""
    journal = large.with_name(f"{large.name}-wal")
    whole = large.stat().st_size
    with Process(OPEN, large) as migrating:
        migrating.line()
        end = time.monotonic() + 60
        while not journal.exists() or journal.stat().st_size <= share * whole:  # what is changed goes here first
            assert time.monotonic() < end
            assert not migrating.ended()
        migrating.kill()
    assert rows(large, "SELECT version_num FROM alembic_version") == [("0001",)], "killed before it was done"
    catalogue = Catalogue(large)
    assert not check(catalogue).damaged
    assert catalogue.changes.last().sequence == MANY + 9
    catalogue.close()
    assert rows(large, "SELECT count(*), count(DISTINCT mark) FROM changes") == [(MANY + 9, MANY + 9)]


def test_two_may_migrate_at_once(large: Path) -> None:
    """One does it, the other waits and finds it done."""
    with Process(OPEN, large) as one, Process(OPEN, large) as other:
        for process in (one, other):
            assert process.line() == "opening"
            assert process.line() == "2"
            process.finish()
    assert rows(large, "SELECT version_num FROM alembic_version") == [(HEAD,)]
