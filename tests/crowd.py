"""64 clients ask and search for minutes while articles come in; then again, the service killed in the middle.

    python -m tests.crowd DATA QUESTIONS.jsonl --articles MORE.jsonl.gz [--clients 64] [--seconds 180] [--requests 20000]

DATA is an archive that may be changed: make a copy. First 1, 8 and 64 clients are timed on the resting archive, half of
them asking and half searching; then so many articles are posted in small batches beside them, once with the service
left alone and once with `kill -9` and a new start half-way; last, the service's memory is looked at while it takes
20,000 requests. Allowed are right answers, 429 and 503 with Retry-After, and no connection while the service is down.
Every article that the service has said to have taken in must be there afterwards. Exit code 1 when any of it is not so.
"""

from __future__ import annotations

import argparse
import json
import resource
import signal
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx

from tests.load import Asker, Phase, first_lines, read_questions, wait_for_vector_view
from tests.support import start_service, stop_service

BATCH = 10  # articles in one request
LONGEST_PAUSE = 5.0  # seconds that a client heeds Retry-After at most: the test has to end
TURNED_AWAY = (429, 503)
SHOWN = 10  # faults that are printed
MEMORY_LOOKS = 8  # at the service's memory, while the requests of the last phase are sent
MiB = 2**20


@dataclass
class Crowd:
    """Clients of one service, and what became of their requests."""

    url: str
    asked: Phase = field(default_factory=lambda: Phase("ask"))
    searched: Phase = field(default_factory=lambda: Phase("search"))
    turned_away: Counter[int] = field(default_factory=Counter)
    """429 and 503 with Retry-After, by their status."""
    unreachable: int = 0
    """Requests without a connection, or cut off, while the service was down."""
    outages: list[tuple[float, float]] = field(default_factory=list)
    """From when until when it was down, by the monotonic clock; infinity when it still is."""

    def down_since(self, began: float) -> bool:
        """Whether the service was down at any time after `began`."""
        return any(end >= began for _, end in self.outages)

    def turn_away(self, response: httpx.Response) -> bool:
        """Counts a response that asks to come back, and heeds it; False for every other one."""
        if response.status_code not in TURNED_AWAY or "retry-after" not in response.headers:
            return False
        self.turned_away[response.status_code] += 1
        time.sleep(min(float(response.headers["retry-after"]), LONGEST_PAUSE))
        return True

    def visit(self, number: int, questions: Sequence[str], goes_on: Iterable[object]) -> None:
        """One client's requests, as many as `goes_on` has items: a client of even number asks, one of odd searches."""
        asker = Asker(self.url)
        phase, work = (self.searched, self._search) if number % 2 else (self.asked, self._ask)
        for place, _ in enumerate(goes_on, start=number * 7):
            question, began = questions[place % len(questions)], time.monotonic()
            try:
                faults = work(asker, question)
            except httpx.TransportError as error:
                if self.down_since(began):
                    self.unreachable += 1
                    time.sleep(0.2)  # as a client would, rather than knock without a pause
                else:
                    phase.faults.append(f"{question!r}: {error!r}")
                continue
            if faults is not None:
                phase.times.append(time.monotonic() - began)
                phase.faults += [f"{question!r}: {fault}" for fault in faults]
        asker.close()

    def _ask(self, asker: Asker, question: str) -> list[str] | None:
        """What is wrong with the answer; None when the client was turned away."""
        response = asker.client.post("/api/ask", json={"question": question})
        if response.status_code == 200:
            return asker.faults_of(question, response.json())
        return None if self.turn_away(response) else [f"{response.status_code} {response.text[:200]}"]

    def _search(self, asker: Asker, question: str) -> list[str] | None:
        """What is wrong with what was found: a passage has to stand where it says."""
        response = asker.client.get("/api/search", params={"q": question, "limit": 10})
        if response.status_code != 200:
            return None if self.turn_away(response) else [f"{response.status_code} {response.text[:200]}"]
        found = response.json()["results"][:1]
        return [
            f"{each['text'][:80]!r} is not in {each['article_id']}"
            for each in found
            if each["text"] not in self._named(asker, each)
        ]

    @staticmethod
    def _named(asker: Asker, found: dict[str, Any]) -> str:
        """The paragraphs that a passage says it is from; between them may stand others, such as a call to subscribe."""
        every = asker.paragraphs(found["article_id"])
        return "\n\n".join(every[number] for number in found["paragraphs"])

    def figures(self, seconds: float) -> dict[str, Any]:
        """Of both kinds of requests, and how many came to nothing."""
        self.asked.seconds = self.searched.seconds = seconds
        return {
            "ask": self.asked.figures(),
            "search": self.searched.figures(),
            "turned_away": dict(self.turned_away),
            "unreachable": self.unreachable,
            "faults": self.asked.faults + self.searched.faults,
        }


