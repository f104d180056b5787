"""Everything in files and folders, read by several processes and given in the order of the files."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from hashlib import blake2b, file_digest
from itertools import chain, islice
from pathlib import Path
from queue import Full, Queue
from stat import S_ISREG
from threading import Event, local

from ingest.files import read_so_far, read_start, shown
from ingest.formats.packed.warc import Page, pages_of
from ingest.formats.sniff import SNIFFED_BYTES, format_of
from ingest.reader import At, Item, Reader, ReaderDied, Said
from ingest.record import log
from ingest.sources import Found, find_files, task_of
from ingest.task import PagesTask, Task, name_of, read_task
from ingest.version import readers_version
from ingest.worker import shared_worker
from newsdesk.catalogue.runs.sources import Source
from newsdesk.types import Article, Elsewhere, Rejected

FEW_FILES = 2
FEW_BYTES = 4_000_000
"""Up to so many files and bytes this process reads itself: to start others takes longer."""
_AHEAD = 8  # tasks a process, begun or done, that wait for the one whose turn it is
_BATCHES = 8  # of one task that wait; a reader that is further ahead waits itself
_PAGES = 16
_PAGES_BYTES = 4_000_000
_DEATHS = 2
"""A task that ends its process so often is given up; once may be anybody's doing."""
_WAIT = 0.2  # seconds until a thread looks whether it is still wanted

Given = Article | Rejected | Source


