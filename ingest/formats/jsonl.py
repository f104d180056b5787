"""Reads JSON lines: one article a line, as feeds, exports and evaluation folders hold them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from io import BufferedIOBase
from pathlib import Path

from ingest.files import GZIP_ERRORS, open_unpacked, shown
from ingest.parts.limits import MAX_BYTES
from ingest.record import SHOWN, article_of, kind_of, storable
from newsdesk.errors import Unreadable
from newsdesk.types import Article, Rejected

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def read_jsonl(path: Path) -> Iterator[Article | Rejected]:
    """The articles of a file, plain or gzipped, and a Rejected for every line that holds none.

    Reads line by line, never the whole file. Damaged gzip data end the reading with one Rejected; what came before
    is kept. Raises OSError if the file cannot be opened or read.
    """
    number, empty = 0, True
    with open_unpacked(path) as file:
        try:
            while line := file.readline(MAX_BYTES + 1):
                number += 1
                origin = f"{shown(path)}:{number}"
                if len(line) > MAX_BYTES and not line.endswith(b"\n"):
                    _skip_line(file)
                    empty = False
                    yield Rejected(origin, "", f"the line is longer than {MAX_BYTES // 2**20} MiB")
                elif line := line.removeprefix(_BYTE_ORDER_MARK).strip():
                    empty = False
                    yield _read_line(line, origin)
        except GZIP_ERRORS as error:
            yield Rejected(f"{shown(path)}:{number + 1}", "", f"the gzip data are damaged from here on ({error})")
        else:
            if empty:
                yield Rejected(shown(path), "", "holds nothing but white space")


def _skip_line(file: BufferedIOBase) -> None:
    while (part := file.readline(MAX_BYTES)) and not part.endswith(b"\n"):
        pass


def _read_line(line: bytes, origin: str) -> Article | Rejected:
    try:
        record = json.loads(line.decode())
    except UnicodeDecodeError as error:
        return Rejected(origin, "", f"is not UTF-8: byte {error.object[error.start]:#04x} at {error.start}")
    except json.JSONDecodeError as error:
        return Rejected(origin, "", f"is not JSON: {error}")
    except ValueError:  # the only other one: Python refuses numbers of more than 4,300 digits
        return Rejected(origin, "", "holds a number of more than 4,300 digits")
    except RecursionError:
        return Rejected(origin, "", "is nested too deeply to be read")
    if not isinstance(record, dict):
        return Rejected(origin, "", f"is {kind_of(record)}, not a JSON object")
    try:
        return article_of(record, origin)
    except Unreadable as error:
        own_id = record.get("id")
        return Rejected(origin, storable(own_id[:SHOWN]) if isinstance(own_id, str) else "", str(error))
