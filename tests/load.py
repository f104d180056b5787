"""Asks a service from many sides at once, without and with articles being taken in beside it, and checks every answer.

    python -m tests.load DATA QUESTIONS.jsonl --articles MORE.jsonl.gz [--clients 8] [--seconds 120] [--json]

DATA is an archive that may be changed: make a copy. The service, the clients and the ingest are three processes.
Exit code 1 when an answer was not as it must be.
"""

from __future__ import annotations

import argparse
import gzip
import itertools
import json
import signal
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from tests import warm
from tests.support import environment, start_service, stop_service

PATIENCE = 600.0
"""Seconds for the vector view of a large archive to be made."""
SHOWN = 10  # faults that are printed


@dataclass
class Phase:
    """What came of asking for a while."""

    name: str
    seconds: float = 0.0
    times: list[float] = field(default_factory=list)
    """Seconds from sending a question to having its answer, each."""
    faults: list[str] = field(default_factory=list)

    def figures(self) -> dict[str, float]:
        """Answers a second, milliseconds of the median and of the slowest twentieth, number of faults."""
        cuts = statistics.quantiles(self.times, n=20) if len(self.times) > 1 else [0.0] * 19
        return {
            "answers": len(self.times),
            "per_second": round(len(self.times) / self.seconds, 2),
            "p50_ms": round(cuts[9] * 1000),
            "p95_ms": round(cuts[18] * 1000),
            "faults": len(self.faults),
        }


class Asker:
    """Asks and checks; one for each client."""

    def __init__(self, url: str, alone: dict[str, list[Any]] | None = None) -> None:
        """`alone` holds what each question cites when nobody else asks; None when the archive changes meanwhile."""
        self.client = httpx.Client(base_url=url, timeout=120, trust_env=False)
        self._alone = alone
        self._articles: dict[str, list[str]] = {}

    def ask(self, question: str) -> tuple[float, list[str], list[Any]]:
        """Seconds, what is wrong with the answer, and what it cites."""
        began = time.perf_counter()
        try:
            response = self.client.post("/api/ask", json={"question": question})
            took = time.perf_counter() - began
            if response.status_code != 200:
                return took, [f"{question!r}: {response.status_code} {response.text[:200]}"], []
            answer = response.json()
            return took, [f"{question!r}: {fault}" for fault in self.faults_of(question, answer)], cited_by(answer)
        except httpx.TransportError as error:
            return time.perf_counter() - began, [f"{question!r}: {error!r}"], []

    def faults_of(self, question: str, answer: dict[str, Any]) -> list[str]:
        """What is wrong with an answer; quotes are looked up in their articles."""
        faults, cited = [], cited_by(answer)
        if answer["question"] != question:
            faults.append(f"answered is {answer['question']!r}")
        found = {(item["article_id"], number) for item in answer["evidence"] for number in item["paragraphs"]}
        for citation in answer["citations"]:
            id_, number = citation["article_id"], citation["paragraph"]
            if self.paragraphs(id_)[number][citation["start"] : citation["end"]] != citation["quote"]:
                faults.append(f"{citation['quote']!r} is not in paragraph {number} of {id_}")
            if (id_, number) not in found:
                faults.append(f"paragraph {number} of {id_} is cited, but is not among the evidence")
        if self._alone is not None and self._alone[question] != cited:
            faults.append(f"cites {cited}, alone it cited {self._alone[question]}")
        return faults

    def paragraphs(self, article_id: str) -> list[str]:
        """Of an article, fetched once."""
        if article_id not in self._articles:
            self._articles[article_id] = self.client.get(f"/api/articles/{article_id}").json()["paragraphs"]
        return self._articles[article_id]

    def close(self) -> None:
        """Ends its connections."""
        self.client.close()


def cited_by(answer: dict[str, Any]) -> list[Any]:
    """Where the answer's quotes stand."""
    return [(each["article_id"], each["paragraph"], each["start"], each["end"]) for each in answer["citations"]]


def wait_for_vector_view(url: str) -> None:
    """Asks once a second: to count a large archive without pause would itself slow the making of the view down."""
    end = time.monotonic() + PATIENCE
    while httpx.get(f"{url}/api/stats", timeout=60).json()["vector_view"] != "chroma":
        if time.monotonic() > end:
            raise TimeoutError(f"The vector view of {url} was not ready within {PATIENCE:.0f} s.")
        time.sleep(1)


def ask_alone(url: str, questions: Sequence[str]) -> tuple[dict[str, list[Any]], list[str]]:
    """What each question cites when nobody else asks, and what is wrong with these answers."""
    asker = Asker(url)
    answers = {question: asker.ask(question) for question in questions}
    asker.close()
    return {question: cited for question, (_, _, cited) in answers.items()}, [
        fault for _, faults, _ in answers.values() for fault in faults
    ]


