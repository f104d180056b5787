"""`newsdesk bench`: how fast taking in, finding and answering are, beside plain pipelines of other libraries.

Run as a module it is one of the processes that are measured: `eval.speed.bench` says what it is told to do.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from importlib.metadata import PackageNotFoundError, version
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.commands.options import Model, check_writable, load_settings
from newsdesk.child import own_module
from newsdesk.errors import WrongUse
from newsdesk.types import MAX_QUESTION, Article, Filters, Question
from newsdesk.wording.quoted import quoted

if TYPE_CHECKING:
    from eval.speed.worker import Progress

SAMPLE = Path(__file__).parents[2] / "eval" / "sample"

RIVALS = {
    "llamaindex": "llama-index-embeddings-huggingface",
    "txtai": "txtai",
    "haystack": "sentence-transformers-haystack",
}
"""What can be measured beside Newsdesk -> the package of the optional group `bench` that it needs."""

ASKED = 100
"""Questions, evenly from the whole file: five of a hundred lie above the p95 that is told."""

FOUND = 10
"""Passages that all are asked for."""

FORGET = 70
"""Other questions asked before a question comes again: more than the vectors of questions that the engine remembers
(64), which would make the second time quicker than any user's first."""

_HINT = (
    "newsdesk: {} cannot be measured: the optional group `bench` is not installed. "
    "Install it with: pip install 'newsdesk[bench]'"
)


def bench(
    file: Annotated[Path, typer.Argument(metavar="[FILE]", help="Articles as JSON lines.", show_default=False)] = SAMPLE
    / "articles.jsonl",
    questions: Annotated[
        Path, typer.Option(help="What is asked: the questions.jsonl of an evaluation folder.", show_default=False)
    ] = SAMPLE / "questions.jsonl",
    sizes: Annotated[str | None, typer.Option(help="Numbers of articles, rising, such as 100,300,1000.")] = None,
    clients: Annotated[int, typer.Option(min=1, max=64, help="How many ask at once.")] = 4,
    beside: Annotated[
        str, typer.Option(help="What is measured too, with commas between: llamaindex, txtai, haystack.")
    ] = "llamaindex",
    plain: Annotated[bool, typer.Option("--plain/--no-plain", help="Measure anything beside Newsdesk.")] = True,
    chunk: Annotated[
        int | None, typer.Option(min=256, help="LlamaIndex's tokens a chunk, if not its own 1,024.")
    ] = None,
    model: Model = None,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write the result as JSON; - for stdout.")] = None,
    html_file: Annotated[Path | None, typer.Option("--html", help="Write the result as a page with plots.")] = None,
) -> None:
    """Measure speed beside plain pipelines of other libraries: same articles, same model, same run.

    Everything happens in throw-away folders, so there is no --data. Without FILE and --questions, the sample is used.
    """
    from eval.speed import bench as timing

    for name, out in (("--json", json_file), ("--html", html_file)):
        check_writable(name, out)
    asked = _spread(_questions(questions), ASKED)
    wanted = _sizes(sizes)
    settings = load_settings(model=model)
    rivals = _rivals(beside) if plain else []
    if missing := [rival for rival in rivals if not _installed(RIVALS[rival])]:
        print(_HINT.format(" and ".join(missing)), file=sys.stderr)
    rivals = [rival for rival in rivals if rival not in missing]
    result: dict[str, Any] = {}
    with TemporaryDirectory(prefix="newsdesk-bench-") as name:
        folder = Path(name)
        articles = folder / "articles.jsonl"
        for number in _possible(wanted, _copy_articles(file, articles, max(wanted, default=None)), file):
            with ExitStack() as stack:

                def start(what: str, number: int = number, stack: ExitStack = stack) -> Any:
                    return _start(stack, what, folder, articles, number, settings.model, chunk)

                newsdesk = start("newsdesk")
                others = {rival: start(rival) for rival in rivals}
                measured = timing.measure(newsdesk, others, number, asked, clients)
            result = timing.result(file.name, len(asked), clients, [*result.get("sizes", ()), measured])
            _write(result, json_file, html_file)  # after each size: a run that is stopped keeps what it has measured
    print(json.dumps(result, ensure_ascii=False, indent=2) if str(json_file) == "-" else timing.table(result))


