"""Filling the archive: `ingest`, `sample`, `rejects`, `embed` and `remove`."""

from __future__ import annotations

import json
import sys
import time
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.commands.options import AsChild, AsJson, Data, Model, become_child, show
from newsdesk.errors import WrongUse
from newsdesk.progress import progress
from newsdesk.settings import Settings, load_settings

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ingest.pipeline import Summary
    from ingest.reading import Reading
    from newsdesk.catalogue.catalogue import Catalogue
    from newsdesk.catalogue.rejects import ListedReject
    from newsdesk.types import Article, Rejected


SAMPLE = Path(__file__).parents[2] / "eval" / "sample"

SHOWN_REJECTS = 1_000
"""Rejects in the JSON of one run; all of them are on the list (`newsdesk rejects`)."""


def ingest(
    paths: Annotated[list[str], typer.Argument(metavar="PATH...", help="Files or folders.", show_default=False)],
    data: Data = None,
    model: Model = None,
    vectors: Annotated[bool, typer.Option(help="Make the vectors too; without, articles are found by keyword.")] = True,
    fields: Annotated[
        str,
        typer.Option(
            "--map", metavar="FIELD=NAME,...", help="What your records call the fields: title=headline,text=body."
        ),
    ] = "",
    again: Annotated[bool, typer.Option("--again", help="Read files too that are as they were the last time.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be taken in, and store nothing.")] = False,
    as_json: AsJson = False,
) -> None:
    """Take in articles: pages, text, JSON, CSV, feeds, wire formats, web archives, PDF, Word; files or folders of them."""
    from ingest.files import origin_of
    from ingest.parts.fields import mapping_of
    from ingest.reading import Reading

    if "" in paths:
        raise WrongUse("One of the paths is empty. For the current folder write a dot.")
    settings = load_settings(data=data, model=model)
    files, mapping = [Path(path) for path in paths], mapping_of(fields) or None
    if dry_run:
        _preview(settings, files, fields, as_json)
        return
    catalogue = _open(settings)
    old = catalogue.rejects.of(map(origin_of, files))
    known = (lambda path: None) if again else catalogue.sources.get
    reading = Reading(files, settings.data, mapping, processes=settings.readers, known=known)
    job = _Job(list(map(origin_of, files)), reading, old, fields)
    _ingest(settings, catalogue, job, vectors, as_json)


def _preview(settings: Settings, files: Sequence[Path], fields: str, as_json: bool) -> None:
    """Reads everything, and the data folder is not even made."""
    from app.commands.dry_run import Preview
    from ingest.parts.fields import mapping_of
    from ingest.reading import Reading
    from ingest.record import log

    preview = Preview()
    log.addHandler(preview)
    log.propagate = False
    own = settings.data if settings.data.exists() else None
    mapping = mapping_of(fields) or None
    preview.read(Reading(files, own, mapping, processes=settings.readers, on_file=preview.count_file))
    show(preview.as_json(), as_json, preview.as_text())
    if preview.rejected_count:
        raise typer.Exit(1)


def sample(data: Data = None, model: Model = None, as_json: AsJson = False) -> None:
    """Load the sample archive if there is no article yet; it leaves when the first other article comes."""
    from dataclasses import replace

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
    _ingest(settings, catalogue, _Job([str(SAMPLE)], marked), True, as_json)


def _open(settings: Settings) -> Catalogue:
    """The catalogue, made if there is none."""
    from newsdesk.catalogue.catalogue import Catalogue

    return Catalogue(settings.catalogue_file)


@dataclass
class _Job:
    """What a run takes in."""

    paths: Sequence[str]
    """What was named, for the log of runs."""
    items: Reading | Iterable[Article | Rejected]
    old_rejects: Sequence[int] = ()
    """Those whose sources are read again leave the list when all was read, so that a run that is stopped loses none."""
    fields: str = ""
    """What --map said."""


def _ingest(settings: Settings, catalogue: Catalogue, job: _Job, vectors: bool, as_json: bool) -> None:
    """Takes in what a reader yields, and shows what became of it; exits with 1 when something was rejected."""
    rejected: list[Rejected] = []
    summary, skipped = _take_in(settings, catalogue, job, rejected)
    embedded = _embed(settings, catalogue) if vectors else None
    catalogue.close()
    _show_summary(summary, rejected, skipped, 0, embedded, as_json)


