"""Everything that is particular to SQLite: how the file is opened, how a transaction begins, how it is migrated,
copied and compacted, and what its errors mean to a user.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import JSON, ColumnElement, Connection, Engine, ExceptionContext, case, create_engine, event, func

from newsdesk.catalogue import schema
from newsdesk.catalogue.database.migrating import HEAD, migrate, revision
from newsdesk.errors import CatalogueDamaged, DataFolderBusy, DataFolderError, DiskFull

_BUSY_SECONDS = 30  # how long one process waits for another one's (short) transaction
_ROOM = 65_536  # bytes: the file -shm takes 32,768 at a time, and without room for it SQLite says "disk I/O error"
WAY_BACK = "Put a backup back with `newsdesk restore FILE`, or take in the sources again in a new folder (--data)."


def open_engine(file: Path) -> Engine:
    """An engine on the SQLite file, created and migrated as needed.

    Whatever it does raises, from then on, DataFolderError or one of its kinds when the file or its folder cannot be
    used, has no room, is damaged or comes from a newer Newsdesk.
    """
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DataFolderError(
            f"The data folder {file.parent} cannot be made or read: {error.strerror}. Choose another with --data."
        ) from error
    engine = create_engine(f"sqlite:///{file}", connect_args={"timeout": _BUSY_SECONDS}, json_deserializer=_read_json)
    event.listen(engine, "connect", _on_connect)
    event.listen(engine, "begin", _on_begin)
    event.listen(engine, "handle_error", _on_error)
    _migrate(engine, file)
    return engine


def compact(engine: Engine) -> None:
    """Writes the file anew without what was deleted, and empties its journal. Raises DataFolderBusy, DiskFull."""
    with closing(engine.raw_connection()) as connection, translated(Path(str(engine.url.database))):
        connection.execute("VACUUM")
    empty_journal(engine)


def empty_journal(engine: Engine) -> None:
    """Brings everything from the journal into the file and cuts the journal off. Raises DataFolderBusy, DiskFull."""
    with closing(engine.raw_connection()) as connection, translated(Path(str(engine.url.database))):
        end = time.monotonic() + _BUSY_SECONDS
        while connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]:
            if time.monotonic() > end:
                raise DataFolderBusy(
                    f"Other processes kept reading {engine.url.database} for {_BUSY_SECONDS} seconds, so its journal "
                    "could not be emptied. Run the same command again when they are done."
                )
            time.sleep(0.05)


def copy(source: Path, target: Path) -> None:
    """Copies a database as it is at this moment over another one, by SQLite's online backup.

    Both may be in use: readers go on, writers wait. Raises DataFolderError and its kinds.
    """
    with translated(source), closing(_plain(source)) as read, translated(target), closing(_plain(target)) as write:
        read.backup(write)


def seal(file: Path) -> None:
    """Makes a copy one file without a journal beside it, safely on the disk."""
    with translated(file), closing(_plain(file)) as connection:
        connection.execute("PRAGMA journal_mode=DELETE")


def schema_of(file: Path) -> str | None:
    """The name of the last migration that the file went through; None when it is no catalogue. Raises DataFolderError."""
    with translated(file), closing(_plain(file)) as connection:
        tables = connection.execute("SELECT name FROM sqlite_master WHERE name = 'alembic_version'").fetchone()
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone() if tables else None
        return str(row[0]) if row else None


def structure_faults(engine: Engine) -> list[str]:
    """What SQLite itself finds wrong with the file; empty when all is well."""
    with closing(engine.raw_connection()) as connection:
        try:
            rows = [str(row[0]) for row in connection.execute("PRAGMA integrity_check(10)")]
            rows += [
                f"{row[0]} row {row[1]} refers to nothing" for row in connection.execute("PRAGMA foreign_key_check")
            ]
        except sqlite3.DatabaseError as error:
            return [str(error)]
    return [row for row in rows if row != "ok"]


def all_in_one(columns: Sequence[ColumnElement[Any]]) -> ColumnElement[Any]:
    """These columns of texts and whole numbers, of all rows as one value: a list of lists in no order.

    None stands for what damage has made anything else of a value, which JSON might not hold.

    The driver lets other threads run at each row that it fetches, and then waits for its turn: with eight clients hundreds
    of short rows take twice the processor time that they take alone (docs/why.md).
    """
    sound = (case((func.typeof(column).in_(("text", "integer")), column)) for column in columns)
    return func.json_group_array(func.json_array(*sound), type_=JSON())


def numbers_given(connection: Connection) -> dict[str, int]:
    """Table -> the highest number that was given to one of its rows, of those that give none again."""
    rows = connection.exec_driver_sql("SELECT name, seq FROM sqlite_sequence")
    return {str(row.name): int(row.seq) for row in rows}


def go_on_from(connection: Connection, given: dict[str, int]) -> None:
    """Gives no number again that was given (`numbers_given`), in this file or where its rows came from."""
    before = numbers_given(connection)
    for table in schema.metadata.sorted_tables:
        if table.kwargs.get("sqlite_autoincrement"):
            last = max(before.get(table.name, 0), given.get(table.name, 0))
            connection.exec_driver_sql("DELETE FROM sqlite_sequence WHERE name = ?", (table.name,))
            connection.exec_driver_sql("INSERT INTO sqlite_sequence VALUES (?, ?)", (table.name, last))


@contextmanager
def translated(file: Path) -> Iterator[None]:
    """Turns SQLite's errors into ours."""
    try:
        yield
    except sqlite3.Error as error:
        raise _meaning(error, file) from error


