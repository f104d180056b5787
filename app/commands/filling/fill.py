"""Filling the archive: `ingest`, `sample`, `embed` and `remove`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.commands.options import AsChild, AsJson, Data, Model, become_child, load_settings, show
from newsdesk.errors import WrongUse
from newsdesk.wording.counted import counted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from app.commands.filling.sources import Sources
    from ingest.fetch.follow import Item
    from ingest.pipeline import Summary
    from newsdesk.catalogue.catalogue import Catalogue
    from newsdesk.settings import Settings


SAMPLE = Path(__file__).parents[3] / "eval" / "sample"


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
    again: Annotated[bool, typer.Option("--again", help="Read files too that are as they were the last time.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what files hold, and store nothing.")] = False,
    as_json: AsJson = False,
) -> None:
    """Take in articles: pages, text, JSON, CSV, feeds, wire formats, web archives, PDF, Word; files, folders, addresses."""
    from app.commands.filling.run import take_in
    from app.commands.filling.sources import Sources, addresses_in, check_there, origins
    from app.commands.filling.watching import seconds_of

    addresses, files = addresses_in(paths)
    pause = seconds_of(every)
    check_there(files)
    settings = load_settings(data=data, model=model)
    if dry_run:
        if addresses or follow or watch:
            named = addresses[0] if addresses else "--follow" if follow else "--watch"
            raise WrongUse(f"--dry-run fetches nothing and looks at files once. Leave out {named}, or --dry-run.")
        _preview(settings, files, fields, as_json)
        return
    sources = Sources(settings, _open(settings), fields, follow, allow_private, again)
    if watch:
        _watch(sources, addresses, files, pause, vectors, as_json)
        return
    old = sources.old_rejects(addresses, files)
    reading = sources.read(addresses, files)
    take_in(sources, origins(addresses, files), [(fields, reading)], old, vectors, as_json)


def _watch(
    sources: Sources, addresses: Sequence[str], files: Sequence[Path], every: float, vectors: bool, as_json: bool
) -> None:
    """Takes in what comes until it is told to stop, and then shows what became of all of it: one run."""
    from app.commands.filling.run import begin, make_vectors
    from app.commands.filling.sources import origins
    from app.commands.filling.telling import result_of, told
    from app.commands.filling.watching import stopped_by_signals, watch

    run = begin(sources, origins(addresses, files))

    def take(items: Iterator[Item], old_rejects: Sequence[int]) -> Summary:
        summary = run.take(items, sources.mapping)
        if not sources.stopping():  # else some were perhaps not read again
            sources.forget(old_rejects)
        if vectors and (summary.outcomes["added"] or summary.outcomes["updated"]):
            make_vectors(sources.settings, sources.catalogue, lambda: not sources.stopping())
        return summary

    with stopped_by_signals() as sources.stopped:
        watch(sources, addresses, files, every, take)
    run.end()
    sources.close()
    show(result_of(run.whole, run.rejected, 0, None), as_json, told(run.whole, 0, None))


def _preview(settings: Settings, files: Sequence[Path], fields: str, as_json: bool) -> None:
    """Reads everything, and the data folder is not even made."""
    from app.commands.filling.dry_run import Preview
    from app.commands.filling.telling import options_told
    from ingest.parts.fields import mapping_of
    from ingest.reading import Reading
    from ingest.record import log

    preview = Preview()
    log.addHandler(preview)
    log.propagate = False
    own = settings.data if settings.data.exists() else None
    mapping = mapping_of(fields) or None
    with options_told():
        preview.read(Reading(files, own, mapping, processes=settings.readers, on_file=preview.count_file))
    show(preview.as_json(), as_json, preview.as_text())
    if preview.rejected_count:
        raise typer.Exit(1)


def sample(data: Data = None, model: Model = None, as_json: AsJson = False) -> None:
    """Load the sample archive if there is no article yet; it leaves when the first other article comes."""
    from dataclasses import replace

    from app.commands.filling.run import take_in
    from app.commands.filling.sources import Sources
    from ingest.formats.jsonl import read_jsonl
    from newsdesk.types import Article

    settings = load_settings(data=data, model=model)
    catalogue = _open(settings)
    present = catalogue.counts().articles
    if present:
        show(
            {"articles": present},
            as_json,
            f"{settings.data} holds {counted(present, 'article')}; the sample stays out.",
        )
        return
    items = read_jsonl(SAMPLE / "articles.jsonl")
    marked = (replace(item, sample=True) if isinstance(item, Article) else item for item in items)
    take_in(Sources(settings, catalogue), [str(SAMPLE)], [("", marked)], (), True, as_json)


def _open(settings: Settings) -> Catalogue:
    """The catalogue, made if there is none."""
    from newsdesk.catalogue.catalogue import Catalogue

    return Catalogue(settings.catalogue_at)


def embed(
    data: Data = None,
    model: Model = None,
    as_json: AsJson = False,
    workers: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Share the work among N processes, or N tasks with --ray.")
    ] = None,
    ray: Annotated[
        str, typer.Option(metavar="ADDRESS", help="Let the Ray cluster there do it; local: on this machine.")
    ] = "",
    as_child: AsChild = False,
    as_worker: Annotated[bool, typer.Option("--as-worker", hidden=True)] = False,
) -> None:
    """Make the vectors that are missing. Can be stopped at any moment and goes on where it was."""
    from app.commands.filling.run import make_vectors
    from app.commands.filling.workers import be_worker, make_vectors_by_workers
    from index.embed.missing import embed_missing
    from newsdesk.catalogue.catalogue import Catalogue

    settings = load_settings(data=data, model=model)
    catalogue = Catalogue(settings.catalogue_at, create=False)
    if as_child:  # of the service: gives way to it, and ends with it
        done = embed_missing(catalogue, settings.model, keep_going=become_child())
        raise typer.Exit(0 if done else 3)
    if as_worker:
        be_worker(settings, catalogue)
        return
    many = workers or ray
    outcome = make_vectors_by_workers(settings, catalogue, workers, ray) if many else make_vectors(settings, catalogue)
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
    catalogue = Catalogue(settings.catalogue_at, create=False)
    catalogue.remove(article_ids, split_passages)
    KeywordIndex(settings.data, catalogue).catch_up()
    show({"removed": article_ids}, as_json, f"Removed {len(article_ids):,}.")
