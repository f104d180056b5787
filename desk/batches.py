"""Tables of questions that were handed to the service: answered in the background, one after the other, and kept for a while.

Each lies in a folder of its own in the data folder; whatever stops the service, the next one goes on.
"""

from __future__ import annotations

import re
import shutil
import threading
from dataclasses import dataclass
from pathlib import Path
from secrets import token_urlsafe

from desk.batch import Ask, answer_table, answered_so_far
from desk.table import read_table
from newsdesk.durable import settle, settle_one
from newsdesk.errors import BatchNotFound, DataFolderError, WrongUse

FOLDER = "batches"
KEPT = 50
"""Tables that are kept; the oldest finished one makes way for a new one."""
MAX_BYTES = 8 * 1024**2
"""Of an uploaded table."""

_QUESTIONS, _ANSWERS, _FAILED, _ROWS = "questions.csv", "answers.csv", "failed.txt", "rows.txt"
_KEY = re.compile(r"[A-Za-z0-9_-]{8,40}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Batch:
    """A table that was handed in."""

    key: str
    """Names it in addresses; not to be guessed."""
    total: int
    done: int
    failed: str
    """Why it cannot be gone on with; empty when it can."""
    answers: Path | None
    """The result; None until it is finished."""


class Batches:
    """The tables of one data folder. Safe to use from many threads; one service at a time answers."""

    def __init__(self, data: Path, ask: Ask) -> None:
        self._folder = data / FOLDER
        self._ask = ask
        self._changing = threading.Lock()

    def add(self, content: bytes) -> Batch:
        """Takes a table in, to be answered. Raises WrongUse for what is none, and when too many wait."""
        if len(content) > MAX_BYTES:
            raise WrongUse(
                f"The table has more than {MAX_BYTES // 1024**2} MiB, the most that is taken at once. Cut it."
            )
        table = read_table(content)
        if not table.rows:
            raise WrongUse("The table has no rows below its head, so there is nothing to ask.")
        with self._changing:
            self._make_room()
            key = token_urlsafe(12)
            new = self._folder / f".{key}"
            new.mkdir(parents=True)
            (new / _QUESTIONS).write_bytes(content)
            (new / _ROWS).write_text(str(len(table.rows)))
            settle(new)
            new.rename(self._folder / key)  # a folder that lacks something is never seen
            settle_one(self._folder)
        return self.one(key)

    def one(self, key: str) -> Batch:
        """The table with this key. Raises BatchNotFound."""
        folder = self._folder / key
        if not _KEY.fullmatch(key) or not (folder / _ROWS).is_file():
            raise BatchNotFound(key)
        answers = folder / _ANSWERS
        total, finished = int((folder / _ROWS).read_text()), answers.exists()
        failed = (folder / _FAILED).read_text(encoding="utf-8") if (folder / _FAILED).exists() else ""
        return Batch(key, total, total if finished else answered_so_far(answers), failed, answers if finished else None)

    def remove(self, key: str) -> None:
        """Removes a table with its answers. Raises BatchNotFound."""
        with self._changing:
            self.one(key)
            shutil.rmtree(self._folder / key)

    def work(self, stop: threading.Event) -> None:
        """Answers what waits, the oldest first, until nothing does or it is told to stop."""
        for folder in self._waiting():
            if stop.is_set():
                return
            try:
                table = read_table((folder / _QUESTIONS).read_bytes())
                answer_table(table, self._ask, folder / _ANSWERS, keep_going=lambda: not stop.is_set())
            except DataFolderError:
                raise
            except WrongUse as error:
                (folder / _FAILED).write_text(str(error), encoding="utf-8")
            except FileNotFoundError:
                continue  # it was removed meanwhile

    def _waiting(self) -> list[Path]:
        return [folder for folder in self._every() if not any((folder / name).exists() for name in (_ANSWERS, _FAILED))]

    def _every(self) -> list[Path]:
        """The folders, the oldest first."""
        rows = sorted(self._folder.glob(f"[!.]*/{_ROWS}"), key=lambda file: file.stat().st_mtime_ns)
        return [file.parent for file in rows]

    def _make_room(self) -> None:
        every, waiting = self._every(), set(self._waiting())
        if len(waiting) >= KEPT:
            raise WrongUse(f"{KEPT} tables wait to be answered, the most there can be. Try again when one is finished.")
        finished = [folder for folder in every if folder not in waiting]
        for folder in finished[: max(0, len(every) + 1 - KEPT)]:
            shutil.rmtree(folder, ignore_errors=True)


def drop_batches(data: Path) -> None:
    """Removes all tables with their answers, which may quote what was taken out of the archive."""
    shutil.rmtree(data / FOLDER, ignore_errors=True)
