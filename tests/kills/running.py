"""A command that runs, and the moment at which it is killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from random import Random

from tests import warm
from tests.support import environment, wait_until

WAIT = 240.0
"""Seconds until a service must be complete: its embedding pauses for a minute when it finds another one at work."""


_READER_SECONDS = 20.0
"""Seconds in which an ingest has begun to read, if it does so by other processes."""


@dataclass(frozen=True, slots=True)
class Life:
    """How long one unharmed run took, in seconds: all of it, and until it first wrote into the data folder."""

    whole: float
    quiet: float


@dataclass(frozen=True, slots=True)
class Moment:
    """When to kill: somewhere in the whole life, in the part of it that writes, or at the first thing it says."""

    kind: str
    share: float
    """Of that part of the life, 0 to 1.1."""

    @classmethod
    def draw(cls, random: Random) -> Moment:
        """Writing takes the smaller part of a life; half of the kills are to hit it."""
        return cls(random.choices(("anywhere", "writing", "speaking"), (35, 50, 15))[0], random.uniform(0, 1.1))


class Running:
    """A `newsdesk` command in a process group of its own."""

    def __init__(self, data: Path, scratch: Path, arguments: Sequence[object]) -> None:
        self._data = data
        self._before = _fingerprint(data)
        self._said = Path(tempfile.mkstemp(dir=scratch, suffix=".out")[1])
        self._complained = self._said.with_suffix(".err")
        self.arguments = tuple(map(str, arguments))
        self.began = time.monotonic()
        with self._said.open("w") as said, self._complained.open("w") as complained:
            command = ["-m", "newsdesk", *self.arguments, "--data", data]
            self.process = warm.start(
                command,
                environment=environment(NEWSDESK_READER="none"),
                stdout=said,
                stderr=complained,
                process_group=0,
            )

    def ended(self) -> bool:
        """By itself or not."""
        return self.process.poll() is not None

    def said(self) -> str:
        """Its standard output so far."""
        return self._said.read_text()

    def complained(self) -> str:
        """Its standard error so far."""
        return self._complained.read_text()

    def wrote(self) -> bool:
        """Whether anything in the data folder changed since it was started."""
        return _fingerprint(self._data) != self._before

    def wait_for(self, moment: Moment, life: Life) -> None:
        """Until the moment to kill it; shorter when it ends before."""
        pause = moment.share * life.whole
        if moment.kind == "writing":
            self._wait(self.wrote)
            pause = moment.share * (life.whole - life.quiet)
        elif moment.kind == "speaking":
            self._wait(lambda: self.said() or self.complained())
            pause = moment.share * 0.1
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(pause)

    def _wait(self, condition: Callable[[], object]) -> None:
        wait_until(lambda: self.ended() or condition(), WAIT)

    def kill(self, *, whole: bool = True) -> bool:
        """kill -9 of the process or of its whole group; False when it had ended before."""
        if self.ended():
            return False
        if whole:
            os.killpg(self.process.pid, signal.SIGKILL)
        else:
            self.process.kill()
        self.process.wait()
        return True

    def kill_a_reader(self) -> bool:
        """kill -9 of one of the processes that read for it, when there is one; whether there was."""
        end = time.monotonic() + _READER_SECONDS
        while not self.ended() and time.monotonic() < end:
            for place in Path("/proc").glob("[0-9]*"):
                with suppress(OSError):
                    group = (place / "stat").read_text().rpartition(")")[2].split()[2]
                    if int(group) == self.process.pid and b"ingest.reader" in (place / "cmdline").read_bytes():
                        os.kill(int(place.name), signal.SIGKILL)
                        return True
            time.sleep(0.01)
        return False

    def acknowledged(self) -> bool:
        """Whether it said that it is done, by its exit code or by a complete summary."""
        if self.process.poll() == 0:
            return True
        with suppress(ValueError):
            return bool(json.loads(self.said()))
        return False

    def group_lives(self) -> bool:
        """Whether it, or a process that it started, is still there."""
        try:
            os.killpg(self.process.pid, 0)
        except ProcessLookupError:
            return False
        return True


def _fingerprint(folder: Path) -> list[tuple[str, int, int]]:
    found = []
    for place, _, names in os.walk(folder):
        for name in names:
            with suppress(FileNotFoundError):
                about = os.stat(os.path.join(place, name))  # noqa: PTH116, PTH118  # asked every few milliseconds
                found.append((name, about.st_size, about.st_mtime_ns))
    return sorted(found)
