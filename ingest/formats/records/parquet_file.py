"""Reads Parquet tables: an article a row, the columns name the fields."""

from __future__ import annotations

import errno
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from ingest.files import shown
from ingest.formats.records.csv_file import check_head
from ingest.parts.clean import one_line
from ingest.record import Records
from newsdesk.errors import Unreadable
from newsdesk.types import Article, Rejected

_NEEDS_GROUP = "is a Parquet table, which needs one more package: pip install -c constraints.txt -e '.[parquet]'"
_MOST_GROUP_BYTES = 1024**3
"""Unpacked, of one group of rows: they are read together. Writers make groups of 128 MiB."""


def read_parquet(path: Path, mapping: Mapping[str, str] | None = None, name: str = "") -> Iterator[Article | Rejected]:
    """The articles of a file, and a Rejected for each row that holds none; a group of rows is read at a time.

    Raises Unreadable if the package for it is not there, if no column holds the text, or if it is damaged; and OSError.
    """
    try:
        from fastparquet import ParquetFile  # here: it takes most of a second to import
    except ImportError as error:
        raise Unreadable(_NEEDS_GROUP) from error
    name, records, number = name or shown(path), Records(mapping), 0
    try:
        table = ParquetFile(str(path))
        check_head(list(table.columns), mapping)
        for group in table.row_groups:
            if group.total_byte_size > _MOST_GROUP_BYTES:
                raise Unreadable(
                    f"holds a group of rows of more than {_MOST_GROUP_BYTES // 2**30} GiB; write smaller ones"
                )
        for frame in table.iter_row_groups():
            for row in frame.to_dict("records"):
                number += 1
                fields = {str(column): plain for column, value in row.items() if (plain := _plain(value)) is not None}
                yield records.read(fields, f"{name}:{number}")
    except (Unreadable, MemoryError):
        raise
    except Exception as error:  # whatever its parser raises, it says that the file is not as it should be
        if isinstance(error, OSError) and error.errno != errno.EINVAL:  # that is a place before the file's beginning
            raise
        reason = f"is a Parquet table that cannot be read ({type(error).__name__}: {one_line(str(error))[:100]})"
        if not number:
            raise Unreadable(reason) from error
        yield Rejected(f"{name}:{number + 1}", "", f"{reason}; what follows in it was not read")
    else:
        if not number:
            raise Unreadable("is a table without rows")
        records.end(name)


def _plain(value: Any) -> object:
    """A cell as JSON would hold it; None for an empty one."""
    if isinstance(value, bytes):
        return value.decode(errors="replace")
    if isinstance(value, str | bool | int | dict):
        return value
    if hasattr(value, "tolist"):  # numpy's numbers and lists
        return _plain(value.tolist())
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if value is None or value != value:  # not a number, not a time
        return None
    return value.isoformat() if isinstance(value, date) else value if isinstance(value, float) else str(value)
