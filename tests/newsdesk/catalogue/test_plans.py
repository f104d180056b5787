"""What is done at every article or question finds its rows by an index, however large the archive is."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import event

from newsdesk.catalogue.catalogue import Catalogue
from newsdesk.catalogue.changes import START
from newsdesk.catalogue.vectors import StoredVectors
from newsdesk.types import Filters
from tests.support import article, day, make_up_vectors, one_each

LARGE = ("articles", "paragraphs", "passages", "vectors", "changes", "stories", "sketches", "versions", "placed")
"""Tables that grow with the archive."""


@pytest.fixture
def catalogue(file_catalogue: Catalogue) -> Catalogue:
    """In SQLite, which chooses its plans by rule; PostgreSQL chooses them by what it has counted."""
    return file_catalogue


def _new(catalogue: Catalogue) -> None:
    catalogue.put([article("bridge", "The bridge opened.", published=day("2020-03-01"))], one_each)


def _changed(catalogue: Catalogue) -> None:
    catalogue.put([article("quay", "The quay is closed.", published=day("2020-03-01"))], one_each)


def _removed(catalogue: Catalogue) -> None:
    catalogue.remove(["quay"], one_each)


def _vectors_made(catalogue: Catalogue) -> None:
    vectors = StoredVectors(catalogue)
    model = vectors.register("m@1", "m")
    vectors.take_over(model, [1, 2])
    vectors.load(model, [1, 2])
    vectors.add(model, {b"0" * 16: vectors.load(model, [1])[1][0]})


def _found(catalogue: Catalogue) -> None:
    catalogue.passages([1, 2])
    catalogue.passing([1, 2], Filters(sources=("Gazette",), as_of=day("2021-01-01")))
    catalogue.article("quay")
    catalogue.newest_day()
    catalogue.newest_passage()
    catalogue.changes.last()
    catalogue.changes.after(START, 10)
    catalogue.copies("quay", 0)


@pytest.mark.parametrize("step", [_new, _changed, _removed, _vectors_made, _found])
def test_no_table_that_grows_is_read_through(catalogue: Catalogue, step: Callable[[Catalogue], None]) -> None:
    """Not for a new article, a new version, a removal, a batch of vectors, or what a question finds."""
    catalogue.put(
        [article("quay", "The quay is old.", "It leaks.", published=day("2020-01-01")), article("ferry", "It sails.")],
        one_each,
    )
    make_up_vectors(catalogue, StoredVectors(catalogue).register("m@1", "m"))
    said: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, many: bool) -> None:
        if statement.startswith(("SELECT", "UPDATE", "DELETE")):
            said.append((statement, parameters[0] if many else parameters))

    event.listen(catalogue.engine, "before_cursor_execute", note)
    step(catalogue)
    event.remove(catalogue.engine, "before_cursor_execute", note)
    assert said
    scans = [
        f"{name}: {statement}" for statement, parameters in said for name in scanned(catalogue, statement, parameters)
    ]
    assert scans == []


def scanned(catalogue: Catalogue, statement: str, parameters: Any) -> list[str]:
    """Tables that grow, which SQLite would read from end to end for the statement."""
    with catalogue.engine.connect() as connection:
        plan = [str(row[3]) for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)]
    if "LIMIT" in statement or re.search(r"SELECT (max|min)\(", statement):
        return []  # it stops at the first rows of an index
    return [name for name in LARGE for step in plan if re.match(rf"SCAN {name}\b", step)]