def until(end: Callable[[], float]) -> Iterator[None]:
    """Goes on until this time of the monotonic clock, which may be put off meanwhile."""
    while time.monotonic() < end():
        yield None


def run_crowd(crowd: Crowd, clients: int, questions: Sequence[str], seconds: float) -> dict[str, Any]:
    """So many clients for so long, the time that the service is down not counted; what came of it."""
    began = time.monotonic()

    def end() -> float:
        return began + seconds + sum(back - down for down, back in crowd.outages)

    with ThreadPoolExecutor(clients) as pool:
        for done in [pool.submit(crowd.visit, n, questions, until(end)) for n in range(clients)]:
            done.result()
    return crowd.figures(time.monotonic() - began)


class Service:
    """`newsdesk serve` on one port, that can be killed and started again."""

    def __init__(self, data: Path, log: Path, **variables: str) -> None:
        self._data, self._log, self._variables = data, log, variables
        self._process, self.url = start_service(data, log, **variables)

    @property
    def memory(self) -> int:
        """Bytes that it holds itself: resident, without the files that it maps."""
        pages = Path(f"/proc/{self._process.pid}/statm").read_text().split()
        return (int(pages[1]) - int(pages[2])) * resource.getpagesize()

    def kill_and_restart(self) -> None:
        """kill -9; returns when the new one answers on the same port."""
        self._process.send_signal(signal.SIGKILL)
        self._process.communicate()
        port = self.url.rsplit(":", 1)[1]
        self._process, self.url = start_service(self._data, self._log, port=port, **self._variables)

    def stop(self) -> int:
        """Its exit code."""
        return stop_service(self._process)


def take_in(crowd: Crowd, articles: Sequence[dict[str, Any]], seconds: float) -> list[str]:
    """Posts them in batches, spread over the time; a batch without a reply is sent again. The faults."""
    faults: list[str] = []
    batches = [articles[first : first + BATCH] for first in range(0, len(articles), BATCH)]
    began = time.monotonic()
    with httpx.Client(base_url=crowd.url, timeout=120, trust_env=False) as client:
        for number, batch in enumerate(batches):
            time.sleep(max(0.0, began + number * seconds / len(batches) - time.monotonic()))
            while not _posted(crowd, client, batch, faults):
                time.sleep(0.2)
    return faults


def _posted(crowd: Crowd, client: httpx.Client, batch: Sequence[dict[str, Any]], faults: list[str]) -> bool:
    """Whether nothing more is to be done for the batch."""
    began = time.monotonic()
    try:
        response = client.post("/api/articles", json=batch)
    except httpx.TransportError as error:
        if not crowd.down_since(began):
            faults.append(f"taking in: {error!r}")
        return not crowd.down_since(began)
    if crowd.turn_away(response):
        return False
    if response.status_code != 200 or response.json()["rejected"]:
        faults.append(f"taking in: {response.status_code} {response.text[:200]}")
    return True


def lost(url: str, articles: Sequence[dict[str, Any]]) -> list[str]:
    """Those of the articles that the service does not have."""
    with httpx.Client(base_url=url, timeout=120, trust_env=False) as client:
        return [
            f"lost: {article['id']}"
            for article in articles
            if client.get(f"/api/articles/{quote(article['id'], safe='/')}").status_code != 200
        ]


def with_articles(
    service: Service, clients: int, questions: Sequence[str], seconds: float, articles: Sequence[dict[str, Any]],
    *, kill: bool,
) -> dict[str, Any]:  # fmt: skip
    """The crowd while articles come in; with `kill` the service dies half-way and comes back."""
    crowd = Crowd(service.url)

    def die() -> None:
        crowd.outages.append((time.monotonic(), float("inf")))
        service.kill_and_restart()
        crowd.outages[-1] = (crowd.outages[-1][0], time.monotonic())

    with ThreadPoolExecutor(1) as pool:
        taking_in = pool.submit(take_in, crowd, articles, seconds * 0.8)
        death = threading.Timer(seconds / 2, die)
        if kill:
            death.start()
        figures = run_crowd(crowd, clients, questions, seconds)
        if kill:
            death.join()
        figures["faults"] += taking_in.result()
    figures["faults"] += lost(service.url, articles)
    figures["down_seconds"] = round(sum(end - began for began, end in crowd.outages), 1)
    return figures


