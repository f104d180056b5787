"""Source files: how they are named on the list of rejects, and how they are opened, plain or gzipped."""

from __future__ import annotations

import errno
import gzip
import os
import re
import zlib
from contextlib import suppress
from io import BufferedIOBase
from pathlib import Path

from ingest.parts.limits import MAX_BYTES
from newsdesk.errors import Unreadable

GZIP_MAGIC = b"\x1f\x8b"
GZIP_ERRORS = (EOFError, zlib.error, gzip.BadGzipFile)
"""What reading damaged gzip data raises."""


_WEB_ADDRESS = re.compile(r"(https?:)/+", re.IGNORECASE)  # a Path has lost one of the two slashes
OURS = frozenset((errno.EMFILE, errno.ENFILE, errno.ENOMEM))
"""Errors that are not the fault of the file that was to be opened, and no other could be opened either."""

# What would break a line or steer a terminal: controls, line and paragraph separators, direction marks and overrides.
_UNFIT_FOR_LINE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")
_INSIDE_FILE = re.compile(r"(?:!/.*| https?://.*)$")
_LINE_OF_FILE = re.compile(r":\d+$")


def absolute(path: Path) -> Path:
    """The same file from every working folder; links stay, unless ".." leads through them. Raises OSError."""
    return Path(os.path.realpath(path)) if ".." in path.parts else path.absolute()


def shown(path: Path) -> str:
    """`path` as one line for messages and the list of rejects.

    What does not fit on one, and bytes that are not UTF-8, become "\\x0a", "\\xe9" and so on.
    """
    name = os.fsencode(path).decode(errors="backslashreplace")
    return _UNFIT_FOR_LINE.sub(lambda match: "".join(f"\\x{byte:02x}" for byte in match[0].encode()), name)


def file_of(origin: str) -> Path | None:
    """The file that an origin on the list of rejects names; None if it names none.

    It may say where in the file: "FILE:LINE", "FILE!/MEMBER" of an archive, "FILE ADDRESS" of a page in a web archive.

    A file that is there goes before one that is not.
    """
    if not origin.startswith("/"):
        return None
    names = (origin, _LINE_OF_FILE.sub("", origin), _INSIDE_FILE.sub("", origin))
    paths = [Path(spelled) for name in names for spelled in (name, _unshown(name))]
    return next((path for path in paths if os.path.lexists(path)), paths[3])


def _unshown(name: str) -> str:
    escaped = re.compile(rb"\\x(?!00)([0-9a-f]{2})")
    return os.fsdecode(escaped.sub(lambda match: bytes.fromhex(match[1].decode()), os.fsencode(name)))


def open_unpacked(path: Path) -> BufferedIOBase:
    """Opens `path` for reading bytes, unpacking gzip as it is read. Raises OSError; reading may raise GZIP_ERRORS."""
    with path.open("rb") as file:
        packed = file.read(len(GZIP_MAGIC)) == GZIP_MAGIC
    return gzip.open(path) if packed else path.open("rb")


def read_start(path: Path, size: int) -> bytes:
    """The first `size` bytes, unpacked, or what can be unpacked of them. Raises OSError."""
    start = b""
    with open_unpacked(path) as file, suppress(*GZIP_ERRORS):
        # Piece by piece, so that damage leaves what goes before it; a piece ends where a member of the file does.
        while len(start) < size and (piece := file.read1(size - len(start))):
            start += piece
    return start


def read_whole(path: Path, most: int = MAX_BYTES) -> bytes:
    """All bytes of a file that holds one article, or of another that holds `most` bytes at most. Raises Unreadable if they are too many or damaged, and OSError."""
    try:
        with open_unpacked(path) as file:
            data = file.read(most + 1)
    except GZIP_ERRORS as error:
        raise Unreadable(f"the gzip data are damaged ({error}); get the file again") from error
    if len(data) > most:
        raise Unreadable(f"is larger than {most // 2**20} MiB, which no single article is; split it")
    return data


def read_so_far(path: Path) -> int:
    """Up to which byte this process has read a file that it has open; 0 where it has not, or the system does not tell."""
    with suppress(OSError):
        wanted = path.stat()
        for number in map(int, os.listdir("/dev/fd")):  # noqa: PTH208  # numbers, not paths
            with suppress(OSError):  # the one by which the folder was listed is closed again
                if os.path.samestat(os.fstat(number), wanted):
                    return os.lseek(number, 0, os.SEEK_CUR)
    return 0


def origin_of(path: Path) -> str:
    """How the list of rejects names what was found, or typed, as `path`."""
    return _WEB_ADDRESS.sub(r"\1//", shown(path)) if is_address(path) else shown(absolute(path))


def is_address(path: Path) -> bool:
    """True for a web address that was taken for a path."""
    return bool(_WEB_ADDRESS.match(str(path))) and not os.path.lexists(path)


def why_unreadable(path: Path, error: OSError) -> str:
    """The reason for the list of rejects why a file could not be opened."""
    if os.path.islink(path):  # noqa: PTH114  # Path.is_symlink raises for a name that is too long
        return f"is a link that leads nowhere ({error.strerror})"
    if is_address(path):
        return "is a web address, not a file; `newsdesk ingest ADDRESS` fetches it"
    if isinstance(error, FileNotFoundError):
        return "does not exist"
    return f"cannot be read: {error.strerror or error}"
