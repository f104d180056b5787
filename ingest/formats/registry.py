"""Which module reads which format. A new format gets its module, a line here, and how it begins in sniff.py."""

from __future__ import annotations

import stat
import zipfile
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path

from ingest.files import open_unpacked, read_start, read_whole, shown
from ingest.formats.feeds.feed import articles_of_feed
from ingest.formats.feeds.sitemap import MOST_SITEMAP_BYTES, pages_of_sitemap
from ingest.formats.iptc.newsml import articles_of_newsml
from ingest.formats.iptc.nitf import record_of_nitf
from ingest.formats.iptc.wire import article_or_reason, parse_xml
from ingest.formats.jsonl import read_jsonl
from ingest.formats.packed.archive import Read, read_tar, read_zip
from ingest.formats.packed.warc import read_warc
from ingest.formats.records.csv_file import read_csv
from ingest.formats.records.json_file import read_json
from ingest.formats.records.parquet_file import read_parquet
from ingest.formats.sniff import SNIFFED_BYTES, format_of
from ingest.formats.text import read_text
from ingest.parts.language import with_language
from ingest.worker import Worker
from newsdesk.errors import Unreadable
from newsdesk.types import Article, Rejected

UNKNOWN_FORMAT = (
    "not a format Newsdesk reads (web pages, text, Markdown, JSON, CSV, Parquet, feeds, NewsML, NITF, ninjs, WARC, saved pages, PDF, "
    "Word, zip and tar of them)"
)


def read_file(
    path: Path, mode: int, size: int, worker: Worker, mapping: Mapping[str, str] | None = None
) -> Iterator[Article | Rejected]:
    """The articles of a file, and a Rejected for each thing in it that is none. Raises Unreadable and OSError.

    Pages and documents are read by `worker`; `mapping` names the fields of records (--map).
    """
    if not stat.S_ISREG(mode):
        raise Unreadable("is neither a file nor a folder but a pipe, a socket or a device")
    if size == 0:
        raise Unreadable("is empty")
    yield from read_as(path, shown(path), worker, mapping)


def read_as(path: Path, name: str, worker: Worker, mapping: Mapping[str, str] | None) -> Iterator[Article | Rejected]:
    """The same of a file with something in it that messages, and the list of rejects, call `name`."""
    for item in _read(path, name, worker, mapping):
        yield with_language(item) if isinstance(item, Article) else item


def _read(path: Path, name: str, worker: Worker, mapping: Mapping[str, str] | None) -> Iterator[Article | Rejected]:
    kind = format_of(read_start(path, SNIFFED_BYTES), name)
    inner = partial(_read_inner, worker, mapping)
    match kind:
        case "jsonl":
            yield from read_jsonl(path, mapping, name)
        case "json":
            yield from read_json(path, mapping, name)
        case "csv":
            yield from read_csv(path, mapping, name)
        case "html":
            yield worker.read("html", str(path), name)
        case "text":
            yield read_text(path, name)
        case "markdown":
            yield worker.read("markdown", str(path), name)  # thousands of quotations take its parser minutes
        case "mail":
            yield worker.read("mail", str(path), name)
        case "feed":
            yield from articles_of_feed(read_whole(path), name)
        case "sitemap":
            yield pages_of_sitemap(parse_xml(read_whole(path, MOST_SITEMAP_BYTES)), name)
        case "newsml":
            yield from articles_of_newsml(parse_xml(read_whole(path)), name)
        case "nitf":
            yield article_or_reason(record_of_nitf(parse_xml(read_whole(path))), name)
        case "warc" | "arc":
            yield from read_warc(path, name, worker, arc=kind == "arc")
        case "tar":
            yield from read_tar(path, name, inner)
        case "zip":
            yield from _read_zip(path, name, worker, inner)
        case "pdf":
            yield worker.read("pdf", str(path), name)
        case "parquet":
            yield from read_parquet(path, mapping, name)
        case _:
            raise Unreadable(kind or UNKNOWN_FORMAT)


def _read_inner(
    worker: Worker, mapping: Mapping[str, str] | None, path: Path, name: str
) -> Iterator[Article | Rejected]:
    if path.stat().st_size == 0:
        raise Unreadable("is empty")
    yield from _read(path, name, worker, mapping)


def _read_zip(path: Path, name: str, worker: Worker, inner: Read) -> Iterator[Article | Rejected]:
    """Word documents are zip archives, too, and so is what other offices write."""
    with open_unpacked(path) as file:
        try:
            names = set(zipfile.ZipFile(file).namelist())
        except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
            raise Unreadable(f"is a damaged zip archive ({error})") from error
    if "word/document.xml" in names:
        yield worker.read("docx", str(path), name)
    elif "xl/workbook.xml" in names:
        raise Unreadable("is an Excel workbook; save the sheet as CSV")
    elif "mimetype" in names and ("content.xml" in names or "META-INF/container.xml" in names):
        raise Unreadable("is an OpenDocument file or an e-book; save it as .docx, HTML or plain text")
    else:
        yield from read_zip(path, name, inner)
