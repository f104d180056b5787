"""A catalogue in PostgreSQL: what is particular to it, and what is said when it cannot be used."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import inspect, literal, select, text
from sqlalchemy.dialects import postgresql

from newsdesk.catalogue import schema
from newsdesk.catalogue.catalogue import Catalogue
from newsdesk.catalogue.database.either import name_of, structure_faults
from newsdesk.catalogue.database.migrating import HEAD
from newsdesk.catalogue.upkeep.soundness import check
from newsdesk.errors import CatalogueUnreachable, DataFolderError, SettingsError
from tests.postgres import PostgresServer
from tests.support import Process, article, one_each, wait_until

FIXTURES = Path(__file__).parents[3] / "fixtures"
WRITE_AND_WAIT = """
import sys
from newsdesk.catalogue.catalogue import Catalogue
from tests.support import article, one_each
catalogue = Catalogue(sys.argv[1])

def split(article):
    print("within", flush=True)
    sys.stdin.readline()
    return one_each(article)

catalogue.put([article("half", "Never heard of.")], split)
"""


@pytest.fixture
def address(postgres: PostgresServer) -> Iterator[str]:
    """Of an empty catalogue."""
    made = postgres.new_catalogue()
    yield made
    postgres.give_back(made)


@pytest.fixture(scope="module")
def shared(postgres: PostgresServer) -> Iterator[Catalogue]:
    """An empty catalogue that nobody changes."""
    catalogue = Catalogue(postgres.new_catalogue())
    yield catalogue
    catalogue.close()


@pytest.fixture
def own_server() -> Iterator[PostgresServer]:
    """A server that may be stopped."""
    server = PostgresServer()
    yield server
    server.close()


def test_a_new_database_gets_the_tables_that_the_code_is_written_for(postgres: PostgresServer) -> None:
    """Every table with its columns and indexes, texts in the order of their code points, whole numbers of 64 bits."""
    address = postgres.new_database()
    with pytest.raises(DataFolderError, match="newsdesk ingest"):
        Catalogue(address, create=False)
    catalogue = Catalogue(address)
    found = inspect(catalogue.engine)
    for table in schema.metadata.sorted_tables:
        columns = {column["name"]: column for column in found.get_columns(table.name)}
        assert columns.keys() == {column.name for column in table.columns}
        assert not any(isinstance(column["type"], postgresql.INTEGER) for column in columns.values()), table.name
        texts = [column["type"] for column in columns.values() if isinstance(column["type"], postgresql.TEXT)]
        assert all(each.collation == "C" for each in texts), table.name
        wanted = {index.name for index in table.indexes}
        assert wanted <= {index["name"] for index in found.get_indexes(table.name)}
    with catalogue.engine.begin() as connection:
        assert connection.scalar(text("SELECT version_num FROM alembic_version")) == HEAD
    catalogue.close()
    postgres.drop(address)


SHAPE = (
    "SELECT table_name, column_name, data_type, is_nullable, collation_name FROM information_schema.columns "
    "WHERE table_schema = 'public' ORDER BY 1, 2",
    "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY indexname",
)


@pytest.mark.parametrize("file", sorted(FIXTURES.glob("postgres-*.sql")), ids=lambda file: file.stem)
def test_an_older_database_is_migrated(postgres: PostgresServer, file: Path) -> None:
    """It ends with the tables of a new one, and holds what it held; types of migrations are those of the schema."""
    old, new = postgres.new_database(), postgres.new_catalogue()
    postgres.execute(file.read_text(), old)
    migrated, made = Catalogue(old), Catalogue(new)
    for query in SHAPE:
        with migrated.engine.begin() as one, made.engine.begin() as other:
            assert one.execute(text(query)).all() == other.execute(text(query)).all()
    assert not check(migrated).damaged
    assert migrated.article("gale/1").paragraphs == ("A gale took half the pier.", "Nobody was on it.")
    assert len(migrated.history("gale/1").versions) == 2
    assert migrated.put([article("gale/3", "A new pier.")], one_each).outcomes == ["added"]
    for each in (migrated, made):
        each.close()
    postgres.give_back(new)
    postgres.drop(old)


def test_the_first_articles_make_its_tables_known_to_the_server(postgres: PostgresServer) -> None:
    """Otherwise it plans for empty tables until it has looked by itself, a minute later; it is looked at once only."""
    address = postgres.new_database()
    catalogue = Catalogue(address)
    with catalogue.engine.connect() as connection:
        looked_at = text("SELECT last_analyze FROM pg_stat_user_tables WHERE relname = 'paragraphs'")
        assert connection.scalar(looked_at) is None
    catalogue.put([article("ferry", "The ferry sails at noon.", "It is late.")], one_each)

    def moment() -> object:
        with catalogue.engine.connect() as connection:
            return connection.scalar(looked_at)

    wait_until(lambda: moment() is not None)
    first = moment()
    catalogue.put([article("quay", "The quay is old.")], one_each)
    with catalogue.engine.connect() as connection:
        rows = connection.scalar(text("SELECT reltuples FROM pg_class WHERE relname = 'paragraphs'"))
    assert (moment(), rows) == (first, 2)
    catalogue.close()
    postgres.drop(address)


def test_two_processes_may_make_the_tables_at_once(postgres: PostgresServer) -> None:
    """One makes them, the other waits and finds them."""
    address = postgres.new_database()
    code = "import sys; from newsdesk.catalogue.catalogue import Catalogue; print(Catalogue(sys.argv[1]).counts().articles)"
    with Process(code, address) as one, Process(code, address) as other:
        assert (one.finish(), other.finish()) == ("0", "0")
    postgres.drop(address)


@given(st.text(alphabet=st.characters(codec="utf-8") | st.sampled_from("\0\U0010fffd0")))
def test_any_text_comes_back(shared: Catalogue, said: str) -> None:
    """Also one with a NUL, which PostgreSQL's texts cannot have, and with the character that stands for it."""
    with shared.engine.begin() as connection:
        assert connection.scalar(select(literal(said, schema.Text))) == said