def memory_over(service: Service, clients: int, questions: Sequence[str], requests: int) -> dict[str, Any]:
    """MiB that the service holds, at the beginning and after each eighth of the requests."""
    held, crowd, began = [service.memory], Crowd(service.url), time.monotonic()
    for _ in range(MEMORY_LOOKS):
        each = range(requests // MEMORY_LOOKS // clients)
        with ThreadPoolExecutor(clients) as pool:
            for done in [pool.submit(crowd.visit, n, questions, each) for n in range(clients)]:
                done.result()
        held.append(service.memory)
    return {"mib": [round(each / MiB) for each in held], **crowd.figures(time.monotonic() - began)}


def measure(
    data: Path, questions: Sequence[str], articles: Sequence[dict[str, Any]], clients: Sequence[int], seconds: float,
    requests: int, tell: Callable[[str, dict[str, Any]], None] = lambda _name, _phase: None, **variables: str,
) -> dict[str, Any]:  # fmt: skip
    """All phases on one archive; `tell` is called with each as it ends. The articles are halved between the two that take in."""
    half, most = len(articles) // 2, max(clients)
    result: dict[str, Any] = {}

    def ended(name: str, phase: dict[str, Any]) -> None:
        result[name] = phase
        tell(name, phase)

    with tempfile.TemporaryDirectory() as folder:
        service = Service(data, Path(folder) / "log", **variables)
        try:
            wait_for_vector_view(service.url)
            for many in clients:
                crowd = Crowd(service.url)
                ended(f"{many} clients", run_crowd(crowd, many, questions, seconds / len(clients)))
            for name, some, kill in (
                ("articles coming in", articles[:half], False),
                ("killed half-way", articles[half:], True),
            ):
                ended(name, with_articles(service, most, questions, seconds, some, kill=kill))
            ended(f"{requests} requests", memory_over(service, most, questions, requests))
        finally:
            result["exit_code"] = service.stop()
    return result


def faults_in(result: dict[str, Any]) -> list[str]:
    """Of all phases."""
    return [fault for phase in result.values() if isinstance(phase, dict) for fault in phase["faults"]]


def show_phase(name: str, phase: dict[str, Any]) -> None:
    """Its lines, printed at once: a whole run may take an hour."""
    for kind in ("ask", "search"):
        one = phase[kind]
        print(f"{name:20}{kind:>8}{one['answers']:>9,}{one['per_second']:>10}{one['p50_ms']:>8,}{one['p95_ms']:>8,}")
    more = {key: phase[key] for key in ("turned_away", "unreachable", "down_seconds", "mib") if phase.get(key)}
    if more:
        print(f"{'':20}{more}")
    for fault in phase["faults"][:SHOWN]:
        print(f"FAULT {fault}")
    sys.stdout.flush()


def read_articles(file: Path, many: int) -> list[dict[str, Any]]:
    """The first records of a file of articles, plain or gzip, as the API takes them."""
    return [json.loads(line) for line in first_lines(file, many)]


def main() -> int:
    """The command; its exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.crowd", description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path, help="folder of an archive with its vectors; it is changed")
    parser.add_argument("questions", type=Path, help="a questions.jsonl")
    parser.add_argument("--articles", type=Path, required=True, help="articles with ids, to be posted")
    parser.add_argument("--many", type=int, default=1000, help="how many of them, both times together")
    parser.add_argument("--first", type=int, default=300, help="how many of the questions")
    parser.add_argument("--clients", type=int, default=64)
    parser.add_argument("--seconds", type=float, default=180, help="length of each phase")
    parser.add_argument("--requests", type=int, default=20_000, help="while memory is looked at")
    parser.add_argument("--json", type=Path, help="write the result here too")
    given = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # the service must not outlive it
    print(f"{'':20}{'':>8}{'answers':>9}{'a second':>10}{'p50 ms':>8}{'p95 ms':>8}")
    result = measure(
        given.data, read_questions(given.questions, given.first), read_articles(given.articles, given.many),
        sorted({1, 8, given.clients}), given.seconds, given.requests, show_phase,
    )  # fmt: skip
    if given.json:
        given.json.write_text(json.dumps(result, indent=2))
    print(f"faults: {len(faults_in(result))}; exit code of the service: {result['exit_code']}")
    return 1 if faults_in(result) or result["exit_code"] else 0


if __name__ == "__main__":
    sys.exit(main())
