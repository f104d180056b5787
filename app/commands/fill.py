"""Filling the archive: `ingest`, `sample`, `rejects`, `embed` and `remove`."""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.commands.options import AsChild, AsJson, Data, Model, become_child, show
from newsdesk.errors import WrongUse
from newsdesk.progress import progress
from newsdesk.settings import Settings, load_settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from app.commands.taking import Sources
    from ingest.fetch.follow import Item
    from ingest.pipeline import Summary
    from newsdesk.catalogue.catalogue import Catalogue
    from newsdesk.catalogue.rejects import ListedReject
    from newsdesk.types import Rejected


SAMPLE = Path(__file__).parents[2] / "eval" / "sample"

SHOWN_REJECTS = 1_000
"""Rejects in the JSON of one run; all of them are on the list (`newsdesk rejects`)."""

_SELDOM = {
    "older": "older versions kept as history",
    "held": "under embargo",
    "withdrawn": "kept out, because their senders took them back",
}
"""What is told of a run only where there is any."""


def ingest(
    paths: Annotated[
        list[str], typer.Argument(metavar="PATH...", help="Files, folders or web addresses.", show_default=False)
    ],
    data: Data = None,
    model: Model = None,
    vectors: Annotated[bool, typer.Option(help="Make the vectors too; without, articles are found by keyword.")] = True,
    fields: Annotated[
        str,
        typer.Option(
            "--map", metavar="FIELD=NAME,...", help="What your records call the fields: title=headline,text=body."
        ),
    ] = "",
    follow: Annotated[bool, typer.Option("--follow", help="Fetch the pages that feeds and sitemaps name.")] = False,
    allow_private: Annotated[
        bool, typer.Option("--allow-private", help="Fetch from this machine and private networks too.")
    ] = False,
    watch: Annotated[bool, typer.Option("--watch", help="Go on taking in what comes, until Ctrl-C.")] = False,
    every: Annotated[str, typer.Option(metavar="TIME", help="With --watch: how often feeds are asked.")] = "5m",
    as_json: AsJson = False,
) -> None:
    """Take in articles: pages, text, JSON, CSV, feeds, wire formats, web archives, PDF, Word; files, folders, addresses."""
    from app.commands.taking import Sources, addresses_in, seconds_of

    addresses, files = addresses_in(paths)
    pause = seconds_of(every)
    settings = load_settings(data=data, model=model)
    sources = Sources(settings, _open(settings), fields, follow, allow_private)
    if watch:
        _watch(sources, addresses, files, pause, vectors, as_json)
        return
    old = sources.old_rejects(addresses, files)
    _ingest(sources, [(fields, sources.read(addresses, files))], old, vectors, as_json)


def sample(data: Data = None, model: Model = None, as_json: AsJson = False) -> None:
    """Load the sample archive if there is no article yet; it leaves when the first other article comes."""
    from dataclasses import replace

    from app.commands.taking import Sources
    from ingest.formats.jsonl import read_jsonl
    from newsdesk.types import Article

    settings = load_settings(data=data, model=model)
    catalogue = _open(settings)
    present = catalogue.counts().articles
    if present:
        show({"articles": present}, as_json, f"{settings.data} holds {present:,} articles; the sample stays out.")
        return
    items = read_jsonl(SAMPLE / "articles.jsonl")
    marked = (replace(item, sample=True) if isinstance(item, Article) else item for item in items)
    _ingest(Sources(settings, catalogue), [("", marked)], (), True, as_json)


def _open(settings: Settings) -> Catalogue:
    """The catalogue, made if there is none."""
    from newsdesk.catalogue.catalogue import Catalogue

    return Catalogue(settings.catalogue_file)


def _ingest(
    sources: Sources,
    groups: Iterable[tuple[str, Iterable[Item]]],
    old_rejects: Sequence[int],
    vectors: bool,
    as_json: bool,
    left: int = 0,
) -> None:
    """Takes in what readers yield, each with what --map said; shows what became of it; exits with 1 for rejects.

    `old_rejects`, the sources of which are read again, leave the list when all was read, so that a run that is
    stopped loses none. `left` is how many on the list cannot be read again.
    """
    rejected: list[Rejected] = []
    summary, counts = _take_in(sources, groups, rejected)
    sources.catalogue.rejects.forget(old_rejects)
    embedded = _embed(sources.settings, sources.catalogue) if vectors else None
    sources.close()
    _show_summary(summary, rejected, left, embedded, as_json, counts)
    if summary.rejected or left:
        raise typer.Exit(1)


