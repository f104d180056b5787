"""The measuring of speed: turns, percentiles, ratios, the table, and the processes that are told what to do."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from threading import Barrier

import pytest

from eval.speed.bench import ask_all, disk_mb, measure, peak_memory_mb, percentiles, ratios, result, table, take_turns
from eval.speed.worker import Worker
from newsdesk.errors import NewsdeskError
from tests.support import ROOT, Process, wait_until

STEPS = """
import hashlib, os, sys
from itertools import pairwise
from pathlib import Path
from eval.speed.worker import serve
from newsdesk.errors import WrongUse

def steps(report):
    def work(log, name, rounds):
        for number in range(rounds):
            for _ in range(20):
                hashlib.sha256(bytes(1_000_000)).digest()
            with Path(log).open("a") as lines:
                lines.write(name)
            report(number + 1, rounds)
        return name
    def refuse():
        raise WrongUse("No such thing. Do another.")
    def die():
        print("What a pity.", file=sys.stderr, flush=True)
        os._exit(7)
    def chatter():
        print("a library that prints")
        return "heard"
    return {"work": work, "refuse": refuse, "die": die, "chatter": chatter}

serve(steps)
"""

STUB = """
import sys
from pathlib import Path
from eval.speed.bench import ask_all
from eval.speed.worker import serve

def steps(report):
    def note(step):
        with Path(sys.argv[1]).open("a") as lines:
            lines.write(f"{sys.argv[2]} {step}\\n")
    def ask(step, texts, clients):
        note(f"{step} {len(texts)} by {clients}")
        return ask_all(str.upper, texts, clients)
    return {
        "warm_up": lambda: note("warm_up"),
        "keyword": lambda: 7,
        "vectors": lambda: note("vectors"),
        "retrieve": lambda **given: ask("retrieve", **given),
        "ask": lambda **given: ask("ask", **given),
        "forget": lambda: note("forget"),
        "cost": lambda: {"disk_mb": 1.5, "peak_memory_mb": 80.0},
        "describe": lambda: {"chunks": 3, "text_embedded": 0.5},
    }

serve(steps)
"""


def running(pid: int) -> bool:
    """Whether a process is there and not only waiting to be buried."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except FileNotFoundError:
        return False


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Worker]]:
    """Starts workers that run a piece of code, and ends them."""
    workers: list[Worker] = []

    def started(code: str = STEPS, *arguments: str) -> Worker:
        command = [sys.executable, "-c", code, *arguments]
        workers.append(Worker(command, tmp_path / f"log-{len(workers)}", {"PYTHONPATH": str(ROOT)}))
        return workers[-1]

    yield started
    for worker in workers:
        worker.end()


def test_both_work_in_turns(start: Callable[..., Worker], tmp_path: Path) -> None:
    """One works while the other is held still, again and again, until both are done; progress is the first one's."""
    log, heard = tmp_path / "done", []
    steps = [start(), start()]
    for number, worker in enumerate(steps):  # beyond its start
        assert worker.do("work", log=str(tmp_path / "start"), name=str(number), rounds=1) == str(number)

    class Named:
        """The same step for both, each under its own name."""

        def __init__(self, worker: Worker, name: str) -> None:
            self.worker, self.name = worker, name
            self.hold, self.go_on, self.wait = worker.hold, worker.go_on, worker.wait

        def begin(self, step: str) -> None:
            self.worker.begin(step, log=str(log), name=self.name, rounds=12)

    seconds = take_turns(
        [Named(steps[0], "a"), Named(steps[1], "b")],  # type: ignore[list-item]  # a worker with its work in hand
        "work",
        lambda done, total: heard.append((done, total)),
        turn=0.05,
    )
    assert [worker.result for worker in steps] == ["a", "b"]
    assert all(spent > 0 for spent in seconds)
    assert heard == [(number, 12) for number in range(1, 13)]
    order = log.read_text()
    assert sorted(order) == ["a"] * 12 + ["b"] * 12
    assert sum(one != next_ for one, next_ in pairwise(order)) >= 2


def test_a_step_that_fails_says_why(start: Callable[..., Worker]) -> None:
    """And the process can be told the next; what a library prints is not taken for an answer."""
    worker = start()
    with pytest.raises(NewsdeskError, match=r"No such thing\. Do another\."):
        worker.do("refuse")
    assert worker.do("chatter") == "heard"


def test_a_process_that_dies_is_noticed(start: Callable[..., Worker]) -> None:
    """With what it said last."""
    worker = start()
    with pytest.raises(NewsdeskError, match=r"ended with 7: What a pity\."):
        worker.do("die")
    with pytest.raises(NewsdeskError, match="ended"):
        start().do("die")


@pytest.mark.skipif(not Path("/proc").exists(), reason="looks for processes in /proc")
def test_a_held_process_does_not_outlive_the_command(tmp_path: Path) -> None:
    """Killed at once, the command leaves nobody behind, working or held still."""
    code = (
        "import sys, time\nfrom pathlib import Path\nfrom eval.speed.worker import Worker\n"
        "one, other = (Worker([sys.executable, '-c', sys.argv[1]], Path(sys.argv[2]) / n) for n in 'ab')\n"
        "one.do('chatter'), other.do('chatter'), one.hold()\n"
        "print(one._process.pid, other._process.pid, flush=True)\ntime.sleep(600)\n"
    )
    with Process(code, STEPS, tmp_path) as command:
        pids = [int(pid) for pid in command.line().split()]
        assert all(map(running, pids))
        os.kill(command.pid, signal.SIGKILL)
        wait_until(lambda: not any(map(running, pids)))


