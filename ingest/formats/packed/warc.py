"""Reads web archives: the pages in WARC and ARC files, record after record, whatever else they hold."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from ingest.files import GZIP_ERRORS
from ingest.formats.html import decoded_page
from ingest.parts.clean import one_line
from ingest.parts.limits import MAX_BYTES
from ingest.record import log
from ingest.worker import Worker
from newsdesk.address import canonical_url
from newsdesk.errors import Unreadable
from newsdesk.types import Article, Rejected

_PAGES = ("text/html", "application/xhtml+xml")
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w:.-]{2,40})", re.IGNORECASE)


class Page(NamedTuple):
    """A page as it was got."""

    address: str
    content_type: str
    data: bytes
    length: int | None = None
    """Bytes that there should be, where that is known."""


def read_warc(path: Path, name: str, worker: Worker, arc: bool = False) -> Iterator[Article | Rejected]:
    """The article of each page that a web archive holds, and a Rejected for each page that holds none.

    What is no page (requests, redirects, pictures) is counted and told at the end. Damaged records are passed over
    where the next can be found. Pages are read by `worker`. Raises OSError.
    """
    for page in pages_of(path, name, arc=arc):
        yield page if isinstance(page, Rejected) else article_of_record(page, name, worker)


def pages_of(path: Path, name: str, arc: bool = False) -> Iterator[Page | Rejected]:
    """The pages that a web archive holds, as they were got; a Rejected where it is damaged or holds none. Raises OSError."""
    passed: Counter[str] = Counter()
    found, damaged = 0, False
    try:
        for page in _arc_pages(path, passed) if arc else _warc_pages(path, passed):
            found += 1
            yield page
    except _Damaged as error:
        damaged = True
        yield Rejected(name, "", f"is damaged from record {found + passed.total() + 1} on ({error})")
    if passed:
        told = ", ".join(f"{number:,} {what}" for what, number in passed.most_common(8))
        log.info("%s: passed over what is no page: %s", name, told)
    if not found and not damaged:
        yield Rejected(name, "", f"holds no web page ({passed.total():,} other records)")


class _Damaged(Exception):
    """The rest of an archive cannot be read."""


def article_of_record(page: Page, name: str, worker: Worker) -> Article | Rejected:
    """The article of a page, or why it holds none. Raises OSError."""
    address = canonical_url(page.address)
    origin = f"{name} {one_line(page.address)[:300]}"
    if len(page.data) > MAX_BYTES:
        return Rejected(origin, "", f"is larger than {MAX_BYTES // 2**20} MiB, which no page is")
    if page.length is not None and len(page.data) < min(page.length, MAX_BYTES):
        return Rejected(origin, "", f"breaks off after {len(page.data):,} of {page.length:,} bytes")
    charset = _CHARSET.search(page.content_type)
    try:
        return worker.read("page", decoded_page(page.data, charset.group(1) if charset else ""), address)
    except Unreadable as error:
        return Rejected(origin, "", str(error))


def _warc_pages(path: Path, passed: Counter[str]) -> Iterator[Page]:
    from fastwarc.warc import ArchiveIterator, WarcRecordType

    kinds = WarcRecordType.response | WarcRecordType.resource | WarcRecordType.conversion
    with path.open("rb") as file:
        records = iter(ArchiveIterator(file, record_types=WarcRecordType.any_type, parse_http=True, auto_decode="all"))
        while True:
            try:
                record = next(records)
                if not record.record_type & kinds:
                    passed[f"{record.headers.get('WARC-Type', 'unknown')} records"] += 1
                    continue
                http = record.http_headers
                content_type = (http.get("Content-Type") if http else record.headers.get("Content-Type")) or ""
                if reason := _no_page(http.status_code if http else 200, content_type):
                    passed[reason] += 1
                    continue
                packed = http and (http.get("Content-Encoding") or http.get("Transfer-Encoding"))
                length = None if packed else record.content_length
                address = _address(record.headers.get("WARC-Target-URI"))
                page = Page(address, content_type, record.reader.read(MAX_BYTES + 1), length)
            except StopIteration:
                return
            except (OSError, ValueError, EOFError, RuntimeError, AttributeError, *GZIP_ERRORS) as error:
                raise _Damaged(one_line(str(error))[:100]) from error
            yield page


def _address(given: str | None) -> str:
    """Some versions of wget put the address into angle brackets."""
    return (given or "").strip("<>")


def _no_page(status: int | None, content_type: str) -> str:
    kind = content_type.partition(";")[0].strip().lower()
    if status is not None and status != 200:
        return f"answers with status {status}"
    return "" if kind in _PAGES else f"of type {kind[:40] or 'unknown'}"


def _arc_pages(path: Path, passed: Counter[str]) -> Iterator[Page]:
    from warcio.archiveiterator import ArchiveIterator
    from warcio.exceptions import ArchiveLoadFailed

    with path.open("rb") as file:
        try:
            for record in ArchiveIterator(file, arc2warc=True):
                http = record.http_headers
                content_type = (http.get_header("Content-Type") if http else record.content_type) or ""
                status = http.get_statuscode() if http else ""
                if record.rec_type != "response" or not http:
                    passed[f"{record.rec_type} records"] += 1
                elif reason := _no_page(int(status) if status.isdigit() else None, content_type):
                    passed[reason] += 1
                else:
                    address = record.rec_headers.get_header("WARC-Target-URI") or ""
                    yield Page(address, content_type, record.content_stream().read(MAX_BYTES + 1))
        except (ArchiveLoadFailed, OSError, ValueError, AttributeError, *GZIP_ERRORS) as error:
            raise _Damaged(one_line(str(error))[:100]) from error