def _write(result: Mapping[str, Any], json_file: Path | None, html_file: Path | None) -> None:
    if html_file is not None:
        from eval.speed.report import bench_html

        html_file.write_text(bench_html(result), encoding="utf-8")
    if json_file is not None and str(json_file) != "-":
        json_file.write_text(json.dumps(result, ensure_ascii=False, indent=2), encoding="utf-8")


def _rivals(text: str) -> list[str]:
    """The names of `--beside`. Raises WrongUse."""
    names = [name.strip() for name in text.split(",")]
    if wrong := [name for name in names if name not in RIVALS]:
        raise WrongUse(f"--beside cannot be {quoted(wrong[0])}: give some of {', '.join(RIVALS)}, with commas between.")
    return list(dict.fromkeys(names))


def _installed(distribution: str) -> bool:
    try:
        version(distribution)
    except PackageNotFoundError:
        return False
    return True


# ---------------------------------------------------------------------------- what is asked, of what


def _sizes(text: str | None) -> list[int]:
    """The numbers of `--sizes`; none when it is left out. Raises WrongUse."""
    if text is None:
        return []
    try:
        numbers = [int(part) for part in text.split(",")]
    except ValueError:
        numbers = []
    if not numbers or numbers[0] < 1 or numbers != sorted(set(numbers)):
        raise WrongUse(
            f"--sizes cannot be {quoted(text)}: give numbers of articles from 1, rising, such as 100,300,1000."
        )
    return numbers


