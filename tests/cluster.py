"""A whole cluster on this machine: what it finds, and what becomes of it when its parts are killed one by one.

    python -m tests.cluster DATA QUESTIONS.jsonl [--first 300] [--clients 4] [--json FILE]

DATA is an archive with all its vectors; it is only read. The cluster is PostgreSQL, two Chroma servers and two services
behind haproxy, in a temporary folder. First the ten best passages of so many questions are compared with those that one
service on DATA finds. Then clients ask and articles are posted while each process is killed (kill -9), left away for a
while and started again. Last, while clients ask, a file is taken in and its vectors are made by two processes, and by a Ray of
two workers where ray is installed; these commands and workers are killed too. Checked are: every quote stands where the
answer says; every article that was acknowledged is there in the end, on both services; every passage has one vector on the
servers; what is missing is named; all is back within 30 seconds. Exit code 1 when any of it is not so.
"""

from __future__ import annotations

import argparse
import importlib.util
import itertools
import json
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx

from tests.chroma_server import ChromaServer
from tests.cluster_jobs import BY_PROCESSES, BY_RAY, Jobs
from tests.kills.articles import generated_article, record
from tests.load import Asker, read_questions
from tests.postgres import PostgresServer, free_port
from tests.support import ROOT, newsdesk, start_service, stop_service, wait_until, wait_until_complete

HAPROXY = shutil.which("haproxy") or shutil.which("haproxy", path="/usr/sbin:/usr/local/sbin")
BACK_WITHIN = 30.0
"""Seconds in which all is as before after a part was started again."""
PATIENCE = 300.0  # for what is not measured
SHOWN = 10  # faults that are printed


class Service:
    """One of the services, on a port that it keeps."""

    def __init__(self, data: Path, **variables: str) -> None:
        self.data, self._variables, self._port = data, variables, "0"
        self._process: subprocess.Popen[str] | None = None
        self.url = ""
        self.start()

    def start(self) -> None:
        """Starts it, and waits until it listens."""
        self._process, self.url = start_service(
            self.data, self.data.with_suffix(".log"), port=self._port, **self._variables
        )
        self._port = self.url.rsplit(":", 1)[1]

    def kill(self) -> None:
        """kill -9."""
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.communicate()
            self._process = None

    def stop(self) -> None:
        """Ends it in order."""
        if self._process is not None:
            stop_service(self._process)
            self._process = None


