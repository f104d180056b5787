"""Finds what to read: files, and folders with everything in them; the reader is chosen for each file."""

from __future__ import annotations

import errno
import os
import re
import stat
from collections.abc import Container, Iterator, Mapping, Sequence
from pathlib import Path

from ingest.files import absolute, shown
from ingest.formats.registry import read_file
from ingest.worker import shared_worker
from newsdesk.errors import Unreadable
from newsdesk.types import Article, Rejected

_WEB_ADDRESS = re.compile(r"(https?:)/+", re.IGNORECASE)  # a Path has lost one of the two slashes
# Not the fault of the file that was to be opened, and no other could be opened either.
_OURS = frozenset((errno.EMFILE, errno.ENFILE, errno.ENOMEM))
# Files about a collection, found beside the articles in a folder. Named directly, they are read like any other.
_NO_ARTICLE = re.compile(r"(?:readme|licen[cs]e|copying|notice)(?:\.(?:md|txt|text|html?))?", re.IGNORECASE)

# "Story_files" beside "Story.html", in the words of the languages that browsers use.
_BESIDE_PAGE = re.compile(
    r"(?P<page>.+)(?:[_.-](?:files?|Dateien|fichiers|archivos|ficheiros|arquivos|bestanden|filer|pliki|soubory|fajlok))",
    re.IGNORECASE,
)


def read_sources(
    paths: Sequence[Path], own: Path | None = None, mapping: Mapping[str, str] | None = None
) -> Iterator[Article | Rejected]:
    """The articles in `paths`: files, and folders with all that is below them, in the order of their names.

    What cannot be read becomes a Rejected with its reason, and reading goes on. In folders, hidden files and folders,
    README and LICENSE are passed over, and so are the archive's `own` folder and what a browser saved beside a page; of
    an evaluation folder only its articles are read. `mapping` says under which names records keep our fields. Raises OSError only for what concerns all files, such as too many open ones.
    """
    for found in walk(paths, own):
        if isinstance(found, Rejected):
            yield found
            continue
        path, status = found
        try:
            yield from read_file(path, status.st_mode, status.st_size, shared_worker(), mapping)
        except (Unreadable, OSError) as error:
            yield _rejected(path, error)


def walk(paths: Sequence[Path], own: Path | None = None) -> Iterator[tuple[Path, os.stat_result] | Rejected]:
    """The files that `read_sources` reads, each before it is read, and a Rejected for each path that is none."""
    waiting = [_located(path) for path in reversed(paths)]
    named = set(waiting)
    archive = _identity(own.stat()) if own is not None else None
    seen = {archive}
    while waiting:
        path = waiting.pop()
        try:
            status = path.stat()
            if not stat.S_ISDIR(status.st_mode):
                yield path, status
            elif (here := _identity(status)) == archive and path in named:
                raise Unreadable("is the archive's own folder; name the files in it that are to be read")
            elif here not in seen:  # seen: a link that leads back up
                seen.add(here)
                waiting.extend(reversed(_entries(path)))
        except (Unreadable, OSError) as error:
            yield _rejected(path, error)


def _rejected(path: Path, error: Unreadable | OSError) -> Rejected:
    """Raises the error if it concerns all files."""
    if isinstance(error, Unreadable):
        return Rejected(shown(path), "", str(error))
    if error.errno in _OURS:
        raise error
    return Rejected(origin_of(path), "", _reason(path, error))


def _identity(status: os.stat_result) -> tuple[int, int]:
    return status.st_dev, status.st_ino


def origin_of(path: Path) -> str:
    """How the list of rejects names what was found, or typed, as `path`."""
    return _WEB_ADDRESS.sub(r"\1//", shown(path)) if _is_address(path) else shown(absolute(path))


def _located(path: Path) -> Path:
    """The absolute path; a web address stays as it is."""
    return path if _is_address(path) else absolute(path)


def _is_address(path: Path) -> bool:
    return bool(_WEB_ADDRESS.match(str(path))) and not os.path.lexists(path)


def _entries(folder: Path) -> list[Path]:
    """What to read in a folder, sorted by name. Raises OSError."""
    entries = {entry.name: entry for entry in sorted(folder.iterdir()) if not entry.name.startswith(".")}
    if "questions.jsonl" in entries:
        for articles in ("articles.jsonl", "articles.jsonl.gz"):
            if articles in entries:
                return [entries[articles]]
    return [
        entry for name, entry in entries.items() if not _NO_ARTICLE.fullmatch(name) and not _is_beside(name, entries)
    ]


def _is_beside(name: str, entries: Container[str]) -> bool:
    """True for the folder in which a browser keeps the pictures and advertisements of a page that it saved."""
    page = _BESIDE_PAGE.fullmatch(name)
    return page is not None and any(page["page"] + ending in entries for ending in (".html", ".htm", ".xhtml"))


def _reason(path: Path, error: OSError) -> str:
    if os.path.islink(path):  # noqa: PTH114  # Path.is_symlink raises for a name that is too long
        return f"is a link that leads nowhere ({error.strerror})"
    if _is_address(path):
        return "is a web address, not a file; `newsdesk ingest ADDRESS` fetches it"
    if isinstance(error, FileNotFoundError):
        return "does not exist"
    return f"cannot be read: {error.strerror or error}"