def _take_in(
    sources: Sources, groups: Iterable[tuple[str, Iterable[Item]]], rejected: list[Rejected]
) -> tuple[Summary, Counter[str]]:
    """Stores what readers yield, searchable when this returns; `rejected` is filled with the first rejects."""
    from app.commands.taking import add
    from index.find.keyword import KeywordIndex
    from ingest.pipeline import Summary
    from ingest.pipeline import ingest as ingest_items

    def on_reject(item: Rejected) -> None:
        print(f"rejected {_named(item)}: {item.reason}", file=sys.stderr)
        if len(rejected) < SHOWN_REJECTS:
            rejected.append(item)

    whole, counts = Summary(), Counter[str]()
    keyword = KeywordIndex(sources.settings.data, sources.catalogue)
    shown = time.monotonic()
    with progress("Reading", "articles") as report:

        def on_batch(summary: Summary) -> None:
            nonlocal shown
            report(whole.read + summary.read)
            if time.monotonic() - shown > 1:  # searchable within about a second of the commit
                keyword.catch_up()
                shown = time.monotonic()

        for mapping, items in groups:
            add(whole, ingest_items(sources.catalogue, items, on_batch, on_reject, mapping=mapping))
            counts.update(sources.counts)
    with progress("Finding copies", "articles") as report:  # of what an older Newsdesk stored
        sources.catalogue.stories.catch_up(report)
    keyword.catch_up()
    return whole, counts


def _watch(
    sources: Sources, addresses: Sequence[str], files: Sequence[Path], every: float, vectors: bool, as_json: bool
) -> None:
    """Takes in what comes until it is told to stop, and then shows what became of all of it."""
    from app.commands.taking import stopped_by_signals, watch

    rejected: list[Rejected] = []

    def take(items: Iterable[Item], old_rejects: Sequence[int]) -> Summary:
        summary, _ = _take_in(sources, [(sources.mapping, items)], rejected)
        if not sources.stopping():  # else some were perhaps not read again
            sources.catalogue.rejects.forget(old_rejects)
        if vectors and (summary.outcomes["added"] or summary.outcomes["updated"]):
            _embed(sources.settings, sources.catalogue, lambda: not sources.stopping())
        return summary

    with stopped_by_signals() as sources.stopped:
        summary = watch(sources, addresses, files, every, take)
    sources.close()
    _show_summary(summary, rejected, 0, None, as_json, sources.counts)


def _embed(settings: Settings, catalogue: Any, keep_going: Callable[[], bool] = lambda: True) -> str:
    """Makes the missing vectors, as long as it is to keep going; says in a word how that ended."""
    from index.embed.missing import embed_missing

    with progress("Embedding", "texts") as report:
        done = embed_missing(catalogue, settings.model, report, keep_going)
    return "complete" if done else "left to another process"


def _show_summary(
    summary: Summary,
    rejected: Sequence[Rejected],
    left: int,
    vectors: str | None,
    as_json: bool,
    fetched: Counter[str],
) -> None:
    from app.commands.taking import counts_of, told

    counts = {name: summary.outcomes[name] for name in ("added", "updated", "unchanged")}
    text = counts_of(summary) + told(fetched)
    more = {name: summary.outcomes[name] for name in _SELDOM}
    text += "".join(f"; {_SELDOM[name]}: {number:,}" for name, number in more.items() if number)
    if summary.samples_left:
        text += f"; the {summary.samples_left:,} sample articles left"
    if left:
        text += f"; {left:,} cannot be read again, because no file is known for them: send them again"
    if vectors:
        text += f"; vectors {vectors}"
    result = {
        **counts,
        **more,
        "rejected_count": summary.rejected,
        "rejected": [{"origin": item.origin, "id": item.id, "reason": item.reason} for item in rejected],
        "not_read_again": left,
        "samples_left": summary.samples_left,
        "vectors": vectors or "not made",
        "addresses": {name: fetched[name] for name in ("fetched", "not changed", "passed over")},
    }
    show(result, as_json, text)


