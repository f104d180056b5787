"""The `newsdesk` command. Rooms are imported inside the commands, so that `newsdesk --help` answers at once.

Exit codes: 0 done, 1 finished with some rejected, 2 wrong use, 3 cannot run.
"""

from __future__ import annotations

import logging
import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from newsdesk import __version__, cli_eval, cli_upkeep
from newsdesk.cli_options import AsJson, Data, Model, show
from newsdesk.errors import NewsdeskError, WrongUse
from newsdesk.progress import progress
from newsdesk.settings import Settings, load_settings
from newsdesk.types import is_whole

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ingest.pipeline import Summary
    from newsdesk.types import Article, Rejected

SAMPLE = Path(__file__).parents[1] / "eval" / "sample"

app = typer.Typer(
    help="Answers questions over a news archive, with the paragraph each answer stands on.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

app.add_typer(cli_eval.app, name="eval")
for _command in (cli_upkeep.check, cli_upkeep.rebuild, cli_upkeep.purge, cli_upkeep.backup, cli_upkeep.restore):
    app.command()(_command)


def main() -> None:
    """Runs the command; an error of ours is one line, never a traceback."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s", stream=sys.stderr)
    try:
        _check_arguments(sys.argv[1:])
        app()
    except NewsdeskError as error:
        print(f"newsdesk: {error}", file=sys.stderr)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        print("newsdesk: interrupted; what was acknowledged is kept, and the same command goes on.", file=sys.stderr)
        sys.exit(130)


def _check_arguments(arguments: list[str]) -> None:
    """Raises WrongUse for bytes that are no text; a path may hold them, but nothing that is stored or searched."""
    for argument in arguments:
        if not is_whole(argument):
            raise WrongUse(f"The argument {os.fsencode(argument)!r} is not UTF-8 text. Write it in UTF-8.")


@app.callback(invoke_without_command=True)
def _options(version: Annotated[bool, typer.Option("--version", help="Show the version.")] = False) -> None:
    if version:
        print(f"newsdesk {__version__}")
        raise typer.Exit


# ---------------------------------------------------------------------------- filling the archive


@app.command()
def ingest(
    paths: Annotated[list[str], typer.Argument(metavar="PATH...", help="Files or folders.", show_default=False)],
    data: Data = None,
    model: Model = None,
    vectors: Annotated[bool, typer.Option(help="Make the vectors too; without, articles are found by keyword.")] = True,
    as_json: AsJson = False,
) -> None:
    """Take in articles: JSON lines, HTML and text files, plain or gzip, or folders of them."""
    from ingest.sources import read_sources

    settings = load_settings(data=data, model=model)
    items = read_sources([Path(path) for path in paths])
    _ingest(settings, items, vectors, as_json, origins=[str(Path(path)) for path in paths])


@app.command()
def sample(data: Data = None, model: Model = None, as_json: AsJson = False) -> None:
    """Load the sample archive if there is no article yet; it leaves when the first other article comes."""
    from dataclasses import replace

    from ingest.jsonl import read_jsonl
    from newsdesk.catalogue import Catalogue
    from newsdesk.types import Article

    settings = load_settings(data=data, model=model)
    catalogue = Catalogue(settings.catalogue_file)
    present = catalogue.counts().articles
    catalogue.close()
    if present:
        show({"articles": present}, as_json, f"{settings.data} holds {present:,} articles; the sample stays out.")
        return
    items = read_jsonl(SAMPLE / "articles.jsonl")
    marked = (replace(item, sample=True) if isinstance(item, Article) else item for item in items)
    _ingest(settings, marked, True, as_json)


def _ingest(
    settings: Settings,
    items: Iterable[Article | Rejected],
    vectors: bool,
    as_json: bool,
    origins: Sequence[str] = (),
) -> None:
    from index.keyword import KeywordIndex
    from ingest.pipeline import ingest as ingest_items
    from newsdesk.catalogue import Catalogue

    catalogue = Catalogue(settings.catalogue_file)
    catalogue.forget_rejects(origins)
    keyword = KeywordIndex(settings.data, catalogue)
    shown = time.monotonic()
    with progress("Reading", "articles") as report:

        def on_batch(summary: Summary) -> None:
            nonlocal shown
            report(summary.read)
            if time.monotonic() - shown > 1:  # searchable within about a second of the commit
                keyword.catch_up()
                shown = time.monotonic()

        summary = ingest_items(catalogue, items, on_batch)
    keyword.catch_up()
    embedded = _embed(settings, catalogue) if vectors else None
    catalogue.close()
    _show_summary(summary, embedded, as_json)


def _embed(settings: Settings, catalogue: Any) -> str:
    """Makes the missing vectors; says in a word how that ended."""
    from index.embed import embed_missing

    with progress("Embedding", "texts") as report:
        done = embed_missing(catalogue, settings.model, report)
    return "complete" if done else "left to another process"


def _show_summary(summary: Summary, vectors: str | None, as_json: bool) -> None:
    from dataclasses import asdict

    counts = {name: summary.outcomes[name] for name in ("added", "updated", "unchanged")}
    rejected = [asdict(item) for item in summary.rejected]
    text = ", ".join(f"{number:,} {name}" for name, number in counts.items()) + f", {len(rejected):,} rejected"
    if vectors:
        text += f"; vectors {vectors}"
    for item in summary.rejected:
        print(f"rejected {item.origin}{f' ({item.id})' if item.id else ''}: {item.reason}", file=sys.stderr)
    show({**counts, "rejected": rejected, "vectors": vectors or "not made"}, as_json, text)
    if rejected:
        raise typer.Exit(1)


@app.command()
def embed(
    data: Data = None,
    model: Model = None,
    as_json: AsJson = False,
    as_child: Annotated[bool, typer.Option(hidden=True)] = False,
) -> None:
    """Make the vectors that are missing. Can be stopped at any moment and goes on where it was."""
    from index.embed import embed_missing
    from newsdesk.catalogue import Catalogue

    settings = load_settings(data=data, model=model)
    catalogue = Catalogue(settings.catalogue_file, create=False)
    if as_child:  # of the service: gives way to it, and ends with it
        os.nice(10)
        parent = os.getppid()
        done = embed_missing(catalogue, settings.model, keep_going=lambda: os.getppid() == parent)
        raise typer.Exit(0 if done else 3)
    outcome = _embed(settings, catalogue)
    show({"vectors": outcome}, as_json, f"Vectors {outcome}.")


@app.command()
def remove(
    article_ids: Annotated[list[str], typer.Argument(metavar="ID...", show_default=False)],
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Remove articles by id; they are gone from every answer at once."""
    from index.keyword import KeywordIndex
    from newsdesk.catalogue import Catalogue

    settings = load_settings(data=data)
    catalogue = Catalogue(settings.catalogue_file, create=False)
    catalogue.remove(article_ids)
    KeywordIndex(settings.data, catalogue).catch_up()
    show({"removed": article_ids}, as_json, f"Removed {len(article_ids):,}.")


# ---------------------------------------------------------------------------- asking


@app.command()
def ask(
    question: Annotated[str, typer.Argument(show_default=False)],
    data: Data = None,
    as_of: Annotated[str | None, typer.Option(help="Use nothing published after this day (YYYY-MM-DD).")] = None,
    caution: Annotated[str, typer.Option(help="low, normal or high: how sure an answer has to be.")] = "normal",
    as_json: AsJson = False,
) -> None:
    """Ask a question; the running service answers when there is one."""
    settings = load_settings(data=data)
    asked = {"question": question, "as_of": as_of, "caution": caution}
    answer = _ask_service(settings, asked) or _ask_here(settings, asked)
    show(answer, as_json, _answer_text(answer))


def _ask_service(settings: Settings, asked: dict[str, Any]) -> dict[str, Any] | None:
    """The answer of the service that runs on this data folder; None when none does."""
    from newsdesk.owner import service_address

    address = service_address(settings.data)
    if not address:
        return None
    import httpx

    try:
        response = httpx.post(f"{address}/api/ask", json=asked, timeout=60, trust_env=False)
    except httpx.HTTPError:
        return None  # it is only starting, or stopping
    body: dict[str, Any] = response.json()
    if response.status_code == 422:
        raise WrongUse(body["detail"])
    if response.is_error:
        raise NewsdeskError(f"The service at {address} could not answer: {body['detail']}")
    return body


def _ask_here(settings: Settings, asked: dict[str, Any]) -> dict[str, Any]:
    from pydantic import ValidationError

    from api.models import AnswerOut, AskIn
    from newsdesk.app import Archive

    try:
        question = AskIn.model_validate(asked).to_question()
    except ValidationError as error:
        first = error.errors()[0]
        raise WrongUse(
            f"--{str(first['loc'][0]).replace('_', '-')} cannot be {first['input']!r}: {first['msg']}."
        ) from error
    archive = Archive(settings, create=False)
    archive.load()
    answer = AnswerOut.of(archive.engine.ask(question)).model_dump(mode="json")
    archive.close()
    return answer


def _answer_text(answer: dict[str, Any]) -> str:
    lines = [answer["text"], ""]
    for cited in answer["citations"]:
        about = ", ".join(part for part in (cited["title"], cited["source"], cited["published"]) if part)
        lines.append(f"[{cited['marker']}] {about}; {cited['article_id']}, paragraph {cited['paragraph']}")
        lines += [f"    also in {copy['source'] or copy['article_id']}" for copy in cited["also_in"]]
    if not answer["answerable"] and answer["evidence"]:
        lines.append("Nearest articles:")
        nearest = dict.fromkeys(
            (found["title"] or found["article_id"], found["source"]) for found in answer["evidence"]
        )
        lines += [f"    {title}{f' ({source})' if source else ''}" for title, source in list(nearest)[:5]]
    lines += [f"Note: {note['text']}" for note in answer["notes"]]
    return "\n".join(lines).rstrip()


@app.command()
def serve(
    data: Data = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on (NEWSDESK_HOST).")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on (NEWSDESK_PORT); 0 takes a free one.")] = None,
    model: Model = None,
) -> None:
    """Serve the chat at / and the API at /api, documented at /docs."""
    from newsdesk.server import run

    logging.getLogger("newsdesk").setLevel(logging.INFO)
    run(load_settings(data=data, host=host, port=port, model=model))


