"""Real parts for all tests: catalogues, the sample archive, a tiny embedding model, a running service."""

from __future__ import annotations

import gc
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from filelock import FileLock
from hypothesis import HealthCheck, settings

from newsdesk.catalogue.catalogue import Catalogue
from tests.postgres import PostgresServer
from tests.support import RunningService, newsdesk, save_tiny_model, service_on_copy, wait_until_complete

if TYPE_CHECKING:
    from index.archive import Archive

# Shared and slow machines run these too: no example may fail for the time it took.
settings.register_profile("newsdesk", deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=50)
settings.load_profile("newsdesk")

for _name in [name for name in os.environ if name.startswith("NEWSDESK_")]:
    del os.environ[_name]  # a developer's own settings must not decide how tests go
os.environ["HF_HUB_OFFLINE"] = "1"
gc.disable()  # until all tests are imported, see pytest_collection_finish
_cache = tempfile.TemporaryDirectory(prefix="newsdesk-tests-")
os.environ["XDG_CACHE_HOME"] = _cache.name  # what evaluations keep; the folder goes when Python ends
os.environ.setdefault("OMP_NUM_THREADS", "1")  # before torch is imported: the workers share the cores already


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What runs the whole product begins: a worker that came to it last would be left alone with it.

    These are few tests to a file and long ones, and pytest-xdist would begin with the files of most tests.
    """
    items.sort(key=lambda item: item.path.parent.name not in ("tests", "ui"))


def pytest_collection_finish() -> None:
    """What was imported stays: to look through its million objects for garbage takes a second, again and again."""
    gc.collect()
    gc.freeze()
    gc.enable()


@pytest.fixture(scope="session")
def shared_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder for all workers of this run."""
    base = tmp_path_factory.getbasetemp()
    return base.parent if "PYTEST_XDIST_WORKER" in os.environ else base


@pytest.fixture(scope="session")
def built_once(shared_folder: Path) -> Callable[[str, Callable[[Path], None]], Path]:
    """Makes a folder by name with a builder; the other workers wait for it and use the same."""

    def build(name: str, builder: Callable[[Path], None]) -> Path:
        folder = shared_folder / name
        with FileLock(shared_folder / f"{name}.lock"):
            if not folder.exists():
                unfinished = shared_folder / f"{name}.unfinished"
                shutil.rmtree(unfinished, ignore_errors=True)
                builder(unfinished)
                unfinished.rename(folder)
        return folder

    return build


@pytest.fixture(scope="session")
def sample_template(built_once: Callable[[str, Callable[[Path], None]], Path]) -> Path:
    """The sample archive with all its vectors. To be copied, never to be opened."""

    def build(folder: Path) -> None:
        done = newsdesk("sample", "--data", folder)
        assert done.returncode == 0, done.stderr

    return built_once("sample-template", build)


@pytest.fixture
def sample_data(sample_template: Path, tmp_path: Path) -> Path:
    """A data folder with the sample archive, for this test alone."""
    return Path(shutil.copytree(sample_template, tmp_path / "sample"))


@pytest.fixture(scope="session")
def sample_archive(sample_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    """The sample archive, opened and loaded. Only to be read."""
    from index.archive import Archive
    from newsdesk.settings import Settings

    data = shutil.copytree(sample_template, tmp_path_factory.mktemp("archive") / "data")
    archive = Archive(Settings(data=data), create=False)
    archive.load()
    yield archive
    archive.close()


@pytest.fixture(scope="session")
def empty_template(built_once: Callable[[str, Callable[[Path], None]], Path]) -> Path:
    """The file of a catalogue that holds nothing: migrating each one anew would take longer than most tests."""

    def build(folder: Path) -> None:
        Catalogue(folder / "catalogue.sqlite3").close()

    return built_once("empty-template", build) / "catalogue.sqlite3"


@pytest.fixture
def file_catalogue(empty_template: Path, tmp_path: Path) -> Iterator[Catalogue]:
    """An empty catalogue in a file of `tmp_path`."""
    shutil.copy(empty_template, tmp_path / "catalogue.sqlite3")
    opened = Catalogue(tmp_path / "catalogue.sqlite3")
    yield opened
    opened.close()


@pytest.fixture
def catalogue(file_catalogue: Catalogue) -> Catalogue:
    """An empty catalogue; the tests of the catalogue itself have one in each kind of database."""
    return file_catalogue


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A running PostgreSQL server of this process's tests; they are skipped where it cannot be had."""
    server = PostgresServer()
    yield server
    server.close()


@pytest.fixture(scope="session")
def tiny_models(built_once: Callable[[str, Callable[[Path], None]], Path]) -> list[str]:
    """Two real sentence-transformers models of 8 dimensions that embed thousands of texts a second."""

    def build(folder: Path) -> None:
        for name in ("one", "other"):
            save_tiny_model(folder / name, seed=len(name))

    folder = built_once("tiny-models", build)
    return [str(folder / "one"), str(folder / "other")]


@pytest.fixture(scope="session")
def tiny_bert(built_once: Callable[[str, Callable[[Path], None]], Path]) -> Path:
    """A reader of one layer that learnt nothing, in a folder as training leaves one. Only to be read."""

    def build(folder: Path) -> None:
        from tests.index.read.training.world import save_tiny_bert

        save_tiny_bert(folder)

    return built_once("tiny-bert", build)


@pytest.fixture(scope="session")
def tiny_exported(built_once: Callable[[str, Callable[[Path], None]], Path], tiny_bert: Path) -> Path:
    """The same exported, in the folders `bits-8` and `bits-32` of this one. Only to be read."""

    def build(folder: Path) -> None:
        from index.read.training.export import export

        for eight_bit, name in ((True, "bits-8"), (False, "bits-32")):
            export(tiny_bert, folder / name, eight_bit)

    return built_once("tiny-exported", build)


@pytest.fixture(scope="session")
def service(sample_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    """`newsdesk serve` on the sample archive, with its Chroma view ready; SIGTERM must end it in time."""
    with service_on_copy(sample_template, tmp_path_factory.mktemp("service")) as running:
        wait_until_complete(running.url)
        yield running