def test_what_is_measured_and_in_which_order(start: Callable[..., Worker], tmp_path: Path) -> None:
    """Both find the same questions block by block, who goes first changes, and Newsdesk forgets in between."""
    log = tmp_path / "done"
    newsdesk, plain = start(STUB, str(log), "newsdesk"), start(STUB, str(log), "plain")
    measured = measure(newsdesk, {"plain": plain}, 2, [f"Question {number}?" for number in range(25)], 2)
    assert (measured["articles"], measured["passages"]) == (2, 7)
    beside = measured["beside"]["plain"]
    assert beside["text_embedded"] == 0.5
    assert measured["newsdesk"]["peak_memory_mb"] == 80
    assert beside["ratios"] == ratios(measured["newsdesk"], beside)
    assert log.read_text().splitlines() == [
        *("newsdesk warm_up", "plain warm_up", "newsdesk vectors", "plain vectors"),
        *("newsdesk retrieve 10 by 1", "plain retrieve 10 by 1"),
        *("plain retrieve 10 by 1", "newsdesk retrieve 10 by 1"),
        *("newsdesk retrieve 5 by 1", "plain retrieve 5 by 1"),
        *("newsdesk forget", "newsdesk ask 25 by 1", "newsdesk forget"),
        *("newsdesk retrieve 20 by 2", "plain retrieve 20 by 2"),
        *("plain retrieve 5 by 2", "newsdesk retrieve 5 by 2"),
        *("newsdesk forget", "newsdesk ask 25 by 2"),
    ]


def test_newsdesk_alone(start: Callable[..., Worker], tmp_path: Path) -> None:
    """Without a rival there is nothing to compare with, and all of Newsdesk's figures."""
    measured = measure(start(STUB, str(tmp_path / "done"), "newsdesk"), {}, 2, ["Who won?"], 1)
    assert measured["beside"] == {}
    assert set(measured["newsdesk"]) == {
        *("keyword_seconds", "vectors_seconds", "ask_ms", "retrieve_ms", "asked_per_second", "retrieved_per_second"),
        *("retrieve_processor_ms", "disk_mb", "peak_memory_mb"),
    }


def test_all_are_asked_so_many_at_once() -> None:
    """Three clients ask three questions together, and each question has its time."""
    together = Barrier(3)
    times = ask_all(lambda _: together.wait(60), ["one", "two", "three"], 3)
    assert len(times["ms"]) == 3
    assert times["seconds"] >= 0
    assert times["processor"] >= 0


def test_processor_time_is_what_was_worked_not_waited() -> None:
    """Half a second of waiting costs next to nothing, and work costs what it takes, whoever else is on the machine."""
    waited = ask_all(lambda _: time.sleep(0.5), ["one"], 1)
    worked = ask_all(lambda _: sum(range(3_000_000)), ["one"], 1)
    assert waited["processor"] < 0.1 < waited["seconds"]
    assert 0 < worked["processor"] <= worked["seconds"] + 0.05


def test_percentiles() -> None:
    """Worked by hand: of 0, 1 ... 20 the middle is 10, and a twentieth lies above 19."""
    assert percentiles(range(20, -1, -1)) == {"p50": 10.0, "p95": 19.0}
    assert percentiles([3.0]) == {"p50": 3.0, "p95": 3.0}


OURS = {
    "keyword_seconds": 2.0,
    "vectors_seconds": 50.0,
    "retrieve_ms": {"p50": 40.0, "p95": 60.0},
    "retrieve_processor_ms": 30.0,
    "retrieved_per_second": 20.0,
    "peak_memory_mb": 500.0,
}
THEIRS = {
    "vectors_seconds": 30.0,
    "retrieve_ms": {"p50": 30.0, "p95": 90.0},
    "retrieve_processor_ms": 45.0,
    "peak_memory_mb": 600.0,
    "retrieved_per_second": 40.0,
    "text_embedded": 0.4,
}


def test_ratios() -> None:
    """Worked by hand: above 1 Newsdesk is the faster one, below 1 the other, which here read 40 % of the text."""
    assert ratios(OURS, THEIRS) == pytest.approx(
        {
            "ready to ask": 15.0,
            "all vectors": 0.6,
            "retrieve p50": 0.75,
            "retrieve p95": 1.5,
            "retrieve processor": 1.5,
            "retrieved per second": 0.5,
            "memory": 1.2,
            "text embedded per second": 1.5,
        }
    )


def test_table() -> None:
    """A block for each size with all and their ratios; Newsdesk alone without; a figure that is missing is left blank."""
    alone = {"articles": 1_000, "passages": 9, "newsdesk": {"keyword_seconds": 2.0}, "beside": {}}
    others = {
        "one": {**THEIRS, "ratios": ratios(OURS, THEIRS)},
        "two": {"retrieved_per_second": 10.0, "ratios": {"retrieved per second": 2.0}},
    }
    beside = {**alone, "articles": 2_000, "newsdesk": OURS, "beside": others}
    both = table(result("a.jsonl", 7, 4, [alone, beside]))
    assert "1,000 articles" in both
    assert both.index("one") < both.index("two")
    rows = [line.split() for line in both.splitlines()]
    assert ["found", "a", "second,", "all", "clients", "20.0", "40.0", "0.50", "10.0", "2.00"] in rows
    assert ["found", "a", "second,", "all", "clients"] in rows
    assert "ratios" in both
    assert "ratios" not in table(result("a.jsonl", 7, 4, [alone]))


def test_memory_and_disk(tmp_path: Path) -> None:
    """In megabytes; a running Python holds more than five and less than all there is."""
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "file").write_bytes(bytes(1_500_000))
    assert disk_mb(tmp_path) == 1.5
    assert 5 < peak_memory_mb() < 1_000_000
