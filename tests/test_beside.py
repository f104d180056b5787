"""Commands beside each other and beside a service: each does its work, or says who is in the way."""

from __future__ import annotations

import json
import signal
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from tests.kills.articles import EVERYWHERE, generated_article, mark, record
from tests.kills.running import Running
from tests.support import ASKING, newsdesk, wait_until, wait_until_complete

Starter = Callable[..., Running]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder that does not exist yet."""
    return tmp_path / "data"


@pytest.fixture
def start(data: Path, tmp_path: Path) -> Iterator[Starter]:
    """Starts commands that are not waited for; whatever is left at the end is killed."""
    started: list[Running] = []

    def begin(*arguments: object) -> Running:
        started.append(Running(data, tmp_path, arguments))
        return started[-1]

    yield begin
    for running in started:
        running.kill()


def written(file: Path, numbers: Sequence[int]) -> Path:
    """A file of generated articles."""
    file.write_text("".join(json.dumps(record(generated_article(number, 0))) + "\n" for number in numbers))
    return file


def run(*arguments: object) -> str:
    """A command that must end well; what it said."""
    done = newsdesk(*arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout


def finish(running: Running) -> str:
    """Waits for a command, which must end well; what it said."""
    assert running.process.wait(timeout=120) == 0, running.complained()
    return running.said()


def counted(data: Path, query: str) -> int:
    """A number from the catalogue; 0 as long as there is none."""
    try:
        with closing(sqlite3.connect(data / "catalogue.sqlite3", timeout=30)) as connection:
            return int(connection.execute(query).fetchone()[0])
    except sqlite3.OperationalError:
        return 0


def articles(data: Path) -> int:
    """How many are stored."""
    return counted(data, "SELECT count(*) FROM articles")


def test_ingests_and_removals_at_once(data: Path, tmp_path: Path, start: Starter) -> None:
    """Two ingests of different files, a third of the same, a removal and `status` meanwhile: all is taken in once."""
    one, other = written(tmp_path / "one.jsonl", range(1, 201)), written(tmp_path / "other.jsonl", range(201, 401))
    begun = [start("ingest", file, "--no-vectors", "--json") for file in (one, other, other)]
    wait_until(lambda: counted(data, "SELECT count(*) FROM articles WHERE id IN ('kills/1', 'kills/201')") == 2)
    assert not all(running.ended() for running in begun), "too late to show anything"
    run("remove", "kills/1", "--data", data)
    assert json.loads(run("status", "--json", "--data", data))["articles"] > 0
    outcomes = [json.loads(finish(running)) for running in begun]
    assert outcomes[0]["added"] == 200
    assert outcomes[1]["added"] + outcomes[2]["added"] == 200, "who comes second finds it unchanged"
    unchanged = outcomes[1]["unchanged"] + outcomes[2]["unchanged"]
    assert unchanged in (0, 200), "a file that was read to its end just before is not even opened"
    assert articles(data) == 399
    gone = json.loads(run("ask", f"Who may quote {mark(1, 0)}?", "--json", "--data", data))
    assert "kills/1" not in {item["article_id"] for item in (*gone["evidence"], *gone["citations"])}
    found = json.loads(run("ask", f"Who may quote this report as {mark(400, 0)}?", "--json", "--data", data))
    assert found["evidence"][0]["article_id"] == "kills/400", "by keyword, as soon as the last of them has ended"


def test_embedding_is_one_process_at_a_time(data: Path, tmp_path: Path, start: Starter, tiny_models: list[str]) -> None:
    """A second `embed` leaves it to the first, which also does what comes meanwhile; a killed one is in nobody's way."""
    embed = ("embed", "--model", tiny_models[0])

    def leased() -> int:
        return counted(data, "SELECT count(*) FROM leases")

    run("ingest", written(tmp_path / "one.jsonl", range(1, 6)), "--no-vectors", "--data", data)
    killed = start(*embed)
    wait_until(leased)
    assert killed.kill()
    assert leased(), "it could not give it back"

    first = start(*embed)
    wait_until(lambda: counted(data, f"SELECT count(*) FROM leases WHERE holder LIKE '%:{first.process.pid}'"))
    first.process.send_signal(signal.SIGSTOP)  # while it loads the model, so that the rest happens meanwhile
    try:
        assert "left to another process" in run(*embed, "--data", data)
        more = written(tmp_path / "more.jsonl", range(6, 9))
        outcome = json.loads(run("ingest", more, "--model", tiny_models[0], "--json", "--data", data))
        assert (outcome["added"], outcome["vectors"]) == (3, "left to another process")
        run("remove", "kills/2", "--data", data)
        assert json.loads(run("ask", "Who may quote this report?", "--json", "--data", data))["evidence"]
    finally:
        first.process.send_signal(signal.SIGCONT)
    assert "complete" in finish(first)
    shown = json.loads(run("status", "--json", "--data", data))
    assert shown["articles"] == 7
    assert shown["vectors"]["done"] == shown["vectors"]["total"] > 0
    assert not leased()


