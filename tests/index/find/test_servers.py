"""The vector view on Chroma servers, with two real ones: equal to the catalogue whatever happens to them."""

from __future__ import annotations

import hashlib
import json
import logging
import time
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from threading import Event
from typing import Any

import httpx
import numpy as np
import pytest
from sqlalchemy import event

from index.archive import Archive
from index.find.exact import best_rows
from index.find.servers import view as module
from index.find.servers.client import close_http_client, open_http_client
from index.find.servers.view import ServersView, state_of_servers
from newsdesk.catalogue.catalogue import Catalogue
from newsdesk.catalogue.database.either import writing
from newsdesk.catalogue.leases import Process as Holder
from newsdesk.catalogue.upkeep.backup import back_up, restore
from newsdesk.catalogue.vectors import Model, StoredVectors
from newsdesk.errors import VectorServerError
from newsdesk.settings import Settings
from newsdesk.types import Article, Filters, Question
from tests.chroma_server import ChromaServer
from tests.support import (
    ASKING,
    Process,
    article,
    day,
    made_up_vector,
    make_up_vectors,
    newsdesk,
    one_each,
    start_service,
    stop_service,
    wait_until,
)

QUESTION = made_up_vector(b"question")
EVERYTHING = Filters()
SECONDS = 90  # in which a server comes back: plenty, on a machine that does other things too

READ = """
import json, sys
import chromadb
found = {}
for port in sys.argv[1:]:
    client = chromadb.HttpClient("127.0.0.1", int(port))
    for collection in client.list_collections():
        held = client.get_collection(collection.name, embedding_function=None).get(include=["embeddings"])
        found.update({id_: row.tolist() for id_, row in zip(held["ids"], held["embeddings"])})
print(json.dumps(found))
"""
"""Reads everything there is on the servers, with nothing of ours."""

FOLLOW = """
import sys
from pathlib import Path
from index.find.servers.view import ServersView
from newsdesk.catalogue.catalogue import Catalogue
from newsdesk.catalogue.vectors import StoredVectors
catalogue = Catalogue(Path(sys.argv[1]))
vectors = StoredVectors(catalogue)
view = ServersView(catalogue, vectors, sys.argv[2:])
print("begun", flush=True)
while not view.follow(vectors.active()):
    pass
print("done", flush=True)
"""


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[ChromaServer]]:
    """Two, for all tests of this file; what each test left is deleted before the next."""
    folder = tmp_path_factory.mktemp("chroma")
    both = [ChromaServer(folder / name) for name in ("one", "other")]
    yield both
    for server in both:
        server.kill()


@pytest.fixture
def vectors(catalogue: Catalogue, servers: list[ChromaServer]) -> StoredVectors:
    """Of 120 articles of three years and 20 without a day, each with two passages; the servers are empty."""
    for server in servers:
        client = open_http_client(server.address)
        for collection in client.list_collections():
            client.delete_collection(collection.name)
        close_http_client(client)
    vectors = StoredVectors(catalogue)
    model = vectors.register("m@1", "m")
    catalogue.put([of_year(year, n) for year in (2014, 2015, 2019) for n in range(40)], one_each)
    catalogue.put([article(f"loose {n}", own_words(f"loose {n}"), own_words(f"more {n}")) for n in range(20)], one_each)
    make_up_vectors(catalogue, model)
    return vectors


Opener = Callable[..., ServersView]


@pytest.fixture
def open_view(catalogue: Catalogue, vectors: StoredVectors, servers: list[ChromaServer]) -> Iterator[Opener]:
    """Opens views; all are closed in the end."""
    opened = []

    def opener(full: int = 1_000, addresses: list[str] | None = None, deadline: float = 30) -> ServersView:
        named = addresses or [server.address for server in servers]
        opened.append(ServersView(catalogue, vectors, named, full, deadline))
        return opened[-1]

    yield opener
    for view in opened:
        view.close()


def own_words(of: str) -> str:
    """A sentence that shares no word with any other, so that no two articles are one story."""
    return " ".join(hashlib.blake2b(f"{of} {n}".encode(), digest_size=4).hexdigest() for n in range(12)) + "."


def of_year(year: int, number: int, source: str = "Gazette") -> Article:
    """An article of two passages, on some day of the year."""
    on = date.fromordinal(date(year, 1, 1).toordinal() + 9 * number % 365)
    texts = own_words(f"{year}/{number}/0"), own_words(f"{year}/{number}/1")
    return article(f"{year}/{number}", *texts, published=on, source=source)


