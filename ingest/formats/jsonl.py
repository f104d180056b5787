"""Reads JSON lines: one article a line, as feeds, exports and evaluation folders hold them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from io import BufferedIOBase
from pathlib import Path

from ingest.files import GZIP_ERRORS, open_unpacked, shown
from ingest.formats.wire_or_record import WireOrRecord
from ingest.parts.limits import MAX_BYTES
from newsdesk.errors import Unreadable
from newsdesk.types import Article, Rejected

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def read_jsonl(path: Path, mapping: Mapping[str, str] | None = None, name: str = "") -> Iterator[Article | Rejected]:
    """The articles of a file, plain or gzipped, and a Rejected for every line that holds none.

    `mapping` says which of our fields stands under which name; `name` is what the list of rejects calls the file.

    Reads line by line, never the whole file. Damaged gzip data end the reading with one Rejected; what came before
    is kept. Raises OSError if the file cannot be opened or read.
    """
    name, records = name or shown(path), WireOrRecord(mapping)
    number, empty = 0, True
    with open_unpacked(path) as file:
        try:
            while line := file.readline(MAX_BYTES + 1):
                number += 1
                origin = f"{name}:{number}"
                if len(line) > MAX_BYTES and not line.endswith(b"\n"):
                    _skip_line(file)
                    empty = False
                    yield Rejected(origin, "", f"the line is longer than {MAX_BYTES // 2**20} MiB")
                elif line := line.removeprefix(_BYTE_ORDER_MARK).strip():
                    empty = False
                    yield _read_line(line, origin, records)
        except GZIP_ERRORS as error:
            yield Rejected(f"{name}:{number + 1}", "", f"the gzip data are damaged from here on ({error})")
        else:
            if empty:
                yield Rejected(name, "", "holds nothing but white space")
            else:
                records.end(name)


def _skip_line(file: BufferedIOBase) -> None:
    while (part := file.readline(MAX_BYTES)) and not part.endswith(b"\n"):
        pass


def _read_line(line: bytes, origin: str, records: WireOrRecord) -> Article | Rejected:
    try:
        return records.read(parsed(line), origin)
    except Unreadable as error:
        return Rejected(origin, "", str(error))


def parsed(text: bytes) -> object:
    """The JSON value that `text` spells. Raises Unreadable, saying what is wrong."""
    try:
        return json.loads(text.decode())
    except UnicodeDecodeError as error:
        reason = f"is not UTF-8: byte {error.object[error.start]:#04x} at {error.start}"
    except json.JSONDecodeError as error:
        reason = f"is not JSON: {error}"
    except ValueError:  # the only other one: Python refuses numbers of more than 4,300 digits
        reason = "holds a number of more than 4,300 digits"
    except RecursionError:
        reason = "is nested too deeply to be read"
    raise Unreadable(reason)
