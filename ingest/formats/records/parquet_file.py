"""Reads Parquet tables: an article a row, the columns name the fields.

The library is fast because it is C without much checking: a damaged table can end the process that reads it. So a
process of its own unpacks the rows, `python -m ingest.formats.records.parquet_file FILE`, with bounded memory.
"""

from __future__ import annotations

import os
import pickle
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from datetime import date
from importlib.util import find_spec
from pathlib import Path
from typing import IO, Any

from ingest.files import shown
from ingest.formats.records.csv_file import check_head
from ingest.parts.clean import one_line
from ingest.record import Records
from newsdesk.child import own_module
from newsdesk.errors import Unreadable
from newsdesk.types import Article, Rejected

_NEEDS_GROUP = (
    "is a Parquet table, and what reads them is not installed. Where Newsdesk runs: pip install 'newsdesk[parquet]'"
)
_MEMORY = 4 * 1024**3
"""Of address space; the rows of one group are unpacked together, and writers make groups of 128 MiB."""
_ROWS = 100  # a message


def read_parquet(path: Path, mapping: Mapping[str, str] | None = None, name: str = "") -> Iterator[Article | Rejected]:
    """The articles of a file, and a Rejected for each row that holds none; a group of rows is read at a time.

    Raises Unreadable if the package for it is not there, if no column holds the text, or if it is damaged; and OSError.
    """
    if find_spec("fastparquet") is None:
        raise Unreadable(_NEEDS_GROUP)
    path.open("rb").close()  # so that what keeps it from being read is told by its own name
    name, records, number = name or shown(path), Records(mapping), 0
    try:
        for row in _rows(path, records):
            number += 1
            yield records.read(row, f"{name}:{number}")
    except Unreadable as error:
        if not number:
            raise
        yield Rejected(f"{name}:{number + 1}", "", f"{error}; what follows in it was not read")
    else:
        if not number:
            raise Unreadable("is a table without rows")
        records.end(name)


def _rows(path: Path, records: Records) -> Iterator[dict[str, object]]:
    """The rows as another process unpacks them; `records` is told its columns first. Raises Unreadable if it fails."""
    command = own_module("ingest.formats.records.parquet_file", str(path))
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        try:
            records.head = _given(process.stdout) or []
            check_head(list(records.head), records.mapping)
            while (rows := _given(process.stdout)) is not None:
                yield from rows
        except (EOFError, pickle.UnpicklingError) as error:
            code = process.wait()
            why = signal.Signals(-code).name if code < 0 else f"exit code {code}"
            raise Unreadable(f"is a damaged Parquet table: reading it ended the process that did ({why})") from error
        finally:
            process.kill()


def _given(answers: IO[bytes]) -> list[Any] | None:
    """The next answer of the process. Raises Unreadable if it is the reason why there is none."""
    given: list[Any] | Unreadable | None = pickle.load(answers)
    if isinstance(given, Unreadable):
        raise given
    return given


def _unpack(path: str) -> Iterator[object]:
    """The names of the columns, then rows, and None behind the last; or why there are none."""
    from fastparquet import ParquetFile

    try:
        table = ParquetFile(path)
        columns = list(map(str, table.columns))
    except Exception as error:  # whatever its parser raises, it says that the file is not as it should be
        yield _why(error)
        return
    yield columns
    try:
        for frame in table.iter_row_groups():
            for start in range(0, len(frame), _ROWS):
                yield [_fields(row) for row in frame[start : start + _ROWS].to_dict("records")]
        yield None
    except Exception as error:  # the same
        yield _why(error)


def _why(error: Exception) -> Unreadable:
    return Unreadable(f"is a damaged Parquet table ({type(error).__name__}: {one_line(str(error))[:100]})")


def _fields(row: Mapping[Any, Any]) -> dict[str, object]:
    return {str(column): plain for column, value in row.items() if (plain := _plain(value)) is not None}


def _plain(value: Any) -> object:
    """A cell as JSON would hold it; None for an empty one."""
    if isinstance(value, bytes):
        return value.decode(errors="replace")
    if hasattr(value, "tolist"):  # numpy's numbers and lists
        return _plain(value.tolist())
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if value is None or value != value:  # not a number, not a time
        return None
    if isinstance(value, str | bool | int | float | dict):
        return value
    return value.isoformat() if isinstance(value, date) else str(value)


def _main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what a parser prints is no answer
    for answer in _unpack(sys.argv[1]):
        pickle.dump(answer, answers)
        answers.flush()


if __name__ == "__main__":
    _main()