class Reading:
    """One reading of files and folders; what came of it so far can be asked while it goes on."""

    def __init__(
        self,
        paths: Sequence[Path],
        own: Path | None = None,
        mapping: Mapping[str, str] | None = None,
        *,
        processes: int = 1,
        known: Callable[[str], Source | None] = lambda path: None,
        on_file: Callable[[Path], None] = lambda path: None,
    ) -> None:
        """`known` says how a file was when it was read last: one that is as it was then is passed over.

        `own`, the folder of the archive, and `mapping` are as for `read_sources`; `on_file` is told of each file that was read.
        """
        self._paths, self._own, self._mapping = paths, own, mapping
        self._processes, self._known, self._on_file = processes, known, on_file
        self._readers = f"{readers_version()} {json.dumps(mapping or {}, sort_keys=True)}"
        self._ended_bytes = self._begun_bytes = 0
        self.files_unchanged = 0
        self.kept: list[str] = []
        """Files that were passed over and of which something is on the list of rejects."""

    @property
    def done_bytes(self) -> int:
        """Of files that were read or passed over, and of the one that is being read."""
        return self._ended_bytes + self._begun_bytes

    def total_bytes(self) -> int:
        """Of all files together, as they are now."""
        return sum(found.status.st_size for found in find_files(self._paths, self._own) if isinstance(found, Found))

    def __iter__(self) -> Iterator[Given]:
        """Articles and rejects in the order of the files, and behind those of a file a Source to remember it by.

        A file of which no article came, one that changed while it was read, and one that names what lies at web addresses
        is not remembered. Raises OSError only for what concerns all files.
        """
        changed = self._changed()
        first = list(islice(changed, FEW_FILES + 1))
        every = chain(first, changed)
        small = sum(found.status.st_size for found in first if isinstance(found, Found)) <= FEW_BYTES
        if self._processes < 2 or (small and len(first) <= FEW_FILES):
            yield from self._here(every)
        else:
            pool = _Pool(self._processes)
            try:
                yield from self._beside(every, pool)
            finally:
                pool.close()

    # ------------------------------------------------------------ what need not be read

    def _changed(self) -> Iterator[Found | Rejected]:
        """What is found, without the files that are as they were."""
        for found in find_files(self._paths, self._own):
            before = self._known(shown(found.path)) if isinstance(found, Found) else None
            if not isinstance(found, Found) or before is None or not self._is_as_before(found, before):
                yield found
                continue
            self.files_unchanged += 1
            self._ended_bytes += before.size
            if before.rejected:
                self.kept.append(before.path)

    def _is_as_before(self, found: Found, before: Source) -> bool:
        if before.readers != self._readers or before.size != found.status.st_size:
            return False
        return before.modified == found.status.st_mtime_ns or before.content_hash == _hash_of(found.path)

    # ------------------------------------------------------------ reading

    def _here(self, every: Iterator[Found | Rejected]) -> Iterator[Given]:
        for found in every:
            if isinstance(found, Rejected):
                yield found
                continue
            file = _File(found)
            is_large = found.status.st_size > FEW_BYTES
            for item in read_task(task_of(found, self._mapping), shared_worker()):
                self._begun_bytes = read_so_far(found.path) if is_large else 0
                yield from file.counted([item])
            yield from self._ended(file)

    def _beside(self, every: Iterator[Found | Rejected], pool: _Pool) -> Iterator[Given]:
        """Tasks are begun in the order of the files, and what they give is taken in that order too."""
        waiting: deque[tuple[_File | None, _Job | Rejected | None]] = deque()
        jobs = 0
        for file, work in self._work(every, pool):
            waiting.append((file, work))
            jobs += isinstance(work, _Job)
            while jobs > _AHEAD * self._processes:
                jobs -= isinstance(waiting[0][1], _Job)
                yield from self._taken(*waiting.popleft())
        while waiting:
            yield from self._taken(*waiting.popleft())

    def _work(
        self, every: Iterator[Found | Rejected], pool: _Pool
    ) -> Iterator[tuple[_File | None, _Job | Rejected | None]]:
        """The tasks of each file, begun; None behind the last of a file."""
        for found in every:
            if isinstance(found, Rejected):
                yield None, found
                continue
            file = _File(found)
            for task in self._tasks(found):
                yield file, task if isinstance(task, Rejected) else pool.begin(task)
            yield file, None

    def _taken(self, file: _File | None, work: _Job | Rejected | None) -> Iterator[Given]:
        if file is None:
            assert isinstance(work, Rejected)
            yield work
        elif work is None:
            yield from self._ended(file)
        elif isinstance(work, Rejected):
            yield from file.counted([work])
        else:
            for batch in work.batches():
                self._begun_bytes = _read_until(file.found.path, batch)
                yield from file.counted(batch)
            file.is_whole &= not work.given_up

    def _tasks(self, found: Found) -> Iterator[Task | Rejected]:
        """The whole file; of a large web archive, whose pages take long to read, some pages at a time."""
        path, size = found.path, found.status.st_size
        kind = ""
        if size > FEW_BYTES and S_ISREG(found.status.st_mode):
            with suppress(OSError):  # told by whoever reads the file
                kind = format_of(read_start(path, SNIFFED_BYTES), shown(path))
        if kind in ("warc", "arc"):
            yield from _pages_tasks(found, arc=kind == "arc")
        else:
            yield task_of(found, self._mapping)

    def _ended(self, file: _File) -> Iterator[Source]:
        self._begun_bytes = 0
        self._ended_bytes += file.found.status.st_size
        self._on_file(file.found.path)
        if file.is_whole and file.articles and (stamp := file.stamp()):
            yield Source(*stamp, self._readers, file.articles, file.rejected)


class _File:
    """A file that is being read."""

    def __init__(self, found: Found) -> None:
        self.found = found
        self.articles = self.rejected = 0
        self.is_whole = True

    def counted(self, batch: Sequence[Item]) -> Iterator[Article | Rejected]:
        """The articles and rejects of a batch; what is said is logged."""
        for item in batch:
            if isinstance(item, Said):
                log.log(item.level, "%s", item.text)
                continue
            if isinstance(item, At):
                continue
            self.articles += isinstance(item, Article)
            self.rejected += isinstance(item, Rejected)
            self.is_whole &= not isinstance(item, Elsewhere)  # what it names can change, and be followed or not
            yield item

    def stamp(self) -> tuple[str, int, int, bytes] | None:
        """Name, size, time and hash of the file; None if it changed since it was found."""
        before = self.found.status
        try:
            content_hash = _hash_of(self.found.path)
            after = self.found.path.stat()
        except OSError:
            return None
        if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
            return None
        return shown(self.found.path), before.st_size, before.st_mtime_ns, content_hash


