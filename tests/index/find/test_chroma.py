"""The vector view: equal to the catalogue after whatever happened to it or to its process."""

from __future__ import annotations

import hashlib
import json
import logging
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle
from pathlib import Path
from threading import Event

import pytest

from index.find.chroma import FOLDER, ChromaView, discard
from newsdesk.catalogue.catalogue import Catalogue
from newsdesk.catalogue.changes import START
from newsdesk.catalogue.vectors import Model, StoredVectors
from newsdesk.errors import Interrupted
from newsdesk.types import Filters
from tests.support import ROOT, Process, article, environment, made_up_vector, make_up_vectors, one_each

QUESTION = made_up_vector(b"question")
MARK = "clean-close"

FOLLOW = """
import sys
from pathlib import Path
from index.find.chroma import ChromaView
from newsdesk.catalogue.catalogue import Catalogue
from newsdesk.catalogue.vectors import StoredVectors
data = Path(sys.argv[1])
catalogue = Catalogue(data / "catalogue.sqlite3")
vectors = StoredVectors(catalogue)
view = ChromaView(data, catalogue, vectors, vectors.active())
view.catch_up(lambda: not print(view.reached.sequence, flush=True))
view.close()
"""


@pytest.fixture
def vectors(catalogue: Catalogue) -> StoredVectors:
    """Of 300 articles with two passages each, all with vectors."""
    vectors = StoredVectors(catalogue)
    model = vectors.register("m@1", "m")
    catalogue.put([article(str(n), f"Text {n}.", f"More {n}.") for n in range(300)], one_each)
    make_up_vectors(catalogue, model)
    return vectors


class Opener:
    """Opens the view, brings it up to date, and holds it against the catalogue; one at a time."""

    def __init__(self, data: Path, catalogue: Catalogue, vectors: StoredVectors, model: Model) -> None:
        self._data, self._catalogue, self._vectors, self._model = data, catalogue, vectors, model
        self._view: ChromaView | None = None

    def __call__(self, model: Model | None = None) -> ChromaView:
        self.close()
        model = model or self._model
        self._view = ChromaView(self._data, self._catalogue, self._vectors, model)
        assert self._view.catch_up()
        assert_equal(self._view, self._catalogue, self._vectors, model)
        return self._view

    def close(self) -> None:
        """Closes the view that is open, if one is."""
        if self._view is not None:
            self._view.close()
            self._view = None


@pytest.fixture
def open_view(tmp_path: Path, catalogue: Catalogue, vectors: StoredVectors, model: Model) -> Iterator[Opener]:
    """For the vectors above."""
    opener = Opener(tmp_path, catalogue, vectors, model)
    yield opener
    opener.close()


def assert_equal(view: ChromaView, catalogue: Catalogue, vectors: StoredVectors, model: Model) -> None:
    """It holds the catalogue's vectors, finds the nearest, and knows where it stands."""
    numbers, rows = vectors.load(model, catalogue.passage_numbers(Filters()))
    assert len(view) == len(numbers)
    assert view.reached == catalogue.changes.last()
    for vector in (QUESTION, *rows[::200]):
        cosines = dict(zip(numbers, (rows @ vector).tolist(), strict=True))
        hits = view.search(vector, 5)
        assert len(hits) == min(5, len(numbers))
        best = sorted(cosines.values(), reverse=True)[: len(hits)]
        assert [score for _, score in hits] == pytest.approx(best, abs=1e-4)
        assert all(score == pytest.approx(cosines[number], abs=1e-4) for number, score in hits)


def test_it_follows_the_catalogue(
    open_view: Opener, catalogue: Catalogue, vectors: StoredVectors, model: Model
) -> None:
    """Additions, changes, removals and new vectors arrive; a removed passage is not found."""
    view = open_view()
    catalogue.put([article("copy of 7", "Text 7.", title="About 7")], one_each)  # its vector is there already
    assert view.catch_up()
    assert_equal(view, catalogue, vectors, model)
    assert len(view) == 601
    catalogue.remove([str(n) for n in range(0, 100)])
    catalogue.put([article("200", "Changed.", "More 200."), article("new", "New text.")], one_each)
    assert view.catch_up()
    assert_equal(view, catalogue, vectors, model)
    make_up_vectors(catalogue, model)
    assert view.catch_up()
    assert_equal(view, catalogue, vectors, model)


def test_a_search_may_be_kept_to_some_passages(open_view: Opener, catalogue: Catalogue) -> None:
    """Unknown numbers among them are passed over: one would fail Chroma's whole query."""
    view = open_view()
    some = catalogue.passage_numbers(Filters())[:3]
    assert {number for number, _ in view.search(QUESTION, 10, among=[*some, 10**6])} == set(some)
    assert view.search(QUESTION, 10, among=[10**6]) == []
    assert view.search(QUESTION, 10, among=[]) == []
    assert view.search(QUESTION, 0) == []


