"""How fast a composed archive is taken in without vectors, how much it takes, and how long a second run needs.

    python -m tests.archive_speed [--articles 50000] [--minutes 60] [--formats 2000] [--folder DIR]

Prints for each tenth, as soon as it is in, the time it took, the processor time of the writer and of it and its readers
together, articles a second of each, and the writer's memory; then bytes an article, the re-run's share of the first run,
and articles and megabytes a second of some formats beside a plain LlamaIndex pipeline (SimpleDirectoryReader, then
SentenceSplitter into a docstore, which keeps neither paragraphs nor an index) over the same texts. On a machine that does
something else too, only processor time tells. With `--minutes` the first run ends then, and the figures are of what came.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import resource
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from index.find.keyword import KeywordIndex
from ingest.pipeline import Summary, ingest
from ingest.reading import Reading
from newsdesk.catalogue.catalogue import Catalogue
from newsdesk.settings import Settings
from newsdesk.types import Article
from tests.kills.articles import generated_article, record

_A_FILE = 500  # articles


def main() -> None:
    """Runs it and prints the figures."""
    parser = argparse.ArgumentParser(prog="python -m tests.archive_speed", description=__doc__.splitlines()[0])
    parser.add_argument("--articles", type=int, default=50_000, help="of the whole archive")
    parser.add_argument("--minutes", type=float, default=float("inf"), help="after which the first run ends")
    parser.add_argument("--formats", type=int, default=2_000, help="articles of each format")
    parser.add_argument("--folder", type=Path, help="where to work; default: a temporary folder")
    given = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="newsdesk-speed-", dir=given.folder))
    try:
        _whole(folder / "whole", given.articles, given.minutes)
        _formats(folder / "formats", given.formats)
    finally:
        shutil.rmtree(folder)


class _Enough(Exception):
    """The time that was given is over."""


@dataclass(frozen=True, slots=True)
class _Mark:
    """How far a run was at one moment: seconds are since anything."""

    articles: int
    wall: float
    writer: float
    all_processes: float


def _mark(articles: int) -> _Mark:
    return _Mark(articles, time.monotonic(), time.process_time(), _processor_time())


def _whole(folder: Path, many: int, minutes: float) -> None:
    source = folder / "in"
    source.mkdir(parents=True)
    for first in range(0, many, _A_FILE):
        _write_lines(source / f"{first:07}.jsonl", range(first, min(many, first + _A_FILE)))
    _say(f"{many:,} articles in {len(list(source.iterdir())):,} files, {_size(source) / 1e6:,.1f} MB")
    _say(f"{'articles':>9}{'s':>8}{'writer s':>10}{'all s':>8}  articles a second: wall, writer, all   memory MB")
    marks = [_mark(0)]

    def on_batch(summary: Summary) -> None:
        is_over = time.monotonic() - marks[0].wall > 60 * minutes
        if summary.read >= many * len(marks) / 10 or is_over:
            marks.append(_mark(summary.read))
            _say_tenth(*marks[-2:])
        if is_over:
            raise _Enough

    first_run = _take_in(folder / "data", source, on_batch)
    if len(marks) > 2:
        rates = zip(_CLOCKS, _rates(*marks[:2]), _rates(*marks[-2:]), strict=True)
        each = ", ".join(f"{last / first:.2f} by {clock}" for clock, first, last in rates)
        _say(f"last line's rate against the first: {each}")
    _say(f"bytes an article: {_size(folder / 'data') / marks[-1].articles:,.0f}")
    _drop_unread(folder / "data", source)
    again = _take_in(folder / "data", source, lambda summary: None)
    _say(f"first run {first_run:,.1f} s, second {again:.2f} s: {first_run / again:,.0f} times faster")


_CLOCKS = ("wall clock", "writer", "all processes")


def _rates(a: _Mark, b: _Mark) -> tuple[float, float, float]:
    """Articles a second from one mark to the next, by each clock."""
    many = b.articles - a.articles
    return many / (b.wall - a.wall), many / (b.writer - a.writer), many / (b.all_processes - a.all_processes)


def _say_tenth(a: _Mark, b: _Mark) -> None:
    wall, writer, every = _rates(a, b)
    _say(
        f"{b.articles:>9,}{b.wall - a.wall:>8,.0f}{b.writer - a.writer:>10,.1f}{b.all_processes - a.all_processes:>8,.1f}"
        f"{wall:>24,.0f}{writer:>8,.0f}{every:>6,.0f}{_memory():>12,.0f}"
    )


def _drop_unread(data: Path, source: Path) -> None:
    """Removes the files that a run which was ended early had not yet taken in."""
    catalogue = Catalogue(data / "catalogue.sqlite3")
    for file in list(source.iterdir()):
        if catalogue.sources.get(str(file)) is None:
            file.unlink()
    catalogue.close()


def _processor_time() -> float:
    """Seconds that this process and those it has started have used."""
    used, waiting = 0, [os.getpid()]
    while waiting:
        process = Path("/proc") / str(waiting.pop())
        with suppress(OSError):  # it has ended: its parent has its time
            used += sum(map(int, (process / "stat").read_text().rpartition(")")[2].split()[11:15]))
            for thread in (process / "task").iterdir():
                waiting += map(int, (thread / "children").read_text().split())
    return used / os.sysconf("SC_CLK_TCK")


def _say(line: str) -> None:
    print(line, flush=True)


def _take_in(data: Path, source: Path, on_batch: object) -> float:
    began = time.monotonic()
    catalogue = Catalogue(data / "catalogue.sqlite3")
    keyword = KeywordIndex(data, catalogue)
    reading = Reading([source], data, processes=Settings().readers, known=catalogue.sources.get)
    shown = [began]

    def told(summary: Summary) -> None:
        on_batch(summary)  # type: ignore[operator]
        if time.monotonic() - shown[0] > 1:
            keyword.catch_up()
            shown[0] = time.monotonic()

    with suppress(_Enough):
        ingest(catalogue, reading, told)
    keyword.catch_up()
    catalogue.close()
    return time.monotonic() - began


def _formats(folder: Path, many: int) -> None:
    _say(f"{'format':14}{'articles/s':>12}{'MB/s':>8}   the same by processor time of all processes")
    for kind, write in (("JSON lines", _write_jsonl), ("CSV", _write_csv), ("pages", _write_pages)):
        source = folder / kind / "in"
        source.mkdir(parents=True)
        write(source, many)
        _say_speed(kind, many, source, partial(_take_in, folder / kind / "data", source, lambda summary: None))
    texts = folder / "texts"
    texts.mkdir()
    for article in _articles(many):
        (texts / f"{article.id.replace('/', '-')}.txt").write_text("\n\n".join((article.title, *article.paragraphs)))
    _say_speed("text", many, texts, partial(_take_in, folder / "text-data", texts, lambda summary: None))
    _say_speed("LlamaIndex", many, texts, partial(_plain, texts))


def _say_speed(kind: str, many: int, source: Path, run: Callable[[], float]) -> None:
    used, size = _processor_time(), _size(source) / 1e6
    wall = run()
    used = _processor_time() - used
    _say(f"{kind:14}{many / wall:>12,.0f}{size / wall:>8,.2f}{many / used:>12,.0f}{size / used:>8,.2f}")


def _plain(texts: Path) -> float:
    """Seconds that LlamaIndex's own reader and splitter need for the texts."""
    from llama_index.core import SimpleDirectoryReader
    from llama_index.core.node_parser import SentenceSplitter
    from llama_index.core.storage.docstore import SimpleDocumentStore

    began = time.monotonic()
    documents = SimpleDirectoryReader(str(texts)).load_data()
    store = SimpleDocumentStore()
    store.add_documents(SentenceSplitter().get_nodes_from_documents(documents))
    store.persist(str(texts.parent / "docstore.json"))
    return time.monotonic() - began


def _articles(many: int) -> Iterator[Article]:
    return (generated_article(number, 0) for number in range(many))


def _write_lines(file: Path, numbers: range) -> None:
    file.write_text("".join(json.dumps(record(generated_article(number, 0))) + "\n" for number in numbers))


def _write_jsonl(folder: Path, many: int) -> None:
    _write_lines(folder / "a.jsonl", range(many))


def _write_csv(folder: Path, many: int) -> None:
    with (folder / "a.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("id", "title", "source", "published", "text"))
        for article in _articles(many):
            writer.writerow(
                (article.id, article.title, article.source, article.published, "\n\n".join(article.paragraphs))
            )


def _write_pages(folder: Path, many: int) -> None:
    for article in _articles(many):
        text = "".join(f"<p>{paragraph}</p>" for paragraph in article.paragraphs)
        page = f"<html><head><title>{article.title}</title></head><body><nav><a href='/'>Home</a></nav><article><h1>{article.title}</h1>{text}</article></body></html>"
        (folder / f"{article.id.replace('/', '-')}.html").write_text(page)


def _size(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


def _memory() -> float:
    """Of this process, in MB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1e6


if __name__ == "__main__":
    main()
