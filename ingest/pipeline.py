"""Articles from any source into the catalogue, a small transaction at a time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice
from typing import TypeVar

from ingest.passages import split_passages
from newsdesk.catalogue.catalogue import Catalogue
from newsdesk.catalogue.rows import Outcome
from newsdesk.catalogue.runs.sources import Source
from newsdesk.errors import ArticleNotFound
from newsdesk.types import Article, Rejected, Withdrawn

T = TypeVar("T")

BATCH = 16
"""Articles a transaction: about a tenth of a second, so that another writer never waits long."""


@dataclass(slots=True)
class Summary:
    """What became of everything that was read."""

    outcomes: Counter[str] = field(default_factory=Counter)
    """"added", "updated", "unchanged" -> articles."""
    rejected: int = 0
    samples_left: int = 0
    """Sample articles that left because the first other article came."""

    @property
    def read(self) -> int:
        """Articles taken in, and things rejected."""
        return self.outcomes.total() + self.rejected


def ingest(
    catalogue: Catalogue,
    items: Iterable[Article | Rejected | Source],
    on_batch: Callable[[Summary], None] = lambda summary: None,
    on_reject: Callable[[Rejected], None] = lambda rejected: None,
    on_stored: Callable[[Article, Outcome], None] = lambda article, outcome: None,
    fields: str = "",
) -> Summary:
    """Stores what a reader yields; each batch is acknowledged when `on_batch` is called.

    A Source is remembered when everything before it is stored. `fields`, what --map said, is kept with each reject.

    `on_reject` is told of each thing that was put on the list of rejects, `on_stored` of each article that was taken
    in and what became of it; nothing of either is kept here.
    """
    summary = Summary()
    for batch in _batches(items, BATCH):
        articles = [item for item in batch if isinstance(item, Article)]
        rejected = [item for item in batch if isinstance(item, Rejected)]
        if articles:
            stored = catalogue.put(articles, split_passages)
            summary.outcomes.update(stored.outcomes)
            summary.samples_left += stored.samples_left
            for article, outcome in zip(articles, stored.outcomes, strict=True):
                on_stored(article, outcome)
        if rejected:
            _withdraw(catalogue, batch)
            catalogue.rejects.put(rejected, fields)
            summary.rejected += len(rejected)
            for item in rejected:
                on_reject(item)
        if sources := [item for item in batch if isinstance(item, Source)]:
            catalogue.sources.put(sources)
        on_batch(summary)
    return summary


def _withdraw(catalogue: Catalogue, batch: Iterable[Article | Rejected | Source]) -> None:
    """Removes the articles that their senders took back, unless they were sent again behind that."""
    for item in {item.id: item for item in batch if not isinstance(item, Source)}.values():
        if isinstance(item, Withdrawn) and item.id:
            with suppress(ArticleNotFound):  # it was never taken in
                catalogue.remove([item.id])


def _batches(items: Iterable[T], size: int) -> Iterator[list[T]]:
    iterator = iter(items)
    while batch := list(islice(iterator, size)):
        yield batch
