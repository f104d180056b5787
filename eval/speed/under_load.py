"""How fast are questions answered when one, eight or thirty-two ask at once, by this checkout and by others beside it?

    python -m eval.speed.under_load DATA QUESTIONS.jsonl --beside before=FOLDER [--beside NAME=FOLDER ...] [--json FILE]

DATA is an archive with its vectors; each checkout asks its own copy of it. Each is a process of its own; they ask in
turns, block by block, so that what else the machine does hits all alike. Every question is asked once in a process: what
an engine remembers of a question that it was asked before is not what is measured here.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from eval.formulas.metrics import contained
from eval.speed.bench import ask_all, peak_memory_mb, percentiles
from eval.speed.worker import Progress, Worker, serve

ROOT = Path(__file__).parents[2]
OURS = "here"
"""What this checkout is called in the result."""

LEVELS = {1: 8, 8: 24, 32: 32}
"""How many ask at once: how many questions are a turn."""

Figures = dict[str, Any]
Asked = Mapping[str, Any]
"""A line of a questions.jsonl."""


def measure(workers: Mapping[str, Worker], questions: Sequence[Asked], turns: int) -> Figures:
    """The figures of every worker at each of LEVELS, with so many turns each; a question is asked at one level alone.

    The workers' step is `ask` with `texts` and `clients`: it gives what `ask_all` gives, with the `answers` and the
    seconds of processor time, `cpu`. Raises NewsdeskError, and ValueError when there are too few questions.
    """
    needed = turns * sum(LEVELS.values())
    if len(questions) < needed:
        raise ValueError(f"{needed} different questions are needed for {turns} turns, there are {len(questions)}.")
    figures: Figures = {name: {} for name in workers}
    start = 0
    for clients, size in LEVELS.items():
        sums: dict[str, Figures] = {
            name: {"ms": [], "seconds": 0.0, "cpu": 0.0, "right": 0, "asked": 0} for name in workers
        }
        for turn in range(turns):
            block, start = questions[start : start + size], start + size
            order = list(workers)
            for name in order[turn % len(order) :] + order[: turn % len(order)]:
                _add(
                    sums[name],
                    workers[name].do("ask", texts=[each["question"] for each in block], clients=clients),
                    block,
                )
        for name, total in sums.items():
            figures[name][str(clients)] = {
                **percentiles(total["ms"]),
                "a_second": total["asked"] / total["seconds"],
                "cpu_ms": 1000 * total["cpu"] / total["asked"],
                "contained": 100 * total["right"] / total["asked"],
            }
    return figures


def _add(total: Figures, done: Mapping[str, Any], block: Sequence[Asked]) -> None:
    """Adds what a worker did in one turn."""
    total["ms"] += done["ms"]
    total["seconds"] += done["seconds"]
    total["cpu"] += done["cpu"]
    total["asked"] += len(block)
    total["right"] += sum(
        contained(answer, each["answers"]) for answer, each in zip(done["answers"], block, strict=True)
    )


def table(figures: Figures) -> str:
    """The figures as lines of text, and how many times as fast this checkout is as each other one."""
    lines = [f"{'at once':<9}{'':<22}{'p50 ms':>9}{'p95 ms':>9}{'a second':>10}{'CPU ms':>9}{'contained':>11}"]
    for clients in (str(level) for level in LEVELS):
        for name, levels in figures.items():
            at = levels[clients]
            lines.append(
                f"{clients:<9}{name:<22}{at['p50']:>9.0f}{at['p95']:>9.0f}{at['a_second']:>10.2f}{at['cpu_ms']:>9.0f}"
                f"{at['contained']:>11.1f}"
            )
            if name != OURS:
                ours = figures[OURS][clients]
                lines.append(
                    f"{'':<9}{'  as a share: ' + OURS:<22}{ours['p50'] / at['p50']:>9.2f}{ours['p95'] / at['p95']:>9.2f}"
                    f"{ours['a_second'] / at['a_second']:>10.2f}{ours['cpu_ms'] / at['cpu_ms']:>9.2f}"
                )
    return "\n".join(lines)


def _steps(data: Path, _report: Progress) -> Mapping[str, Callable[..., Any]]:
    """What the process of one checkout does; only what every version of Newsdesk has is used."""
    from threading import Event

    from index.archive import Archive
    from newsdesk.settings import Settings
    from newsdesk.types import Question

    archive = Archive(Settings(data=data))
    archive.load()
    archive.dense.follow_with_chroma(Event())
    newest = archive.catalogue.newest_day()

    def ask(texts: Sequence[str], clients: int) -> Figures:
        answers: dict[str, str] = {}

        def one(text: str) -> None:
            answers[text] = archive.engine.ask(Question(text, as_of=newest)).text

        before = time.process_time()
        done = ask_all(one, texts, clients)
        return {**done, "cpu": time.process_time() - before, "answers": [answers[text] for text in texts]}

    def warm_up() -> float:
        ask(["Who won the race?", "How many people came?"], 2)
        return peak_memory_mb()

    return {"ask": ask, "warm_up": warm_up}


def _started(stack: ExitStack, name: str, checkout: Path, data: Path, folder: Path) -> Worker:
    own = Path(shutil.copytree(data, folder / name, ignore=shutil.ignore_patterns("*.lock", "service.json")))
    command = [sys.executable, str(Path(__file__).resolve()), "worker", str(own)]
    worker = Worker(command, folder / f"{name}.log", {"PYTHONPATH": str(checkout), "HF_HUB_OFFLINE": "1"})
    stack.callback(worker.end)
    return worker


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m eval.speed.under_load", description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path, help="folder of an archive with its vectors; it is only copied")
    parser.add_argument("questions", type=Path, help="a questions.jsonl of an evaluation folder")
    parser.add_argument("--beside", action="append", default=[], metavar="NAME=FOLDER", help="another checkout")
    parser.add_argument("--turns", type=int, default=2, help="turns that each has at each number of clients")
    parser.add_argument("--json", type=Path, help="write the figures as JSON too")
    given = parser.parse_args()
    checkouts = dict(each.split("=", 1) for each in given.beside) | {OURS: str(ROOT)}
    lines = given.questions.read_text(encoding="utf-8").splitlines()
    questions = [asked for asked in map(json.loads, lines) if asked.get("answers") and not asked.get("history")]
    with tempfile.TemporaryDirectory(prefix="newsdesk-load-") as name, ExitStack() as stack:
        folder = Path(name)
        workers = {}
        for called, checkout in checkouts.items():
            workers[called] = _started(stack, called, Path(checkout), given.data, folder)
            print(f"{called}: {workers[called].do('warm_up'):,.0f} MB after the first questions", flush=True)
        figures = measure(workers, questions, given.turns)
    if given.json:
        given.json.write_text(json.dumps(figures, indent=2), encoding="utf-8")
    print(table(figures))


if __name__ == "__main__":
    if sys.argv[1:2] == ["worker"]:
        serve(lambda report: _steps(Path(sys.argv[2]), report))
    else:
        main()
