"""One of the two databases: a path is a file of SQLite, an address (postgresql://...) a database of PostgreSQL.

PostgreSQL's module is imported only where it is used; its driver need not be installed otherwise.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, Engine

from newsdesk.catalogue.database import sqlite

WAY_BACK = sqlite.WAY_BACK

_SCHEMES = ("postgresql://", "postgres://")


def place_of(at: Path | str) -> Path | str:
    """The address of a PostgreSQL database, as it is, or else the path of a file."""
    return at if isinstance(at, str) and at.startswith(_SCHEMES) else Path(at)


def name_of(at: Path | str) -> str:
    """The place in words that may be shown to everybody: an address comes without its password."""
    if isinstance(at, Path):
        return str(at)
    from newsdesk.catalogue.database import postgres

    return postgres.name_of(at)


def open_engine(at: Path | str, *, create: bool = True) -> Engine:
    """An engine on the catalogue at that place, made with `create` if there is none, and migrated as needed.

    Raises, as all that it does from then on, DataFolderError or one of its kinds.
    """
    if isinstance(at, Path):
        return sqlite.open_engine(at)
    from newsdesk.catalogue.database import postgres

    return postgres.open_engine(at, create=create)


def writing(engine: Engine) -> Engine:
    """The same engine, for transactions that write: in either database there is one of them at a time, from its beginning."""
    return engine.execution_options(immediate=True)


def claiming(engine: Engine) -> Engine:
    """The same engine, for transactions that only take or give back a row of work which nobody else reads.

    In PostgreSQL they wait for no writer: rows are locked one by one. In SQLite they are as those of `writing`.
    """
    return engine.execution_options(immediate=True, alone=False)


def compact(engine: Engine) -> None:
    """Writes everything anew without what was deleted. Raises DataFolderBusy, DiskFull."""
    if engine.dialect.name == "sqlite":
        return sqlite.compact(engine)
    from newsdesk.catalogue.database import postgres

    return postgres.compact(engine)


def empty_journal(engine: Engine) -> None:
    """Leaves nothing in SQLite's journal; PostgreSQL's is its server's own. Raises DataFolderBusy, DiskFull."""
    if engine.dialect.name == "sqlite":
        sqlite.empty_journal(engine)


def structure_faults(engine: Engine) -> list[str]:
    """What the database itself finds wrong with the catalogue; empty when all is well."""
    if engine.dialect.name == "sqlite":
        return sqlite.structure_faults(engine)
    from newsdesk.catalogue.database import postgres

    return postgres.structure_faults(engine)


def know_tables(connection: Connection) -> None:
    """Has the database look at what its tables hold, if it never has: PostgreSQL's plans are bad until then."""
    if connection.dialect.name != "sqlite":
        from newsdesk.catalogue.database import postgres

        postgres.know_tables(connection)


def numbers_given(connection: Connection) -> dict[str, int]:
    """Table -> the highest number that was given to one of its rows, also to one that is gone."""
    if connection.dialect.name == "sqlite":
        return sqlite.numbers_given(connection)
    from newsdesk.catalogue.database import postgres

    return postgres.numbers_given(connection)


def go_on_from(connection: Connection, given: dict[str, int]) -> None:
    """Gives no number again that was given here, or (`numbers_given`) where the rows came from."""
    if connection.dialect.name == "sqlite":
        return sqlite.go_on_from(connection, given)
    from newsdesk.catalogue.database import postgres

    return postgres.go_on_from(connection, given)
