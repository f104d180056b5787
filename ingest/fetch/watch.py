"""What there is to read again while an archive is watched: files that came or changed, feeds that are due."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Sequence
from pathlib import Path

from ingest.sources import find_files
from newsdesk.types import Rejected

_LONGEST = 6 * 3600.0
"""Seconds after which a feed that fails is tried again at the latest, unless it is asked more rarely anyway."""

_Mark = tuple[int, int, int]


class Folders:
    """Files, and folders with all that is below them, as they change."""

    def __init__(self, paths: Sequence[Path], own: Path | None = None) -> None:
        """`own` is the archive's folder, which is passed over."""
        self._paths, self._own = paths, own
        self._last: dict[Path, _Mark] = {}
        self._read: dict[Path, _Mark] = {}

    def changed(self) -> list[Path]:
        """The files that are new or other than when they were last given, and that have settled: a file that was
        another at the look before is still being written, and waits for a look that finds it as it was."""
        every = (found for found in find_files(self._paths, self._own) if not isinstance(found, Rejected))
        now = {found.path: _mark(found.status) for found in every}
        settled = [path for path, mark in now.items() if self._last.get(path) == mark and self._read.get(path) != mark]
        self._last = now
        self._read = {path: mark for path, mark in self._read.items() if path in now}
        self._read.update({path: now[path] for path in settled})
        return settled


def _mark(status: os.stat_result) -> _Mark:
    return status.st_mtime_ns, status.st_size, status.st_ino


class Feeds:
    """Addresses that are asked again and again; one that fails is asked more and more rarely until it works."""

    def __init__(self, addresses: Sequence[str], every: float, now: Callable[[], float]) -> None:
        """`every`: seconds from one time to the next."""
        self._every, self._now = every, now
        self._due = dict.fromkeys(addresses, 0.0)
        self._failures = dict.fromkeys(addresses, 0)

    def due(self) -> list[str]:
        """Those whose time has come."""
        return [address for address, moment in self._due.items() if moment <= self._now()]

    def fails(self, address: str) -> bool:
        """Whether it failed the last time, so that this was told already."""
        return self._failures.get(address, 0) > 0

    def asked(self, addresses: Collection[str], failed: Collection[str]) -> None:
        """Sets when each of `addresses` is due again; `failed` are those that could not be read."""
        for address in addresses:
            self._failures[address] = self._failures[address] + 1 if address in failed else 0
            pause = min(self._every * 2.0 ** min(self._failures[address], 30), max(_LONGEST, self._every))
            self._due[address] = self._now() + pause