class _Job:
    """A task that a thread has a reader do, and what has come of it so far."""

    def __init__(self, task: Task) -> None:
        self.task = task
        self.given_up = False
        self.came: Queue[list[Item] | BaseException | None] = Queue(_BATCHES)

    def batches(self) -> Iterator[list[Item]]:
        """What comes, until the task is done. Raises what the thread could not cope with."""
        while (batch := self.came.get()) is not None:
            if isinstance(batch, BaseException):
                raise batch
            yield batch


class _Pool:
    """Threads, each with a reader of its own, that do tasks in the order in which they are begun.

    So the task whose turn it is to be taken is always one that is done or being done, and nobody waits for ever.
    """

    def __init__(self, processes: int) -> None:
        self._threads = ThreadPoolExecutor(processes, "newsdesk-reader")
        self._own = local()
        self._readers: list[Reader] = []
        self._closing = Event()

    def begin(self, task: Task) -> _Job:
        """Puts a task behind the others."""
        job = _Job(task)
        self._threads.submit(self._do, job)
        return job

    def close(self) -> None:
        """Ends all readers, whatever they are at."""
        self._closing.set()
        for reader in list(self._readers):
            reader.kill()
        self._threads.shutdown(cancel_futures=True)
        for reader in self._readers:
            reader.close()

    def _do(self, job: _Job) -> None:
        try:
            self._read(job)
        except BaseException as error:
            self._put(job, error)
        else:
            self._put(job, None)

    def _read(self, job: _Job) -> None:
        """Reads the task, anew from where it was if the reader dies; who dies again does so of the task."""
        given = 0
        if self._closing.is_set():
            return
        for deaths in range(1, _DEATHS + 1):
            skipped = 0
            try:
                for batch in self._reader().read(job.task):
                    if self._closing.is_set():
                        return
                    new = batch[max(0, given - skipped) :]
                    skipped += len(batch)
                    if new:
                        self._put(job, new)
                        given += len(new)
                return
            except ReaderDied as error:
                if self._closing.is_set():
                    return
                why, times = str(error), deaths
        job.given_up = True
        behind = f" behind the first {given:,} things in it" if given else ""
        reason = f"ended the process that read it {times} times ({why}){behind}; what follows in it was not read"
        self._put(job, [Rejected(name_of(job.task), "", reason)])

    def _reader(self) -> Reader:
        reader: Reader | None = getattr(self._own, "reader", None)
        if reader is None:
            reader = self._own.reader = Reader()
            self._readers.append(reader)
        return reader

    def _put(self, job: _Job, what: list[Item] | BaseException | None) -> None:
        while not self._closing.is_set():
            with suppress(Full):
                job.came.put(what, timeout=_WAIT)
                return


def _read_until(path: Path, batch: Sequence[Item]) -> int:
    """Bytes of the file that were read for a batch: by its reader, or by this process, which cuts web archives up."""
    done = [item.done for item in batch if isinstance(item, At)]
    return done[-1] if done else read_so_far(path)


def _pages_tasks(found: Found, *, arc: bool) -> Iterator[PagesTask | Rejected]:
    name, pages = shown(found.path), list[Page]()
    for page in pages_of(found.path, name, arc=arc):
        if isinstance(page, Rejected):
            yield page
            continue
        pages.append(page)
        if len(pages) >= _PAGES or sum(len(one.data) for one in pages) > _PAGES_BYTES:
            yield PagesTask(name, tuple(pages))
            pages = []
    if pages:
        yield PagesTask(name, tuple(pages))


def _hash_of(path: Path) -> bytes:
    """Of all bytes of a file. Raises OSError."""
    with path.open("rb") as file:
        return file_digest(file, lambda: blake2b(digest_size=16)).digest()