def _possible(wanted: Sequence[int], present: int, file: Path) -> list[int]:
    """The sizes to measure: those wanted, else a quarter, half and all of the articles. Raises WrongUse."""
    if not present:
        raise WrongUse(f"{file} holds no article that can be read. Name a file with articles as JSON lines.")
    if wanted and wanted[-1] > present:
        raise WrongUse(f"--sizes names {wanted[-1]:,} articles, but {file} holds {present:,} that can be read.")
    return list(wanted) or sorted({max(1, present // 4), max(1, present // 2), present})


def _copy_articles(file: Path, to: Path, most: int | None) -> int:
    """Writes the articles of `file`, as Newsdesk reads them and each once, for all to read; how many there are.

    Line by line: the memory of this process would count as that of those it starts. Raises WrongUse.
    """
    from ingest.formats.jsonl import read_jsonl

    if not file.is_file():
        raise WrongUse(f"{file} is not a file. Name one with articles as JSON lines.")
    ids: set[str] = set()
    with to.open("w", encoding="utf-8") as lines:
        for item in read_jsonl(file):
            if isinstance(item, Article) and item.id not in ids:
                ids.add(item.id)
                record = {
                    "id": item.id,
                    "title": item.title,
                    "source": item.source,
                    "author": list(item.authors),
                    "published": item.published.isoformat() if item.published else "",
                    "url": item.url,
                    "text": "\n\n".join(item.paragraphs),
                }
                lines.write(json.dumps(record) + "\n")
            if len(ids) == most:
                break
    return len(ids)


def _questions(file: Path) -> list[str]:
    """The different texts of the questions. Raises WrongUse."""
    from ingest.files import GZIP_ERRORS, open_unpacked

    texts: dict[str, None] = {}
    try:
        with open_unpacked(file) as lines:
            for number, line in enumerate(lines, start=1):
                if line.strip():
                    record = json.loads(line)
                    text = record.get("question") if isinstance(record, dict) else None
                    if not isinstance(text, str) or not 0 < len(text.strip()) <= MAX_QUESTION:
                        raise WrongUse(
                            f"{file} line {number} holds no question of 1 to {MAX_QUESTION:,} characters in `question`."
                        )
                    texts[text] = None
    except (OSError, ValueError, *GZIP_ERRORS) as error:
        raise WrongUse(
            f"The questions in {file} cannot be read: {error}. Name the questions.jsonl of an evaluation folder."
        ) from error
    if not texts:
        raise WrongUse(f"{file} holds no question. Name the questions.jsonl of an evaluation folder.")
    return list(texts)


def _spread(texts: Sequence[str], most: int) -> list[str]:
    """At most `most` of the texts, evenly spread over them: a file often has its questions in groups."""
    count = min(most, len(texts))
    return [texts[number * len(texts) // count] for number in range(count)]


# ---------------------------------------------------------------------------- the processes that are measured


def _start(
    stack: ExitStack, what: str, folder: Path, articles: Path, number: int, model: str, chunk: int | None
) -> Any:
    from eval.speed.worker import Worker

    data = folder / f"{what}-{number}"
    command = own_module(__name__, what, str(data), str(articles), str(number), model, str(chunk or 0))
    # None may look for a model elsewhere or tell its makers of being used: what is measured is not a download. What a
    # library leaves in the temporary folder, when its process is ended at once, goes away with ours.
    variables = {"HF_HUB_OFFLINE": "1", "HAYSTACK_TELEMETRY_ENABLED": "False", "TMPDIR": str(folder)}
    worker = Worker(command, folder / f"{what}-{number}.log", variables)
    stack.callback(worker.end)
    return worker


def _articles(file: Path, number: int) -> Iterator[Any]:
    from ingest.formats.jsonl import read_jsonl

    return islice(read_jsonl(file), number)


def _newsdesk_steps(data: Path, file: Path, number: int, model: str, report: Progress) -> dict[str, Callable[..., Any]]:
    """What the process does that is Newsdesk; each as `newsdesk ingest` and `newsdesk serve` do it."""
    from threading import Event

    from pydantic import SecretStr

    from eval.speed.bench import ask_all, disk_mb, peak_memory_mb
    from index.archive import Archive
    from index.embed.missing import embed_missing
    from index.embed.model import PassageEmbedding
    from ingest.pipeline import ingest
    from newsdesk.settings import Settings

    archive = Archive(Settings(data=data, model=model, catalogue=SecretStr("")))

    def warm_up() -> None:
        PassageEmbedding(model).encode_passages(["The tram was late again on Monday."])

    def keyword() -> int:
        ingest(archive.catalogue, _articles(file, number))
        archive.keyword.catch_up()
        return archive.catalogue.counts().passages

    def vectors() -> None:
        embed_missing(archive.catalogue, model, report)
        archive.load()
        archive.dense.follow_with_chroma(Event())

    def retrieve(texts: Sequence[str], clients: int) -> dict[str, Any]:
        return ask_all(lambda text: archive.engine.search(text, Filters(), FOUND), texts, clients)

    def ask(texts: Sequence[str], clients: int) -> dict[str, Any]:
        return ask_all(lambda text: archive.engine.ask(Question(text)), texts, clients)

    def forget() -> None:
        archive.engine.forget()
        for other in range(FORGET):
            archive.dense.encode_question(f"Another question, number {other}?")

    def cost() -> dict[str, float]:
        return {"disk_mb": disk_mb(data), "peak_memory_mb": peak_memory_mb()}

    return {step.__name__: step for step in (warm_up, keyword, vectors, retrieve, ask, forget, cost)}


def _rival_steps(
    rival: str, data: Path, file: Path, number: int, model: str, chunk: int | None
) -> dict[str, Callable[..., Any]]:
    """What the process does that is one of the other pipelines."""
    from eval.speed.bench import ask_all, disk_mb, peak_memory_mb

    pipeline = _pipeline(rival, data, model, chunk)

    def retrieve(texts: Sequence[str], clients: int) -> dict[str, Any]:
        return ask_all(lambda text: pipeline.retrieve(text, FOUND), texts, clients)

    return {
        "warm_up": pipeline.warm_up,
        "vectors": lambda: pipeline.build(_articles(file, number)),
        "retrieve": retrieve,
        "cost": lambda: {"disk_mb": disk_mb(data), "peak_memory_mb": peak_memory_mb()},
        "describe": lambda: pipeline.describe(_articles(file, number)),
    }


def _pipeline(rival: str, data: Path, model: str, chunk: int | None) -> Any:
    if rival == "txtai":
        from eval.speed.txtai_pipeline import TxtaiPipeline

        return TxtaiPipeline(data, model)
    if rival == "haystack":
        from eval.speed.haystack_pipeline import HaystackPipeline

        return HaystackPipeline(model)
    from eval.speed.plain_pipeline import PlainPipeline

    return PlainPipeline(data, model, chunk)


def _be_measured(what: str, data: str, file: str, number: str, model: str, chunk: str) -> None:
    """The whole life of one of the processes."""
    from eval.speed.worker import serve

    where = Path(data), Path(file), int(number), model
    if what == "newsdesk":
        serve(lambda report: _newsdesk_steps(*where, report))
    else:
        serve(lambda _report: _rival_steps(what, *where, int(chunk) or None))


if __name__ == "__main__":
    _be_measured(*sys.argv[1:])
