"""Search by meaning: from whichever view is ready, with whichever model is active."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from index.embed.missing import embed_missing
from index.find.dense import DenseSearch
from newsdesk.catalogue.catalogue import Catalogue
from newsdesk.catalogue.upkeep.backup import back_up, restore
from newsdesk.catalogue.vectors import Progress
from newsdesk.errors import ModelError
from newsdesk.types import Filters
from tests.support import article, day, one_each

EVERYTHING = Filters()


@pytest.fixture
def dense(catalogue: Catalogue, tmp_path: Path) -> Iterator[DenseSearch]:
    """Over 60 articles, without vectors yet."""
    catalogue.put(
        [
            article(f"{n}", f"Story {n} of jets.", published=day(f"2017-01-{n % 28 + 1:02}"), source="AB"[n % 2])
            for n in range(60)
        ],
        one_each,
    )
    search = DenseSearch(tmp_path, catalogue)
    yield search
    search.close()


def find(dense: DenseSearch, filters: Filters = EVERYTHING, limit: int = 10) -> list[int]:
    """The nearest passages to a question."""
    vector = dense.encode_question("Story 7 of jets.")
    assert vector is not None
    hits = dense.search(vector, limit, filters)
    assert [score for _, score in hits] == sorted((score for _, score in hits), reverse=True)
    return [number for number, _ in hits]


def test_without_vectors_it_finds_nothing_and_does_not_fail(dense: DenseSearch) -> None:
    """Keyword search goes on alone; nothing is loaded before there is something to search."""
    assert not dense.load()
    assert not dense.ready
    assert dense.view == "none"
    assert dense.encode_question("Anything?") is None
    assert dense.encode(["Anything."]) is None
    dense.follow_with_chroma(threading.Event())
    assert dense.view == "none"


def test_chroma_takes_over_from_the_exact_scan(
    dense: DenseSearch, catalogue: Catalogue, tiny_models: list[str]
) -> None:
    """Both find the same; the scan serves until Chroma has caught up, and again never."""
    embed_missing(catalogue, tiny_models[0])
    assert dense.load()
    assert dense.view == "exact"
    exact = find(dense)
    assert len(exact) == 10

    stop = threading.Event()
    stop.set()
    dense.follow_with_chroma(stop)
    assert dense.view == "exact", "a rebuild that was stopped does not serve"
    assert find(dense) == exact

    dense.follow_with_chroma(threading.Event())
    assert dense.view == "chroma"
    assert find(dense) == exact

    catalogue.put([article("new", "Story 7 of jets.", title="Other")], one_each)
    embed_missing(catalogue, tiny_models[0])
    dense.follow_with_chroma(threading.Event())
    assert max(catalogue.passage_numbers(EVERYTHING)) in find(dense, limit=61)


@pytest.mark.parametrize("with_chroma", [False, True])
def test_filters_hold(dense: DenseSearch, catalogue: Catalogue, tiny_models: list[str], with_chroma: bool) -> None:
    """Whatever view serves, nothing outside the filters is found, and all that is inside can be."""
    embed_missing(catalogue, tiny_models[0])
    dense.load()
    if with_chroma:
        dense.follow_with_chroma(threading.Event())
    for filters in (
        Filters(("A",)),
        Filters(published_from=day("2017-01-05"), published_to=day("2017-01-06")),
        Filters(("B",), as_of=day("2017-01-10")),
    ):
        allowed = catalogue.passage_numbers(filters)
        assert sorted(find(dense, filters, limit=1_000)) == allowed
    assert find(dense, Filters(("Nobody",))) == []


def test_what_an_outlet_printed_is_always_that_of_now(
    dense: DenseSearch, catalogue: Catalogue, tiny_models: list[str]
) -> None:
    """An outlet that is asked about again is found as it is, though its passages are listed once while nothing changes."""
    embed_missing(catalogue, tiny_models[0])
    dense.load()
    of_a = Filters(("A",))
    before = find(dense, of_a, limit=1_000)
    assert find(dense, of_a, limit=1_000) == before
    catalogue.remove(["2"])
    catalogue.put(
        [article("fresh", "A pier was sold.", source="A"), article("4", "Story 4 of jets.", source="C")], one_each
    )
    embed_missing(catalogue, tiny_models[0])
    after = find(dense, of_a, limit=1_000)
    assert sorted(after) == catalogue.passage_numbers(of_a)
    assert sorted(after) != sorted(before)
    assert len(find(dense, Filters(("C",)))) == 1


def test_filters_that_most_pass_change_nothing_in_a_large_archive(
    dense: DenseSearch, catalogue: Catalogue, tiny_models: list[str], tmp_path: Path
) -> None:
    """There the best of all are looked through first; what is found is what it is in a small one."""
    embed_missing(catalogue, tiny_models[0])
    large = DenseSearch(tmp_path, catalogue, large=10)
    assert dense.load()
    assert large.load()
    for filters in (Filters(as_of=day("2017-01-24")), Filters(("A",)), Filters(published_to=day("2017-01-02"))):
        for limit in (3, 10, 1_000):
            assert find(large, filters, limit) == find(dense, filters, limit)
    large.close()


def test_another_active_model_is_taken_up(dense: DenseSearch, catalogue: Catalogue, tiny_models: list[str]) -> None:
    """Once its vectors are complete the next `load` changes over, and Chroma is made again for it."""
    embed_missing(catalogue, tiny_models[0])
    dense.load()
    dense.follow_with_chroma(threading.Event())
    before = dense.encode_question("Story?")

    embed_missing(catalogue, tiny_models[1])
    assert dense.load()
    after = dense.encode_question("Story?")
    assert before is not None
    assert after is not None
    assert (before != after).any()
    assert dense.view == "exact"
    exact = find(dense)
    dense.follow_with_chroma(threading.Event())
    assert dense.view == "chroma"
    assert find(dense) == exact


@pytest.fixture
def with_chroma(dense: DenseSearch, catalogue: Catalogue, tiny_models: list[str]) -> DenseSearch:
    """With all vectors, answering from Chroma."""
    embed_missing(catalogue, tiny_models[0])
    assert dense.load()
    dense.follow_with_chroma(threading.Event())
    assert dense.view == "chroma"
    return dense


def test_a_vector_view_that_fails_costs_no_answer(
    with_chroma: DenseSearch, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The very question under which it fails is answered by exact scan; then the view is made anew."""
    dense = with_chroma
    expected = find(dense)
    view = dense._chroma
    assert view is not None
    view._client.close()
    assert find(dense) == expected
    assert dense.view == "exact"
    assert "vector index failed" in caplog.text
    assert not (tmp_path / "chroma").exists(), "nothing of it is trusted"
    dense.follow_with_chroma(threading.Event())
    assert dense.view == "chroma"
    assert find(dense) == expected


