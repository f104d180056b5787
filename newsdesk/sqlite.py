"""Everything that is particular to SQLite: how the file is opened, how a transaction begins, how it is migrated."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DatabaseError, OperationalError

from newsdesk.errors import DataFolderError

MIGRATIONS = Path(__file__).parent / "migrations"
HEAD = "0001"
"""The schema this code is written for: the name of the last migration."""

_BUSY_SECONDS = 30  # how long one process waits for another one's (short) transaction


def open_engine(file: Path) -> Engine:
    """An engine on the SQLite file, created and migrated as needed.

    Raises DataFolderError when the file or its folder cannot be used, is damaged or comes from a newer Newsdesk.
    """
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(f"sqlite:///{file}", connect_args={"timeout": _BUSY_SECONDS})
        event.listen(engine, "connect", _on_connect)
        event.listen(engine, "begin", _on_begin)
        _migrate(engine, file)
    except OSError as error:
        raise DataFolderError(
            f"The data folder {file.parent} cannot be made or read: {error.strerror}. Choose another with --data."
        ) from error
    except (OperationalError, DatabaseError) as error:
        raise DataFolderError(
            f"The catalogue {file} cannot be opened: {error.orig}. Check its permissions and the space on the disk; "
            "if it is damaged, put back a copy of the data folder."
        ) from error
    return engine


def writing(engine: Engine) -> Engine:
    """The same engine, whose transactions take the write lock at once (a late upgrade fails with "locked")."""
    return engine.execution_options(immediate=True)


def _on_connect(connection: sqlite3.Connection, _record: Any) -> None:
    connection.isolation_level = None  # the driver must not begin transactions of its own
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "secure_delete=ON", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _on_begin(connection: Connection) -> None:
    immediate = connection.get_execution_options().get("immediate", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")


def _migrate(engine: Engine, file: Path) -> None:
    """Brings the schema up to HEAD in one transaction, so that a killed migration leaves the old one whole."""
    if _revision(engine) == HEAD:
        return
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with writing(engine).begin() as connection:  # a second process waits here and then finds it done
        config.attributes["connection"] = connection
        try:
            command.upgrade(config, "head")
        except CommandError as error:
            raise DataFolderError(
                f"The catalogue {file} was written by a newer Newsdesk (schema {_revision(engine)!r}, "
                f"this one knows up to {HEAD!r}). Use that version, or another --data."
            ) from error


def _revision(engine: Engine) -> str | None:
    with engine.connect() as connection:
        tables = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE name = 'alembic_version'")
        if tables.first() is None:
            return None
        row = connection.exec_driver_sql("SELECT version_num FROM alembic_version").first()
        return str(row[0]) if row else None
