"""Backups: whole, made and put back while others work; whatever is no backup changes nothing."""

from __future__ import annotations

import hashlib
import logging
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

import pytest

from newsdesk.catalogue.catalogue import Catalogue
from newsdesk.catalogue.upkeep.backup import back_up, restore
from newsdesk.catalogue.upkeep.purge import prove
from newsdesk.catalogue.upkeep.soundness import check
from newsdesk.catalogue.vectors import StoredVectors
from newsdesk.errors import CatalogueDamaged, DataFolderError, WrongUse
from newsdesk.types import Filters, Rejected
from tests.support import Process, article, make_up_vectors, one_each

FIXTURES = Path(__file__).parents[3] / "fixtures"
TRUTH = ("articles", "versions", "paragraphs", "passages", "models", "vectors", "rejects")


@pytest.fixture
def archive(file_catalogue: Catalogue) -> Catalogue:
    """30 articles, one of them changed, one removed, with vectors and a reject."""
    catalogue = file_catalogue
    catalogue.put([article(str(n), f"Text {n} of the story.", f"More {n}.") for n in range(31)], one_each)
    catalogue.put([article("3", "Text 3, corrected.", "More 3.")], one_each)
    catalogue.remove(["30"])
    catalogue.rejects.put([Rejected("inbox/empty.txt", "", "is empty")])
    make_up_vectors(catalogue, StoredVectors(catalogue).register("m", "m"))
    return catalogue


@pytest.fixture
def backup(archive: Catalogue, tmp_path: Path) -> Path:
    """A backup of it."""
    file = tmp_path / "backups" / "one"
    file.parent.mkdir()
    assert back_up(archive, file) == 30
    return file


def content(file: Path) -> dict[str, list[object]]:
    """Every row that is the truth, read without any code of ours."""
    with closing(sqlite3.connect(file)) as connection:
        return {table: connection.execute(f"SELECT * FROM {table} ORDER BY 1, 2").fetchall() for table in TRUTH}


def names(folder: Path) -> set[str]:
    """What lies in it."""
    return {file.name for file in folder.iterdir()}


# ---------------------------------------------------------------------------- making one


def test_everything_survives_the_round_trip(archive: Catalogue, backup: Path, tmp_path: Path) -> None:
    """Articles, versions, ids, numbers, vectors, rejects; a backup is one file; nothing is embedded again."""
    before = content(archive.file)
    assert names(backup.parent) == {"one"}
    target = tmp_path / "new" / "folder" / "catalogue.sqlite3"
    assert restore(backup, target, replace=False) == 30
    assert content(target) == before
    assert names(target.parent) == {"catalogue.sqlite3"}
    catalogue = Catalogue(target)
    vectors = StoredVectors(catalogue)
    model = vectors.active()
    assert model is not None
    assert vectors.missing(model) == []
    last = max(catalogue.passage_numbers(Filters()))
    catalogue.put([article("new", "New text.")], one_each)
    assert max(catalogue.passage_numbers(Filters())) > last
    catalogue.close()


WRITE = """
import sys
from pathlib import Path
from newsdesk.catalogue.catalogue import Catalogue
from tests.support import article, one_each
catalogue = Catalogue(sys.argv[1])
n = 0
while True:
    catalogue.put([article(f"{kind}/{n}", *(f"{kind} {n} {part}." for part in range(5))) for kind in "ab"], one_each)
    print(n, flush=True)
    n += 1
"""


def test_a_backup_is_of_one_moment(catalogue: Catalogue, tmp_path: Path) -> None:
    """While another process writes: every article whole, none without the one it was stored with, none lost before."""
    with Process(WRITE, catalogue.at) as writer:
        for turn in range(3):
            stored = int(writer.line())
            while stored < 5 * turn + 2:
                stored = int(writer.line())
            back_up(catalogue, tmp_path / f"backup{turn}")
        writer.kill()
        copies = [Catalogue(tmp_path / f"backup{turn}", create=False) for turn in range(3)]
    held = []
    for turn, copy in enumerate(copies):
        assert not check(copy).damaged
        _, articles = copy.articles(Filters(), 10_000, 0)
        numbers = {kind: {int(item.id[2:]) for item in articles if item.id.startswith(kind)} for kind in "ab"}
        assert numbers["a"] == numbers["b"] == set(range(len(numbers["a"])))
        assert len(numbers["a"]) > 5 * turn + 2
        assert copy.article("b/0").paragraphs == tuple(f"b 0 {part}." for part in range(5))
        held.append(len(articles))
        copy.close()
    assert held == sorted(held)


