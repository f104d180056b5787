"""The `newsdesk` command. Rooms are imported inside the commands, so that `newsdesk --help` answers at once.

Exit codes: 0 done, 1 finished with some rejected, 2 wrong use, 3 cannot run; 130, 141 and 143 when a signal (Ctrl-C,
a closed pipe, SIGTERM) ended it.
"""

from __future__ import annotations

import errno
import json
import logging
import os
import signal
import sys
import time
from contextlib import suppress
from itertools import islice
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from newsdesk import __version__, cli_bench, cli_eval, cli_reader, cli_upkeep
from newsdesk.cli_options import AsChild, AsJson, Data, Model, become_child, show
from newsdesk.errors import NewsdeskError, WrongUse
from newsdesk.progress import progress
from newsdesk.settings import Settings, load_settings
from newsdesk.sureness import sureness_in_words
from newsdesk.types import is_whole

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ingest.pipeline import Summary
    from newsdesk.catalogue import Catalogue, ListedReject
    from newsdesk.types import Article, Rejected

SAMPLE = Path(__file__).parents[1] / "eval" / "sample"

SHOWN_REJECTS = 1_000
"""Rejects in the JSON of one run; all of them are on the list (`newsdesk rejects`)."""


class _Stopped(BaseException):
    """Ctrl-C or SIGTERM: ends the work by way of every `finally`."""

    def __init__(self, number: int) -> None:
        self.exit_code = 128 + number


class _ReaderGone(Exception):
    """Whoever read what is printed closed the pipe (`newsdesk rejects | head`)."""


class _Commands(TyperGroup):
    """The commands, with a look after each at what became of its output; Typer takes a closed pipe for exit code 1."""

    def invoke(self, ctx: Any) -> Any:
        """Runs a command. Raises _ReaderGone."""
        try:
            try:
                return super().invoke(ctx)
            finally:
                sys.stdout.flush()
        except BrokenPipeError as error:
            raise _ReaderGone from error


app = typer.Typer(
    cls=_Commands,
    help="Answers questions over a news archive, with the paragraph each answer stands on.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

app.add_typer(cli_eval.app, name="eval")
app.add_typer(cli_reader.app, name="reader")
for _command in (cli_upkeep.check, cli_upkeep.rebuild, cli_upkeep.purge, cli_upkeep.backup, cli_upkeep.restore):
    app.command()(_command)
app.command()(cli_bench.bench)


def main() -> None:
    """Runs the command; an error of ours, and what the world does to it, is one line, never a traceback."""
    _mend_standard_streams()
    logging.basicConfig(
        level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s", handlers=[LogToStandardError()]
    )
    for number in (signal.SIGINT, signal.SIGTERM):
        if signal.getsignal(number) is not signal.SIG_IGN:  # as it is in the background of a script
            signal.signal(number, _stop)
    try:
        _check_arguments(sys.argv[1:])
        app()
    except NewsdeskError as error:
        _end(error.exit_code, str(error))
    except _Stopped as error:
        _end(error.exit_code, "interrupted; what was acknowledged is kept, and the same command goes on.")
    except _ReaderGone:
        _end(128 + signal.SIGPIPE)
    except OSError as error:
        _end(NewsdeskError.exit_code, _what_happened(error))


def _end(code: int, message: str = "") -> None:
    if message:
        with suppress(OSError):
            print(f"newsdesk: {message}", file=sys.stderr)
    # What could not be written would be tried again, and complained of, when Python ends.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(code)


def _stop(number: int, _frame: FrameType | None) -> None:
    raise _Stopped(number)


_ADVICE = {
    errno.ENOSPC: "Make room, then run the same command again; what was acknowledged is kept.",
    errno.EDQUOT: "Make room, then run the same command again; what was acknowledged is kept.",
    errno.EMFILE: "Allow more open files (`ulimit -n`) and run the same command again.",
    errno.ENFILE: "Close other programs and run the same command again.",
    errno.EACCES: "Change its permissions, or choose another data folder with --data.",
    errno.EPERM: "Change its permissions, or choose another data folder with --data.",
    errno.EROFS: "Choose another data folder with --data.",
}


def _what_happened(error: OSError) -> str:
    about = f" ({os.fsdecode(error.filename)!r})" if isinstance(error.filename, str | bytes) else ""
    advice = _ADVICE.get(error.errno or 0, "Run the same command again when that is mended.")
    return f"{error.strerror or error}{about}. {advice}"


class LogToStandardError(logging.Handler):
    """Writes to what stands for standard error at that moment: a progress bar puts itself in front of it."""

    def emit(self, record: logging.LogRecord) -> None:
        """Prints the record; one that cannot be printed is dropped, for the work goes before its log."""
        with suppress(OSError):
            print(self.format(record), file=sys.stderr, flush=True)


def _mend_standard_streams() -> None:
    """A closed stream becomes /dev/null, and what an old terminal's encoding cannot show is spelled as \\x or \\u."""
    for descriptor, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is None:
            with suppress(OSError):
                os.fstat(descriptor)  # closed for Python, but taken
                continue
            os.open(os.devnull, os.O_RDWR)  # takes the lowest number: no database file may come to have it
            setattr(sys, name, open(descriptor, "r" if name == "stdin" else "w", encoding="utf-8"))  # noqa: SIM115, PTH123
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="backslashreplace")


