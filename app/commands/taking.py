"""What `newsdesk ingest` reads: files and addresses, once, or again and again while it watches them."""

from __future__ import annotations

import os
import re
import signal
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from app.commands.terminal import stop
from newsdesk.errors import WrongUse
from newsdesk.settings import Settings

if TYPE_CHECKING:
    from ingest.fetch.fetcher import Fetcher
    from ingest.fetch.follow import Item
    from ingest.fetch.watch import Feeds
    from ingest.pipeline import Summary
    from newsdesk.catalogue.catalogue import Catalogue

LOOK = 2.0
"""Seconds between two looks at the folders that are watched: a file that did not change in between is whole."""
_DURATION = re.compile(r"(\d{1,6})\s*([smhd]?)", re.ASCII)
_UNITS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86_400}


def seconds_of(text: str) -> float:
    """The seconds of "90", "30s", "5m", "2h" or "1d". Raises WrongUse."""
    written = _DURATION.fullmatch(text.strip())
    if not written or not int(written[1]):
        raise WrongUse(f"--every {text!r} is no span of time. Write 30s, 5m, 2h or 1d.")
    return float(int(written[1]) * _UNITS[written[2]])


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


def addresses_in(paths: Sequence[str]) -> tuple[list[str], list[Path]]:
    """What was typed, told apart: web addresses, and files or folders. Raises WrongUse for an empty path."""
    from newsdesk.address import is_web_address

    if "" in paths:
        raise WrongUse("One of the paths is empty. For the current folder write a dot.")
    web = [path for path in paths if is_web_address(path) and not os.path.lexists(path)]
    return web, [Path(path) for path in paths if path not in web]


@dataclass(slots=True)
class Sources:
    """Reads files and addresses as one run was told to. One of it keeps the pace of hosts, so it serves all rounds."""

    settings: Settings
    catalogue: Catalogue
    mapping: str = ""
    """What --map says."""
    follow: bool = False
    allow_private: bool = False
    stopped: threading.Event | None = None
    """Once it is set, nothing more is begun."""
    counts: Counter[str] = field(default_factory=Counter)
    """What became of the addresses of the last reading."""
    _fetcher: Fetcher | None = field(default=None, init=False)

    def read(self, addresses: Sequence[str], files: Sequence[Path]) -> Iterator[Item]:
        """What lies there; nothing is fetched unless an address was given, or what files name is to be followed."""
        from ingest.parts.fields import mapping_of
        from ingest.sources import read_sources

        mapping = mapping_of(self.mapping) or None
        found = read_sources(files, self.settings.data, mapping)
        self.counts = Counter()
        if not addresses and not self.follow:
            for item in found:
                yield item
                if self.stopping():
                    return
            return
        from ingest.fetch.follow import Follower
        from ingest.worker import shared_worker

        follower = Follower(
            self._of_network(), self.catalogue.fetched, shared_worker(), self.follow, mapping, self.stopping
        )
        self.counts = follower.counts
        yield from follower.read(addresses, found)

    def read_again(self, mapping: str, places: Sequence[Path | str]) -> Iterator[Item]:
        """What lies at the places of rejects, read with what --map said then."""
        self.mapping = mapping
        web = [place for place in places if isinstance(place, str)]
        yield from self.read(web, [place for place in places if isinstance(place, Path)])

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
        from ingest.sources import origin_of
        from newsdesk.address import canonical_url, without_login

        web = [canonical_url(address) or without_login(address) for address in addresses]
        return self.catalogue.rejects.of([*web, *map(origin_of, files)])

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


def told(counts: Counter[str]) -> str:
    """What became of addresses, in words; "" if there were none."""
    if not counts.total():
        return ""
    asked = f"; {counts['fetched']:,} fetched"
    rest = [f"{counts[name]:,} {name}" for name in ("not changed", "passed over") if counts[name]]
    return ", ".join([asked, *rest])


@contextmanager
def stopped_by_signals() -> Iterator[threading.Event]:
    """An event that Ctrl-C and SIGTERM set; the second of them ends the work at once."""
    event = threading.Event()
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def ask(number: int, frame: object) -> None:
        if event.is_set():
            stop(number, None)
        event.set()

    for number, handler in before.items():
        if handler is not signal.SIG_IGN:
            signal.signal(number, ask)
    try:
        yield event
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def watch(
    sources: Sources,
    addresses: Sequence[str],
    files: Sequence[Path],
    every: float,
    take: Callable[[Iterator[Item], list[int]], Summary],
    look: float = LOOK,
) -> Summary:
    """Takes in what comes, round after round, until the sources are stopped; the sum of all rounds.

    `take` stores what is read and forgets these rejects. Raises WrongUse for a path that is not there.
    """
    from ingest.fetch.watch import Feeds, Folders
    from ingest.pipeline import Summary

    for file in files:
        if not file.exists():
            raise WrongUse(f"{file} does not exist. Make it, or name another folder to watch.")
    folders, feeds, whole = Folders(files, sources.settings.data), Feeds(addresses, every, time.monotonic), Summary()
    print(f"Watching {len(files):,} paths and {len(addresses):,} feeds; Ctrl-C ends it.", file=sys.stderr, flush=True)
    assert sources.stopped is not None
    counts = Counter[str]()
    while not sources.stopped.is_set():
        changed, due = folders.changed(), feeds.due()
        if changed or due:
            failed: set[str] = set()
            items = _without_told(sources.read(due, changed), due, feeds, failed)
            summary = take(items, sources.old_rejects(_working(due, feeds), changed))
            feeds.asked(due, failed)
            add(whole, summary)
            counts.update(sources.counts)
            if summary.read or sources.counts.total():
                said = f"{time.strftime('%H:%M:%S')}  {counts_of(summary)}{told(sources.counts)}"
                print(said, file=sys.stderr, flush=True)
        sources.stopped.wait(look)
    sources.counts = counts
    return whole


def _working(due: Sequence[str], feeds: Feeds) -> list[str]:
    """What a feed that fails is on the list for stays there until it works."""
    return [address for address in due if not feeds.fails(address)]


def _without_told(items: Iterator[Item], due: Collection[str], feeds: Feeds, failed: set[str]) -> Iterator[Item]:
    """The items without the failures of feeds that were told before; `failed` is filled with all that fail."""
    from newsdesk.address import canonical_url
    from newsdesk.types import Rejected

    origins = {canonical_url(address) or address: address for address in due}
    for item in items:
        if isinstance(item, Rejected) and item.origin in origins:
            failed.add(origins[item.origin])
            if feeds.fails(origins[item.origin]):
                continue
        yield item


def add(whole: Summary, summary: Summary) -> None:
    """Adds what one reading did to what all did."""
    whole.outcomes.update(summary.outcomes)
    whole.rejected += summary.rejected
    whole.samples_left += summary.samples_left


def counts_of(summary: Summary) -> str:
    """What became of what was read, in words."""
    counts = [f"{summary.outcomes[name]:,} {name}" for name in ("added", "updated", "unchanged")]
    return ", ".join(counts) + f", {summary.rejected:,} rejected"