def test_a_server_that_is_not_there_is_named() -> None:
    """What it is, why not, and what to do; the password is not told."""
    with pytest.raises(CatalogueUnreachable) as caught:
        Catalogue("postgresql://desk:heron-42@127.0.0.1:1/archive")
    said = str(caught.value)
    assert "postgresql://desk@127.0.0.1:1/archive" in said
    assert "refused" in said
    assert "'catalogue'" in said
    assert "heron-42" not in said
    assert "heron-42" not in repr(caught.value.__cause__)


def test_a_database_that_is_not_there_is_named(postgres: PostgresServer) -> None:
    """A slip of the pen in its name is not taken for an empty archive."""
    with pytest.raises(CatalogueUnreachable, match='database "nowhere" does not exist'):
        Catalogue(postgres.address("nowhere"))


@pytest.mark.parametrize(
    "address", ["postgresql://desk:heron-42@[::1/archive", "postgresql://desk:heron-42@host/db?wings=2"]
)
def test_what_is_no_address_is_refused_without_being_told(address: str) -> None:
    """What cannot be read may hold a password all the same."""
    with pytest.raises(SettingsError, match="postgresql://USER@HOST") as caught:
        Catalogue(address)
    assert "heron-42" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_its_name_has_no_password() -> None:
    """In whatever way the address gives it."""
    assert name_of("postgresql://desk:heron-42@db.example/desk") == "postgresql://desk@db.example/desk"
    assert "heron-42" not in name_of("postgresql://desk@db.example:6432/desk?password=heron-42&sslmode=require")


def test_a_database_of_another_encoding_is_refused(postgres: PostgresServer) -> None:
    """It could not hold every text; the message says how to make one that can."""
    postgres.execute("CREATE DATABASE narrow ENCODING 'LATIN1' TEMPLATE template0")
    with pytest.raises(DataFolderError, match=r"LATIN1.*createdb --encoding=UTF8"):
        Catalogue(postgres.address("narrow"))