def _check_arguments(arguments: list[str]) -> None:
    """Raises WrongUse for bytes that are no text; a path may hold them, but nothing that is stored or searched."""
    for argument in arguments:
        if not is_whole(argument):
            raise WrongUse(
                f"The argument {os.fsencode(argument)!r} is not UTF-8 text. Write it in UTF-8; a file whose name is not "
                "is read by naming the folder it is in."
            )


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
    from ingest.sources import origin_of, read_sources

    if "" in paths:
        raise WrongUse("One of the paths is empty. For the current folder write a dot.")
    settings = load_settings(data=data, model=model)
    files = [Path(path) for path in paths]
    catalogue = _open(settings)
    old = catalogue.rejects_of(map(origin_of, files))
    _ingest(settings, catalogue, read_sources(files, settings.data), old, vectors, as_json)


@app.command()
def sample(data: Data = None, model: Model = None, as_json: AsJson = False) -> None:
    """Load the sample archive if there is no article yet; it leaves when the first other article comes."""
    from dataclasses import replace

    from ingest.jsonl import read_jsonl
    from newsdesk.types import Article

    settings = load_settings(data=data, model=model)
    catalogue = _open(settings)
    present = catalogue.counts().articles
    if present:
        show({"articles": present}, as_json, f"{settings.data} holds {present:,} articles; the sample stays out.")
        return
    items = read_jsonl(SAMPLE / "articles.jsonl")
    marked = (replace(item, sample=True) if isinstance(item, Article) else item for item in items)
    _ingest(settings, catalogue, marked, (), True, as_json)


def _open(settings: Settings) -> Catalogue:
    """The catalogue, made if there is none."""
    from newsdesk.catalogue import Catalogue

    return Catalogue(settings.catalogue_file)


def _ingest(
    settings: Settings,
    catalogue: Catalogue,
    items: Iterable[Article | Rejected],
    old_rejects: Sequence[int],
    vectors: bool,
    as_json: bool,
    left: int = 0,
) -> None:
    """Takes in what a reader yields, and shows what became of it; exits with 1 when something was rejected.

    `old_rejects`, the sources of which are read again, leave the list when all was read, so that a run that is
    stopped loses none. `left` is how many on the list cannot be read again.
    """
    from index.keyword import KeywordIndex
    from ingest.pipeline import ingest as ingest_items

    rejected: list[Rejected] = []

    def on_reject(item: Rejected) -> None:
        print(f"rejected {_named(item)}: {item.reason}", file=sys.stderr)
        if len(rejected) < SHOWN_REJECTS:
            rejected.append(item)

    keyword = KeywordIndex(settings.data, catalogue)
    shown = time.monotonic()
    with progress("Reading", "articles") as report:

        def on_batch(summary: Summary) -> None:
            nonlocal shown
            report(summary.read)
            if time.monotonic() - shown > 1:  # searchable within about a second of the commit
                keyword.catch_up()
                shown = time.monotonic()

        summary = ingest_items(catalogue, items, on_batch, on_reject)
    catalogue.forget_rejects(old_rejects)
    keyword.catch_up()
    embedded = _embed(settings, catalogue) if vectors else None
    catalogue.close()
    _show_summary(summary, rejected, left, embedded, as_json)


