"""Services and commands that share one catalogue in PostgreSQL, each with a data folder of its own for its indexes."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from random import Random

import httpx
import pytest

from newsdesk.catalogue.catalogue import Catalogue
from newsdesk.catalogue.upkeep.soundness import check
from newsdesk.catalogue.vectors import StoredVectors
from tests import warm
from tests.kills.articles import generated_article, record
from tests.kills.ledger import Ledger, State
from tests.postgres import PostgresServer
from tests.support import (
    ASKING,
    environment,
    newsdesk,
    start_service,
    stop_service,
    wait_until,
    wait_until_complete,
)

Service = tuple[httpx.Client, Path]
Starter = Callable[..., Service]

SECONDS = 30.0
"""In which one service finds what another took in, and is back after its database; mostly it takes one or two, but the
machines of tests are busy."""


@pytest.fixture
def address(postgres: PostgresServer) -> Iterator[str]:
    """Of an empty catalogue."""
    made = postgres.new_catalogue()
    yield made
    postgres.give_back(made)


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Starter]:
    """Starts services by a name and the address of their catalogue; gives a client and the log of each."""
    with ExitStack() as stack:

        def start(name: str, address: str, **more: str) -> Service:
            log = tmp_path / f"{name}.log"
            settings = {
                "NEWSDESK_CATALOGUE": address,
                "NEWSDESK_EMBED_IN_BACKGROUND": "false",
                "NEWSDESK_READER": "none",
                **more,
            }
            process, url = start_service(tmp_path / name, log, **settings)
            stack.callback(stop_service, process)
            return stack.enter_context(httpx.Client(base_url=url, timeout=60, trust_env=False)), log

        yield start


def status(client: httpx.Client, path: str) -> int:
    """What is answered there."""
    return client.get(path).status_code


def found(client: httpx.Client, words: str) -> list[str]:
    """Ids of the articles that are found."""
    answer = client.get("/api/search", params={"q": words})
    assert answer.status_code == 200, answer.text
    return sorted({each["article_id"] for each in answer.json()["results"]})


def test_what_one_takes_in_all_of_them_find(serve: Starter, address: str, tmp_path: Path) -> None:
    """An article that is posted to one, and one that a command takes in beside both; a removal reaches them too."""
    (one, _), (other, _) = serve("one", address), serve("other", address)
    posted = {"id": "bells", "title": "Bells of Ostby", "text": "The cracked carillon of Ostby rang again."}
    assert one.post("/api/articles", json=[posted]).status_code == 200
    began = time.monotonic()
    wait_until(lambda: found(other, "carillon") == ["bells"], SECONDS, pause=ASKING)
    print(f"found by the other after {time.monotonic() - began:.1f} s")

    file = tmp_path / "articles.jsonl"
    file.write_text(json.dumps({"id": "kiln", "title": "A kiln", "text": "The kiln of Hollum is cold."}) + "\n")
    done = newsdesk("ingest", file, "--no-vectors", "--data", tmp_path / "third", NEWSDESK_CATALOGUE=address)
    assert done.returncode == 0, done.stderr
    wait_until(lambda: found(one, "kiln") == found(other, "kiln") == ["kiln"], SECONDS, pause=ASKING)
    answer = other.post("/api/ask", json={"question": "What is cold in Hollum?"}).json()
    assert answer["citations"][0]["article_id"] == "kiln"

    assert other.delete("/api/articles/bells").status_code in (200, 204)
    wait_until(lambda: found(one, "carillon") == [], SECONDS, pause=ASKING)


def test_vectors_are_made_once_for_all_of_them(
    serve: Starter, address: str, tmp_path: Path, tiny_models: list[str]
) -> None:
    """Each has them in its own index in the end, and the catalogue has one for each text."""
    file = tmp_path / "articles.jsonl"
    file.write_text("".join(json.dumps(record(generated_article(number, 0))) + "\n" for number in range(30)))
    done = newsdesk("ingest", file, "--no-vectors", "--data", tmp_path / "third", NEWSDESK_CATALOGUE=address)
    assert done.returncode == 0, done.stderr
    settings = {"NEWSDESK_MODEL": tiny_models[0], "NEWSDESK_EMBED_IN_BACKGROUND": "true"}
    clients = [serve(name, address, **settings)[0] for name in ("one", "other")]
    for client in clients:
        wait_until_complete(str(client.base_url), 240)
    catalogue = Catalogue(address)
    vectors = StoredVectors(catalogue)
    progress = vectors.progress(vectors.active())
    assert progress.done == progress.total > 30
    with catalogue.engine.begin() as connection:
        told = connection.exec_driver_sql("SELECT count(*) FROM changes WHERE what = 'vector'").scalar()
    assert told == progress.total, "each passage was given its vector once"
    catalogue.close()


def test_a_service_outlives_its_database(serve: Starter, tmp_path: Path) -> None:
    """While it is away the service says so, once, and is not ready; when it is back, it goes on without being started anew."""
    server = PostgresServer()
    try:
        address = server.new_catalogue().replace("desk@", "desk:wren-17@")  # which this server does not ask for
        client, log = serve("one", address)
        client.post("/api/articles", json=[{"id": "a", "title": "Fog", "text": "Fog lay over the estuary."}])
        wait_until(lambda: status(client, "/readyz") == 200 and found(client, "estuary"), SECONDS, pause=ASKING)

        server.stop()
        wait_until(lambda: status(client, "/readyz") == 503, SECONDS, pause=ASKING)
        assert status(client, "/healthz") == 200
        refused = client.get("/api/articles/a")
        assert refused.status_code == 503
        assert "cannot be used now" in refused.text
        time.sleep(5)  # every step of the background work has met it

        server.start()
        began = time.monotonic()
        wait_until(lambda: status(client, "/readyz") == 200, SECONDS, pause=ASKING)
        print(f"ready again after {time.monotonic() - began:.1f} s")
        client.post("/api/articles", json=[{"id": "b", "title": "Sun", "text": "Sun lay over the delta."}])
        wait_until(lambda: found(client, "delta") == ["b"], SECONDS, pause=ASKING)
        assert found(client, "estuary") == ["a"]
        said = log.read_text()
        assert said.count("ERROR newsdesk.service: The database postgresql://desk@") == 1
        assert said.count("WARNING newsdesk.service: The database that holds the catalogue answers again.") == 1
        assert "wren-17" not in said + refused.text
    finally:
        server.close()


def test_without_its_database_nothing_starts(tmp_path: Path) -> None:
    """The message says which database, why not, and what to do."""
    address = "postgresql://desk:wren-17@127.0.0.1:1/desk"
    for command in (("serve", "--port", "0"), ("status",), ("ingest", tmp_path)):
        done = newsdesk(*command, "--data", tmp_path / "data", NEWSDESK_CATALOGUE=address)
        assert done.returncode == 3
        assert "postgresql://desk@127.0.0.1:1/desk" in done.stderr
        assert "refused" in done.stderr
        assert "setting 'catalogue'" in done.stderr
        assert "wren-17" not in done.stdout + done.stderr
        assert "Traceback" not in done.stderr


def test_status_names_the_catalogue(address: str, tmp_path: Path) -> None:
    """So that nobody takes one for another; the password is not told."""
    told = newsdesk("status", "--data", tmp_path, NEWSDESK_CATALOGUE=address.replace("desk@", "desk:wren-17@"))
    assert told.returncode == 0, told.stderr
    assert f"catalogue: {address}" in told.stdout
    assert "wren-17" not in told.stdout


def test_the_commands_move_an_archive_there_and_back(address: str, tmp_path: Path) -> None:
    """`newsdesk backup` and `restore`, with the setting and without it; what is said names the place without its password."""
    database = {"NEWSDESK_CATALOGUE": address.replace("desk@", "desk:wren-17@")}
    file = tmp_path / "articles.jsonl"
    file.write_text("".join(json.dumps(record(generated_article(number, 0))) + "\n" for number in range(20)))

    def run(*arguments: object, **variables: str) -> str:
        done = newsdesk(*arguments, **variables)
        assert done.returncode == 0, done.stderr
        assert "wren-17" not in done.stdout + done.stderr
        return done.stdout

    run("ingest", file, "--no-vectors", "--data", tmp_path / "one")
    run("backup", tmp_path / "there", "--data", tmp_path / "one")
    assert f"20 articles are back in {address}" in run(
        "restore", tmp_path / "there", "--data", tmp_path / "two", **database
    )
    assert "20 articles" in run("backup", tmp_path / "back", "--data", tmp_path / "two", **database)
    run("restore", tmp_path / "back", "--data", tmp_path / "three")
    assert json.loads(run("status", "--data", tmp_path / "three", "--json"))["articles"] == 20


def test_nothing_acknowledged_is_lost_when_commands_are_killed(address: str, tmp_path: Path) -> None:
    """kill -9 of ingests and a removal while they write: every article is in a state that it may be in, and sound."""
    random, ledger, catalogue = Random(31), Ledger(), Catalogue(address)
    killed = 0
    for round_ in range(6):
        changes: dict[str, State] = {}
        present = ledger.present()
        if round_ == 4 and present:
            changes = dict.fromkeys(present[:40])
            arguments: list[object] = ["remove", *changes]
        else:
            some = [generated_article(number, round_) for number in random.sample(range(1, 101), 70)]
            file = tmp_path / f"{round_}.jsonl"
            file.write_text("".join(json.dumps(record(each)) + "\n" for each in some))
            changes = {each.id: each for each in some}
            arguments = ["ingest", file, "--no-vectors"]
        ledger.attempt(changes)
        before = catalogue.changes.last()
        command = ["-m", "newsdesk", *arguments, "--data", tmp_path / "data"]
        variables = environment(NEWSDESK_CATALOGUE=address, NEWSDESK_READERS="1")
        with warm.start(command, environment=variables) as process:
            while process.poll() is None and catalogue.changes.last() == before:
                time.sleep(0.002)
            time.sleep(random.uniform(0, 0.5))  # it stores 16 at a time
            killed += process.poll() is None
            process.kill()
            if process.wait() == 0:
                ledger.acknowledge(changes)
        assert ledger.differences(address) == []
    print(f"{killed} of 6 were killed; {catalogue.counts().articles} articles")
    assert killed
    assert catalogue.counts().articles
    assert not check(catalogue).damaged
    catalogue.close()
