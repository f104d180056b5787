"""Commands that work on the archive of a cluster (tests.cluster), killed in the middle of it: taking in, and making vectors."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

from index.embed.missing import WORK_OF_WORKERS
from index.find.servers.client import Server
from newsdesk.catalogue.catalogue import Catalogue
from newsdesk.catalogue.leases import Process
from newsdesk.catalogue.shards.placement import Placement
from newsdesk.catalogue.vectors import StoredVectors
from newsdesk.errors import ArticleNotFound
from newsdesk.types import Filters
from tests import warm
from tests.support import environment, wait_until

PATIENCE = 300.0
BY_PROCESSES = "--workers", "2"
BY_RAY = "--ray", "local", "--workers", "2"


class Jobs:
    """The commands, on a machine of their own, as it were: they share the catalogue with the services, and no folder."""

    def __init__(self, data: Path, address: str, variables: Mapping[str, str]) -> None:
        self._data, self._variables = data, variables
        self._catalogue = Catalogue(address, create=False)
        self._vectors = StoredVectors(self._catalogue)
        self.rows: list[dict[str, Any]] = []
        """Of each command that was killed, what became of it."""
        self.faults: list[str] = []
        self.acknowledged: list[str] = []
        """Articles that were in the archive when their command was killed, or that it had taken in when it ended."""

    def close(self) -> None:
        """Ends the connections."""
        self._catalogue.close()

    def killed_taking_in(self, articles: Sequence[dict[str, Any]]) -> dict[str, Any]:
        """`newsdesk ingest` of a file, killed when some of it is stored, and run again to its end."""
        self._leave_vectors_to_workers()
        file = self._data.with_suffix(".jsonl")
        file.write_text("".join(f"{json.dumps(article)}\n" for article in articles), encoding="utf-8")
        before = self._articles()
        command = self._start("ingest", file, "--no-vectors")
        self._kill_when("ingest", command, lambda: self._articles() > before)
        ids = [each["id"] for each in articles]
        there = [id_ for id_ in ids if self._is_there(id_)]
        self._leave_vectors_to_workers()
        took = self._run("ingest", file, "--no-vectors")
        self.acknowledged += [*there, *ids]
        return {"job": "ingest", "articles": len(articles), "stored_when_killed": len(there), "again_took": took}

    def killed_embedding(self, options: Sequence[str]) -> dict[str, Any]:
        """`newsdesk embed` by workers: one of them is killed, then the command itself, which is then run again to its end."""
        self._leave_vectors_to_workers()
        name, before = " ".join(options), self._with_vectors()
        command = self._start("embed", *options)
        try:
            self._kill_a_worker(name, command, before)
            stored = self._with_vectors()
            self._kill_when(name, command, lambda: self._with_vectors() > stored)
        finally:
            command.kill()
        left = self._vectors.progress(self._vectors.active())
        took = self._run("embed", *options)
        progress = self._vectors.progress(self._vectors.active())
        if progress.done != progress.total:
            self.faults.append(f"{name}: {progress.total - progress.done} passages were left without a vector")
        return {
            "job": name, "passages": progress.total - before, "stored_when_killed": left.done - before, "again_took": took
        }  # fmt: skip

    def _kill_a_worker(self, name: str, command: subprocess.Popen[str], before: int) -> None:
        wait_until(lambda: self._with_vectors() > before or command.poll() is not None, PATIENCE, pause=0.1)
        lines = descendants(command.pid)
        workers = [pid for pid, line in lines if "--as-worker" in line or line.startswith("ray::_work")]
        if not workers:
            self.faults.append(f"{name}: it had no worker that could be killed")
            return
        with suppress(ProcessLookupError):  # it has just ended by itself
            os.kill(workers[0], signal.SIGKILL)

    def misplaced(self, patience: float) -> list[str]:
        """Passages that the Chroma servers do not hold exactly once, all of them together, after this many seconds at most."""
        end = time.monotonic() + patience
        while (found := self._misplaced()) and time.monotonic() < end:  # what came last is still being written
            time.sleep(1)
        return found

    def _misplaced(self) -> list[str]:
        held: Counter[int] = Counter()
        for shard in Placement(self._catalogue).shards():
            with closing(Server(shard.server)) as server:
                held.update(server.numbers(shard.collection))
        passages = set(self._catalogue.passage_numbers(Filters()))
        return [f"passage {number} has {held[number]} vectors on the servers" for number in passages | held.keys()
                if held[number] != (number in passages)]  # fmt: skip

    def _leave_vectors_to_workers(self) -> None:
        """For two minutes the services make none, as when workers were just at it."""
        self._catalogue.leases.take(WORK_OF_WORKERS, Process("workers", 0))

    def _is_there(self, article_id: str) -> bool:
        try:
            self._catalogue.article(article_id)
        except ArticleNotFound:
            return False
        return True

    def _articles(self) -> int:
        return self._catalogue.counts().articles

    def _with_vectors(self) -> int:
        return self._vectors.progress(self._vectors.active()).done

    def _start(self, *arguments: object) -> subprocess.Popen[str]:
        with self._data.with_suffix(".log").open("a") as log:
            return warm.start(
                ["-m", "newsdesk", *arguments, "--data", self._data],
                environment=environment(**self._variables),
                stdout=log,
                stderr=log,
            )

    def _run(self, *arguments: object) -> float:
        """Runs it to its end; the seconds that took."""
        began, command = time.monotonic(), self._start(*arguments)
        try:
            command.wait(PATIENCE)
        finally:
            command.kill()
        if command.returncode:
            said = self._data.with_suffix(".log").read_text(encoding="utf-8")
            self.faults.append(f"newsdesk {arguments[0]} ended with {command.returncode}: {said[-500:]}")
        return round(time.monotonic() - began, 1)

    def _kill_when(self, name: str, command: subprocess.Popen[str], condition: Callable[[], bool]) -> None:
        try:
            wait_until(lambda: condition() or command.poll() is not None, PATIENCE, pause=0.05)
            if command.poll() is not None:
                self.faults.append(f"{name} ended with {command.returncode} before it was killed")
        finally:
            command.kill()
        command.wait()


def descendants(pid: int) -> Iterator[tuple[int, str]]:
    """The processes that a process started, and those that these started: their numbers and command lines."""
    for child in _read(f"/proc/{pid}/task/{pid}/children").split():
        yield int(child), _read(f"/proc/{child.decode()}/cmdline").replace(b"\0", b" ").decode(errors="replace").strip()
        yield from descendants(int(child))


def _read(file: str) -> bytes:
    """What the file holds; nothing when its process has just ended."""
    with suppress(OSError):
        return Path(file).read_bytes()
    return b""
