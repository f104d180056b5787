"""Makes the vectors that are missing by many workers: processes of this machine, or of others (index/embed/by_ray.py).

Each takes a part of the work from the catalogue, stores its vectors there and takes the next. None keeps anything, and
none knows of the others, so any of them may be killed at any moment, or join.
"""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable, Sequence
from contextlib import suppress

from index.embed.key import model_key
from index.embed.missing import WORK, WORK_OF_WORKERS, embed_batch, embedding_of
from newsdesk.catalogue.catalogue import Catalogue
from newsdesk.catalogue.embedding.parts import LEASE_SECONDS, EmbeddingParts
from newsdesk.catalogue.leases import Process
from newsdesk.catalogue.vectors import Model, StoredVectors
from newsdesk.errors import CatalogueDamaged
from newsdesk.wording.counted import counted

_ANY_WORKER = Process("workers", 0)  # one name for all of them: while any goes on, the single process holds back
_WAIT = 0.5  # seconds, for what another one has
_LOOK = 2.0  # seconds between two looks at how far it is

Report = Callable[[int, int], None]


def work(
    catalogue: Catalogue,
    model_name: str,
    keep_going: Callable[[], bool] = lambda: True,
    lease: float = LEASE_SECONDS,
    threads: int | None = None,
) -> int:
    """Is one worker, until no passage lacks a vector or `keep_going` says stop; how many parts it did.

    A worker that ends before that loses its part to another after `lease` seconds, at once on the same machine. Raises
    ModelError, DataFolderError.
    """
    holder, done = Process.current(), 0
    if not _come_in(catalogue, keep_going):
        return done
    embedding = embedding_of(model_name, threads)
    vectors = StoredVectors(catalogue)
    model = vectors.register(model_key(model_name), model_name)
    parts = EmbeddingParts(catalogue, model, lease)
    while keep_going():
        catalogue.leases.take(WORK_OF_WORKERS, _ANY_WORKER)
        part = parts.take(holder)
        if part is not None:
            if missing := parts.missing_of(part):  # of a part that was begun by another, or was made of an old list
                embed_batch(catalogue, vectors, model, embedding, missing)
            parts.done(part, holder)
            done += 1
        elif not parts.fill():
            if not parts.any_left():
                break
            time.sleep(_WAIT)  # a part that comes back is not left lying
    return done


def _come_in(catalogue: Catalogue, keep_going: Callable[[], bool]) -> bool:
    """Waits until a single process that is at the work has seen the workers, and has ended its batch."""
    while keep_going():
        catalogue.leases.take(WORK_OF_WORKERS, _ANY_WORKER)
        if not catalogue.leases.is_taken(WORK):
            return True
        time.sleep(_WAIT)
    return False


def begin(catalogue: Catalogue, model_name: str) -> Model:
    """What whoever starts workers does first: what was given up before is tried again. Raises ModelError."""
    model = StoredVectors(catalogue).register(model_key(model_name), model_name)
    EmbeddingParts(catalogue, model).forget_damaged()
    return model


def end(catalogue: Catalogue, model: Model) -> bool:
    """What whoever started workers does when all have ended: whether every vector is there, and the model is active.

    Raises CatalogueDamaged when all is done but damaged texts.
    """
    parts, vectors = EmbeddingParts(catalogue, model), StoredVectors(catalogue)
    vectors.activate_if_complete(model)
    progress = vectors.progress(model)  # the first model ever is active before it is complete
    complete = progress.done == progress.total
    if complete or not parts.any_left():
        catalogue.leases.give_back(WORK_OF_WORKERS, _ANY_WORKER)
    if not complete and (damaged := parts.damaged()):
        raise CatalogueDamaged(
            f"{counted(damaged, 'text')} cannot be embedded, because of damage in the catalogue. All others are "
            "done; `newsdesk check` says which articles these are of and what to do."
        )
    return complete


def watch(catalogue: Catalogue, model: Model, are_working: Callable[[], bool], on_progress: Report) -> None:
    """Waits while they are working, and tells how many passages of those that lacked one have a vector."""
    vectors = StoredVectors(catalogue)
    before = vectors.progress(model).done
    looked = time.monotonic()
    while are_working():
        if time.monotonic() - looked >= _LOOK:
            now, looked = vectors.progress(model), time.monotonic()
            on_progress(now.done - before, now.total - before)
        time.sleep(0.1)


def embed_by_processes(
    catalogue: Catalogue, model_name: str, count: int, command: Sequence[str], on_progress: Report
) -> bool:
    """Embeds every passage without a vector by `count` processes of this command, each of which is to call `work`.

    `on_progress(done, total)` counts passages. Returns whether all is done: not when every worker was killed. Raises
    ModelError, CatalogueDamaged.
    """
    model = begin(catalogue, model_name)
    if not StoredVectors(catalogue).missing(model):
        return end(catalogue, model)
    workers: list[subprocess.Popen[bytes]] = []
    try:
        for number in range(count):
            workers.append(subprocess.Popen(command, stdin=subprocess.DEVNULL))
            _give_share(workers[-1].pid, number, count)
        watch(catalogue, model, lambda: any(worker.poll() is None for worker in workers), on_progress)
    finally:
        for worker in workers:
            worker.kill()
            worker.wait()
    return end(catalogue, model)


def _give_share(pid: int, number: int, count: int) -> None:
    """Its share of the processors, where the system knows of such: workers that all use all of them hold each other up."""
    if hasattr(os, "sched_setaffinity"):
        mine = sorted(os.sched_getaffinity(0))
        share = mine[number::count] or [mine[number % len(mine)]]
        with suppress(OSError):  # it has ended already
            os.sched_setaffinity(pid, share)
