"""A process of its own for parsers: a page that takes all memory, or for ever, is a reject and takes nobody with it.

`python -m ingest.worker` is the process; Worker is its face in the one that ingests.
"""

from __future__ import annotations

import atexit
import os
import pickle
import resource
import select
import signal
import subprocess
import sys
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import IO, NoReturn

from newsdesk.child import own_module
from newsdesk.errors import Unreadable
from newsdesk.types import Article

MOST_SECONDS = 30
"""Of processor time for one page or document; the slowest page within the other limits took 8."""
MOST_MEMORY = 3 * 1024**3
"""Of address space, libraries included; the largest page within the other limits took 0.4 GiB."""

_TOO_LARGE = 9
"""Exit code of the process if it could not even take the task."""

IDLE_SECONDS = 10
"""After so long without a task the process ends, so that it takes no memory from what comes after reading."""

Task = tuple[str, ...]
"""("html" | "markdown" | "mail" | "pdf" | "docx", path, name), or ("page", text, address)."""


class Worker:
    """Reads pages and documents in a child process, which starts when it is first needed and again when it has died."""

    def __init__(self, seconds: int = MOST_SECONDS, memory: int = MOST_MEMORY) -> None:
        self._limits = str(seconds), str(memory)
        self._seconds = seconds
        self._process: subprocess.Popen[bytes] | None = None
        self._owner = 0

    def read(self, *task: str) -> Article:
        """The article of a Task. Raises Unreadable, also where its reading took too much, and OSError."""
        try:
            given = self._answer(task)
        except (EOFError, BrokenPipeError, pickle.UnpicklingError) as error:
            code = self._exit_code()
            if code != 0:
                raise Unreadable(self._why_it_died(code)) from error
            given = self._answer(task)  # it had just left, because there was nothing to do
        if isinstance(given, BaseException):
            raise given
        assert isinstance(given, Article)
        return given

    def _answer(self, task: Task) -> object:
        process = self._running()
        assert process.stdin is not None
        assert process.stdout is not None
        pickle.dump(task, process.stdin)
        process.stdin.flush()
        return pickle.load(process.stdout)

    def close(self) -> None:
        """Ends the process."""
        if self._process is not None and self._owner == os.getpid():
            self._process.kill()
            with suppress(OSError):
                self._process.communicate()
        self._process = None

    def _running(self) -> subprocess.Popen[bytes]:
        # A fork of this process has to have its own, and one that had nothing to do has left.
        if self._process is not None and (self._owner != os.getpid() or self._process.poll() is not None):
            self.close()
        if self._process is None:
            self._owner = os.getpid()
            command = own_module(__name__, *self._limits)
            self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        return self._process

    def _exit_code(self) -> int:
        assert self._process is not None
        code = self._process.wait()
        self.close()
        return code

    def _why_it_died(self, code: int) -> str:
        if code == -signal.SIGPROF:
            return f"took more than {self._seconds} s of processor time to read, which no page of one article does"
        if code in (-signal.SIGKILL, _TOO_LARGE):
            return "took too much memory to read"
        return f"ended the process that read it ({signal.Signals(-code).name if code < 0 else f'exit code {code}'})"


@cache
def shared_worker() -> Worker:
    """The worker of this process; it is ended with it."""
    worker = Worker()
    atexit.register(worker.close)
    return worker


def _serve(seconds: int, memory: int, tasks: IO[bytes], answers: IO[bytes]) -> None:
    """Reads until there is no more to read, or nothing comes; one answer to each task, an Article or an exception."""
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    while select.select([tasks], [], [], IDLE_SECONDS)[0]:
        try:
            task = pickle.load(tasks)
        except EOFError:
            return
        except MemoryError:
            sys.exit(_TOO_LARGE)
        signal.setitimer(signal.ITIMER_PROF, seconds)  # unhandled, its signal ends the process, C code or not
        try:
            answer: Article | Exception = _read(task)
        except (Unreadable, OSError) as error:
            answer = error
        except MemoryError:
            answer = Unreadable(
                f"takes more than {memory / 1024**3:.1f} GiB of memory to read, which no page of one article does"
            )
        except Exception as error:  # whatever a parser raises concerns this page alone
            answer = Unreadable(f"cannot be read: its parser failed with {type(error).__name__} ({str(error)[:100]})")
        signal.setitimer(signal.ITIMER_PROF, 0)
        pickle.dump(answer, answers)
        answers.flush()


def _read(task: Task) -> Article:
    kind, first, second = task
    match kind:
        case "html":
            from ingest.formats.html import read_html

            return read_html(Path(first))
        case "page":
            from ingest.formats.html import article_of_page

            return article_of_page(first, second)
        case "markdown":
            from ingest.formats.text import read_text

            return read_text(Path(first), second, markdown=True)
        case "mail":
            from ingest.files import read_whole
            from ingest.formats.mail import article_of_mail

            return article_of_mail(read_whole(Path(first)), second)
        case "pdf":
            from ingest.formats.office.pdf import read_pdf

            return read_pdf(Path(first), second)
        case _:
            from ingest.formats.office.docx import read_docx

            return read_docx(Path(first), second)


def _main() -> NoReturn:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # meant for the parent, which then ends this process
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what a parser prints is no answer
    seconds, memory = map(int, sys.argv[1:])
    _serve(seconds, memory, sys.stdin.buffer, answers)
    sys.exit(0)


if __name__ == "__main__":
    _main()
