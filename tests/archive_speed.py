"""How fast a composed archive is taken in without vectors, how much it takes, and how long a second run needs.

    python -m tests.archive_speed [--articles 50000] [--formats 2000] [--folder DIR]

Prints the first and the last tenth's rate, the memory at each tenth, bytes an article, the re-run's share of the first run,
and articles and megabytes a second of some formats beside a plain LlamaIndex pipeline (SimpleDirectoryReader, then
SentenceSplitter into a docstore, which keeps neither paragraphs nor an index) over the same texts.
"""

from __future__ import annotations

import argparse
import csv
import itertools
import json
import resource
import shutil
import tempfile
import time
from collections.abc import Iterator
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
    parser.add_argument("--formats", type=int, default=2_000, help="articles of each format")
    parser.add_argument("--folder", type=Path, help="where to work; default: a temporary folder")
    given = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="newsdesk-speed-", dir=given.folder))
    try:
        _whole(folder / "whole", given.articles)
        _formats(folder / "formats", given.formats)
    finally:
        shutil.rmtree(folder)


def _whole(folder: Path, many: int) -> None:
    source = folder / "in"
    source.mkdir(parents=True)
    for first in range(0, many, _A_FILE):
        _write_lines(source / f"{first:07}.jsonl", range(first, min(many, first + _A_FILE)))
    print(f"{many:,} articles in {len(list(source.iterdir())):,} files, {_size(source) / 1e6:,.1f} MB")
    marks: list[tuple[int, float, float]] = [(0, time.monotonic(), _memory())]

    def on_batch(summary: Summary) -> None:
        if summary.read >= many * len(marks) / 10:
            marks.append((summary.read, time.monotonic(), _memory()))

    first_run = _take_in(folder / "data", source, on_batch)
    rates = [(b[0] - a[0]) / (b[1] - a[1]) for a, b in itertools.pairwise(marks)]
    print("articles a second by tenth:", " ".join(f"{rate:,.0f}" for rate in rates))
    print(f"last tenth against the first: {rates[-1] / rates[0]:.2f}")
    print("memory of the writer by tenth, MB:", " ".join(f"{mark[2]:,.0f}" for mark in marks))
    print(f"bytes an article: {_size(folder / 'data') / many:,.0f}")
    again = _take_in(folder / "data", source, lambda summary: None)
    print(f"first run {first_run:,.1f} s, second {again:.2f} s: {first_run / again:,.0f} times faster")


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

    ingest(catalogue, reading, told)
    keyword.catch_up()
    catalogue.close()
    return time.monotonic() - began


def _formats(folder: Path, many: int) -> None:
    print(f"{'format':14}{'articles/s':>12}{'MB/s':>8}")
    for kind, write in (("JSON lines", _write_jsonl), ("CSV", _write_csv), ("pages", _write_pages)):
        source = folder / kind / "in"
        source.mkdir(parents=True)
        write(source, many)
        _print(kind, many, _size(source), _take_in(folder / kind / "data", source, lambda summary: None))
    texts = folder / "texts"
    texts.mkdir()
    for article in _articles(many):
        (texts / f"{article.id.replace('/', '-')}.txt").write_text("\n\n".join((article.title, *article.paragraphs)))
    _print("text", many, _size(texts), _take_in(folder / "text-data", texts, lambda summary: None))
    _print("LlamaIndex", many, _size(texts), _plain(texts))


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


def _print(kind: str, many: int, size: int, seconds: float) -> None:
    print(f"{kind:14}{many / seconds:>12,.0f}{size / 1e6 / seconds:>8,.2f}")


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
