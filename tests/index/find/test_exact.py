"""The exact scan: every vector compared, whatever has changed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from index.find.exact import ExactScan, best_rows
from newsdesk.catalogue.catalogue import Catalogue
from newsdesk.catalogue.hashes import embedded_hash
from newsdesk.catalogue.upkeep.backup import back_up, restore
from newsdesk.catalogue.vectors import Matrix, Model, StoredVectors
from newsdesk.types import Filters
from tests.support import DIMENSION, article, made_up_vector, make_up_vectors, one_each

QUESTION = made_up_vector(b"question")


def expected(catalogue: Catalogue, vectors: StoredVectors, model: Model, limit: int) -> list[int]:
    """The nearest passages, from the catalogue and by plain arithmetic."""
    numbers, rows = vectors.load(model, catalogue.passage_numbers(Filters()))
    order = sorted(range(len(numbers)), key=lambda row: -float(rows[row] @ QUESTION))
    return [numbers[row] for row in order[:limit]]


def test_it_follows_the_catalogue(catalogue: Catalogue) -> None:
    """After additions, changes, removals and new vectors it finds what the catalogue holds, best first."""
    vectors = StoredVectors(catalogue)
    model = vectors.register("m", "m")
    scan = ExactScan(catalogue, vectors, model)
    assert scan.search(QUESTION, 5) == []

    def check() -> None:
        hits = scan.search(QUESTION, 5)
        assert [number for number, _ in hits] == expected(catalogue, vectors, model, 5)
        assert len(scan.search(QUESTION, 1_000)) == vectors.progress(model).done

    catalogue.put([article(str(n), f"Text {n}.", f"More {n}.") for n in range(20)], one_each)
    check()  # nothing has a vector yet
    make_up_vectors(catalogue, model)
    check()
    catalogue.put([article("3", "Changed.", "More 3.")], one_each)
    catalogue.remove(["5", "6"])
    check()
    make_up_vectors(catalogue, model)
    check()
    catalogue.remove([str(n) for n in range(20) if n not in (5, 6)])
    assert scan.search(QUESTION, 5) == []
    catalogue.put([article("again", "Text.")], one_each)
    make_up_vectors(catalogue, model)
    check()


def test_a_vector_that_was_there_already_is_found(catalogue: Catalogue) -> None:
    """A new passage with the words of another needs no vector made, so none is announced; it is found at once."""
    vectors = StoredVectors(catalogue)
    model = vectors.register("m", "m")
    catalogue.put([article("first", "The dam held.", title="Dam")], one_each)
    make_up_vectors(catalogue, model)
    scan = ExactScan(catalogue, vectors, model)
    assert [number for number, _ in scan.search(QUESTION, 5)] == [1]
    catalogue.put([article("agency", "The dam held.", title="Dam")], one_each)
    assert [number for number, _ in scan.search(QUESTION, 5)] == [1, 2]
    catalogue.put([article("first", "The dam held.", title="Dam", section="Region")], one_each)
    assert [number for number, _ in scan.search(QUESTION, 5)] == [1, 2], "of equals the first come first"


def test_another_history_is_read_from_its_beginning(catalogue: Catalogue, tmp_path: Path) -> None:
    """After a purge and after a restore it holds what the catalogue holds, though the log began anew."""
    vectors = StoredVectors(catalogue)
    model = vectors.register("m", "m")
    catalogue.put([article(str(n), f"Text {n}.") for n in range(10)], one_each)
    make_up_vectors(catalogue, model)
    scan = ExactScan(catalogue, vectors, model)
    assert len(scan.search(QUESTION, 100)) == 10

    catalogue.remove(["3"])
    catalogue.changes.begin_anew()
    assert [number for number, _ in scan.search(QUESTION, 100)] == expected(catalogue, vectors, model, 100)

    back_up(catalogue, tmp_path / "backup")
    catalogue.remove([str(n) for n in range(10) if n != 3])
    assert scan.search(QUESTION, 100) == []
    restore(tmp_path / "backup", catalogue.file, replace=True)
    hits = scan.search(QUESTION, 100)
    assert [number for number, _ in hits] == expected(catalogue, vectors, model, 100)
    assert len(hits) == 9


def test_the_score_is_the_cosine(catalogue: Catalogue) -> None:
    """1 for the text itself."""
    vectors = StoredVectors(catalogue)
    model = vectors.register("m", "m")
    catalogue.put([article("a", "One.", "Two.")], one_each)
    make_up_vectors(catalogue, model)
    key = embedded_hash(catalogue.embedded_texts([1])[0])
    [(number, score)] = ExactScan(catalogue, vectors, model).search(made_up_vector(key), 1)
    assert number == 1
    assert abs(score - 1) < 1e-6


@given(st.integers(0, 20), st.integers(-1, 25), st.randoms())
def test_the_best_rows_are_the_best(many: int, limit: int, random: object) -> None:
    """Never more than asked for, never one that is worse than one left out."""
    seed = random.randrange(2**32)  # type: ignore[attr-defined]  # a random.Random
    matrix: Matrix = np.random.default_rng(seed).normal(size=(many, DIMENSION)).astype(np.float32)
    hits = best_rows(matrix, range(100, 100 + many), QUESTION, limit)
    assert len(hits) == max(0, min(many, limit))
    left = {100 + row: float(matrix[row] @ QUESTION) for row in range(many)}
    kept = [left.pop(number) for number, _ in hits]
    assert kept == sorted(kept, reverse=True)
    assert all(score <= min(kept) + 1e-5 for score in left.values()) if kept else True


def test_what_is_allowed_is_all_that_is_found(catalogue: Catalogue) -> None:
    """Whatever block it lies in, and whether or not it is there."""
    vectors = StoredVectors(catalogue)
    model = vectors.register("m", "m")
    scan = ExactScan(catalogue, vectors, model)
    for some in range(3):
        catalogue.put([article(f"{some}/{n}", f"Words {some} {n}.") for n in range(10)], one_each)
        make_up_vectors(catalogue, model)
        scan.search(QUESTION, 1)
    numbers = catalogue.passage_numbers(Filters())
    allowed = [*numbers[::4], 10**6]
    found = [number for number, _ in scan.search(QUESTION, 100, allowed)]
    assert sorted(found) == numbers[::4]
    assert found == [number for number in expected(catalogue, vectors, model, 100) if number in allowed]
    assert scan.search(QUESTION, 0) == scan.search(QUESTION, 5, []) == []