def test_who_searches_while_articles_go_finds_the_others(
    open_view: Opener, catalogue: Catalogue, vectors: StoredVectors, model: Model
) -> None:
    """Eight clients search for what is being removed: none of them fails, and none finds what went before it asked."""
    view, over = open_view(), Event()
    asked = [made_up_vector(str(number).encode()) for number in range(40)]
    gone: set[int] = set()

    def search() -> None:
        for vector in cycle(asked):
            if over.is_set():
                return
            before = set(gone)
            assert not before.intersection(number for number, _ in view.search(vector, 200))

    with ThreadPoolExecutor(8) as clients:
        searches = [clients.submit(search) for _ in range(8)]
        try:
            for number in range(120):
                passages = catalogue.passage_numbers(Filters())
                catalogue.remove([article(str(number)).id])
                assert view.catch_up()
                gone.update(set(passages).difference(catalogue.passage_numbers(Filters())))
        finally:
            over.set()
    for each in searches:
        each.result()
    assert_equal(view, catalogue, vectors, model)


def test_an_empty_archive_has_an_empty_view(tmp_path: Path, catalogue: Catalogue) -> None:
    """Nothing is found and nothing fails."""
    vectors = StoredVectors(catalogue)
    view = ChromaView(tmp_path, catalogue, vectors, vectors.register("m", "m"))
    assert view.catch_up()
    assert view.search(QUESTION, 5) == []
    view.close()


def test_after_a_clean_close_it_goes_on(
    open_view: Opener, catalogue: Catalogue, model: Model, caplog: pytest.LogCaptureFixture
) -> None:
    """A restart builds nothing anew; what changed meanwhile is added."""
    reached = open_view().reached
    catalogue.put([article("new", "New text.")], one_each)
    make_up_vectors(catalogue, model)
    with caplog.at_level(logging.WARNING, "newsdesk.index"):
        again = open_view()
    assert caplog.messages == []
    assert again.reached > reached


def test_the_mark_never_vouches_for_an_open_view(
    tmp_path: Path, catalogue: Catalogue, vectors: StoredVectors, model: Model
) -> None:
    """It is taken away while the view is open, so a kill leaves none."""
    view = ChromaView(tmp_path, catalogue, vectors, model)
    assert not (tmp_path / FOLDER / MARK).exists()
    view.close()
    assert (tmp_path / FOLDER / MARK).exists()