def _embed(settings: Settings, catalogue: Any) -> str:
    """Makes the missing vectors; says in a word how that ended."""
    from index.embed import embed_missing

    with progress("Embedding", "texts") as report:
        done = embed_missing(catalogue, settings.model, report)
    return "complete" if done else "left to another process"


def _show_summary(
    summary: Summary, rejected: Sequence[Rejected], left: int, vectors: str | None, as_json: bool
) -> None:
    from dataclasses import asdict

    counts = {name: summary.outcomes[name] for name in ("added", "updated", "unchanged")}
    text = ", ".join(f"{number:,} {name}" for name, number in counts.items()) + f", {summary.rejected:,} rejected"
    if left:
        text += f"; {left:,} cannot be read again, because no file is known for them: send them again"
    if vectors:
        text += f"; vectors {vectors}"
    result = {
        **counts,
        "rejected_count": summary.rejected,
        "rejected": [asdict(item) for item in rejected],
        "not_read_again": left,
        "vectors": vectors or "not made",
    }
    show(result, as_json, text)
    if summary.rejected or left:
        raise typer.Exit(1)


def _named(item: Rejected | ListedReject) -> str:
    """Where a reject came from, and its id if it has one."""
    return f"{item.origin} ({item.id})" if item.id else item.origin


@app.command()
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
    from newsdesk.catalogue import Catalogue

    if retry and forget:
        raise WrongUse("--retry and --forget cannot both be meant. Give one of them.")
    settings = load_settings(data=data, model=model)
    catalogue = Catalogue(settings.catalogue_file, create=False)
    if retry:
        _retry(settings, catalogue, vectors, as_json)
    elif forget:
        numbers = [item.number for item in catalogue.listed_rejects()]
        catalogue.forget_rejects(numbers)
        show({"forgotten": len(numbers)}, as_json, f"{len(numbers):,} forgotten.")
    else:
        _list_rejects(catalogue, limit or None, as_json)


def _list_rejects(catalogue: Catalogue, limit: int | None, as_json: bool) -> None:
    """Prints piece by piece: there may be more than memory should hold."""
    from dataclasses import asdict

    total = catalogue.counts().rejects
    shown = islice(catalogue.listed_rejects(), limit)
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
    """Reads each rejected file once, the first that was rejected first."""
    from ingest.files import file_of
    from ingest.sources import read_sources

    files: dict[Path, None] = {}
    old, left = [], 0
    for item in catalogue.listed_rejects():
        file = file_of(item.origin)
        if file is None:
            left += 1
        else:
            files[file] = None
            old.append(item.number)
    _ingest(settings, catalogue, read_sources(list(files)[::-1], settings.data), old, vectors, as_json, left)


@app.command()
def embed(
    data: Data = None,
    model: Model = None,
    as_json: AsJson = False,
    as_child: AsChild = False,
) -> None:
    """Make the vectors that are missing. Can be stopped at any moment and goes on where it was."""
    from index.embed import embed_missing
    from newsdesk.catalogue import Catalogue

    settings = load_settings(data=data, model=model)
    catalogue = Catalogue(settings.catalogue_file, create=False)
    if as_child:  # of the service: gives way to it, and ends with it
        done = embed_missing(catalogue, settings.model, keep_going=become_child())
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
    except (httpx.HTTPError, httpx.InvalidURL):
        return None  # it is only starting, or stopping, or what it wrote down is damaged
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
        option, reason = str(first["loc"][0]).replace("_", "-"), first["msg"].removeprefix("Value error, ")
        raise WrongUse(f"--{option} cannot be {first['input']!r}: {reason}.") from error
    archive = Archive(settings, create=False)
    archive.load()
    answer = AnswerOut.of(archive.engine.ask(question)).model_dump(mode="json")
    archive.close()
    return answer


def _answer_text(answer: dict[str, Any]) -> str:
    kinds = [note["kind"] for note in answer["notes"]]
    confidence = sureness_in_words(answer["confidence"], answer["answerable"], kinds)
    lines = [answer["text"], "", *([confidence, ""] if confidence else [])]
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
        *(["  (`newsdesk rejects` shows all)"] if shown["rejects"] > len(shown["last_rejects"]) else []),
    ]
    show(shown, as_json, "\n".join(text))
