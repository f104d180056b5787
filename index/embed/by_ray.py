"""The workers of index/embed/workers.py on a Ray cluster; the package `ray` is imported only here."""

from __future__ import annotations

import logging
import socket
from pathlib import Path
from typing import Any

from index.embed.workers import Report, begin, end, watch, work
from newsdesk.catalogue.catalogue import Catalogue
from newsdesk.catalogue.vectors import StoredVectors
from newsdesk.errors import SettingsError, WrongUse
from newsdesk.wording.quoted import quoted

LOCAL = "local"
"""The address of a Ray that is started for the purpose, on this machine."""

_KNOCK_SECONDS = 10
_RETRIES = 10  # of a task whose process is lost


def embed_by_ray(catalogue: Catalogue, model_name: str, address: str, count: int | None, on_progress: Report) -> bool:
    """Embeds every passage without a vector by `count` tasks of one processor each, by default as many as the cluster has.

    The cluster's machines must have this Newsdesk, the model under the same name, and reach the catalogue. A task that
    is lost is started again by Ray. Returns whether all is done. Raises SettingsError without the package, WrongUse when
    there is no cluster at the address, ModelError, CatalogueDamaged.
    """
    model = begin(catalogue, model_name)
    if not StoredVectors(catalogue).missing(model):
        return end(catalogue, model)
    ray = _joined(address, count)
    try:
        workers = count or max(1, int(ray.cluster_resources().get("CPU", 1)))
        task = ray.remote(num_cpus=1, max_retries=_RETRIES)(_work)
        tasks = [task.remote(catalogue.at, model_name) for _ in range(workers)]
        watch(catalogue, model, lambda: bool(ray.wait(tasks, num_returns=len(tasks), timeout=0)[1]), on_progress)
        ray.get(tasks)
    finally:
        ray.shutdown()
    return end(catalogue, model)


def _work(at: Path | str, model_name: str) -> int:
    """One worker's whole life, on some machine of the cluster."""
    catalogue = Catalogue(at, create=False)
    try:
        return work(catalogue, model_name, threads=1)
    finally:
        catalogue.close()


def _joined(address: str, count: int | None) -> Any:
    """Ray, connected to the cluster."""
    try:
        import ray
    except ImportError as missing:
        raise SettingsError(
            "Embedding on a Ray cluster needs the package ray, which is not installed. Use --workers alone, or "
            "install it with: pip install 'newsdesk[ray]'"
        ) from missing
    more = {"num_cpus": count, "include_dashboard": False} if address == LOCAL else {}
    try:
        _knock(address)
        ray.init(address=address, log_to_driver=False, logging_level=logging.WARNING, configure_logging=False, **more)
    except (OSError, ValueError, RuntimeError) as error:
        raise WrongUse(
            f"There is no Ray cluster at {quoted(address)} ({error}). Give the address that `ray start --head` printed, or "
            f"{quoted(LOCAL)} for one on this machine alone."
        ) from error
    return ray


def _knock(address: str) -> None:
    """Raises OSError where nobody listens: Ray itself would try for minutes."""
    host, _, port = address.removeprefix("ray://").rpartition(":")
    if host and port.isdigit():
        socket.create_connection((host.strip("[]"), int(port)), _KNOCK_SECONDS).close()