# ---------------------------------------------------------------------------- looking


@app.command()
def status(data: Data = None, as_json: AsJson = False) -> None:
    """Show what the archive holds, how many passages have vectors, what was rejected, and who serves it."""
    from dataclasses import asdict

    from newsdesk.catalogue import Catalogue
    from newsdesk.owner import service_address
    from newsdesk.vectors import StoredVectors

    settings = load_settings(data=data)
    catalogue = Catalogue(settings.catalogue_file, create=False)
    vectors = StoredVectors(catalogue)
    model = vectors.active()
    shown = {
        **asdict(catalogue.counts()),
        "vectors": asdict(vectors.progress(model)),
        "model": model.name if model else "",
        "service": service_address(settings.data),
        "last_rejects": [asdict(item) for item in catalogue.rejects(10)],
    }
    text = [
        f"{shown['articles']:,} articles ({shown['samples']:,} of them samples), {shown['paragraphs']:,} paragraphs",
        f"{shown['passages']:,} passages, {shown['vectors']['done']:,} with vectors ({shown['model'] or 'no model yet'})",
        f"service: {shown['service'] or 'not running'}",
        f"{shown['rejects']:,} rejected" + (", the last:" if shown["rejects"] else ""),
        *(f"  {item['origin']}: {item['reason']}" for item in shown["last_rejects"]),
    ]
    show(shown, as_json, "\n".join(text))
