"""The rounds: an operation is started on the one data folder and killed, again and again."""

from __future__ import annotations

import json
import signal
import threading
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random

import httpx

from index.archive import Archive
from newsdesk.settings import Settings
from newsdesk.types import Article, Question
from tests.kills.articles import EVERYWHERE, generated_article, record, sample_articles, sample_questions
from tests.kills.ledger import Changes, Ledger, State
from tests.kills.running import WAIT, Life, Moment, Running
from tests.kills.tables import Row, catalogue_rows, unharmed_rows, vector_rows, view_rows, watch_vectors
from tests.support import wait_until, wait_until_complete

SOME_QUESTIONS = 50
SHARES = {"ingest": 32, "serve": 18, "embed": 14, "rebuild": 12, "purge": 10, "remove": 14}
"""How often each operation is killed, out of a hundred."""

_FILES = 5
"""Of one ingest."""

SERVING = 6.0
"""Seconds that a service is used, if it is not killed, after it said where it is."""


@dataclass
class Kills:
    """One data folder and everything that is done to it."""

    folder: Path
    model: str
    seed: int
    articles: int
    lives: dict[str, Life]
    """Of each operation; what is missing is measured."""
    count: int = 0
    differences: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.data = self.folder / "harmed"
        self.scratch = self.folder / "scratch"
        self.scratch.mkdir(parents=True)
        self.ledger = Ledger()
        self._samples = {article.id: article for article in sample_articles()}
        self._editions: dict[int, int] = {}
        self._pieces = 0
        self._groups: list[Running] = []
        self._started: list[Running] = []
        self._counting = threading.Lock()

    @property
    def file(self) -> Path:
        """The catalogue."""
        return self.data / "catalogue.sqlite3"

    # ------------------------------------------------------------- rounds

    def run(self, kills: int, minutes: float) -> None:
        """Fills the folder, then kills until it has killed `kills` times or for so many minutes."""
        end = time.monotonic() + 60 * minutes
        self._begin()
        round_ = 0
        while self.count < kills and time.monotonic() < end:
            round_ += 1
            random = Random(f"{self.seed} {round_}")  # of its own: how the last round ended changes no draw
            kind = random.choices(list(SHARES), list(SHARES.values()))[0]
            before = self.count
            self._round(kind, random)
            if random.random() < 0.5:  # otherwise the next command finds what the killed one left behind
                self._check(f"round {round_}")
            unharmed = "" if self.count > before else ", unharmed"
            print(f"{self.count:4d} of {kills}  round {round_}: {kind}{unharmed}", flush=True)

    def _begin(self) -> None:
        """The first articles, the trigger that sees a text embedded twice, and the length of every operation."""
        self._do_unharmed("ingest", *self._ingest(list(self._samples.values()), "--no-vectors"))
        watch_vectors(self.file)
        for kind in SHARES:
            if kind not in self.lives:
                self.lives[kind] = self._measure(kind)
                print(f"unharmed: {kind} takes {self.lives[kind].whole:.1f} s", flush=True)

    def _measure(self, kind: str) -> Life:
        random = Random(f"{self.seed} {kind}")
        if kind == "serve":
            running = self._start(["serve", "--port", "0", "--model", self.model])
            wait_until(lambda: running.wrote() or running.ended(), WAIT)
            quiet = time.monotonic() - running.began
            wait_until(lambda: "Newsdesk is at" in running.said() or running.ended(), WAIT)
            life = Life(time.monotonic() - running.began + SERVING, quiet)
            self._stop(running)
            return life
        arguments, changes = self._operation(kind, random, self._whole_corpus())
        running = self._start(arguments)
        wait_until(lambda: running.wrote() or running.ended(), WAIT)
        quiet = time.monotonic() - running.began
        running.process.wait()
        life = Life(time.monotonic() - running.began, quiet)
        self._settle(kind, running, changes, killed=False)
        return life

    def _round(self, kind: str, random: Random) -> None:
        moment = Moment.draw(random)
        if kind == "serve":
            self._serve(moment, random)
            return
        if kind == "purge":
            self._wait_for_children()  # it needs the catalogue for itself for a moment
        arguments, changes = self._operation(kind, random, self._whole_corpus())
        # Often, people start the same command again; a removal that had happened would then rightly be refused.
        again = 1 + (kind != "remove" and random.random() < 0.4)
        for _ in range(again):
            running = self._start(arguments)
            if kind == "ingest" and random.random() < 0.4 and running.kill_a_reader():
                self.count += 1
                if random.random() < 0.5:
                    running.process.wait()  # a reader's death costs nothing
            running.wait_for(moment, self.lives[kind])
            self._settle(kind, running, changes, killed=self._kill(running))
            moment = Moment.draw(random)

    def _serve(self, moment: Moment, random: Random) -> None:
        """A service, with commands and HTTP requests that write beside it, each to articles of its own."""
        stop = threading.Event()
        numbers = self._whole_corpus()
        server = self._start(["serve", "--port", "0", "--model", self.model])
        writers = [
            threading.Thread(target=self._write_by_commands, args=(stop, Random(random.random()), numbers[::2])),
            threading.Thread(target=self._write_by_http, args=(stop, Random(random.random()), numbers[1::2], server)),
        ]
        for writer in writers:
            writer.start()
        server.wait_for(moment, self.lives["serve"])
        if server.ended():
            self.differences.append(f"the service ended by itself: {server.complained()[-500:]}")
        whole = random.random() < 0.5
        self._kill(server, whole=whole)
        if not whole:
            self._groups.append(server)
        stop.set()
        for writer in writers:
            writer.join()

    def _write_by_commands(self, stop: threading.Event, random: Random, numbers: Sequence[int]) -> None:
        while not stop.is_set():
            kind = random.choice(("ingest", "ingest", "remove"))
            arguments, changes = self._operation(kind, random, numbers)
            running = self._start(arguments)
            if random.random() < 0.2:
                running.wait_for(Moment.draw(random), self.lives[kind])
                self._settle(kind, running, changes, killed=self._kill(running))
            else:
                running.process.wait()
                self._settle(kind, running, changes, killed=False)

    def _write_by_http(self, stop: threading.Event, random: Random, numbers: Sequence[int], server: Running) -> None:
        wait_until(lambda: stop.is_set() or "Newsdesk is at" in server.said(), WAIT)
        if stop.is_set():
            return
        url = server.said().split()[3]
        with suppress(httpx.TransportError), httpx.Client(base_url=url, timeout=60, trust_env=False) as client:
            takes_articles = "post" in client.get("/openapi.json").json()["paths"]["/api/articles"]
            while not stop.is_set():
                client.get("/api/search", params={"q": EVERYWHERE}).raise_for_status()
                if takes_articles:
                    self._post(client, [self._next(number) for number in random.sample(numbers, min(6, len(numbers)))])
                    self._delete(client, random, numbers)

    def _post(self, client: httpx.Client, articles: Sequence[Article]) -> None:
        changes = {article.id: article for article in articles}
        self.ledger.attempt(changes)
        answer = client.post("/api/articles", json=[record(article) for article in articles])
        if answer.status_code != 200 or answer.json()["rejected"]:
            self.differences.append(f"POST /api/articles was refused: {answer.text[:500]}")
        else:
            self.ledger.acknowledge(changes)

    def _delete(self, client: httpx.Client, random: Random, numbers: Sequence[int]) -> None:
        present = self._present(numbers)
        if not present:
            return
        id_ = random.choice(present)
        self.ledger.attempt({id_: None})
        answer = client.delete(f"/api/articles/{id_}")
        if answer.is_success:
            self.ledger.acknowledge({id_: None})
        else:
            self.differences.append(f"DELETE of {id_} was refused: {answer.text[:500]}")

    # ------------------------------------------------------------- operations

    def _operation(self, kind: str, random: Random, numbers: Sequence[int]) -> tuple[list[object], Changes]:
        """The arguments of a command, and what it changes."""
        if kind == "ingest":
            some = random.sample(numbers, min(len(numbers), random.randint(10, 60)))
            more = ["--no-vectors"] if random.random() < 0.8 else ["--model", self.model]
            return self._ingest([self._next(number) for number in some], *more)
        if kind == "remove":
            present = self._present(numbers)
            chosen = random.sample(present, min(len(present), random.randint(1, 12)))
            if chosen:
                return [kind, *chosen, "--json"], dict.fromkeys(chosen)
            return self._ingest([self._next(number) for number in numbers[:5]], "--no-vectors")
        return [kind, "--json", *(["--model", self.model] if kind == "embed" else [])], {}

    def _ingest(self, articles: Iterable[Article], *more: str) -> tuple[list[object], Changes]:
        with self._counting:
            self._pieces += 1
            folder = self.scratch / f"{self._pieces}"
        changes: dict[str, State] = {article.id: article for article in articles}
        folder.mkdir()
        lines = [json.dumps(record(article)) + "\n" for article in changes.values() if article]
        for number in range(_FILES):  # enough that several processes read them
            if lines[number::_FILES]:
                (folder / f"{number}.jsonl").write_text("".join(lines[number::_FILES]))
        return ["ingest", folder, "--json", *more], changes

    def _whole_corpus(self) -> list[int]:
        return list(range(1, self.articles + 1))

    def _next(self, number: int) -> Article:
        """The article in its next edition, or now and then in the one that was asked for last."""
        last = self._editions.get(number, -1)
        self._editions[number] = last + 1 if last < 0 or Random(f"{number} {last}").random() < 0.8 else last
        return generated_article(number, self._editions[number])

    def _present(self, numbers: Sequence[int]) -> list[str]:
        present = set(self.ledger.present())
        return [id_ for number in numbers if (id_ := f"kills/{number}") in present]

    # ------------------------------------------------------------- helpers

    def _start(self, arguments: Sequence[object], data: Path | None = None) -> Running:
        running = Running(data or self.data, self.scratch, arguments)
        self._started.append(running)
        return running

    def leave_nobody(self) -> None:
        """Kills whatever it started, also when it is itself interrupted: who writes into a folder must not outlive it."""
        for running in self._started:
            running.kill()

    def _kill(self, running: Running, *, whole: bool = True) -> bool:
        killed = running.kill(whole=whole)
        with self._counting:
            self.count += killed
        return killed

    def _settle(self, kind: str, running: Running, changes: Changes, *, killed: bool) -> None:
        """Notes what the command may have done, or has done."""
        self.ledger.attempt(changes)
        if running.acknowledged():
            self.ledger.acknowledge(changes)
        elif not killed:
            self.differences.append(
                f"{kind} failed unharmed ({running.process.returncode}): {running.complained()[-800:]}"
            )

    def _wait_for_children(self) -> None:
        """Those that outlived their service see it, and end by themselves."""
        wait_until(lambda: not any(running.group_lives() for running in self._groups), WAIT)

    def _do_unharmed(self, kind: str, arguments: Sequence[object], changes: Changes) -> None:
        running = self._start(arguments)
        running.process.wait()
        self._settle(kind, running, changes, killed=False)

    def _stop(self, running: Running) -> None:
        running.process.send_signal(signal.SIGTERM)
        if running.process.wait(timeout=20) != 0:
            self.differences.append(f"the service did not end well: {running.complained()[-500:]}")

    def _check(self, where: str) -> None:
        for difference in self.ledger.differences(self.file):
            self.differences.append(f"{where}: {difference}")
            print(f"DIFFERENCE {where}: {difference}", flush=True)

    # ------------------------------------------------------------- the end

    def finish(self) -> None:
        """Starts a service cleanly, checks, and then does again whatever was interrupted."""
        self._wait_for_children()
        self._serve_until_complete()
        self._check("after the last kill")
        wanted = {id_: state for id_, state in self.ledger.wanted.items() if state is not None}
        unwanted = [id_ for id_ in self.ledger.present() if id_ not in wanted]
        if unwanted:
            self._do_unharmed("remove", ["remove", *unwanted, "--json"], dict.fromkeys(unwanted))
        self._do_unharmed("ingest", *self._ingest(wanted.values(), "--model", self.model))
        self._check("at the end")

    def verify(self) -> list[Row]:
        """Holds the harmed folder against what was acknowledged, against itself and against an unharmed one."""
        unharmed = self.folder / "unharmed"
        file = self._ingest(filter(None, self.ledger.wanted.values()))[0][1]
        filling = self._start(["ingest", file, "--model", self.model], unharmed)
        if filling.process.wait() != 0:
            self.differences.append(f"the unharmed run failed: {filling.complained()[-500:]}")
        rows = [
            *catalogue_rows(self.file, self.ledger.wanted),
            *vector_rows(self.file),
            *view_rows(self.data, self.ledger.wanted, self._editions),
            *unharmed_rows(self.file, unharmed / "catalogue.sqlite3"),
        ]
        # What was removed counts in tantivy's statistics until its files are merged, and moves a close decision.
        self._do_unharmed("rebuild", ["rebuild", "--json"], {})
        questions = sample_questions(SOME_QUESTIONS)
        answers = [_answers(data, questions) for data in (self.data, unharmed)]
        alike = sum(one == other for one, other in zip(*answers, strict=True))
        lost = Row("lost, doubled, half or refused", 0, len(self.differences))
        return [lost, *rows, Row("answers as in the unharmed folder", len(questions), alike)]

    def _serve_until_complete(self) -> None:
        """A service that is started, waited for and ended cleanly."""
        server = self._start(["serve", "--port", "0", "--model", self.model])
        wait_until(lambda: "Newsdesk is at" in server.said() or server.ended(), WAIT)
        wait_until_complete(server.said().split()[3], WAIT)
        self._stop(server)


def _answers(data: Path, questions: Sequence[str]) -> list[object]:
    """What must not depend on how often the archive was killed: texts, and what they cite."""
    archive = Archive(Settings(data=data, reader="none"), create=False)  # reading depends on the passages alone
    archive.load()
    answers = [archive.engine.ask(Question(asked)) for asked in questions]
    archive.close()
    return [(a.answerable, a.text, [replace(c, permalink="") for c in a.citations]) for a in answers]