def brought_up(view: ServersView, model: Model) -> ServersView:
    """Follows until everything is written; fails when that takes too long."""
    end = time.monotonic() + SECONDS
    while not (view.follow(model) and view.ready(model) and not view.missing(model, EVERYTHING)):
        assert time.monotonic() < end, view.missing(model, EVERYTHING)
        time.sleep(0.1)
    return view


def exactly(catalogue: Catalogue, vectors: StoredVectors, model: Model, filters: Filters = EVERYTHING) -> list[int]:
    """The ten best passages, compared one by one."""
    numbers, rows = vectors.load(model, catalogue.passage_numbers(filters))
    return [number for number, _ in best_rows(rows, numbers, QUESTION, 10)]


def found(view: ServersView, model: Model, filters: Filters = EVERYTHING) -> list[int]:
    """The ten best passages by the view."""
    return [number for number, _ in view.search(model, QUESTION, 10, filters)]


def assert_equal(
    view: ServersView, catalogue: Catalogue, vectors: StoredVectors, model: Model, servers: list[ChromaServer]
) -> None:
    """Another process, with no code of ours, reads each vector of the catalogue from the servers, and nothing else."""
    with Process(READ, *(server.port for server in servers)) as reader:
        held = {int(id_): row for id_, row in json.loads(reader.finish()).items()}
    numbers, rows = vectors.load(model, catalogue.passage_numbers(EVERYTHING))
    assert held.keys() == set(numbers)
    np.testing.assert_allclose([held[number] for number in numbers], rows, atol=1e-6)
    assert found(view, model) == exactly(catalogue, vectors, model)


def test_another_process_reads_what_was_written(
    open_view: Opener, catalogue: Catalogue, vectors: StoredVectors, model: Model, servers: list[ChromaServer]
) -> None:
    """New, changed, moved and removed articles arrive on the servers; both of them hold some."""
    view = open_view()
    assert not view.ready(model)
    brought_up(view, model)
    assert_equal(view, catalogue, vectors, model, servers)
    assert all(each["records"] for each in state_of_servers([server.address for server in servers], catalogue))
    moved = article("2014/3", own_words("2014/3/0"), own_words("2014/3/1"), published=day("2019-05-01"))
    catalogue.remove(["2015/7", "loose 4"])
    catalogue.put([of_year(2021, 1), moved, article("2019/2", "Said anew.", published=day("2019-01-19"))], one_each)
    brought_up(view, model)
    assert_equal(view, catalogue, vectors, model, servers)
    make_up_vectors(catalogue, model)
    brought_up(view, model)
    assert_equal(view, catalogue, vectors, model, servers)


def test_where_it_stands_is_asked_with_two_statements(
    open_view: Opener, catalogue: Catalogue, model: Model, servers: list[ChromaServer]
) -> None:
    """Each question wants to know whether the archive is still the same, and what it asks for that is paid each time."""
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if statement.startswith("SELECT"):
            statements.append(statement)

    view = open_view()
    assert view.standing(model) == (None, False, ())
    brought_up(view, model)
    event.listen(catalogue.engine, "before_cursor_execute", note)
    stood = view.standing(model)
    event.remove(catalogue.engine, "before_cursor_execute", note)
    assert len(statements) <= 2, statements
    assert stood == (view.reached(model), True, ())
    catalogue.remove(["2014/3"])
    brought_up(view, model)
    assert view.standing(model) != stood


@pytest.mark.parametrize(
    "filters",
    [
        Filters(published_from=day("2015-03-01"), published_to=day("2015-10-20")),
        Filters(published_from=day("2015-01-01")),
        Filters(as_of=day("2014-08-01")),
        Filters(sources=("Gazette",), published_to=day("2019-06-30")),
        Filters(sources=("Courier",)),
    ],
    ids=str,
)
def test_the_days_asked_about_choose_the_shards(
    filters: Filters, open_view: Opener, catalogue: Catalogue, vectors: StoredVectors, model: Model
) -> None:
    """What is found under filters is what comparing one by one finds, undated articles as they should be."""
    catalogue.put([of_year(2015, number, "Courier") for number in range(50, 60)], one_each)
    make_up_vectors(catalogue, model)
    view = brought_up(open_view(), model)
    assert found(view, model, filters) == exactly(catalogue, vectors, model, filters)


def test_a_full_collection_is_followed_by_others(
    open_view: Opener, catalogue: Catalogue, vectors: StoredVectors, model: Model, servers: list[ChromaServer]
) -> None:
    """None takes more than it may, and nothing is lost by it."""
    view = brought_up(open_view(full=30), model)
    assert_equal(view, catalogue, vectors, model, servers)
    for server in servers:
        client = open_http_client(server.address)
        counts = [client.get_collection(each.name).count() for each in client.list_collections()]
        assert counts
        assert max(counts) <= 30
        close_http_client(client)