def test_everything_beside_a_service(data: Path, tmp_path: Path, start: Starter, tiny_models: list[str]) -> None:
    """Ingest, embed, remove, ask, status, purge all at once beside `serve`, which shows the outcome."""
    model = ("--model", tiny_models[0])
    run("ingest", written(tmp_path / "one.jsonl", range(1, 31)), *model, "--data", data)
    server = start("serve", "--port", "0", *model)
    wait_until(lambda: "Newsdesk is at" in server.said() or server.ended())
    url = server.said().split()[3]

    def found(number: int) -> list[str]:
        results = httpx.get(f"{url}/api/search", params={"q": mark(number, 0)}, timeout=60).json()["results"]
        return [item["article_id"] for item in results if mark(number, 0) in item["text"]]

    beside = [
        start("ingest", written(tmp_path / "two.jsonl", range(31, 61)), *model),
        start("ingest", written(tmp_path / "three.jsonl", range(61, 91)), *model),
        start("embed", *model),
        start("remove", "kills/1", "kills/2"),
        start("ask", f"Which {EVERYWHERE} may be quoted?", "--json"),
        start("status"),
    ]
    said = [finish(running) for running in beside]
    assert json.loads(said[4])["evidence"]
    assert f"service: {url}" in said[5]
    wait_until(lambda: found(90) == ["kills/90"], pause=ASKING)
    assert found(60) == ["kills/60"]
    assert found(2) == []
    run("purge", "--data", data)
    assert found(60) == ["kills/60"]

    wait_until_complete(url, 150)
    assert httpx.get(f"{url}/api/stats", timeout=60).json()["articles"] == 88
    server.process.send_signal(signal.SIGTERM)
    assert server.process.wait(timeout=20) == 0
    assert "Traceback" not in server.complained()


def test_a_rebuild_keeps_others_out(data: Path, tmp_path: Path, start: Starter, tiny_models: list[str]) -> None:
    """`serve` and a second `rebuild` name the process that has the folder; when it was killed they go ahead."""
    run("ingest", written(tmp_path / "one.jsonl", range(1, 6)), "--model", tiny_models[0], "--data", data)
    first = start("rebuild")
    wait_until((data / "owner.json").exists)
    first.process.send_signal(signal.SIGSTOP)
    for command in (("rebuild",), ("serve", "--port", "0")):
        refused = newsdesk(*command, "--data", data)
        assert refused.returncode == 3
        assert f"process {first.process.pid}" in refused.stderr
        assert refused.stderr.startswith("newsdesk: ")
    assert "service: not running" in run("status", "--data", data), "it has the folder but serves nobody"
    first.kill()
    assert (data / "owner.json").exists()
    assert "service: not running" in run("status", "--data", data)
    assert json.loads(run("rebuild", "--json", "--data", data))["articles"] == 5
