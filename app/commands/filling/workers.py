"""`newsdesk embed` by many workers: processes of this machine, or tasks of a Ray cluster."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

from newsdesk.child import own_module
from newsdesk.progress import progress

if TYPE_CHECKING:
    from newsdesk.catalogue.catalogue import Catalogue
    from newsdesk.settings import Settings


def make_vectors_by_workers(settings: Settings, catalogue: Catalogue, workers: int | None, ray: str) -> str:
    """Makes the missing vectors by so many workers, on the Ray cluster at the address `ray` if there is one.

    Says in words how that ended. Raises SettingsError, WrongUse, ModelError, DataFolderError and its kinds.
    """
    from index.embed.by_ray import embed_by_ray
    from index.embed.workers import embed_by_processes

    with progress("Embedding", "passage") as report:
        if ray:
            done = embed_by_ray(catalogue, settings.model, ray, workers, report)
        else:
            command = own_module(
                "newsdesk", "embed", "--as-worker", "--data", str(settings.data), "--model", settings.model
            )
            done = embed_by_processes(catalogue, settings.model, workers or 1, command, report)
    return "complete" if done else "not complete: the workers were stopped, or articles came meanwhile. Run it again"


def be_worker(settings: Settings, catalogue: Catalogue) -> None:
    """Is one of these processes; ends with the one that started it."""
    from index.embed.workers import work

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)  # at once, and without a word: it can be killed at any moment
    parent = os.getppid()
    work(catalogue, settings.model, keep_going=lambda: os.getppid() == parent)
