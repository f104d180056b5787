"""One run of `newsdesk ingest`: what it takes in is searchable, counted, and told to the log of runs."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import typer

from app.commands.filling.telling import named, options_told, reason_of, result_of, told
from app.commands.options import show
from newsdesk.progress import progress

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from app.commands.filling.sources import Sources
    from ingest.fetch.follow import Item
    from ingest.pipeline import Summary
    from newsdesk.catalogue.catalogue import Catalogue
    from newsdesk.settings import Settings
    from newsdesk.types import Rejected

SHOWN_REJECTS = 1_000
"""Rejects in the JSON of one run; all of them are on the list (`newsdesk rejects`)."""


@dataclass(slots=True)
class Run:
    """A run over one reading or several. Made by `begin`, so that it is in the log."""

    sources: Sources
    number: int
    whole: Summary
    """What became of everything so far."""
    rejected: list[Rejected] = field(default_factory=list)
    """The first of them."""

    def take(self, items: Iterable[Item], mapping: str = "") -> Summary:
        """Stores what is read, searchable when this returns; what became of it. `mapping` is what --map said."""
        from index.find.keyword import KeywordIndex
        from ingest.pipeline import ingest

        catalogue = self.sources.catalogue
        keyword = KeywordIndex(self.sources.settings.data, catalogue)
        shown = time.monotonic()
        with progress("Reading", "article") as report:

            def on_batch(summary: Summary) -> None:
                nonlocal shown
                taken = self.whole.outcomes.total() + summary.outcomes.total()  # rejects are no articles
                report(taken, part=self.sources.part())
                if time.monotonic() - shown > 1:  # searchable within about a second of the commit
                    keyword.catch_up()
                    self._tell(summary)
                    shown = time.monotonic()

            with options_told():
                summary = ingest(catalogue, items, on_batch, self._note, mapping=mapping)
        summary.found.update(self.sources.found())
        self.whole.add(summary)
        self._tell()
        with progress("Finding copies", "article") as report:  # of what an older Newsdesk stored
            catalogue.stories.catch_up(report)
        keyword.catch_up()
        return summary

    def end(self) -> None:
        """Notes that it came to its end."""
        self._tell(ended=True)

    def _note(self, item: Rejected) -> None:
        print(f"rejected {named(item)}: {reason_of(item)}", file=sys.stderr)
        if len(self.rejected) < SHOWN_REJECTS:
            self.rejected.append(item)

    def _tell(self, present: Summary | None = None, *, ended: bool = False) -> None:
        """Tells the log how far the run is, with a reading that still goes on."""
        from newsdesk.catalogue.runs.log import COUNTED

        outcomes, found, rejected = self.whole.outcomes.copy(), self.whole.found.copy(), self.whole.rejected
        if present is not None:
            outcomes.update(present.outcomes)
            found.update(self.sources.found())
            rejected += present.rejected
        more = {"rejected": rejected, "files_unchanged": found["files unchanged"], "fetched": found["fetched"]}
        counts = {name: more.get(name, outcomes[name]) for name in COUNTED}
        self.sources.catalogue.runs.tell(self.number, counts, ended=ended)


def begin(sources: Sources, of: Sequence[str]) -> Run:
    """A run over what these name."""
    from ingest.pipeline import Summary

    return Run(sources, sources.catalogue.runs.begin(of), Summary())


def take_in(
    sources: Sources,
    of: Sequence[str],
    readings: Iterable[tuple[str, Iterable[Item]]],
    old_rejects: Sequence[int],
    vectors: bool,
    as_json: bool,
    left: int = 0,
) -> None:
    """A whole run: takes in readings, each with what --map said, and shows what became of them. Exits with 1 for rejects.

    `old_rejects`, the sources of which are read again, leave the list when all was read, so that a run that is
    stopped loses none. `left` is how many on the list cannot be read again.
    """
    run = begin(sources, of)
    for mapping, items in readings:
        run.take(items, mapping)
    sources.forget(old_rejects)
    run.end()
    embedded = make_vectors(sources.settings, sources.catalogue) if vectors else None
    sources.close()
    show(result_of(run.whole, run.rejected, left, embedded), as_json, told(run.whole, left, embedded))
    if run.whole.rejected or left:
        raise typer.Exit(1)


def make_vectors(settings: Settings, catalogue: Catalogue, keep_going: Callable[[], bool] = lambda: True) -> str:
    """Makes the missing vectors, as long as it is to keep going; says in a word how that ended."""
    from index.embed.missing import embed_missing

    with progress("Embedding", "text") as report:
        done = embed_missing(catalogue, settings.model, report, keep_going)
    return "complete" if done else "left to another process"