def test_a_backup_is_never_written_over(archive: Catalogue, backup: Path) -> None:
    """Refused, whatever the file is."""
    was = backup.read_bytes()
    with pytest.raises(WrongUse, match="there already"):
        back_up(archive, backup)
    assert backup.read_bytes() == was


def test_where_none_can_be_written_there_is_none(archive: Catalogue, tmp_path: Path) -> None:
    """A folder that is missing, or is a file: an error of ours that names it, and nothing is left."""
    (tmp_path / "file").touch()
    before = names(tmp_path)
    for where in (tmp_path / "none" / "one", tmp_path / "file" / "one"):
        with pytest.raises(WrongUse, match=f"no folder {where.parent}"):
            back_up(archive, where)
    with pytest.raises(DataFolderError, match="x" * 20):
        back_up(archive, tmp_path / ("x" * 250))
    assert names(tmp_path) == before


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE paragraphs SET text = 'Texs 4 of the story.' WHERE article = 5 AND number = 0",
        "UPDATE articles SET title = 'About 5' WHERE id = '4'",
    ],
)
def test_of_a_damaged_archive_there_is_no_backup(archive: Catalogue, tmp_path: Path, damage: str) -> None:
    """It would be the one that is put back; the damage is named, and nothing is left."""
    with closing(sqlite3.connect(archive.file)) as connection, connection:
        connection.execute(damage)
    (tmp_path / "backups").mkdir()
    with pytest.raises(CatalogueDamaged, match=r"No backup was made .*“4”"):
        back_up(archive, tmp_path / "backups" / "one")
    assert names(tmp_path / "backups") == set()


def test_of_a_broken_file_there_is_no_backup(archive: Catalogue, tmp_path: Path) -> None:
    """Pages that SQLite itself finds broken, in a file that opens."""
    archive.close()
    size, page = archive.file.stat().st_size, 4096
    with archive.file.open("r+b") as file:
        for place in range(10 * page, size, 2 * page):
            file.seek(place)
            file.write(b"\xa5" * page)
    (tmp_path / "backups").mkdir()
    with pytest.raises(CatalogueDamaged):
        back_up(Catalogue(archive.at), tmp_path / "backups" / "one")
    assert names(tmp_path / "backups") == set()


KILLED = """
import os, signal, sys
from pathlib import Path
import newsdesk.catalogue.upkeep.backup
from newsdesk.catalogue.catalogue import Catalogue
print("ready", flush=True)
newsdesk.catalogue.upkeep.backup.{call}
print("done", flush=True)
"""


def test_a_killed_backup_is_none(archive: Catalogue, tmp_path: Path) -> None:
    """kill -9 leaves no file of that name; the same command again leaves nothing else."""
    file = tmp_path / "backups" / "one"
    file.parent.mkdir()
    code = KILLED.format(call="back_up(Catalogue(sys.argv[1]), Path(sys.argv[2]))")
    with Process(code, archive.at, file) as process:
        process.line()
        while not names(file.parent):
            assert not process.ended()
        os.kill(process.pid, signal.SIGKILL)
    assert not file.exists()
    assert back_up(archive, file) == 30
    assert names(file.parent) == {"one"}


TWO = """
import sys
from pathlib import Path
from newsdesk.catalogue.upkeep.backup import back_up
from newsdesk.catalogue.catalogue import Catalogue
from newsdesk.errors import WrongUse
catalogue, file = Catalogue(sys.argv[1]), Path(sys.argv[2])
print("ready", flush=True)
while not Path(sys.argv[3]).exists():
    pass
try:
    print(back_up(catalogue, file))
except WrongUse as error:
    print("refused")
"""


def test_a_file_that_comes_meanwhile_is_not_written_over(archive: Catalogue, tmp_path: Path) -> None:
    """Whoever puts something under the name while the copy is made keeps it; the backup is refused, and leaves nothing."""
    own = False
    while not own:  # now and then the backup is done first
        folder, go = tmp_path / f"backups{len(names(tmp_path))}", tmp_path / f"go{len(names(tmp_path))}"
        folder.mkdir()
        with Process(TWO, archive.at, folder / "one", go) as process:
            process.line()
            go.touch()
            while not names(folder):
                assert not process.ended()
            with suppress(FileExistsError), (folder / "one").open("x") as file:
                file.write("my notes")
                own = True
            assert process.finish() == ("refused" if own else "30")
    assert (folder / "one").read_text() == "my notes"
    assert names(folder) == {"one"}


