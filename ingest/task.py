"""A piece of reading that one process does: a file, or some pages out of a web archive."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from ingest.files import OURS, origin_of, shown, why_unreadable
from ingest.formats.packed.warc import Page, article_of_record
from ingest.formats.registry import read_file
from ingest.parts.language import with_language
from ingest.worker import Worker
from newsdesk.errors import Unreadable
from newsdesk.types import Article, Rejected


@dataclass(frozen=True, slots=True)
class FileTask:
    """A whole file, as it was when it was found."""

    path: Path
    mode: int
    size: int
    mapping: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class PagesTask:
    """Pages of the web archive that messages call `name`."""

    name: str
    pages: tuple[Page, ...]


Task = FileTask | PagesTask


def read_task(task: Task, worker: Worker) -> Iterator[Article | Rejected]:
    """The articles of a task, and a Rejected for whatever is none. Raises OSError only for what concerns all files."""
    if isinstance(task, PagesTask):
        for page in task.pages:
            item = article_of_record(page, task.name, worker)
            yield with_language(item) if isinstance(item, Article) else item
        return
    try:
        yield from read_file(task.path, task.mode, task.size, worker, task.mapping)
    except Unreadable as error:
        yield Rejected(shown(task.path), "", str(error))
    except OSError as error:
        if error.errno in OURS:
            raise
        yield Rejected(origin_of(task.path), "", why_unreadable(task.path, error))


def name_of(task: Task) -> str:
    """What the list of rejects calls it."""
    return task.name if isinstance(task, PagesTask) else shown(task.path)
