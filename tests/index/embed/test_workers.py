"""`newsdesk embed` by many workers: processes, and a real Ray on this machine."""

from __future__ import annotations

import importlib.util
import json
import tempfile
import threading

import pytest

from index.embed.missing import COMMIT_EVERY, WORK, WORK_OF_WORKERS, embed_missing
from index.embed.workers import work
from newsdesk import packaged_model
from newsdesk.catalogue.catalogue import Catalogue
from newsdesk.catalogue.leases import Process as Holder
from newsdesk.catalogue.vectors import Progress, StoredVectors
from tests.support import article, newsdesk, one_each, wait_until

TEXTS = 5 * COMMIT_EVERY


@pytest.fixture
def filled(file_catalogue: Catalogue) -> Catalogue:
    """Five parts of texts, none with a vector."""
    file_catalogue.put([article("tide", *(f"Low water at {n}." for n in range(TEXTS)))], one_each)
    return file_catalogue


def progress(catalogue: Catalogue) -> Progress:
    """Of the active model."""
    vectors = StoredVectors(catalogue)
    return vectors.progress(vectors.active())


def test_the_command_shares_the_work_among_processes(filled: Catalogue) -> None:
    """All is done in the end, and nobody is left at work; a second time there is nothing to do."""
    for _ in range(2):
        done = newsdesk(
            "embed", "--workers", 2, "--json", "--data", filled.file.parent,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout) == {"vectors": "complete"}
        assert progress(filled) == Progress(TEXTS, TEXTS)
        assert not filled.leases.is_taken(WORK_OF_WORKERS)


def test_the_single_process_gives_way_to_workers(filled: Catalogue) -> None:
    """After its batch; then the workers do the rest, and none of what it did."""
    shares: list[int] = []
    workers = threading.Thread(target=lambda: shares.append(work(filled, packaged_model.NAME)))

    def call_workers(done: int, total: int) -> None:
        if done == COMMIT_EVERY:
            workers.start()
            wait_until(lambda: filled.leases.is_taken(WORK_OF_WORKERS), 30)

    assert not embed_missing(filled, packaged_model.NAME, call_workers)
    workers.join()
    assert shares == [TEXTS // COMMIT_EVERY - 1]
    assert progress(filled) == Progress(TEXTS, TEXTS)
    assert not embed_missing(filled, "another model"), "and it holds back while they may be at it"


def test_workers_wait_for_a_single_process(filled: Catalogue) -> None:
    """It may be on another machine, and in the middle of a batch."""
    elsewhere = Holder("press-4.example", 7)
    assert filled.leases.take(WORK, elsewhere)
    looks = iter((True, True, False))
    assert work(filled, packaged_model.NAME, keep_going=lambda: next(looks)) == 0
    assert StoredVectors(filled).active() is None
    filled.leases.give_back(WORK, elsewhere)
    assert work(filled, packaged_model.NAME) == TEXTS // COMMIT_EVERY


needs_ray = pytest.mark.skipif(
    importlib.util.find_spec("ray") is None, reason="ray is not installed (pip install 'newsdesk[ray]')"
)


@needs_ray
def test_a_ray_of_two_workers_does_it(filled: Catalogue) -> None:
    """A cluster on this machine, started for the purpose and gone afterwards."""
    with tempfile.TemporaryDirectory(
        prefix="ray-", ignore_cleanup_errors=True
    ) as short:  # Ray's sockets have to fit in
        done = newsdesk(
            "embed", "--ray", "local", "--workers", 2, "--json", "--data", filled.file.parent,
            RAY_TMPDIR=short, RAY_USAGE_STATS_ENABLED="0",
        )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {"vectors": "complete"}
    assert progress(filled) == Progress(TEXTS, TEXTS)


@needs_ray
def test_a_cluster_that_is_not_there_is_named(filled: Catalogue) -> None:
    """With what to do, and soon."""
    done = newsdesk("embed", "--ray", "127.0.0.1:1", "--data", filled.file.parent)
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
    assert "127.0.0.1:1" in done.stderr
    assert "ray start" in done.stderr


@pytest.mark.skipif(importlib.util.find_spec("ray") is not None, reason="ray is installed")
def test_without_the_package_it_is_named(filled: Catalogue) -> None:
    """With how to install it."""
    done = newsdesk("embed", "--ray", "local", "--data", filled.file.parent)
    assert done.returncode == 2, done.stderr
    assert "newsdesk[ray]" in done.stderr