def test_of_two_backups_to_one_file_one_is_made(archive: Catalogue, tmp_path: Path) -> None:
    """The other is refused, and does not spoil it."""
    file, go = tmp_path / "backups" / "one", tmp_path / "go"
    file.parent.mkdir()
    with Process(TWO, archive.at, file, go) as one, Process(TWO, archive.at, file, go) as other:
        assert (one.line(), other.line()) == ("ready", "ready")
        go.touch()
        assert sorted((one.finish(), other.finish())) == ["30", "refused"]
    assert names(file.parent) == {"one"}
    assert content(file) == content(archive.file)


def test_only_what_the_dead_left_is_cleared(archive: Catalogue, tmp_path: Path) -> None:
    """Beside the file lie copies of killed backups, and of one that is still at it."""
    file = tmp_path / "backups" / "one"
    file.parent.mkdir()
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    theirs = {f"one.{os.getppid()}.unfinished", "one.old.unfinished", f"two.{gone.pid}.unfinished", "one.unfinished"}
    for name in (*theirs, f"one.{gone.pid}.unfinished", f"one.{gone.pid}.unfinished-journal"):
        (file.parent / name).touch()
    assert back_up(archive, file) == 30
    assert names(file.parent) == {"one", *theirs}


# ---------------------------------------------------------------------------- putting it back


def test_it_goes_into_an_empty_archive(archive: Catalogue, backup: Path, tmp_path: Path) -> None:
    """One without articles is not asked about."""
    empty = Catalogue(tmp_path / "empty" / "catalogue.sqlite3")
    assert restore(backup, empty.file, replace=False) == 30
    assert empty.counts() == archive.counts(), "seen by whoever has it open"
    empty.close()


def test_an_archive_is_replaced_only_when_told(archive: Catalogue, backup: Path) -> None:
    """Without --replace it stays as it is; with it, it is what the backup was, for whoever has it open too."""
    was = content(archive.file)
    archive.put([article("later", "Later text.")], one_each)
    archive.remove(["7"])
    change = archive.changes.last()
    with pytest.raises(WrongUse, match="--replace"):
        restore(backup, archive.at, replace=False)
    assert archive.article("later").paragraphs == ("Later text.",)
    assert restore(backup, archive.at, replace=True) == 30
    assert content(archive.file) == was
    assert archive.changes.after(change, 10) is None, "every view sees that this is another history"
    assert archive.article("7").paragraphs[0] == "Text 7 of the story."
    assert not list(archive.file.parent.glob("*.restoring*"))


def _truncate(file: Path) -> None:
    os.truncate(file, file.stat().st_size // 2)


def _zero(file: Path) -> None:
    file.write_bytes(bytes(file.stat().st_size))


def _scrape(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:60])


@pytest.mark.parametrize("damage", [Path.unlink, _truncate, _zero, _scrape, lambda file: os.truncate(file, 0)])
def test_a_lost_catalogue_is_put_back(
    archive: Catalogue, backup: Path, damage: Callable[[Path], None], caplog: pytest.LogCaptureFixture
) -> None:
    """Deleted, emptied, cut off, overwritten: without being told twice; what is left of it is kept aside, and said."""
    was = content(archive.file)
    archive.close()
    damage(archive.file)
    left = archive.file.read_bytes() if archive.file.exists() else None
    (archive.file.parent / "keyword-4").mkdir()  # as with any archive that was used
    with caplog.at_level(logging.WARNING, "newsdesk.catalogue.catalogue"):
        assert restore(backup, archive.at, replace=False) == 30
    assert content(archive.file) == was
    aside = archive.file.with_name("catalogue.sqlite3.damaged")
    assert aside.exists() == (left is not None)
    if left is not None:
        assert aside.read_bytes() == left
        assert str(aside) in caplog.text