def ask_from_many_sides(
    phase: Phase, url: str, questions: Sequence[str], alone: Any, clients: int, seconds: float
) -> None:
    """Every client asks one question after the other, each from another place in the list, until the time is over."""
    end = time.monotonic() + seconds

    def client(first: int) -> None:
        asker = Asker(url, alone)
        for number in itertools.count(first):
            if time.monotonic() > end:
                break
            took, faults, _ = asker.ask(questions[number % len(questions)])
            phase.times.append(took)
            phase.faults += faults
        asker.close()

    threads = [threading.Thread(target=client, args=(number * len(questions) // clients,)) for number in range(clients)]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    phase.seconds += time.monotonic() - began


def first_lines(file: Path, many: int) -> list[str]:
    """Of a file, plain or gzip."""
    with gzip.open(file, "rt") if file.suffix == ".gz" else file.open() as lines:
        return list(itertools.islice(lines, many))


def first_articles(file: Path, many: int, target: Path) -> Path:
    """The first lines of a file of articles, plain or gzip."""
    target.write_text("".join(first_lines(file, many)))
    return target


def read_questions(file: Path, many: int) -> list[str]:
    """The first questions of an evaluation folder's file, each once."""
    with file.open(encoding="utf-8") as lines:
        return list(dict.fromkeys(json.loads(line)["question"] for line in itertools.islice(lines, many)))


def measure(
    data: Path, questions: Sequence[str], more: Path, clients: int, seconds: float, **variables: str
) -> dict[str, Any]:
    """Both phases on a service of their own, with these variables; the result as it is printed."""
    with tempfile.TemporaryDirectory() as folder:
        process, url = start_service(data, Path(folder) / "log", **variables)
        try:
            wait_for_vector_view(url)
            alone, faults = ask_alone(url, questions)
            without, beside = Phase("alone"), Phase("beside ingest")
            ask_from_many_sides(without, url, questions, alone, clients, seconds)
            with (Path(folder) / "ingest").open("w") as said:
                command = ["-m", "newsdesk", "ingest", more, "--data", data]
                ingest = warm.start(command, environment=environment(**variables), stdout=said, stderr=said)
            try:
                end, vectors = time.monotonic() + PATIENCE, {"done": -1, "total": 0}
                while vectors["done"] != vectors["total"] and time.monotonic() < end:  # until all is embedded too
                    ask_from_many_sides(beside, url, questions, None, clients, seconds)
                    vectors = httpx.get(f"{url}/api/stats", timeout=60).json()["vectors"]
                still = ingest.poll() is None
            finally:
                ingest.terminate()
                ingest.wait()
        finally:
            code = stop_service(process)
    one, other = without.figures(), beside.figures()
    return {
        "clients": clients, "questions": len(questions), without.name: one, beside.name: other,
        "p95_ratio": round(other["p95_ms"] / one["p95_ms"], 2) if one["p95_ms"] else None,
        "throughput_ratio": round(other["per_second"] / one["per_second"], 2) if one["per_second"] else None,
        "ingest_still_running": still, "ingest_exit_code": None if still else ingest.returncode,
        "vectors": vectors, "service_exit_code": code,
        "faults": (faults + without.faults + beside.faults),
    }  # fmt: skip


def show(result: dict[str, Any]) -> None:
    """Both phases side by side."""
    names = ("alone", "beside ingest")
    print(f"{result['clients']} clients, {result['questions']} questions\n{'':14}{names[0]:>16}{names[1]:>16}")
    for figure in result[names[0]]:
        print(f"{figure:14}" + "".join(f"{result[name][figure]:>16,}" for name in names))
    print(f"beside / alone: p95 {result['p95_ratio']}, answers a second {result['throughput_ratio']}")
    done = result["vectors"]
    running = "still running" if result["ingest_still_running"] else f"ended with {result['ingest_exit_code']}"
    print(f"at the end ingest was {running}, {done['done']:,} of {done['total']:,} passages had vectors")
    for fault in result["faults"][:SHOWN]:
        print(f"FAULT {fault}")


def main() -> int:
    """The command; its exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.load", description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path, help="folder of an archive with its vectors; it is changed")
    parser.add_argument("questions", type=Path, help="a questions.jsonl")
    parser.add_argument("--articles", type=Path, required=True, help="articles to take in beside the second phase")
    parser.add_argument("--many", type=int, default=300, help="how many of them")
    parser.add_argument("--first", type=int, default=100, help="how many of the questions")
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--seconds", type=float, default=120, help="length of each phase")
    parser.add_argument("--json", action="store_true", help="print the result as JSON")
    given = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # the service must not outlive it
    with tempfile.TemporaryDirectory() as folder:
        more = first_articles(given.articles, given.many, Path(folder) / "more.jsonl")
        questions = read_questions(given.questions, given.first)
        result = measure(given.data, questions, more, given.clients, given.seconds)
    if given.json:
        print(json.dumps(result, indent=2))
    else:
        show(result)
    return 1 if result["faults"] or result["service_exit_code"] else 0


if __name__ == "__main__":
    sys.exit(main())
