"""Opening a source file, plain or gzipped; what it is, its first bytes decide, not its name."""

from __future__ import annotations

import gzip
import os
import zlib
from io import BufferedIOBase
from pathlib import Path

from newsdesk.errors import Unreadable

GZIP_MAGIC = b"\x1f\x8b"
MAX_BYTES = 16 * 1024 * 1024
"""The most that one article (one line of JSON, one page, one text) may take, unpacked; a book has 1 MiB."""
GZIP_ERRORS = (EOFError, zlib.error, gzip.BadGzipFile)
"""What reading damaged gzip data raises."""


def shown(path: Path) -> str:
    """`path` for messages and the list of rejects; bytes in a file name that are not UTF-8 become U+FFFD."""
    return os.fsencode(path).decode(errors="replace")


def open_unpacked(path: Path) -> BufferedIOBase:
    """Opens `path` for reading bytes, unpacking gzip as it is read. Raises OSError; reading may raise GZIP_ERRORS."""
    with path.open("rb") as file:
        packed = file.read(len(GZIP_MAGIC)) == GZIP_MAGIC
    return gzip.open(path) if packed else path.open("rb")


def read_start(path: Path, size: int) -> bytes:
    """The first `size` bytes, unpacked, or what can be unpacked of them. Raises OSError."""
    with open_unpacked(path) as file:
        try:
            return file.read1(size)
        except GZIP_ERRORS:
            return b""


def read_whole(path: Path) -> bytes:
    """All bytes of a file that holds one article. Raises Unreadable if they are too many or damaged, and OSError."""
    try:
        with open_unpacked(path) as file:
            data = file.read(MAX_BYTES + 1)
    except GZIP_ERRORS as error:
        raise Unreadable(f"the gzip data are damaged ({error}); get the file again") from error
    if len(data) > MAX_BYTES:
        raise Unreadable(f"is larger than {MAX_BYTES // 2**20} MiB, which no single article is; split it")
    return data