def test_what_is_not_meant_to_write_cannot(address: str) -> None:
    """A transaction that only reads sees one moment throughout, and cannot change anything by mistake."""
    catalogue, other = Catalogue(address), Catalogue(address)
    with catalogue.engine.begin() as connection:
        before = connection.scalar(text("SELECT count(*) FROM articles"))
        other.put([article("a", "One.")], one_each)
        assert connection.scalar(text("SELECT count(*) FROM articles")) == before == 0
    with pytest.raises(DataFolderError, match="read-only"), catalogue.engine.begin() as connection:
        connection.execute(text("DELETE FROM articles"))
    assert catalogue.counts().articles == 1
    for each in (catalogue, other):
        each.close()


def test_a_writer_waits_for_the_one_before_it(address: str) -> None:
    """The lock is taken when a transaction begins and given back with its end, a kill -9 included."""
    catalogue = Catalogue(address)
    with Process(WRITE_AND_WAIT, address) as writer, ThreadPoolExecutor(1) as threads:
        assert writer.line() == "within"
        later = threads.submit(catalogue.put, [article("a", "One.")], one_each)
        time.sleep(0.5)
        assert not later.done()
        assert catalogue.counts().articles == 0, "and readers wait for nobody"
        writer.kill()
        assert later.result(timeout=60).outcomes == ["added"]
    assert [found.id for found in catalogue.every_article()] == ["a"], "and of the killed one there is nothing"
    catalogue.close()


def test_what_was_acknowledged_survives_the_server(own_server: PostgresServer) -> None:
    """Its processes are killed in the middle of writing; who had it open goes on when it is back."""
    catalogue = Catalogue(own_server.new_catalogue())
    catalogue.put([article("kept", "Fog over the estuary.")], one_each)

    def split(about: object) -> list[object]:
        own_server.stop(at_once=True)
        return []

    with pytest.raises(CatalogueUnreachable):
        catalogue.put([article("lost", "Never mind.")], split)  # type: ignore[arg-type]
    with pytest.raises(CatalogueUnreachable, match="goes on by itself"):
        catalogue.counts()
    own_server.start()
    assert catalogue.put([article("later", "Sun again.")], one_each).outcomes == ["added"]
    assert [found.id for found in catalogue.every_article()] == ["kept", "later"]
    assert not check(catalogue).damaged
    catalogue.close()


def test_rows_that_refer_to_nothing_are_found(address: str, postgres: PostgresServer) -> None:
    """As an administrator leaves them who switched the server's own checks off."""
    catalogue = Catalogue(address)
    catalogue.put([article("a", "One."), article("b", "Two.")], one_each)
    assert structure_faults(catalogue.engine) == []
    postgres.execute("SET session_replication_role = replica; DELETE FROM articles WHERE id = 'a'", address)
    assert [re.sub(r"\d+", "N", fault) for fault in structure_faults(catalogue.engine)] == [
        "paragraphs.article N refers to nothing",
        "passages.article N refers to nothing",
        "stories.article N refers to nothing",
    ]
    assert check(catalogue).damaged
    catalogue.close()


def test_a_newer_schema_is_refused(address: str, postgres: PostgresServer) -> None:
    """The message says which schema the database has and which one is known; it is left alone."""
    postgres.execute("UPDATE alembic_version SET version_num = '9999'", address)
    with pytest.raises(DataFolderError, match=r"newer Newsdesk \(schema “9999”"):
        Catalogue(address)


def test_nothing_that_is_logged_names_the_password(caplog: pytest.LogCaptureFixture) -> None:
    """Not even at the level of debugging."""
    caplog.set_level(logging.DEBUG)
    with pytest.raises(CatalogueUnreachable):
        Catalogue("postgresql://desk:heron-42@127.0.0.1:1/archive")
    assert "heron-42" not in caplog.text
