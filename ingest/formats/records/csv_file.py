"""Reads tables as text: an article a row, the first row names the fields."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from io import TextIOWrapper
from pathlib import Path
from typing import BinaryIO, TextIO, cast

from ingest.files import GZIP_ERRORS, open_unpacked, read_start, shown
from ingest.parts.fields import known, no_text_field
from ingest.parts.limits import MAX_BYTES, MAX_CHARACTERS
from ingest.record import Records, log
from newsdesk.errors import Unreadable
from newsdesk.types import Article, Rejected

_SNIFFED = 64 * 1024
_DELIMITERS = ",;\t|"


def read_csv(path: Path, mapping: Mapping[str, str] | None = None, name: str = "") -> Iterator[Article | Rejected]:
    """The articles of a file, plain or gzipped, and a Rejected for each row that holds none.

    Comma, semicolon, tab or bar part the cells, whichever the first row holds most of; UTF-8, UTF-16 with its mark, or
    else Windows-1252. Raises Unreadable if the first row names no field for the text, and OSError.
    """
    name, records = name or shown(path), Records(mapping)
    start = read_start(path, _SNIFFED)
    encoding = encoding_of(start)
    delimiter = delimiter_of(start.decode(encoding, "replace"))
    csv.field_size_limit(MAX_CHARACTERS)
    with open_unpacked(path) as file, TextIOWrapper(cast(BinaryIO, file), encoding, newline="") as text:
        rows = csv.reader(_lines(text), delimiter=delimiter)
        try:
            head = [cell.strip() for cell in next(rows, [])]
            check_head(head, mapping)
            records.head = head
            short = _ShortRows(name, len(head))
            for row in rows:
                origin = f"{name}:{rows.line_num}"
                short.count(row, rows.line_num)
                if len(row) > len(head) and any(row[len(head) :]):
                    yield Rejected(origin, "", f"has {len(row)} cells, the first row names {len(head)}")
                elif any(cell.strip() for cell in row):
                    yield records.read({field: cell for field, cell in zip(head, row, strict=False) if cell}, origin)
            short.tell()
            records.end(name)
        except (csv.Error, UnicodeDecodeError, *GZIP_ERRORS) as error:
            yield Rejected(f"{name}:{rows.line_num + 1}", "", f"cannot be read from here on ({error})")


class _ShortRows:
    """Rows with fewer cells than the first row names: their last fields count as empty, which is told once a file."""

    def __init__(self, name: str, cells: int) -> None:
        self._name, self._cells = name, cells
        self._number, self._first = 0, ""

    def count(self, row: list[str], line: int) -> None:
        """Looks at a row; an empty line is none."""
        if row and len(row) < self._cells:
            self._number += 1
            self._first = self._first or f"the first ends in line {line} and has {len(row)}"

    def tell(self) -> None:
        """Says how many there were, and where the first is."""
        if self._number:
            log.warning(
                "%s: %s of its rows have fewer than the %s cells that the first row names (%s); what is missing counts as empty",
                self._name, f"{self._number:,}", self._cells, self._first,
            )  # fmt: skip


def names_articles(start: bytes) -> bool:
    """True if text begins with a row that names a headline and a text, as a table of articles does."""
    line = start.decode(encoding_of(start), "replace").split("\n", 1)[0].strip()
    if "\r" in line:
        return False
    head = next(csv.reader([line], delimiter=delimiter_of(line)), [])
    if len(head) < 2 or any(len(cell) > 40 for cell in head):
        return False
    found, _ = known(dict.fromkeys(head, "x"))
    return "text" in found and "title" in found


def check_head(head: list[str], mapping: Mapping[str, str] | None) -> None:
    """Raises Unreadable if none of the names of a table's fields is one for the text."""
    found, _ = known(dict.fromkeys(head, "x"), mapping)
    if not (found.get("text") or found.get("paragraphs")):
        raise Unreadable(no_text_field(head))


def encoding_of(start: bytes) -> str:
    """The encoding of a table by its first bytes: UTF-16 with its mark, UTF-8, or else Windows-1252."""
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    try:
        start.decode()
    except UnicodeDecodeError as error:
        return "cp1252" if error.start < len(start) - 3 else "utf-8-sig"
    return "utf-8-sig"


def delimiter_of(start: str) -> str:
    """What parts the cells of a table: of comma, semicolon, tab and bar, what its first line holds most of."""
    line = start.split("\n", 1)[0]
    return max(_DELIMITERS, key=line.count)


def _lines(text: TextIO) -> Iterator[str]:
    while line := text.readline(MAX_BYTES):
        if len(line) >= MAX_BYTES:
            raise csv.Error(f"the line is longer than {MAX_BYTES // 2**20} MiB")
        yield line