def test_the_archive_may_be_named_from_where_one_stands(
    open_view: Opener,
    tmp_path: Path,
    catalogue: Catalogue,
    vectors: StoredVectors,
    model: Model,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """`--data archive` after a clean close: the view is checked, which happens in another folder, and kept."""
    open_view()
    open_view.close()
    monkeypatch.chdir(tmp_path.parent)
    here = Opener(Path(tmp_path.name), catalogue, vectors, model)
    with caplog.at_level(logging.WARNING, "newsdesk.index"):
        here()
    here.close()
    assert caplog.messages == []
    assert not (ROOT / tmp_path.name).exists()


@pytest.mark.parametrize("mark", [None, "", "{"])
def test_without_the_mark_it_is_made_again(
    open_view: Opener, tmp_path: Path, caplog: pytest.LogCaptureFixture, mark: str | None
) -> None:
    """No mark, or half of one: nobody knows what the folder holds, so it is not used, and the log says so."""
    open_view()
    open_view.close()
    (tmp_path / FOLDER / MARK).unlink()
    if mark is not None:
        (tmp_path / FOLDER / MARK).write_text(mark)
    (tmp_path / FOLDER / "left-over").touch()
    with caplog.at_level(logging.WARNING, "newsdesk.index"):
        open_view()
    assert "not closed cleanly" in caplog.text
    assert not (tmp_path / FOLDER / "left-over").exists()


def test_a_view_that_is_linked_otherwise_is_made_again(
    open_view: Opener, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """As older versions made it: it would find less than the same passages on servers. The log says why."""
    open_view()
    open_view.close()
    mark = tmp_path / FOLDER / MARK
    content = json.loads(mark.read_text().partition("\n")[2])
    del content["graph"]
    said = json.dumps(content)
    mark.write_text(f"{hashlib.blake2b(said.encode(), digest_size=16).hexdigest()}\n{said}")
    with caplog.at_level(logging.WARNING, "newsdesk.index"):
        open_view()
    assert "older" in caplog.text


@pytest.fixture(scope="module")
def closed_cleanly(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with 1,500 vectors, its view made by another process: this one would keep its files in memory."""
    data = tmp_path_factory.mktemp("closed")
    catalogue = Catalogue(data / "catalogue.sqlite3")
    catalogue.put([article(str(n), f"Text {n}.") for n in range(1_500)], one_each)
    make_up_vectors(catalogue, StoredVectors(catalogue).register("m@1", "m"))
    catalogue.close()
    with Process(FOLLOW, data) as writer:
        writer.finish()
    assert (data / FOLDER / MARK).exists()
    return data


def assert_made_again(data: Path) -> None:
    """Opened now, the view ends equal to the catalogue."""
    catalogue = Catalogue(data / "catalogue.sqlite3")
    vectors = StoredVectors(catalogue)
    model = vectors.register("m@1", "m")
    view = ChromaView(data, catalogue, vectors, model)
    assert view.catch_up()
    assert_equal(view, catalogue, vectors, model)
    view.close()
    catalogue.close()


def _cut_vectors(folder: Path) -> None:
    for file in folder.rglob("*.bin"):
        file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def _cut_rows(folder: Path) -> None:
    file = folder / "chroma.sqlite3"
    file.write_bytes(file.read_bytes()[:5_000])


@pytest.mark.parametrize("damage", [_cut_vectors, _cut_rows])
def test_a_damaged_view_is_found_out_and_made_again(
    closed_cleanly: Path, tmp_path: Path, damage: Callable[[Path], None], caplog: pytest.LogCaptureFixture
) -> None:
    """Also when the mark says all is well; the catalogue is all it takes, and nothing is embedded again."""
    data = shutil.copytree(closed_cleanly, tmp_path / "data")
    damage(data / FOLDER)
    with caplog.at_level(logging.WARNING, "newsdesk.index"):
        assert_made_again(data)
    assert "is damaged" in caplog.text


@pytest.mark.parametrize("batches", [1, 2])
def test_a_killed_writer_costs_nothing_but_time(closed_cleanly: Path, tmp_path: Path, batches: int) -> None:
    """kill -9 while vectors are added, and while they are replaced: reopened, the view equals the catalogue."""
    data = shutil.copytree(closed_cleanly, tmp_path / "data")
    discard(data)
    with Process(FOLLOW, data) as writer:
        reached = [int(writer.line()) for _ in range(batches)][-1]
        writer.kill()
    assert reached < 3_000
    assert (data / FOLDER).exists()
    assert not (data / FOLDER / MARK).exists()
    assert_made_again(data)


def test_the_view_of_another_model_is_made_again(
    open_view: Opener, catalogue: Catalogue, vectors: StoredVectors
) -> None:
    """Vectors of different models cannot be compared."""
    open_view()
    other = vectors.register("m@2", "m")
    make_up_vectors(catalogue, other)
    open_view(other)


def test_the_view_of_another_catalogue_is_made_again(open_view: Opener, tmp_path: Path) -> None:
    """When another file was put in the catalogue's place, the view must not answer for what is not there."""
    open_view()
    open_view.close()
    another = Catalogue(tmp_path / "elsewhere" / "catalogue.sqlite3")
    vectors = StoredVectors(another)
    model = vectors.register("m@1", "m")
    another.put([article("whale", "A whale was seen.")], one_each)
    make_up_vectors(another, model)
    view = ChromaView(tmp_path, another, vectors, model)
    assert view.catch_up()
    assert_equal(view, another, vectors, model)
    view.close()
    another.close()


def test_catching_up_can_be_stopped(tmp_path: Path, catalogue: Catalogue, vectors: StoredVectors, model: Model) -> None:
    """A service that is told to end does not first finish a long rebuild; the rest follows next time."""
    view = ChromaView(tmp_path, catalogue, vectors, model)
    assert not view.catch_up(lambda: False)
    assert view.reached == START
    view.close()
    again = ChromaView(tmp_path, catalogue, vectors, model)
    assert again.catch_up()
    assert_equal(again, catalogue, vectors, model)
    again.close()


def test_a_stop_during_the_check_costs_no_view(
    open_view: Opener, tmp_path: Path, catalogue: Catalogue, vectors: StoredVectors, model: Model,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    """It is not taken for damage: the mark stays, and the next start goes on with what is there."""
    open_view()
    open_view.close()
    with caplog.at_level(logging.WARNING, "newsdesk.index"):
        with pytest.raises(Interrupted):
            ChromaView(tmp_path, catalogue, vectors, model, lambda: False)
        open_view()
    assert caplog.messages == []


def test_a_discarded_view_is_gone(tmp_path: Path) -> None:
    """With whatever an earlier, killed discarding left aside."""
    (tmp_path / FOLDER).mkdir()
    (tmp_path / f"{FOLDER}.aside").mkdir()
    discard(tmp_path)
    discard(tmp_path)
    assert [file.name for file in tmp_path.iterdir() if file.name.startswith(FOLDER)] == []


def test_the_check_fails_where_there_is_nothing(tmp_path: Path) -> None:
    """It is a command of its own: a torn folder can take down the process that opens it, so another one looks first.

    Quickly: it imports Chroma, not LlamaIndex, which takes a second more.
    """
    check = [sys.executable, "-X", "importtime", "-m", "index.find.chroma_check"]
    command = [*check, str(tmp_path / FOLDER), "no-such-collection"]
    done = subprocess.run(command, cwd=ROOT, env=environment(), capture_output=True, text=True, timeout=120)
    assert done.returncode != 0
    assert "chromadb" in done.stderr
    assert "llama_index" not in done.stderr
