"""Articles from any source into the catalogue, a small transaction at a time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import TypeVar

from ingest.passages import split_passages
from newsdesk.catalogue.catalogue import Catalogue
from newsdesk.catalogue.rows import Outcome
from newsdesk.catalogue.runs.fetched import Fetched
from newsdesk.catalogue.runs.sources import Source
from newsdesk.types import Article, Rejected, Withdrawn

T = TypeVar("T")

BATCH = 16
"""Articles a transaction: about a tenth of a second, so that another writer never waits long."""


@dataclass(slots=True)
class Summary:
    """What became of everything that was read."""

    outcomes: Counter[str] = field(default_factory=Counter)
    """Outcome -> articles."""
    rejected: int = 0
    samples_left: int = 0
    """Sample articles that left because the first other article came."""
    found: Counter[str] = field(default_factory=Counter)
    """Told by whoever reads: "files unchanged", and of addresses "fetched", "not changed", "passed over"."""

    @property
    def read(self) -> int:
        """Articles taken in, and things rejected."""
        return self.outcomes.total() + self.rejected

    def add(self, other: Summary) -> None:
        """Adds what another run did."""
        self.outcomes.update(other.outcomes)
        self.rejected += other.rejected
        self.samples_left += other.samples_left
        self.found.update(other.found)


def ingest(
    catalogue: Catalogue,
    items: Iterable[Article | Rejected | Fetched | Source],
    on_batch: Callable[[Summary], None] = lambda summary: None,
    on_reject: Callable[[Rejected], None] = lambda rejected: None,
    on_stored: Callable[[Article, Outcome], None] = lambda article, outcome: None,
    mapping: str = "",
) -> Summary:
    """Stores what a reader yields; each batch is acknowledged when `on_batch` is called.

    A file that was read, and what an address answered, are remembered behind what came of them: who is stopped in
    between reads or fetches it again. `mapping` (`--map`) is kept with the rejects.

    `on_reject` is told of each thing that was put on the list of rejects, `on_stored` of each article that was taken
    in and what became of it; nothing of either is kept here.
    """
    summary = Summary()
    for batch in _batches(items, BATCH):
        taken = [item for item in batch if isinstance(item, Article | Withdrawn)]
        rejected = [item for item in batch if isinstance(item, Rejected)]
        if taken:
            stored = catalogue.put(taken, split_passages)
            summary.samples_left += stored.samples_left
            for item, outcome in zip(taken, stored.outcomes, strict=True):
                if isinstance(item, Article):  # a withdrawal is counted with the rejects
                    summary.outcomes[outcome] += 1
                    on_stored(item, outcome)
        if rejected:
            catalogue.rejects.put(rejected, mapping)
            summary.rejected += len(rejected)
            for each in rejected:
                on_reject(each)
        if sources := [item for item in batch if isinstance(item, Source)]:
            catalogue.sources.put(sources)
        if fetched := [item for item in batch if isinstance(item, Fetched)]:
            catalogue.fetched.put(fetched)
        on_batch(summary)
    return summary


def _batches(items: Iterable[T], size: int) -> Iterator[list[T]]:
    iterator = iter(items)
    while batch := list(islice(iterator, size)):
        yield batch
