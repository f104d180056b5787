"""Finds what to read: files, and folders with everything in them; the reader is chosen for each file."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Container, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from ingest.files import OURS, absolute, is_address, origin_of, shown, why_unreadable
from ingest.task import FileTask, read_task
from ingest.worker import shared_worker
from newsdesk.errors import Unreadable
from newsdesk.types import Article, Rejected

# Files about a collection, found beside the articles in a folder. Named directly, they are read like any other.
_NO_ARTICLE = re.compile(r"(?:readme|licen[cs]e|copying|notice)(?:\.(?:md|txt|text|html?))?", re.IGNORECASE)

# "Story_files" beside "Story.html", in the words of the languages that browsers use.
_BESIDE_PAGE = re.compile(
    r"(?P<page>.+)(?:[_.-](?:files?|Dateien|fichiers|archivos|ficheiros|arquivos|bestanden|filer|pliki|soubory|fajlok))",
    re.IGNORECASE,
)


class Found(NamedTuple):
    """A file that is to be read."""

    path: Path
    status: os.stat_result


def read_sources(
    paths: Sequence[Path], own: Path | None = None, mapping: Mapping[str, str] | None = None
) -> Iterator[Article | Rejected]:
    """The articles in `paths`, as `find_files` finds them, read by this process one after the other.

    What cannot be read becomes a Rejected with its reason, and reading goes on. `mapping` says under which names records
    keep our fields. Raises OSError only for what concerns all files, such as too many open ones.
    """
    for found in find_files(paths, own):
        if isinstance(found, Rejected):
            yield found
        else:
            yield from read_task(task_of(found, mapping), shared_worker())


def task_of(found: Found, mapping: Mapping[str, str] | None) -> FileTask:
    """The reading of a file that was found."""
    return FileTask(found.path, found.status.st_mode, found.status.st_size, mapping)


def find_files(paths: Sequence[Path], own: Path | None = None) -> Iterator[Found | Rejected]:
    """The files in `paths`: files, and folders with all that is below them, in the order of their names.

    What is not there becomes a Rejected with its reason. In folders, hidden files and folders, README and LICENSE are
    passed over, and so are the archive's `own` folder and what a browser saved beside a page; of an evaluation folder
    only its articles are read. Raises OSError only for what concerns all files.
    """
    waiting = [_located(path) for path in reversed(paths)]
    named = set(waiting)
    archive = _identity(own.stat()) if own is not None and own.exists() else None
    seen = {archive}
    while waiting:
        path = waiting.pop()
        try:
            status = path.stat()
            if not stat.S_ISDIR(status.st_mode):
                yield Found(path, status)
            elif (here := _identity(status)) == archive and path in named:
                raise Unreadable("is the archive's own folder; name the files in it that are to be read")
            elif here not in seen:  # seen: a link that leads back up
                seen.add(here)
                waiting.extend(reversed(_entries(path)))
        except Unreadable as error:
            yield Rejected(shown(path), "", str(error))
        except OSError as error:
            if error.errno in OURS:
                raise
            yield Rejected(origin_of(path), "", why_unreadable(path, error))


def _identity(status: os.stat_result) -> tuple[int, int]:
    return status.st_dev, status.st_ino


def _located(path: Path) -> Path:
    """The absolute path; a web address stays as it is."""
    return path if is_address(path) else absolute(path)


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
