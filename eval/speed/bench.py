"""How fast is Newsdesk, beside other pipelines on the same articles? All are handed in as processes (`eval.speed.worker`).

They do everything in turns, so that what else the machine does hits all alike: making vectors for a few seconds at a
time, questions by blocks. The seconds are those of the machine at that moment; what can be quoted are the ratios.
"""

from __future__ import annotations

import os
import platform
import resource
import statistics
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from eval.speed.worker import Progress, Worker
from newsdesk.progress import progress

FORMAT = 2
"""Of the result as JSON; grows when a reader of the old one would misread it."""

TURN_SECONDS = 3.0
"""How long one works before the next does: short against what other people's work lasts, long against taking over."""

BLOCK = 10
"""Questions a client asks before it is the next one's turn."""

TITLES = {"llamaindex": "LlamaIndex + Chroma", "txtai": "txtai", "haystack": "Haystack"}
"""The pipelines that can be measured beside Newsdesk, and what they are called in full."""

Figures = dict[str, Any]


def measure(
    newsdesk: Worker, rivals: Mapping[str, Worker], articles: int, questions: Sequence[str], clients: int
) -> Figures:
    """Everything about one archive size: the item of `sizes` in the result.

    Newsdesk's steps are `warm_up`, `keyword` (gives the number of passages), `vectors`, `retrieve` and `ask` (with
    `texts` and `clients`, as `ask_all` answers), `forget` (what it remembers of questions) and `cost`; a rival's
    `warm_up`, `vectors`, `retrieve`, `cost` and `describe`. Raises NewsdeskError.
    """
    everybody = [newsdesk, *rivals.values()]
    named = f"{articles:,} articles: "
    for worker in everybody:
        worker.do("warm_up")  # loading libraries and model is nobody's speed
    began = time.perf_counter()
    passages = newsdesk.do("keyword")
    keyword = time.perf_counter() - began
    with progress(named + "making vectors", "text") as report:
        embedding = take_turns(everybody, "vectors", report)
    with progress(named + "asking", "round") as asking:
        searched = _blocks(everybody, "retrieve", questions, 1)
        asking(1, 4)
        newsdesk.do("forget")
        asked = newsdesk.do("ask", texts=list(questions), clients=1)
        asking(2, 4)
        newsdesk.do("forget")
        searched_at_once = _blocks(everybody, "retrieve", questions, clients)
        asking(3, 4)
        newsdesk.do("forget")
        asked_at_once = newsdesk.do("ask", texts=list(questions), clients=clients)
        asking(4, 4)

    ours: Figures = {
        "keyword_seconds": keyword,
        "vectors_seconds": keyword + embedding[0],
        "ask_ms": percentiles(asked["ms"]),
        "asked_per_second": len(questions) / asked_at_once["seconds"],
        **_found(questions, searched[0], searched_at_once[0]),
        **newsdesk.do("cost"),
    }
    beside: dict[str, Figures] = {}
    for place, (name, worker) in enumerate(rivals.items(), start=1):
        beside[name] = {
            "vectors_seconds": embedding[place],
            **_found(questions, searched[place], searched_at_once[place]),
            **worker.do("cost"),  # before it is described, which takes memory
            **worker.do("describe"),
        }
        beside[name]["ratios"] = ratios(ours, beside[name])
    return {"articles": articles, "passages": passages, "newsdesk": ours, "beside": beside}


def _found(questions: Sequence[str], alone: Figures, at_once: Figures) -> Figures:
    return {
        "retrieve_ms": percentiles(alone["ms"]),
        "retrieve_processor_ms": 1000 * alone["processor"] / len(questions),
        "retrieved_per_second": len(questions) / at_once["seconds"],
    }


def take_turns(
    workers: Sequence[Worker], step: str, report: Progress = lambda done, total: None, turn: float = TURN_SECONDS
) -> list[float]:
    """Each does the step, one of them at a time for `turn` seconds; the seconds that each worked.

    `report` hears of the first one's progress. Raises NewsdeskError.
    """
    seconds = [0.0] * len(workers)
    for worker in workers:
        worker.hold()
        worker.begin(step)
    left = list(range(len(workers)))
    while left:
        for number in list(left):
            worker = workers[number]
            began = time.perf_counter()
            worker.go_on()
            done = worker.wait(turn, report if number == 0 else lambda done, total: None)
            if done:
                left.remove(number)
            else:
                worker.hold()
            seconds[number] += time.perf_counter() - began
    return seconds


def _blocks(workers: Sequence[Worker], step: str, questions: Sequence[str], clients: int) -> list[Figures]:
    """What `ask_all` gives for each worker, asked block by block in turns; who goes first changes."""
    sums: list[Figures] = [{"ms": [], "seconds": 0.0, "processor": 0.0} for _ in workers]
    size = BLOCK * clients
    for number, start in enumerate(range(0, len(questions), size)):
        order = list(enumerate(workers))
        for place, worker in reversed(order) if number % 2 else order:
            times = worker.do(step, texts=list(questions[start : start + size]), clients=clients)
            sums[place]["ms"] += times["ms"]
            sums[place]["seconds"] += times["seconds"]
            sums[place]["processor"] += times["processor"]
    return sums


