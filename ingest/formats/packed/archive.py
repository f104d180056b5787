"""Reads what zip and tar archives hold: each member is unpacked alone, within limits, and never under its own name."""

from __future__ import annotations

import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO

from ingest.files import GZIP_ERRORS, shown
from newsdesk.errors import Unreadable
from newsdesk.types import Article, Rejected

Read = Callable[[Path, str], Iterator[Article | Rejected]]
"""Reads the file at a path that messages call so."""

MEMBER = "!/"
"""Between an archive and what is in it, on the list of rejects: "/home/a.zip!/story.html"."""
MAX_MEMBERS = 200_000
MAX_MEMBER_BYTES = 2 * 1024**3
MAX_TOTAL_BYTES = 64 * 1024**3
MAX_RATIO = 300
"""Unpacked to packed, of one member beyond 16 MiB. Text packs to a tenth or a twentieth, a bomb to a thousandth."""
MAX_DEPTH = 2
_UNCHECKED_BYTES = 16 * 1024**2
_PASSED_OVER = ("__MACOSX", ".")
_DAMAGED = (zipfile.BadZipFile, tarfile.TarError, zlib.error, NotImplementedError, RuntimeError, *GZIP_ERRORS)


def read_zip(path: Path, name: str, read: Read) -> Iterator[Article | Rejected]:
    """What the members of a zip archive hold; of a WACZ, the web archives in it. Raises Unreadable if it is damaged."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = [member for member in archive.infolist() if not member.is_dir()]
            names = {member.filename for member in members}
            if "datapackage.json" in names and any(inner.startswith("archive/") for inner in names):
                members = [member for member in members if member.filename.startswith("archive/")]
            budget = _Budget(name, len(members))
            for member in members:
                if member.flag_bits & 1:
                    yield Rejected(f"{name}{MEMBER}{_shown(member.filename)}", "", "is encrypted; unpack it yourself")
                elif not _is_passed_over(member.filename):
                    opened = lambda member=member: archive.open(member)  # noqa: E731
                    yield from _member(opened, member.filename, member.compress_size, budget, read)
    except (zipfile.BadZipFile, NotImplementedError, ValueError) as error:
        raise Unreadable(f"is a damaged zip archive ({error})") from error


def read_tar(path: Path, name: str, read: Read) -> Iterator[Article | Rejected]:
    """What the regular files in a tar archive hold, plain or gzipped; links and devices in it are passed over."""
    size = path.stat().st_size
    try:
        with tarfile.open(path, "r|*") as archive:
            budget = _Budget(name, 0)
            for member in archive:
                budget.count()
                if member.isreg() and not _is_passed_over(member.name):
                    opened = lambda member=member: archive.extractfile(member)  # noqa: E731
                    yield from _member(opened, member.name, size, budget, read)
    except _DAMAGED as error:
        yield Rejected(name, "", f"is damaged from here on ({error})")


class _Budget:
    """How much of an archive may still be unpacked."""

    def __init__(self, name: str, members: int) -> None:
        self.name = name
        self.left = MAX_TOTAL_BYTES
        self.members = members
        self._check()

    def count(self) -> None:
        """Counts a member. Raises Unreadable if there are too many."""
        self.members += 1
        self._check()

    def _check(self) -> None:
        if self.members > MAX_MEMBERS:
            raise Unreadable(f"holds more than {MAX_MEMBERS:,} files; unpack it, and name the folder")


def _member(
    opened: Callable[[], IO[bytes] | None], inner: str, packed: int, budget: _Budget, read: Read
) -> Iterator[Article | Rejected]:
    name = f"{budget.name}{MEMBER}{_shown(inner)}"
    if budget.name.count(MEMBER) >= MAX_DEPTH and PurePosixPath(inner).suffix.lower() in (".zip", ".tar", ".tgz"):
        yield Rejected(name, "", f"lies in more than {MAX_DEPTH} archives; unpack them yourself")
        return
    try:
        with _unpacked(opened, packed, budget) as path:
            yield from read(path, name)
    except Unreadable as error:
        yield Rejected(name, "", str(error))
    except _DAMAGED as error:
        yield Rejected(name, "", f"is damaged in its archive ({error})")


@contextmanager
def _unpacked(opened: Callable[[], IO[bytes] | None], packed: int, budget: _Budget) -> Iterator[Path]:
    """A temporary file with what a member holds. Raises Unreadable if that is too much."""
    most = min(MAX_MEMBER_BYTES, budget.left, max(_UNCHECKED_BYTES, packed * MAX_RATIO))
    source = opened()
    if source is None:
        raise Unreadable("is no file")
    with tempfile.NamedTemporaryFile(prefix="newsdesk-") as file:
        with source:
            while piece := source.read(min(1024**2, most + 1)):
                most -= len(piece)
                budget.left -= len(piece)
                if most < 0:
                    raise Unreadable(
                        "unpacks to far more than a file of this size should; if it is sound, unpack it yourself"
                    )
                file.write(piece)
        file.flush()
        yield Path(file.name)


def _is_passed_over(name: str) -> bool:
    return any(part.startswith(_PASSED_OVER) and part not in (".", "..") for part in PurePosixPath(name).parts)


def _shown(name: str) -> str:
    return shown(Path(name.replace("\0", "")))[:1_000]