def _begin_anew(catalogue: Catalogue, _folder: Path) -> None:
    catalogue.remove(["3"])
    catalogue.changes.begin_anew()


def _restore(catalogue: Catalogue, folder: Path) -> None:
    back_up(catalogue, folder / "backup")
    catalogue.put([article("later", "Story 7 of jets, told later.")], one_each)
    restore(folder / "backup", catalogue.file, replace=True)


@pytest.mark.parametrize("change", [_begin_anew, _restore])
def test_another_history_makes_the_view_anew(
    with_chroma: DenseSearch, catalogue: Catalogue, tmp_path: Path, change: Callable[[Catalogue, Path], None]
) -> None:
    """After a purge or a restore: the exact scan serves at once, then a new view that equals the catalogue."""
    dense = with_chroma
    change(catalogue, tmp_path)
    dense.follow_with_chroma(threading.Event())
    assert dense.view == "exact"
    exact = find(dense, limit=1_000)
    assert sorted(exact) == catalogue.passage_numbers(EVERYTHING)
    dense.follow_with_chroma(threading.Event())
    assert dense.view == "chroma"
    assert find(dense, limit=1_000) == exact


def test_stopping_does_not_wait_for_the_check(with_chroma: DenseSearch, catalogue: Catalogue, tmp_path: Path) -> None:
    """A service that is told to end while a reopened view is being looked at ends at once; the next start makes it anew."""
    with_chroma.close()
    again = DenseSearch(tmp_path, catalogue)
    assert again.load()
    stop = threading.Event()
    stop.set()
    again.follow_with_chroma(stop)
    assert again.view == "exact"
    again.follow_with_chroma(threading.Event())
    assert again.view == "chroma"
    assert sorted(find(again, limit=1_000)) == catalogue.passage_numbers(EVERYTHING)
    again.close()


def test_it_says_what_it_waits_for(dense: DenseSearch, catalogue: Catalogue, tiny_models: list[str]) -> None:
    """Vectors that are missing are told from a model that is only being loaded, and from one that cannot be."""
    assert dense.state() == ("none", Progress(0, 60))
    embed_missing(catalogue, tiny_models[0])
    assert dense.state() == ("loading", Progress(60, 60))
    dense.load()
    assert dense.state() == ("ready", Progress(60, 60))
    catalogue.put([article("late", "A ferry came late.")], one_each)
    assert dense.state() == ("making", Progress(60, 61))


def test_a_model_that_is_gone_is_not_waited_for(
    dense: DenseSearch, catalogue: Catalogue, tiny_models: list[str], tmp_path: Path
) -> None:
    """Its vectors are there, but no question can be embedded until it is back."""
    folder = shutil.copytree(tiny_models[0], tmp_path / "model")
    embed_missing(catalogue, str(folder))
    folder.rename(tmp_path / "elsewhere")
    with pytest.raises(ModelError):
        dense.load()
    assert dense.state() == ("failed", Progress(60, 60))
    (tmp_path / "elsewhere").rename(folder)
    dense.load()
    assert dense.state()[0] == "ready"