def _named(item: Rejected | ListedReject) -> str:
    """Where a reject came from, and its id if it has one."""
    return f"{item.origin} ({item.id})" if item.id else item.origin


def rejects(
    data: Data = None,
    limit: Annotated[int, typer.Option(min=0, help="Show only the newest; 0 shows all.")] = 50,
    retry: Annotated[bool, typer.Option("--retry", help="Read the rejected files again.")] = False,
    forget: Annotated[bool, typer.Option("--forget", help="Empty the list.")] = False,
    model: Model = None,
    vectors: Annotated[bool, typer.Option(help="With --retry: make the vectors too.")] = True,
    as_json: AsJson = False,
) -> None:
    """List what was not taken in, newest first, with the reasons; or read it again, or forget it."""
    from newsdesk.catalogue.catalogue import Catalogue

    if retry and forget:
        raise WrongUse("--retry and --forget cannot both be meant. Give one of them.")
    settings = load_settings(data=data, model=model)
    catalogue = Catalogue(settings.catalogue_file, create=False)
    if retry:
        _retry(settings, catalogue, vectors, as_json)
    elif forget:
        numbers = [item.number for item in catalogue.rejects.every()]
        catalogue.rejects.forget(numbers)
        show({"forgotten": len(numbers)}, as_json, f"{len(numbers):,} forgotten.")
    else:
        _list_rejects(catalogue, limit or None, as_json)


def _list_rejects(catalogue: Catalogue, limit: int | None, as_json: bool) -> None:
    """Prints piece by piece: there may be more than memory should hold."""
    from dataclasses import asdict

    total = catalogue.counts().rejects
    shown = islice(catalogue.rejects.every(), limit)
    if as_json:
        print(f'{{"total": {total}, "rejects": [', end="")
        for place, item in enumerate(shown):
            print("," if place else "", json.dumps(asdict(item), ensure_ascii=False), sep="\n", end="")
        print("\n]}")
        return
    for item in shown:
        print(f"{item.rejected_at}  {_named(item)}: {item.reason}")
    if not total:
        print("Nothing was rejected.")
    elif limit is not None and limit < total:
        print(f"These are the newest {limit:,} of {total:,}; `--limit 0` shows all.")


def _retry(settings: Settings, catalogue: Catalogue, vectors: bool, as_json: bool) -> None:
    """Reads each rejected file once more, the first that was rejected first, with the --map it was read with."""
    from app.commands.taking import Sources, place_of

    groups: dict[str, dict[str | Path, None]] = {}
    old, left = [], 0
    for item in catalogue.rejects.every():
        place = place_of(item.origin, catalogue)
        if place is None:
            left += 1
        else:
            groups.setdefault(item.mapping, {})[place] = None
            old.append(item.number)
    sources = Sources(settings, catalogue)
    readings = ((mapping, sources.read_again(mapping, list(places)[::-1])) for mapping, places in groups.items())
    _ingest(sources, readings, old, vectors, as_json, left)


def embed(
    data: Data = None,
    model: Model = None,
    as_json: AsJson = False,
    as_child: AsChild = False,
) -> None:
    """Make the vectors that are missing. Can be stopped at any moment and goes on where it was."""
    from index.embed.missing import embed_missing
    from newsdesk.catalogue.catalogue import Catalogue

    settings = load_settings(data=data, model=model)
    catalogue = Catalogue(settings.catalogue_file, create=False)
    if as_child:  # of the service: gives way to it, and ends with it
        done = embed_missing(catalogue, settings.model, keep_going=become_child())
        raise typer.Exit(0 if done else 3)
    outcome = _embed(settings, catalogue)
    show({"vectors": outcome}, as_json, f"Vectors {outcome}.")


def remove(
    article_ids: Annotated[list[str], typer.Argument(metavar="ID...", show_default=False)],
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Remove articles by id; they are gone from every answer at once."""
    from index.find.keyword import KeywordIndex
    from ingest.passages import split_passages
    from newsdesk.catalogue.catalogue import Catalogue

    settings = load_settings(data=data)
    catalogue = Catalogue(settings.catalogue_file, create=False)
    catalogue.remove(article_ids, split_passages)
    KeywordIndex(settings.data, catalogue).catch_up()
    show({"removed": article_ids}, as_json, f"Removed {len(article_ids):,}.")