def _take_in(settings: Settings, catalogue: Catalogue, job: _Job, rejected: list[Rejected]) -> tuple[Summary, int]:
    """One run, with its entry in the log; what became of everything, and how many files were as they had been."""
    from index.find.keyword import KeywordIndex
    from ingest.pipeline import ingest as ingest_items
    from ingest.reading import Reading

    def on_reject(item: Rejected) -> None:
        print(f"rejected {_named(item)}: {item.reason}", file=sys.stderr)
        if len(rejected) < SHOWN_REJECTS:
            rejected.append(item)

    keyword = KeywordIndex(settings.data, catalogue)
    run, reading = catalogue.runs.begin(job.paths), job.items if isinstance(job.items, Reading) else None
    total = reading.total_bytes() if reading else None
    shown = time.monotonic()

    def counts(summary: Summary) -> dict[str, int]:
        skipped = reading.files_unchanged if reading else 0
        outcomes = {name: summary.outcomes[name] for name in ("added", "updated", "unchanged")}
        return outcomes | {"rejected": summary.rejected, "files_unchanged": skipped}

    with progress("Reading", "articles") as report:

        def on_batch(summary: Summary) -> None:
            nonlocal shown
            report(summary.read, part=(reading.done_bytes, total) if reading and total else None)
            if time.monotonic() - shown > 1:  # searchable within about a second of the commit
                keyword.catch_up()
                catalogue.runs.tell(run, counts(summary))
                shown = time.monotonic()

        summary = ingest_items(catalogue, job.items, on_batch, on_reject, fields=job.fields)
    kept = set(catalogue.rejects.of(reading.kept)) if reading and job.old_rejects else set()
    catalogue.rejects.forget([number for number in job.old_rejects if number not in kept])
    catalogue.runs.tell(run, counts(summary), ended=True)
    keyword.catch_up()
    return summary, reading.files_unchanged if reading else 0


def _embed(settings: Settings, catalogue: Any) -> str:
    """Makes the missing vectors; says in a word how that ended."""
    from index.embed.missing import embed_missing

    with progress("Embedding", "texts") as report:
        done = embed_missing(catalogue, settings.model, report)
    return "complete" if done else "left to another process"


def _show_summary(
    summary: Summary, rejected: Sequence[Rejected], skipped: int, left: int, vectors: str | None, as_json: bool
) -> None:
    from dataclasses import asdict

    counts = {name: summary.outcomes[name] for name in ("added", "updated", "unchanged")}
    text = ", ".join(f"{number:,} {name}" for name, number in counts.items()) + f", {summary.rejected:,} rejected"
    if summary.samples_left:
        text += f"; the {summary.samples_left:,} sample articles left"
    if skipped:
        text += f"; {skipped:,} files are as they were and were not read again (--again reads them)"
    if left:
        text += f"; {left:,} cannot be read again, because no file is known for them: send them again"
    if vectors:
        text += f"; vectors {vectors}"
    result = {
        **counts,
        "rejected_count": summary.rejected,
        "rejected": [asdict(item) for item in rejected],
        "not_read_again": left,
        "files_unchanged": skipped,
        "samples_left": summary.samples_left,
        "vectors": vectors or "not made",
    }
    show(result, as_json, text)
    if summary.rejected or left:
        raise typer.Exit(1)


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
    """Reads each rejected file once, the first that was rejected first, with the names of fields that were given for it."""
    from ingest.files import file_of, shown
    from ingest.parts.fields import mapping_of
    from ingest.pipeline import Summary
    from ingest.reading import Reading

    files: dict[str, dict[Path, list[int]]] = {}
    left = 0
    for item in catalogue.rejects.every():
        file = file_of(item.origin)
        if file is None:
            left += 1
        else:
            files.setdefault(item.fields, {}).setdefault(file, []).append(item.number)
    whole = Summary()
    rejected: list[Rejected] = []
    for fields, numbers in reversed(files.items()):
        paths = list(numbers)[::-1]
        reading = Reading(paths, settings.data, mapping_of(fields) or None, processes=settings.readers)
        job = _Job(list(map(shown, paths)), reading, [each for some in numbers.values() for each in some], fields)
        summary, _ = _take_in(settings, catalogue, job, rejected)
        whole.outcomes.update(summary.outcomes)
        whole.rejected += summary.rejected
        whole.samples_left += summary.samples_left
    embedded = _embed(settings, catalogue) if vectors else None
    catalogue.close()
    _show_summary(whole, rejected, 0, left, embedded, as_json)


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
    from newsdesk.catalogue.catalogue import Catalogue

    settings = load_settings(data=data)
    catalogue = Catalogue(settings.catalogue_file, create=False)
    catalogue.remove(article_ids)
    KeywordIndex(settings.data, catalogue).catch_up()
    show({"removed": article_ids}, as_json, f"Removed {len(article_ids):,}.")