def test_an_archive_of_a_newer_version_is_not_moved_aside(archive: Catalogue, backup: Path) -> None:
    """It is whole, only not for this version: restoring says so and leaves it alone."""
    archive.close()
    with closing(sqlite3.connect(archive.file)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(DataFolderError, match="newer Newsdesk"):
        restore(backup, archive.at, replace=True)
    assert names(archive.file.parent) >= {"catalogue.sqlite3"}
    assert not list(archive.file.parent.glob("*.damaged"))


def _text(file: Path, _backup: Path) -> None:
    file.write_text("Dear diary, today nothing was backed up.\n" * 50)


def _empty(file: Path, _backup: Path) -> None:
    file.touch()


def _foreign(file: Path, _backup: Path) -> None:
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("CREATE TABLE articles (id INTEGER, body TEXT)")


def _newer(file: Path, backup: Path) -> None:
    shutil.copy(backup, file)
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")


def _half(file: Path, backup: Path) -> None:
    file.write_bytes(backup.read_bytes()[: backup.stat().st_size // 2])


def _flipped(file: Path, backup: Path) -> None:
    file.write_bytes(backup.read_bytes().replace(b"Text 9 of the story.", b"Text 9 on the story."))


def _missing(_file: Path, _backup: Path) -> None:
    pass


def _folder(file: Path, _backup: Path) -> None:
    file.mkdir()


@pytest.mark.parametrize("what", [_text, _empty, _foreign, _newer, _half, _flipped, _missing, _folder])
@pytest.mark.parametrize("into", ["an archive", "nothing"])
def test_what_is_no_backup_is_refused(
    archive: Catalogue, backup: Path, tmp_path: Path, what: Callable[[Path, Path], None], into: str
) -> None:
    """The file is named; it and the archive stay as they are; where there was no archive there is none."""
    file = tmp_path / "no-backup"
    what(file, backup)
    was = file.read_bytes() if file.is_file() else None
    target = archive.file if into == "an archive" else tmp_path / "new" / "catalogue.sqlite3"
    before = content(archive.file)
    with pytest.raises(WrongUse, match="no-backup"):
        restore(file, target, replace=True)
    assert content(archive.file) == before
    assert (file.read_bytes() if file.is_file() else None) == was
    assert not list(tmp_path.rglob("*.restoring*"))
    assert target.exists() == (into == "an archive")


def test_a_backup_of_an_earlier_schema_is_brought_to_this_one(tmp_path: Path) -> None:
    """The archive is; the backup stays as it was, byte for byte."""
    file, target = tmp_path / "old-backup", tmp_path / "new" / "catalogue.sqlite3"
    with closing(sqlite3.connect(file)) as connection:
        connection.executescript((FIXTURES / "schema-0001.sql").read_text(encoding="utf-8"))
    was = hashlib.sha256(file.read_bytes()).hexdigest()
    assert restore(file, target, replace=False) == 2
    assert hashlib.sha256(file.read_bytes()).hexdigest() == was
    catalogue = Catalogue(target, create=False)
    assert catalogue.article("ferry").title == "Ferry returns to Hallowby"
    assert not check(catalogue).damaged
    catalogue.close()


def test_a_removed_text_is_looked_for_after_a_restore_too(archive: Catalogue, backup: Path, tmp_path: Path) -> None:
    """What was removed from the archive that was replaced may still lie in a file."""
    text = "Nobody but this article ever said this, and it was removed."
    archive.put([article("secret", text)], one_each)
    archive.remove(["secret"])
    assert restore(backup, archive.at, replace=True) == 30
    left = tmp_path / "disk" / "left"
    left.parent.mkdir()
    left.write_text(text)
    with pytest.raises(DataFolderError, match="left"):
        prove(archive, left.parent)
    left.unlink()
    assert prove(archive, left.parent) == 2, "one from before the backup, and this one"


def test_a_lease_is_not_put_back(archive: Catalogue, tmp_path: Path) -> None:
    """Whoever was embedding when the backup was made is not at it in what was put back."""
    from newsdesk.catalogue.leases import Process as Holder

    elsewhere = Holder("another-machine", 1)
    assert archive.leases.take("embed", elsewhere)
    back_up(archive, tmp_path / "backup")
    assert restore(tmp_path / "backup", archive.file, replace=True) == 30
    assert archive.leases.take("embed", Holder.current())


def test_a_killed_restore_changes_all_or_nothing(archive: Catalogue, backup: Path) -> None:
    """kill -9 on the way: the archive is what it was or what the backup was; the same command again finishes it."""
    was = content(archive.file)
    archive.put([article("later", "Later text.")], one_each)
    later = content(archive.file)
    code = KILLED.format(call="restore(Path(sys.argv[1]), Path(sys.argv[2]), replace=True)")
    folder = archive.file.parent
    moments: tuple[Callable[[], bool], ...] = (
        lambda: any(folder.glob("*.restoring")),
        lambda: any(folder.glob("*.restoring-wal")),
        lambda: content(archive.file) == was,
    )
    for moment in moments:
        with Process(code, backup, archive.file) as process:
            process.line()
            while not moment() and not process.ended():
                pass
            process.kill()
        assert content(archive.file) in (was, later)
    assert restore(backup, archive.at, replace=True) == 30
    assert content(archive.file) == was
    assert not list(folder.glob("*.restoring*"))
