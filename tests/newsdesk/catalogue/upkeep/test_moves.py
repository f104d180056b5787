"""An archive moves from SQLite to PostgreSQL and back by a backup and its restoring, and loses nothing on the way."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from newsdesk.catalogue import schema
from newsdesk.catalogue.catalogue import Catalogue
from newsdesk.catalogue.changes import START
from newsdesk.catalogue.runs.log import COUNTED
from newsdesk.catalogue.runs.sources import Source
from newsdesk.catalogue.upkeep.backup import back_up, restore
from newsdesk.catalogue.upkeep.soundness import check
from newsdesk.catalogue.vectors import StoredVectors
from newsdesk.errors import WrongUse
from newsdesk.feedback import Feedback, Found, Quoted
from newsdesk.types import Filters, HeldArticle, Rejected, Turn, Withdrawn
from tests.postgres import PostgresServer
from tests.support import ENOUGH, Process, article, day, make_up_vectors, one_each

NOT_MOVED = ("changes", "leases", "embedding_parts")
"""The log begins anew, so that every view does; work that was under way elsewhere is not under way here."""

NewPlace = Callable[[], Path | str]


@pytest.fixture(params=["sqlite", "postgresql"])
def one(request: pytest.FixtureRequest, places: dict[str, NewPlace]) -> Path | str:
    """A place for an archive, in each kind of database."""
    return places[request.param]()


@pytest.fixture(params=["sqlite", "postgresql"])
def other(request: pytest.FixtureRequest, places: dict[str, NewPlace]) -> Path | str:
    """A place that the archive moves to, in each kind of database."""
    return places[request.param]()


@pytest.fixture
def places(tmp_path: Path, postgres: PostgresServer) -> Iterator[dict[str, NewPlace]]:
    """New places of each kind."""
    made: list[str] = []

    def file() -> Path:
        made.append("")
        return tmp_path / str(len(made)) / "catalogue.sqlite3"

    def database() -> str:
        made.append(postgres.new_database())
        return made[-1]

    yield {"sqlite": file, "postgresql": database}
    for address in filter(None, made):
        postgres.drop(address)


def fill(catalogue: Catalogue) -> None:
    """Something of everything that a catalogue holds."""
    put = catalogue.put
    put(
        [article(f"n/{n}", f"Ferry {n} left.", f"The quay\0 at {n}.", url=f"https://p.example/{n}") for n in range(12)],
        one_each,
    )
    put([article("n/3", "Ferry 3 left late.", "The quay\0 at 3.", url="https://p.example/3")], one_each)
    put([article("n/4/again", "Ferry 4 came back.", url="https://p.example/4", published=day("2021-03-04"))], one_each)
    put([article("twin", "Ferry 5 left.", "The quay\0 at 5.", source="Courier")], one_each)
    until = datetime(2150, 1, 1, tzinfo=UTC)
    put([HeldArticle("later", "Sealed", ("Not yet.",), source="Wire", until=until)], one_each)
    put([Withdrawn("wire", "n/7", "is wrong")], one_each)
    catalogue.remove(["n/11"], one_each)
    catalogue.rejects.put([Rejected("inbox/empty.txt", "", "is empty")], "id=key")
    vectors = StoredVectors(catalogue)
    make_up_vectors(catalogue, vectors.register("m@1", "m"))
    quoted = Quoted("n/2", 0, "Ferry 2 left.", 0, 13)
    catalogue.feedback.put(
        Feedback(
            "Which ferry?", "down", True, "Ferry 2 left. [1]", 0.5, "extractive", citations=(quoted,),
            evidence=(Found("n/1", (0, 1)),), history=(Turn("What?", "That."),), expected="None \0 of them",
        )
    )  # fmt: skip
    saved = catalogue.saved.add("When does the ferry leave?", "http://127.0.0.1:9/hook")
    catalogue.saved.keep((), catalogue.saved.newest())
    assert saved.secret
    catalogue.keys.add("night desk", "write")
    run = catalogue.runs.begin(["inbox"])
    catalogue.runs.tell(run, dict.fromkeys(COUNTED, 3), ended=True)
    catalogue.sources.put([Source("inbox/a.jsonl", 1 << 40, 1_700_000_000_123_456_789, b"\0\1", "1", 12, 1)])


def rows(catalogue: Catalogue) -> dict[str, list[str]]:
    """Everything that moves, as it is stored."""
    moved = [table for table in schema.metadata.sorted_tables if table.name not in NOT_MOVED]
    with catalogue.engine.begin() as connection:
        return {table.name: sorted(repr(row) for row in connection.execute(select(table))) for table in moved}


def test_an_archive_moves_with_all_that_belongs_to_it(one: Path | str, other: Path | str, tmp_path: Path) -> None:
    """Ids, numbers, versions, vectors, embargoes, kills, feedback, saved questions, keys: each row of it is the same."""
    before = Catalogue(one)
    fill(before)
    empty = {name for name, some in rows(before).items() if not some}
    assert empty <= {"outlet_lines", "saved_findings", "fetched", "shards", "placed", "shard_work", "shard_progress"}
    newest = max(before.passage_numbers(Filters()))
    before.remove(["twin"])  # so that the highest number is of a passage that is gone
    assert back_up(before, tmp_path / "backup") == 10

    assert restore(tmp_path / "backup", other, replace=False) == 10
    after = Catalogue(other, create=False)
    assert rows(after) == rows(before)
    assert not check(after).damaged
    found = after.changes.after(START, ENOUGH)
    assert found is not None
    assert sorted(found[1]) == after.passage_numbers(Filters()), "every view looks at each passage"
    after.put([article("new", "Another ferry."), article("n/0", "Ferry 0 sank.")], one_each)
    new = set(after.passage_numbers(Filters())) - set(before.passage_numbers(Filters()))
    assert min(new) > newest, "no number is given twice"
    assert [row.feedback.expected for row in after.feedback.every()] == ["None \0 of them"]
    for each in (before, after):
        each.close()


def test_an_archive_in_a_database_is_not_written_over_by_mistake(places: dict[str, NewPlace], tmp_path: Path) -> None:
    """Without --replace it stays as it is, and is named without its password; with it, it becomes the backup."""
    file, address = places["sqlite"](), str(places["postgresql"]())
    small, large = Catalogue(file), Catalogue(address)
    small.put([article("small", "One.")], one_each)
    large.put([article("large", "Two."), article("larger", "Three.")], one_each)
    back_up(small, tmp_path / "backup")
    with pytest.raises(WrongUse, match=r"postgresql://desk@.* holds an archive of 2 articles"):
        restore(tmp_path / "backup", address.replace("desk@", "desk:heron@"), replace=False)
    assert large.counts().articles == 2
    position = large.changes.last()
    assert restore(tmp_path / "backup", address, replace=True) == 1
    assert [found.id for found in large.every_article()] == ["small"]
    assert large.changes.after(position, ENOUGH) is None, "a view that stood there notices"
    for each in (small, large):
        each.close()


def test_what_is_no_backup_changes_nothing(places: dict[str, NewPlace], tmp_path: Path) -> None:
    """The database is not even emptied."""
    catalogue = Catalogue(places["postgresql"]())
    catalogue.put([article("a", "One.")], one_each)
    (tmp_path / "wrong").write_bytes(b"not a backup at all" * 500)
    with pytest.raises(WrongUse, match="nothing was changed"):
        restore(tmp_path / "wrong", catalogue.at, replace=True)
    assert catalogue.article("a").paragraphs == ("One.",)
    catalogue.close()


RESTORE = """
import sys
from pathlib import Path
from newsdesk.catalogue.upkeep.backup import restore
print("begins", flush=True)
print(restore(Path(sys.argv[1]), sys.argv[2], replace=True), flush=True)
"""


@pytest.mark.parametrize("seconds", [0.1, 0.5])
def test_a_killed_restore_leaves_one_or_the_other(places: dict[str, NewPlace], tmp_path: Path, seconds: float) -> None:
    """What was there before, or all of the backup."""
    small, large = Catalogue(places["postgresql"]()), Catalogue(places["sqlite"]())
    small.put([article("a", "One.")], one_each)
    large.put([article(f"b/{n}", f"Two {n}.", f"Three {n}.") for n in range(80)], one_each)
    back_up(large, tmp_path / "backup")
    with Process(RESTORE, tmp_path / "backup", small.at) as process:
        process.line()
        time.sleep(seconds)
        process.kill()
    assert small.counts().articles in (1, 80)
    assert not check(small).damaged
    assert small.put([article("c", "Four.")], one_each).outcomes == ["added"]
    for each in (small, large):
        each.close()