def _plain(file: Path) -> sqlite3.Connection:
    return sqlite3.connect(file, timeout=_BUSY_SECONDS, isolation_level=None)


def _on_connect(connection: sqlite3.Connection, _record: Any) -> None:
    connection.isolation_level = None  # the driver must not begin transactions of its own
    # A damaged text must be readable, or nobody could say which one it is; its hash no longer fits.
    connection.text_factory = partial(str, encoding="utf-8", errors="replace")
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "secure_delete=ON", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _read_json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None  # damaged: as with texts, the hash of what it belongs to says so


def _on_begin(connection: Connection) -> None:
    immediate = connection.get_execution_options().get("immediate", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")


def _on_error(context: ExceptionContext) -> None:
    error = context.original_exception
    if isinstance(error, sqlite3.Error) and not isinstance(error, sqlite3.ProgrammingError | sqlite3.IntegrityError):
        assert context.engine is not None
        raise _meaning(error, Path(str(context.engine.url.database))) from error


def _meaning(error: sqlite3.Error, file: Path) -> DataFolderError:
    """What SQLite's error means to whoever runs Newsdesk, and what to do about it."""
    code = (getattr(error, "sqlite_errorcode", None) or 0) & 0xFF  # the upper bits only say more of the same
    if code == sqlite3.SQLITE_IOERR and file.parent.exists() and shutil.disk_usage(file.parent).free < _ROOM:
        code = sqlite3.SQLITE_FULL
    match code:
        case sqlite3.SQLITE_FULL:
            return DiskFull(
                f"There is no room left on the disk for {file}. Nothing was stored by this step, and nothing that was "
                "acknowledged is lost; make room and run the same command again."
            )
        case sqlite3.SQLITE_CORRUPT | sqlite3.SQLITE_NOTADB:
            return CatalogueDamaged(f"The catalogue {file} is damaged ({error}). {WAY_BACK}")
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return DataFolderBusy(
                f"Another process kept {file} locked for {_BUSY_SECONDS} seconds. Try again when it is done."
            )
        case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_CANTOPEN | sqlite3.SQLITE_PERM:
            return DataFolderError(
                f"The catalogue {file} cannot be opened for writing ({error}). Give this user the right to write to "
                "its folder, or choose another with --data."
            )
        case sqlite3.SQLITE_IOERR:
            return DataFolderError(
                f"The disk failed under {file} ({error}). Nothing was stored by this step; see to the disk, its space "
                "and quota, and run the same command again."
            )
    return DataFolderError(f"The catalogue {file} cannot be used: {error}. {WAY_BACK}")


def _migrate(engine: Engine, file: Path) -> None:
    """Brings the schema up to HEAD in one transaction, so that a killed migration leaves the old one whole."""
    with engine.connect() as connection:
        if revision(connection) == HEAD:
            return
    with engine.execution_options(immediate=True).begin() as connection:  # a second process waits here
        migrate(connection, str(file))