def ask_all(ask: Callable[[str], object], texts: Sequence[str], clients: int) -> Figures:
    """Asks all, so many at once: `ms`, the milliseconds of each, `seconds`, from the first to the last, and `processor`,
    the seconds of processor time that this process used meanwhile.
    """

    def timed(text: str) -> float:
        began = time.perf_counter()
        ask(text)
        return 1000 * (time.perf_counter() - began)

    began, used = time.perf_counter(), time.process_time()
    with ThreadPoolExecutor(clients) as pool:
        milliseconds = list(pool.map(timed, texts))
    return {"ms": milliseconds, "seconds": time.perf_counter() - began, "processor": time.process_time() - used}


def percentiles(values: Sequence[float]) -> dict[str, float]:
    """p50 and p95, between the two nearest values (`statistics.quantiles`, inclusive)."""
    cuts = statistics.quantiles([*values, *values[:1]] if len(values) == 1 else values, n=20, method="inclusive")
    return {"p50": cuts[9], "p95": cuts[18]}


def ratios(ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> dict[str, float]:
    """How many times as fast Newsdesk is, and how many times its memory the other needs; below 1 the other is ahead."""
    found = {
        # The other can be asked when its last vector is made, Newsdesk by keyword before its first one is.
        "ready to ask": theirs["vectors_seconds"] / ours["keyword_seconds"],
        "all vectors": theirs["vectors_seconds"] / ours["vectors_seconds"],
        "retrieve p50": theirs["retrieve_ms"]["p50"] / ours["retrieve_ms"]["p50"],
        "retrieve p95": theirs["retrieve_ms"]["p95"] / ours["retrieve_ms"]["p95"],
        "retrieve processor": theirs["retrieve_processor_ms"] / ours["retrieve_processor_ms"],
        "retrieved per second": ours["retrieved_per_second"] / theirs["retrieved_per_second"],
        "memory": theirs["peak_memory_mb"] / ours["peak_memory_mb"],
    }
    if theirs.get("text_embedded"):  # Newsdesk's passages always fit the model
        found["text embedded per second"] = found["all vectors"] / theirs["text_embedded"]
    return found


def result(articles_file: str, questions: int, clients: int, sizes: Sequence[Figures]) -> Figures:
    """The whole result, as `--json` writes it."""
    return {
        "format": FORMAT,
        "articles_file": articles_file,
        "machine": {"cores": cores(), "python": platform.python_version()},
        "questions": questions,
        "clients": clients,
        "sizes": list(sizes),
    }


# Label, the figure's place in the result, decimals, name of its ratio.
_ROWS = (
    ("seconds until all can be asked by keyword", "keyword_seconds", 1, "ready to ask"),
    ("seconds until all has vectors", "vectors_seconds", 1, "all vectors"),
    ("share of the text that its vectors saw", "text_embedded", 2, "text embedded per second"),
    ("ms to find the best ten, median", "retrieve_ms p50", 1, "retrieve p50"),
    ("ms to find the best ten, p95", "retrieve_ms p95", 1, "retrieve p95"),
    ("ms of processor time to find them", "retrieve_processor_ms", 1, "retrieve processor"),
    ("found a second, all clients", "retrieved_per_second", 1, "retrieved per second"),
    ("ms to answer with citations, median", "ask_ms p50", 1, ""),
    ("ms to answer with citations, p95", "ask_ms p95", 1, ""),
    ("answered a second, all clients", "asked_per_second", 1, ""),
    ("MB on disk", "disk_mb", 1, ""),
    ("MB of memory at most", "peak_memory_mb", 0, "memory"),
)


def table(result: Mapping[str, Any]) -> str:
    """The result as lines of text, a block for each size; each rival has its figures and the ratios to them."""
    lines = []
    for size in result["sizes"]:
        beside = size["beside"]
        head = f"{size['articles']:,} articles, {size['passages']:,} passages"
        lines.append(f"{head:<44}{'Newsdesk':>12}" + "".join(f"{name:>12}{'ratio':>8}" for name in beside))
        for label, place, decimals, ratio in _ROWS:
            row = f"{label:<44}{_cell(_figure({'text_embedded': 1.0, **size['newsdesk']}, place), decimals):>12}"
            for theirs in beside.values():
                row += f"{_cell(_figure(theirs, place), decimals):>12}{_cell(theirs['ratios'].get(ratio), 2):>8}"
            lines.append(row)
        lines.append("")
    machine = result["machine"]
    lines.append(f"{result['questions']} questions, {result['clients']} clients, {machine['cores']} cores.")
    if any(size["beside"] for size in result["sizes"]):
        lines.append(
            "Quote the ratios (how many times as fast, and as sparing of memory, Newsdesk is): all were measured in one\n"
            "run, in turns; the other figures are of this machine at this moment. The first ratio is against the other's\n"
            "last vector, before which it cannot be asked; the third counts only the text that a vector saw."
        )
    return "\n".join(lines)


def _figure(figures: Mapping[str, Any], place: str) -> float | None:
    name, _, part = place.partition(" ")
    value = figures.get(name)
    if part:
        value = value.get(part) if isinstance(value, Mapping) else None
    return value if isinstance(value, int | float) else None


def _cell(value: float | None, decimals: int) -> str:
    return "" if value is None else f"{value:,.{decimals}f}"


# ---------------------------------------------------------------------------- what a worker says of itself


def cores() -> int:
    """Processor cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def peak_memory_mb() -> float:
    """The most memory this process has held, in MB (10^6 bytes).

    On Linux never less than what the process that started it had held until then: start it from a small one.
    """
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most * (1 if sys.platform == "darwin" else 1024) / 1e6


def disk_mb(folder: Path) -> float:
    """What the files of a folder hold, in MB (10^6 bytes)."""
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) / 1e6
