"""A process that reads files beside others: `python -m ingest.reader` is the process, Reader its face in the one that ingests.

It reads one task after the other from its standard input and answers with batches of what it found.
"""

from __future__ import annotations

import logging
import os
import pickle
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice

from ingest.files import read_so_far
from ingest.record import log
from ingest.task import FileTask, Task, read_task
from ingest.worker import shared_worker
from newsdesk.child import own_module
from newsdesk.types import Article, Rejected

BATCH = 16
"""Things a message."""


@dataclass(frozen=True, slots=True)
class Said:
    """A warning or a note of the readers, to be logged where the articles go."""

    level: int
    text: str


@dataclass(frozen=True, slots=True)
class At:
    """How many bytes of its file a task has read when it gives what stands before this."""

    done: int


Item = Article | Rejected | Said | At


class ReaderDied(Exception):
    """The process ended before its task was done."""


class Reader:
    """Has tasks read by a process, which starts when it is first needed and again when it has died."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None

    def read(self, task: Task) -> Iterator[list[Item]]:
        """What the task holds, in batches as they are read. Raises ReaderDied, and OSError as `read_task`."""
        process = self._running()
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            pickle.dump(task, process.stdin)
            process.stdin.flush()
            while (given := pickle.load(process.stdout)) is not None:
                if isinstance(given, BaseException):
                    raise given
                yield given
        except (EOFError, BrokenPipeError, pickle.UnpicklingError, ValueError) as error:
            code = process.wait()
            self.close()
            why = signal.Signals(-code).name if code < 0 else f"exit code {code}"
            raise ReaderDied(why) from error

    def close(self) -> None:
        """Ends the process, whatever it is at."""
        if self._process is not None:
            self._process.kill()
            with suppress(OSError, ValueError):
                self._process.communicate()
            self._process = None

    def kill(self) -> None:
        """Ends the process from another thread; whoever waits for it sees that it died."""
        if (process := self._process) is not None:
            process.kill()

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            pipe = subprocess.PIPE
            self._process = subprocess.Popen(own_module(__name__), stdin=pipe, stdout=pipe)
        return self._process


def _batches_of(task: Task) -> Iterator[list[Item]]:
    """What the task holds, read by this process, with what the readers say about it in its place and nowhere else."""
    said = _Listener()
    log.handlers, log.propagate = [said], False
    items = said.among(read_task(task, shared_worker()))
    while batch := list(islice(items, BATCH)):
        if isinstance(task, FileTask):
            batch.append(At(read_so_far(task.path)))
        yield batch


class _Listener(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self._said: list[Said] = []

    def emit(self, record: logging.LogRecord) -> None:
        self._said.append(Said(record.levelno, record.getMessage()))

    def among(self, items: Iterator[Article | Rejected]) -> Iterator[Item]:
        """The items, each behind what was said while it was read."""
        for item in items:
            yield from self._taken()
            yield item
        yield from self._taken()

    def _taken(self) -> list[Said]:
        said, self._said = self._said, []
        return said


def _main() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # meant for the parent, which then ends this process
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what a parser prints is no answer
    log.setLevel(logging.INFO)
    with suppress(EOFError, BrokenPipeError):  # whoever wanted it is gone
        while True:
            task = pickle.load(sys.stdin.buffer)
            try:
                for batch in _batches_of(task):
                    pickle.dump(batch, answers)
                    answers.flush()
                answer: OSError | None = None
            except BrokenPipeError:
                return
            except OSError as error:
                answer = error
            pickle.dump(answer, answers)
            answers.flush()


if __name__ == "__main__":
    from ingest import reader  # what is pickled must be of the module, not of "__main__"

    reader._main()
