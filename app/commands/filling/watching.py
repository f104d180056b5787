"""`newsdesk ingest --watch`: files and feeds read again and again until it is told to stop."""

from __future__ import annotations

import re
import signal
import sys
import threading
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from app.commands.filling.telling import counts_of
from app.commands.terminal import stop
from newsdesk.errors import WrongUse
from newsdesk.wording.counted import counted
from newsdesk.wording.quoted import quoted

if TYPE_CHECKING:
    from app.commands.filling.sources import Sources
    from ingest.fetch.follow import Item
    from ingest.fetch.watch import Feeds
    from ingest.pipeline import Summary

LOOK = 2.0
"""Seconds between two looks at the folders that are watched: a file that did not change in between is whole."""
_DURATION = re.compile(r"(\d{1,6})\s*([smhd]?)", re.ASCII)
_UNITS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86_400}


def seconds_of(text: str) -> float:
    """The seconds of "90", "30s", "5m", "2h" or "1d". Raises WrongUse."""
    written = _DURATION.fullmatch(text.strip())
    if not written or not int(written[1]):
        raise WrongUse(f"--every {quoted(text)} is no span of time. Write 30s, 5m, 2h or 1d.")
    return float(int(written[1]) * _UNITS[written[2]])


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
) -> None:
    """Takes in what comes, round after round, until the sources are stopped.

    `take` stores what is read, forgets these rejects and says what became of this round.
    """
    from ingest.fetch.watch import Feeds, Folders

    folders, feeds = Folders(files, sources.settings.data), Feeds(addresses, every, time.monotonic)
    print(
        f"Watching {counted(len(files), 'path')} and {counted(len(addresses), 'feed')}; Ctrl-C ends it.",
        file=sys.stderr,
        flush=True,
    )
    assert sources.stopped is not None
    while not sources.stopped.is_set():
        changed, due = folders.changed(), feeds.due()
        if changed or due:
            failed: set[str] = set()
            items = _without_told(sources.read(due, changed), due, feeds, failed)
            summary = take(items, sources.old_rejects(_working(due, feeds), changed))
            feeds.asked(due, failed)
            if summary.read or summary.found.total():
                print(f"{time.strftime('%H:%M:%S')}  {counts_of(summary)}", file=sys.stderr, flush=True)
        sources.stopped.wait(look)


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