class Proxy:
    """deploy/haproxy.cfg before these services."""

    def __init__(self, folder: Path, services: Sequence[str]) -> None:
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        self._file = folder / "haproxy.cfg"
        configured = (ROOT / "deploy" / "haproxy.cfg").read_text(encoding="utf-8")
        configured = configured.replace("bind :8000", f"bind 127.0.0.1:{port}")
        for number, address in enumerate(services, start=1):
            configured = configured.replace(f"newsdesk-{number}:8000", address.removeprefix("http://"))
        self._file.write_text(configured, encoding="utf-8")
        self._process: subprocess.Popen[bytes] | None = None
        self.start()

    def start(self) -> None:
        """Starts it, and waits until it finds a service."""
        with self._file.with_suffix(".log").open("ab") as log:
            self._process = subprocess.Popen([str(HAPROXY), "-db", "-f", self._file], stdout=log, stderr=log)
        wait_until(lambda: ready(self.url) is not None, PATIENCE, pause=0.1)

    def kill(self) -> None:
        """kill -9."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


def ready(url: str) -> list[str] | None:
    """The parts that a service misses, by its /readyz; None when it is not ready or not there."""
    try:
        response = httpx.get(f"{url}/readyz", timeout=5, trust_env=False)
    except httpx.TransportError:
        return None
    return list(response.json().get("missing_parts", [])) if response.status_code == 200 else None


def all_on_servers(url: str) -> bool:
    """Whether every passage has its vector, and the Chroma servers are asked for them."""
    stats = httpx.get(f"{url}/api/stats", timeout=60, trust_env=False).json()
    return bool(stats["vectors"]["done"] == stats["vectors"]["total"] and stats["vector_view"] == "servers")


@dataclass
class Cluster:
    """Its running parts."""

    postgres: PostgresServer
    address: str
    """Of the catalogue."""
    variables: dict[str, str]
    """Of the environment, with which services and commands are on it."""
    chromas: list[ChromaServer]
    services: list[Service]
    proxy: Proxy

    def sizes(self) -> dict[str, float]:
        """Kilobytes (1,000) a passage in each store."""
        stats = httpx.get(f"{self.services[0].url}/api/stats", timeout=60, trust_env=False).json()
        passages = stats["vectors"]["total"]
        sizes = {
            "postgres": self.postgres.size(self.address),
            "chroma": sum(bytes_of(each.folder / "data") for each in self.chromas),
            "keyword index": bytes_of(self.services[0].data),
        }
        return {"passages": passages, **{name: round(size / passages / 1000, 2) for name, size in sizes.items()}}

    def wait_for_vectors(self) -> None:
        """Until both services find every passage by meaning, on the servers."""
        for service in self.services:
            wait_until(lambda url=service.url: all_on_servers(url), PATIENCE, pause=0.2)  # type: ignore[misc]

    def is_whole(self) -> bool:
        """Whether everything can be found by everybody."""
        return all(ready(url) == [] for url in (*(service.url for service in self.services), self.proxy.url))


def bytes_of(folder: Path) -> int:
    """What the files of a folder take."""
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


@contextmanager
def started(folder: Path, backup: Path, **variables: str) -> Iterator[Cluster]:
    """A cluster that holds the archive of a backup, with all vectors on the Chroma servers."""
    with ExitStack() as stack:
        postgres = PostgresServer()
        stack.callback(postgres.close)
        address = postgres.new_database()
        restored = newsdesk("restore", backup, "--data", folder / "restored", NEWSDESK_CATALOGUE=address)
        assert restored.returncode == 0, restored.stderr
        chromas = [ChromaServer(folder / f"chroma-{number}") for number in (1, 2)]
        for chroma in chromas:
            stack.callback(chroma.kill)
        variables["NEWSDESK_CATALOGUE"] = address
        variables["NEWSDESK_CHROMA"] = json.dumps([each.address for each in chromas])
        services = []
        for number in (1, 2):
            services.append(Service(folder / f"service-{number}", **variables))
            stack.callback(services[-1].stop)
        proxy = Proxy(folder, [service.url for service in services])
        stack.callback(proxy.kill)
        found = Cluster(postgres, address, variables, chromas, services, proxy)
        found.wait_for_vectors()
        yield found


# ---------------------------------------------------------------------------- what is found


def best(url: str, questions: Sequence[str]) -> dict[str, list[tuple[str, str]]]:
    """Article and text of the ten best passages of each question."""
    with httpx.Client(base_url=url, timeout=120, trust_env=False) as client:
        found = {}
        for question in questions:
            response = client.get("/api/search", params={"q": question, "limit": 10})
            assert response.status_code == 200, response.text
            found[question] = [(each["article_id"], each["text"]) for each in response.json()["results"]]
    return found


def compared(one: dict[str, list[tuple[str, str]]], other: dict[str, list[tuple[str, str]]]) -> dict[str, Any]:
    """For how many questions the same passages were found, and in the same order."""
    same = sum(set(found) == set(other[question]) for question, found in one.items())
    ordered = sum(found == other[question] for question, found in one.items())
    others = [question for question, found in one.items() if set(found) != set(other[question])]
    return {"questions": len(one), "same_ten": same, "same_order": ordered, "others": others}


# ---------------------------------------------------------------------------- killing


@dataclass
class Work:
    """Asking and taking in that goes on while parts die."""

    url: str
    questions: Sequence[str]
    articles: Iterator[dict[str, Any]]
    answers: int = 0
    missing_named: Counter[str] = field(default_factory=Counter)
    """How many answers had a note about missing parts, by its words."""
    refused: int = 0
    acknowledged: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    allowed_until: float = 0.0
    """Until then a refusal is none of the faults."""
    ended: threading.Event = field(default_factory=threading.Event)

    def ask(self, number: int) -> None:
        """One client, until the end."""
        asker = Asker(self.url)
        for place in itertools.count(number * 7):
            if self.ended.is_set():
                break
            question, began = self.questions[place % len(self.questions)], time.monotonic()
            try:
                response = asker.client.post("/api/ask", json={"question": question})
                if response.status_code != 200:
                    self._refuse(began, f"{question!r}: {response.status_code} {response.text[:200]}")
                    continue
                answer = response.json()
                faults = asker.faults_of(question, answer)
            except (
                httpx.TransportError,
                KeyError,
                ValueError,
            ) as error:  # the article of a quote may be out of reach too
                self._refuse(began, f"{question!r}: {error!r}")
                continue
            self.answers += 1
            self.faults += [f"{question!r}: {fault}" for fault in faults]
            self.missing_named.update(note["text"] for note in answer["notes"] if note["kind"] == "parts_missing")
        asker.close()

    def take_in(self) -> None:
        """Posts articles in fives, each until it is acknowledged."""
        with httpx.Client(base_url=self.url, timeout=120, trust_env=False) as client:
            while not self.ended.is_set():
                batch = list(itertools.islice(self.articles, 5))
                while not self.posted(client, batch) and not self.ended.is_set():
                    time.sleep(0.2)
                self.ended.wait(0.3)

    def posted(self, client: httpx.Client, batch: list[dict[str, Any]]) -> bool:
        """Whether the articles were acknowledged."""
        began = time.monotonic()
        try:
            response = client.post("/api/articles", json=batch)
        except httpx.TransportError as error:
            self._refuse(began, f"taking in: {error!r}")
            return False
        if response.status_code != 200:
            self._refuse(began, f"taking in: {response.status_code} {response.text[:200]}")
            return False
        self.acknowledged += [article["id"] for article in batch]
        return True

    def _refuse(self, began: float, what: str) -> None:
        if began < self.allowed_until:
            self.refused += 1
            time.sleep(0.1)  # as a client would, rather than knock without a pause
        else:
            self.faults.append(what)


@contextmanager
def working(work: Work, clients: int, *, takes_in: bool = True) -> Iterator[None]:
    """So many clients ask, and one takes in unless that is done otherwise, meanwhile."""
    work.ended.clear()
    threads = [threading.Thread(target=work.ask, args=(number,)) for number in range(clients)]
    if takes_in:
        threads.append(threading.Thread(target=work.take_in))
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        work.ended.set()
        for thread in threads:
            thread.join()


@dataclass(frozen=True, slots=True)
class Victim:
    """A part that is killed."""

    name: str
    kill: Callable[[], None]
    start: Callable[[], None]
    is_named: Callable[[], bool]
    """Whether somebody who asks is told what is missing."""


def victims(cluster: Cluster, work: Work) -> list[Victim]:
    """All parts, one after the other."""
    one, other = cluster.services

    def lacks(address: str) -> bool:
        parts = [part for service in cluster.services for part in ready(service.url) or []]
        noted = any(address in said for said in work.missing_named)
        return noted and any(address in part for part in parts)

    def database_is_named() -> bool:
        answer = httpx.get(f"{one.url}/api/articles/none", timeout=60, trust_env=False)
        return all(ready(service.url) is None for service in cluster.services) and (
            answer.status_code == 503 and "cannot be used now" in answer.text
        )

    found = [
        Victim(f"chroma {number}", chroma.kill, chroma.start, lambda chroma=chroma: lacks(chroma.address))  # type: ignore[misc]
        for number, chroma in enumerate(cluster.chromas, start=1)
    ]
    found += [
        Victim(f"service {number}", service.kill, service.start, lambda dead=service, left=rest: (  # type: ignore[misc]
            ready(dead.url) is None and ready(left.url) == [] and ready(cluster.proxy.url) == []
        ))
        for number, (service, rest) in enumerate(((one, other), (other, one)), start=1)
    ]  # fmt: skip
    found.append(Victim("postgres", cluster.postgres.kill, cluster.postgres.start, database_is_named))
    found.append(
        Victim(
            "haproxy", cluster.proxy.kill, cluster.proxy.start, lambda: all(ready(s.url) == [] for s in (one, other))
        )
    )
    return found


def killed(cluster: Cluster, victim: Victim, work: Work, away: float) -> dict[str, Any]:
    """Kills a part, leaves it away for so long and until what is missing was named, and starts it again."""
    work.allowed_until = float("inf")
    answers = work.answers
    victim.kill()
    began = time.monotonic()
    named = False
    while time.monotonic() - began < away or not (named or time.monotonic() - began > BACK_WITHIN):
        named = named or victim.is_named()
        time.sleep(0.2)
    meanwhile = work.answers - answers
    restarted = time.monotonic()
    victim.start()
    started_after = time.monotonic() - restarted
    wait_until(cluster.is_whole, PATIENCE, pause=0.1)
    back = time.monotonic() - restarted
    work.allowed_until = time.monotonic()
    return {
        "named": named,
        "answers_meanwhile": meanwhile,
        "started_after": round(started_after, 1),
        "back_after": round(back, 1),
    }


def lost(cluster: Cluster, ids: Sequence[str]) -> list[str]:
    """Articles that were acknowledged and that one of the services does not have."""
    faults = []
    for service in cluster.services:
        with httpx.Client(base_url=service.url, timeout=120, trust_env=False) as client:
            faults += [
                f"lost: {id_}" for id_ in ids if client.get(f"/api/articles/{quote(id_, safe='/')}").status_code != 200
            ]
    return faults


def jobs_killed(cluster: Cluster, folder: Path, articles: Iterator[dict[str, Any]], many: int, *, ray: bool) -> Jobs:
    """Kills commands that take in so many articles and make their vectors, by processes and, with `ray`, once more on Ray."""
    # Ray's sockets have to fit in a short path.
    with tempfile.TemporaryDirectory(prefix="ray-", ignore_cleanup_errors=True) as short:
        variables = {**cluster.variables, "RAY_TMPDIR": short, "RAY_USAGE_STATS_ENABLED": "0"}
        jobs = Jobs(folder / "jobs", cluster.address, variables)
        for options in (BY_PROCESSES, BY_RAY) if ray else (BY_PROCESSES,):
            jobs.rows.append(jobs.killed_taking_in(list(itertools.islice(articles, many))))
            jobs.rows.append(jobs.killed_embedding(options))
    return jobs


def expected_of(
    folder: Path, backup: Path, questions: Sequence[str], **variables: str
) -> dict[str, list[tuple[str, str]]]:
    """What one service alone finds in the archive of a backup."""
    restored = newsdesk("restore", backup, "--data", folder)
    assert restored.returncode == 0, restored.stderr
    alone = Service(folder, **variables)
    try:
        wait_until_complete(alone.url, PATIENCE)
        return best(alone.url, questions)
    finally:
        alone.stop()


def measure(
    data: Path, questions: Sequence[str], clients: int, away: float, many: int, *, ray: bool, **variables: str
) -> dict[str, Any]:
    """All of it on an archive; files that are taken in hold so `many` articles. The result as it is printed."""
    with tempfile.TemporaryDirectory(prefix="newsdesk-cluster-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        backup = folder / "archive.backup"
        made = newsdesk("backup", backup, "--data", data)
        assert made.returncode == 0, made.stderr
        expected = expected_of(folder / "alone", backup, questions, **variables)
        with started(folder, backup, **variables) as cluster:
            result: dict[str, Any] = {"found": compared(expected, best(cluster.proxy.url, questions))}
            result["kilobytes_a_passage"] = cluster.sizes()
            articles = (record(generated_article(number, 0)) for number in itertools.count())
            work = Work(cluster.proxy.url, questions, articles)
            # Of other years than a small archive: both Chroma servers hold something before one of them is killed.
            with httpx.Client(base_url=cluster.proxy.url, timeout=120, trust_env=False) as client:
                assert work.posted(client, list(itertools.islice(articles, 5))), work.faults
            cluster.wait_for_vectors()
            with working(work, clients):
                time.sleep(away)
                result["kills"] = {each.name: killed(cluster, each, work, away) for each in victims(cluster, work)}
                time.sleep(away)
            cluster.wait_for_vectors()
            with working(work, clients, takes_in=False):
                jobs = jobs_killed(cluster, folder, articles, many, ray=ray)
            cluster.wait_for_vectors()
            result["jobs"] = jobs.rows
            acknowledged = [*work.acknowledged, *jobs.acknowledged]
            result["acknowledged"] = len(set(acknowledged))
            result["notes"] = dict(work.missing_named)
            result["answers"], result["refused"] = work.answers, work.refused
            result["faults"] = work.faults + jobs.faults + lost(cluster, acknowledged) + jobs.misplaced(PATIENCE)
            jobs.close()
    return result


def faults_in(result: dict[str, Any]) -> list[str]:
    """Everything that was not as it must be, but for time, which depends on the machine."""
    found = result["found"]
    faults = list(result["faults"])
    if found["same_ten"] < 0.99 * found["questions"]:
        faults.append(f"the same ten passages for {found['same_ten']} of {found['questions']} questions only")
    return faults + [
        f"nobody was told that {name} is gone" for name, each in result["kills"].items() if not each["named"]
    ]


def late(result: dict[str, Any]) -> list[str]:
    """Parts that were not back in time."""
    return [name for name, each in result["kills"].items() if each["back_after"] > BACK_WITHIN]


def show(result: dict[str, Any]) -> None:
    """A line for each part that was killed."""
    found = result["found"]
    print(
        f"the same ten passages: {found['same_ten']} of {found['questions']} questions ({found['same_order']} in order)"
    )
    print(f"kilobytes a passage: {result['kilobytes_a_passage']}")
    print(f"{'killed':14}{'named':>7}{'answers meanwhile':>19}{'started after s':>17}{'all back after s':>18}")
    for name, each in result["kills"].items():
        print(
            f"{name:14}{'yes' if each['named'] else 'NO':>7}{each['answers_meanwhile']:>19,}"
            f"{each['started_after']:>17}{each['back_after']:>18}"
        )
    for row in result["jobs"]:
        print(", ".join(f"{name.replace('_', ' ')}: {value}" for name, value in row.items()))
    print(f"{result['answers']:,} answers, {result['refused']:,} refused while a part was away")
    print(f"{result['acknowledged']:,} articles acknowledged; faults: {len(result['faults'])}; late: {late(result)}")
    for fault in faults_in(result)[:SHOWN]:
        print(f"FAULT {fault}")


def main() -> int:
    """The command; its exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.cluster", description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path, help="folder of an archive with its vectors")
    parser.add_argument("questions", type=Path, help="a questions.jsonl")
    parser.add_argument("--first", type=int, default=300, help="how many of the questions")
    parser.add_argument("--clients", type=int, default=4)
    parser.add_argument("--away", type=float, default=10, help="seconds for which a killed part is away, at least")
    parser.add_argument("--articles", type=int, default=300, help="how many are in a file that is taken in")
    parser.add_argument("--json", type=Path, help="write the result here too")
    given = parser.parse_args()
    if HAPROXY is None:
        sys.exit("haproxy is not installed (on Debian: apt-get install haproxy)")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # nothing of the cluster must outlive it
    result = measure(
        given.data, read_questions(given.questions, given.first), given.clients, given.away, given.articles,
        ray=importlib.util.find_spec("ray") is not None,
    )  # fmt: skip
    if given.json:
        given.json.write_text(json.dumps(result, indent=2))
    show(result)
    return 1 if faults_in(result) or late(result) else 0


if __name__ == "__main__":
    sys.exit(main())