def test_a_server_that_is_away_is_named_and_comes_back(
    open_view: Opener,
    catalogue: Catalogue,
    vectors: StoredVectors,
    model: Model,
    servers: list[ChromaServer],
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The rest is found meanwhile, and takes in what is new; afterwards nothing is missing."""
    view = brought_up(open_view(), model)
    servers[0].kill()
    try:
        some = found(view, model)
        assert some
        missing = view.missing(model, EVERYTHING)
        assert missing
        assert all(servers[0].address in part for part in missing)
        assert set(some) < set(view_numbers(catalogue))
        catalogue.put([of_year(year, 41) for year in (2014, 2015, 2019)], one_each)
        make_up_vectors(catalogue, model)
        catalogue.remove(["2014/1", "2015/1", "2019/1"])
        view.follow(model)
        said = {each["server"]: each["state"] for each in state_of_servers(list(view_addresses(servers)), catalogue)}
        assert "does not answer" in said[servers[0].address]
    finally:
        servers[0].start()
    brought_up(view, model)
    assert_equal(view, catalogue, vectors, model, servers)
    assert f"The Chroma server at {servers[0].address} answers again." in caplog.text


def view_numbers(catalogue: Catalogue) -> list[int]:
    """All passages there are."""
    return catalogue.passage_numbers(EVERYTHING)


def view_addresses(servers: list[ChromaServer]) -> list[str]:
    """Of both servers."""
    return [server.address for server in servers]


def test_a_server_that_hangs_costs_a_question_its_deadline_at_most(
    open_view: Opener, model: Model, servers: list[ChromaServer]
) -> None:
    """It is not asked again while it hangs, so the next question does not wait."""
    view = brought_up(open_view(deadline=module.DEADLINE), model)
    servers[1].freeze()
    try:
        began = time.monotonic()
        assert found(view, model)
        assert module.DEADLINE <= time.monotonic() - began < module.DEADLINE + 5
        assert view.missing(model, EVERYTHING)
        began = time.monotonic()
        assert found(view, model)
        assert time.monotonic() - began < module.DEADLINE
    finally:
        servers[1].thaw()
    brought_up(view, model)


def test_a_question_never_waits_until_the_catalogue_can_be_written_to(
    open_view: Opener, catalogue: Catalogue, model: Model, servers: list[ChromaServer]
) -> None:
    """A part fails while an ingest goes on: the rest answers, and afterwards all services learn that it is to be looked at."""
    brought_up(open_view(), model).close()
    leader = Holder("some-other-machine", 7)
    assert catalogue.leases.take(module.LEASE, leader)
    view, other = open_view(deadline=module.DEADLINE), open_view()
    servers[0].kill()
    try:
        with writing(catalogue.engine).begin():
            began = time.monotonic()
            assert found(view, model)
            assert time.monotonic() - began < module.DEADLINE + 1
            assert view.missing(model, EVERYTHING)
        assert not other.missing(model, EVERYTHING), "nothing was written yet"
    finally:
        servers[0].start()
    time.sleep(module._BEAT)  # then it is asked again, and answers
    found(view, model)
    assert view.missing(model, EVERYTHING), "in doubt until it was looked at"
    assert not view.follow(model), "another process leads"
    assert other.missing(model, EVERYTHING) == view.missing(model, EVERYTHING) != ()
    catalogue.leases.give_back(module.LEASE, leader)
    brought_up(other, model)
    assert not view.missing(model, EVERYTHING)


def test_a_server_that_is_killed_while_it_writes_loses_nothing(
    open_view: Opener,
    catalogue: Catalogue,
    vectors: StoredVectors,
    model: Model,
    servers: list[ChromaServer],
    tmp_path: Path,
) -> None:
    """Killed again and again, at any moment, and started again."""
    view = open_view()
    for round_ in range(3):
        texts = [[own_words(f"{round_}/{number}/{n}") for n in range(20)] for number in range(40)]
        catalogue.put(
            [
                article(f"{round_}/{number}", *own, published=date(2014 + number % 4, 5, 1))
                for number, own in enumerate(texts)
            ],
            one_each,
        )
        make_up_vectors(catalogue, model)
        with Process(FOLLOW, tmp_path / "catalogue.sqlite3", *view_addresses(servers)) as writer:
            assert writer.line() == "begun"
            time.sleep(0.3 + 0.4 * round_)
            servers[round_ % 2].kill()
            servers[round_ % 2].start()
            assert writer.line() == "done"
    brought_up(view, model)
    assert_equal(view, catalogue, vectors, model, servers)


def test_a_round_that_ends_early_is_not_the_end(
    open_view: Opener, catalogue: Catalogue, vectors: StoredVectors, model: Model, servers: list[ChromaServer]
) -> None:
    """A service writes for some seconds, then looks at the servers and says that there is more; a command writes to the end."""
    catalogue.put([of_year(2016 + n % 3, 100 + n) for n in range(600)], one_each)
    make_up_vectors(catalogue, model)
    view = open_view()
    assert not view.follow(model, seconds=0)
    assert not view.follow(model, seconds=0.01)
    assert view.follow(model)
    assert view.ready(model)
    assert_equal(view, catalogue, vectors, model, servers)


def test_a_server_comes_back_while_articles_come_in_without_a_pause(
    open_view: Opener, catalogue: Catalogue, vectors: StoredVectors, model: Model, servers: list[ChromaServer]
) -> None:
    """There is always something to be written; what it lacks is written first, and it does not count as away till the end."""
    view = brought_up(open_view(), model)
    servers[0].kill()
    while not view.missing(model, EVERYTHING):
        view.follow(model)
    servers[0].start()
    end, number = time.monotonic() + SECONDS, 1_000

    def keep_going() -> bool:
        nonlocal number
        number += 1
        catalogue.put([of_year(2014 + number % 6, number)], one_each)
        make_up_vectors(catalogue, model)
        return time.monotonic() < end

    while view.missing(model, EVERYTHING):
        assert time.monotonic() < end, "it never came back"
        view.follow(model, keep_going, seconds=2)
    brought_up(view, model)
    assert_equal(view, catalogue, vectors, model, servers)


def test_a_server_that_was_replaced_by_an_empty_one_is_filled(
    open_view: Opener,
    catalogue: Catalogue,
    vectors: StoredVectors,
    model: Model,
    servers: list[ChromaServer],
    caplog: pytest.LogCaptureFixture,
) -> None:
    """From the catalogue; also when nobody watched while it was replaced."""
    view = brought_up(open_view(), model)
    servers[0].replace()
    found(view, model)
    brought_up(view, model)
    assert_equal(view, catalogue, vectors, model, servers)
    assert "lacks" in caplog.text
    view.close()
    servers[1].replace()
    again = open_view()
    again.follow(model)
    brought_up(again, model)
    assert_equal(again, catalogue, vectors, model, servers)


def test_one_process_writes_and_another_takes_its_place(
    open_view: Opener, catalogue: Catalogue, vectors: StoredVectors, model: Model, servers: list[ChromaServer]
) -> None:
    """Who does not hold the lease writes nothing, but finds everything."""
    other = Holder("some-other-machine", 7)
    assert catalogue.leases.take(module.LEASE, other)
    view = open_view()
    assert not view.follow(model)
    assert not view.ready(model)
    catalogue.leases.give_back(module.LEASE, other)
    writer = brought_up(open_view(), model)
    assert found(view, model) == found(writer, model) == exactly(catalogue, vectors, model)


def test_after_a_restore_everything_is_written_anew(
    open_view: Opener,
    catalogue: Catalogue,
    vectors: StoredVectors,
    model: Model,
    servers: list[ChromaServer],
    tmp_path: Path,
) -> None:
    """What came after the backup is gone from the servers too."""
    view = brought_up(open_view(), model)
    back_up(catalogue, tmp_path / "backup")
    catalogue.put([of_year(2014, 50), of_year(2020, 1)], one_each)
    make_up_vectors(catalogue, model)
    brought_up(view, model)
    restore(tmp_path / "backup", tmp_path / "catalogue.sqlite3", replace=True)
    view.follow(model)
    brought_up(view, model)
    held = set(found(view, model))
    assert held == set(exactly(catalogue, vectors, model))


def test_a_server_that_is_no_longer_named_is_done_without(
    open_view: Opener, catalogue: Catalogue, vectors: StoredVectors, model: Model, servers: list[ChromaServer]
) -> None:
    """What lay there is written to the others."""
    brought_up(open_view(), model).close()
    view = brought_up(open_view(addresses=[servers[1].address]), model)
    assert_equal(view, catalogue, vectors, model, servers[1:])


def test_another_model_takes_over(
    open_view: Opener, catalogue: Catalogue, vectors: StoredVectors, model: Model, servers: list[ChromaServer]
) -> None:
    """The vectors of the one before leave the servers once those of the new one are all there."""
    view = brought_up(open_view(), model)
    another = vectors.register("other@1", "other")
    make_up_vectors(catalogue, another)
    brought_up(view, another)
    view.follow(another)
    assert_equal(view, catalogue, vectors, another, servers)


def test_what_is_connected_speaks_http_or_says_what_is_wrong(servers: list[ChromaServer]) -> None:
    """Never a database in memory, into which everything would vanish."""
    client = open_http_client(servers[0].address)
    assert type(client._server).__module__ == "chromadb.api.fastapi"
    close_http_client(client)
    with pytest.raises(VectorServerError, match=r"No Chroma server answers at http://127\.0\.0\.1:9: .*chroma run"):
        open_http_client("http://127.0.0.1:9")


def test_an_incomplete_answer_is_not_repeated_once_all_answers(
    sample_data: Path, servers: list[ChromaServer], tmp_path: Path
) -> None:
    """Nor a complete one while a server is away: each is made anew, also when the failure came in the midst of the first."""
    archive = Archive(Settings(data=sample_data, chroma=tuple(view_addresses(servers))), create=False)
    question = Question("How many people marched in Hallowby?")

    def asked() -> tuple[bool, bool]:
        """Whether the answer names missing parts, and whether it was remembered."""
        answer = archive.engine.ask(question)
        return "parts_missing" in [note.kind for note in answer.notes], answer.timings_ms["read"] == 0

    def followed() -> bool:
        archive.dense.follow_with_chroma(Event())
        return archive.dense.view == "servers" and not archive.dense.missing_parts(EVERYTHING)

    try:
        archive.load()
        wait_until(followed, SECONDS, pause=0.1)
        assert asked() == (False, False)
        assert asked() == (False, True)
        archive.engine.forget()  # as with another question: nobody knows of the failure before this one is searched for
        servers[0].kill()
        servers[1].kill()
        try:
            assert asked() == (True, False)
            assert asked() == (True, False), "the first was begun as a complete one"
            assert asked() == (True, True)
        finally:
            servers[0].start()
            servers[1].start()
        wait_until(followed, SECONDS, pause=0.1)
        assert asked() == (False, False)
        assert asked() == (False, True)
    finally:
        archive.close()


def test_a_service_says_what_it_could_not_search(
    sample_data: Path, servers: list[ChromaServer], tmp_path: Path
) -> None:
    """In each answer, when asked how it is, and by `newsdesk status`; keyword search answers all the same."""
    addresses = json.dumps(view_addresses(servers))
    process, url = start_service(sample_data, tmp_path / "log", NEWSDESK_CHROMA=addresses)
    try:
        question = {"question": "Who conducted the joint strike on al-Bab?"}
        wait_until(lambda: httpx.get(f"{url}/api/stats", timeout=60).json()["vector_view"] == "servers", pause=ASKING)
        assert httpx.get(f"{url}/readyz", timeout=60).json() == {"status": "ready"}
        whole = httpx.post(f"{url}/api/ask", json=question, timeout=120).json()
        assert whole["answerable"]
        assert "parts_missing" not in [note["kind"] for note in whole["notes"]]
        for server in servers:
            server.kill()
        # Until then the answer that was complete is told again.
        wait_until(lambda: "missing_parts" in httpx.get(f"{url}/readyz", timeout=60).json(), pause=ASKING)
        answer = httpx.post(f"{url}/api/ask", json=question, timeout=120).json()
        [note] = [note["text"] for note in answer["notes"] if note["kind"] == "parts_missing"]
        assert "2017" in note
        assert "http://127.0.0.1:" in note
        assert answer["answerable"]
        ready = httpx.get(f"{url}/readyz", timeout=60).json()
        assert ready["status"] == "ready"
        assert ready["missing_parts"]
        said = newsdesk("status", "--data", sample_data, NEWSDESK_CHROMA=addresses).stdout
        assert said.count("does not answer") == 2
    finally:
        for server in servers:
            server.start()
        back = wait_for_ready(url)
        stop_service(process)
    assert back == {"status": "ready"}


def wait_for_ready(url: str) -> object:
    """What the service says of itself once nothing is missing any more, or when that takes too long."""
    end = time.monotonic() + SECONDS
    while (said := httpx.get(f"{url}/readyz", timeout=60).json()) != {"status": "ready"} and time.monotonic() < end:
        time.sleep(0.2)
    return said


@pytest.fixture(autouse=True)
def _told(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING, logger="newsdesk")
