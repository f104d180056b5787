"""What `newsdesk ingest` reads: files and addresses, as one run was told to."""

from __future__ import annotations

import os
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from newsdesk.errors import WrongUse

if TYPE_CHECKING:
    import threading

    from ingest.fetch.fetcher import Fetcher
    from ingest.fetch.follow import Item
    from ingest.reading import Reading
    from newsdesk.catalogue.catalogue import Catalogue
    from newsdesk.catalogue.runs.sources import Source
    from newsdesk.settings import Settings


def addresses_in(paths: Sequence[str]) -> tuple[list[str], list[Path]]:
    """What was typed, told apart: web addresses, and files or folders. Raises WrongUse for an empty path."""
    from newsdesk.address import is_web_address

    if "" in paths:
        raise WrongUse("One of the paths is empty. For the current folder write a dot.")
    web = [path for path in paths if is_web_address(path) and not os.path.lexists(path)]
    return web, [Path(path) for path in paths if path not in web]


def check_there(files: Sequence[Path]) -> None:
    """Raises WrongUse for the first path that was typed and is not there, or cannot be reached."""
    from ingest.files import origin_of, why_unreadable

    for file in files:
        try:
            file.stat()
        except OSError as error:
            reason = why_unreadable(file, error)
            raise WrongUse(f"{origin_of(file)} {reason}. Nothing was read: correct or leave out this path.") from error


def origins(addresses: Sequence[str], files: Sequence[Path]) -> list[str]:
    """How the list of rejects, and the log of runs, name these."""
    from ingest.files import origin_of
    from newsdesk.address import canonical_url, without_login

    web = [canonical_url(address) or without_login(address) for address in addresses]
    return [*web, *map(origin_of, files)]


def place_of(origin: str, catalogue: Catalogue) -> Path | str | None:
    """The file or the web address that the origin of a reject names; None if it names neither."""
    from ingest.files import file_of
    from newsdesk.address import is_web_address

    if not is_web_address(origin):
        return file_of(origin)
    if catalogue.fetched.get(origin):  # it may end as an entry of a feed does
        return origin
    # "ADDRESS:ENTRY", "ADDRESS!/MEMBER"; a port is followed by a path, for these are canonical.
    return re.sub(r"(?<=[^/:])(?::\d+|!/.*| https?://.*)$", "", origin)


@dataclass(slots=True)
class Sources:
    """Reads files and addresses as one run was told to. One of it keeps the pace of hosts, so it serves all rounds."""

    settings: Settings
    catalogue: Catalogue
    mapping: str = ""
    """What --map says."""
    follow: bool = False
    allow_private: bool = False
    again: bool = False
    """Files are read too that are as they were."""
    stopped: threading.Event | None = None
    """Once it is set, nothing more is begun."""
    _fetcher: Fetcher | None = field(default=None, init=False)
    _reading: Reading | None = field(default=None, init=False)
    _total: int = field(default=0, init=False)
    _of_addresses: Counter[str] = field(default_factory=Counter, init=False)
    _kept: list[str] = field(default_factory=list, init=False)

    def read(self, addresses: Sequence[str], files: Sequence[Path]) -> Iterator[Item]:
        """What lies there; nothing is fetched unless an address was given, or what files name is to be followed."""
        from ingest.parts.fields import mapping_of
        from ingest.reading import Reading

        mapping = mapping_of(self.mapping) or None
        reading = Reading(files, self.settings.data, mapping, processes=self.settings.readers, known=self._known)
        self._reading, self._total, self._of_addresses = reading, reading.total_bytes(), Counter()
        if addresses or self.follow:
            from ingest.fetch.follow import Follower
            from ingest.worker import shared_worker

            log, worker = self.catalogue.fetched, shared_worker()
            follower = Follower(self._of_network(), log, worker, self.follow, mapping, self.stopping)
            self._of_addresses = follower.counts
            yield from follower.read(addresses, reading)
        else:
            for item in reading:
                yield item
                if self.stopping():
                    break
        self._kept += reading.kept

    def read_again(self, mapping: str, places: Sequence[Path | str]) -> Iterator[Item]:
        """What lies at the places of rejects, read with what --map said then."""
        self.mapping = mapping
        web = [place for place in places if isinstance(place, str)]
        yield from self.read(web, [place for place in places if isinstance(place, Path)])

    def found(self) -> Counter[str]:
        """What the last reading met, as `Summary.found` has it."""
        skipped = self._reading.files_unchanged if self._reading else 0
        return self._of_addresses + Counter({"files unchanged": skipped})

    def part(self) -> tuple[int, int] | None:
        """Bytes that the last reading has read of its files, and of all; None when all that is left is to be fetched."""
        done = self._reading.done_bytes if self._reading else 0
        is_fetching = done >= self._total and self._fetcher is not None
        return None if is_fetching or not self._total else (done, self._total)

    def forget(self, old_rejects: Sequence[int]) -> None:
        """Takes rejects off the list whose sources were read again: those of files that were passed over stay."""
        kept = set(self.catalogue.rejects.of(self._kept)) if old_rejects else set()
        self.catalogue.rejects.forget([number for number in old_rejects if number not in kept])

    def close(self) -> None:
        """Closes the catalogue, and connections."""
        self.catalogue.close()
        if self._fetcher is not None:
            self._fetcher.close()

    def stopping(self) -> bool:
        """Whether nothing more is to be begun."""
        return self.stopped is not None and self.stopped.is_set()

    def old_rejects(self, addresses: Sequence[str], files: Sequence[Path]) -> list[int]:
        """Numbers of the rejects that concern these."""
        return self.catalogue.rejects.of(origins(addresses, files))

    def _known(self, path: str) -> Source | None:
        return None if self.again else self.catalogue.sources.get(path)

    def _of_network(self) -> Fetcher:
        if self._fetcher is None:
            from ingest.fetch.download import Downloader
            from ingest.fetch.fetcher import Fetcher
            from ingest.fetch.guard import Guard

            given = self.settings
            guard = Guard(self.allow_private or given.fetch_allow_private, given.fetch_allowed)
            downloader = Downloader(guard, given.fetch_user_agent, given.fetch_timeout, given.fetch_proxy)
            wait: Callable[[float], object] = self.stopped.wait if self.stopped else time.sleep
            self._fetcher = Fetcher(downloader, given.fetch_user_agent, given.fetch_delay, wait=wait)
        return self._fetcher
