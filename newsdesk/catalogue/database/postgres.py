"""Everything that is particular to PostgreSQL: how the database is opened, how a transaction begins, how it is checked and
compacted, and what its errors mean to a user.

A transaction that writes takes one lock first and gives it back when it has committed. So there is one writer at a time, as
with SQLite, and the numbers of passages and changes are committed in the order in which they were given out: whoever
follows them by number passes over nothing that is still to come (docs/why.md).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any
from urllib.parse import quote

from sqlalchemy import Connection, Engine, ExceptionContext, create_engine, event, exists, select

from newsdesk.catalogue import schema
from newsdesk.catalogue.database.migrating import HEAD, migrate, note_head, revision
from newsdesk.errors import (
    CatalogueDamaged,
    CatalogueUnreachable,
    DataFolderBusy,
    DataFolderError,
    DiskFull,
    SettingsError,
)

try:
    import psycopg
    from psycopg import IsolationLevel
    from psycopg.conninfo import conninfo_to_dict
except ImportError as missing:
    raise SettingsError(
        "The setting 'catalogue' names a PostgreSQL database, and its driver is not installed. Install it with: "
        "pip install 'newsdesk[postgres]'"
    ) from missing

_BUSY_SECONDS = 30  # how long a writer waits for the one before it
_LOST_SECONDS = 120  # after which the server gives up a writer that it hears nothing from, such as one without power
_CONNECT_SECONDS = 10
_KEPT, _MORE = 8, 16  # connections of one process: kept open, and beside them when many ask at once
_OLDEST = 130_000  # PostgreSQL 13
_LOCK = 0x6E65777364657370  # any number will do; of this database, so one database holds one archive

_WRITE = (
    f"SELECT set_config('lock_timeout', '{_BUSY_SECONDS}s', true),"
    f" set_config('idle_in_transaction_session_timeout', '{_LOST_SECONDS}s', true),"
    " set_config('synchronous_commit', CASE current_setting('synchronous_commit') WHEN 'off' THEN 'on'"
    " ELSE current_setting('synchronous_commit') END, true)"
)
"""How a transaction that writes begins: what is acknowledged is on the server's disk, whatever its settings say."""

_ALONE = f", pg_advisory_xact_lock({_LOCK})"
"""What follows then, for all but those that only claim a row."""

_INDEXES = ("CREATE INDEX changes_by_kind ON changes (what, sequence)",)
"""Beside those of the schema: SQLite finds the newest change of a kind by an index on the kind alone."""

_UNREACHABLE = ("08", "57P")  # connection lost; the server is stopping or starting
_CORRUPT = ("XX001", "XX002")


def name_of(address: str) -> str:
    """The address without its password, to be shown. Raises SettingsError when it cannot be read as one."""
    known = _parts(address)
    user = f"{quote(str(known['user']))}@" if known.get("user") else ""
    port = f":{known['port']}" if known.get("port") else ""
    host = quote(str(known.get("host", "")), safe="[]:,")
    return f"postgresql://{user}{host}{port}/{known.get('dbname', '')}"


def open_engine(address: str, *, create: bool = True) -> Engine:
    """An engine on the database, which must be there; tables are made with `create` if there are none, and migrated as needed.

    Raises SettingsError for what is no address. Whatever the engine does raises, from then on, DataFolderError or one of
    its kinds when the server does not answer, refuses, has no room, is damaged or holds the tables of a newer Newsdesk.
    """
    name = name_of(address)
    wait: dict[str, Any] = {} if "connect_timeout" in _parts(address) else {"connect_timeout": _CONNECT_SECONDS}

    def connect() -> psycopg.Connection[Any]:
        return psycopg.connect(address, client_encoding="UTF8", fallback_application_name="newsdesk", **wait)

    # A connection that the server ended meanwhile, as it does when it is restarted, is noticed before it is used.
    engine = create_engine(
        "postgresql+psycopg://",
        creator=connect,
        pool_pre_ping=True,
        pool_size=_KEPT,
        max_overflow=_MORE,
        execution_options={"name": name},
    )
    event.listen(engine, "begin", _on_begin)
    event.listen(engine, "handle_error", lambda context: _on_error(context, name))
    try:
        _check_server(engine, name)
        _migrate(engine, name, create=create)
    except BaseException:
        engine.dispose()
        raise
    return engine


def compact(engine: Engine) -> None:
    """Writes the tables anew without what was deleted. Raises DataFolderBusy, DiskFull."""
    with translated(engine.get_execution_options()["name"]), closing(engine.raw_connection()) as pooled:
        connection = pooled.driver_connection
        assert isinstance(connection, psycopg.Connection)
        connection.rollback()
        connection.autocommit = True  # which VACUUM asks for
        try:
            connection.execute(f"SET lock_timeout = '{_BUSY_SECONDS}s'")
            for table in schema.metadata.sorted_tables:
                connection.execute(f'VACUUM (FULL, ANALYZE) "{table.name}"')
            connection.execute("RESET lock_timeout")
        finally:
            connection.autocommit = False


def structure_faults(engine: Engine) -> list[str]:
    """Rows that cannot be read and rows that refer to nothing; empty when all is well."""
    faults = []
    for table in schema.metadata.sorted_tables:
        try:
            with engine.begin() as connection:
                connection.exec_driver_sql("SET LOCAL enable_indexscan = off")
                connection.exec_driver_sql("SET LOCAL enable_indexonlyscan = off")
                # The text of each row, so that what is stored apart from it is read too.
                connection.exec_driver_sql(f'SELECT sum(length(whole::text)) FROM "{table.name}" AS whole')
        except CatalogueDamaged as error:
            faults.append(f"{table.name}: {error}")
            continue
        for key in table.foreign_keys:
            there = exists().where(key.column == key.parent)
            with engine.begin() as connection:
                lost = connection.execute(select(key.parent).where(~there).limit(1)).first()
            if lost is not None:
                faults.append(f"{table.name}.{key.parent.name} {lost[0]} refers to nothing")
    return faults


def know_tables(connection: Connection) -> None:
    """Looks at what the tables hold, if nobody has.

    The server does so by itself, a minute after the first rows; what is taken in before would be compared with every
    article of its outlet, because an empty table and a full one look the same to it.
    """
    known = connection.exec_driver_sql("SELECT reltuples > 0 FROM pg_class WHERE oid = 'paragraphs'::regclass")
    if not known.scalar_one():
        tables = ", ".join(f'"{table.name}"' for table in schema.metadata.sorted_tables)
        connection.exec_driver_sql(f"ANALYZE {tables}")


def numbers_given(connection: Connection) -> dict[str, int]:
    """Table -> the highest number that was given to one of its rows, which may be gone by now."""
    given = {}
    for table, sequence in _sequences(connection).items():
        last, called = connection.exec_driver_sql(f"SELECT last_value, is_called FROM {sequence}").one()
        given[table] = int(last) if called else 0
    return given


def go_on_from(connection: Connection, given: dict[str, int]) -> None:
    """Gives no number again that was given (`numbers_given`), in this database or in the one whose rows it took over."""
    before = numbers_given(connection)
    for table, sequence in _sequences(connection).items():
        column = schema.metadata.tables[table].primary_key.columns[0].name
        top = connection.exec_driver_sql(f'SELECT coalesce(max("{column}"), 0) FROM "{table}"').scalar_one()
        if last := max(before[table], given.get(table, 0), int(top)):
            connection.exec_driver_sql("SELECT setval(%s, %s)", (sequence, last))


@contextmanager
def translated(name: str) -> Iterator[None]:
    """Turns PostgreSQL's errors into ours."""
    try:
        yield
    except psycopg.Error as error:
        raise _meaning(error, name) from error


def _parts(address: str) -> dict[str, Any]:
    try:
        return dict(conninfo_to_dict(address))
    except psycopg.ProgrammingError:
        # What the driver says of it would repeat the address, with its password.
        raise SettingsError(
            "The setting 'catalogue' is not the address of a PostgreSQL database. Write it as "
            "postgresql://USER@HOST:PORT/DATABASE; special characters in a name or password are written as %XX."
        ) from None


def _on_begin(connection: Connection) -> None:
    """What only reads sees one moment of the archive throughout; what writes waits until it is alone, and sees what is then."""
    raw = connection.connection.dbapi_connection
    assert isinstance(raw, psycopg.Connection)
    writes = bool(connection.get_execution_options().get("immediate", False))
    level = IsolationLevel.READ_COMMITTED if writes else IsolationLevel.REPEATABLE_READ
    if raw.isolation_level != level:
        raw.isolation_level, raw.read_only = level, not writes
    if writes:
        connection.exec_driver_sql(_WRITE + _ALONE if connection.get_execution_options().get("alone", True) else _WRITE)


def _on_error(context: ExceptionContext, name: str) -> None:
    error = context.original_exception
    if isinstance(error, psycopg.OperationalError | psycopg.InternalError | psycopg.errors.InsufficientPrivilege):
        raise _meaning(error, name) from error


def _meaning(error: psycopg.Error, name: str) -> DataFolderError:
    """What PostgreSQL's error means to whoever runs Newsdesk, and what to do about it."""
    state, said = error.sqlstate or "", " ".join(str(error).split())
    if not state or state.startswith(_UNREACHABLE) or state == psycopg.errors.TooManyConnections.sqlstate:
        return CatalogueUnreachable(
            f"The database {name}, which holds the catalogue, cannot be used now: {said}. Nothing was stored by this step, "
            "and nothing that was acknowledged is lost. Start it, or correct the setting 'catalogue'; a running service "
            "goes on by itself when it answers again."
        )
    if state == psycopg.errors.DiskFull.sqlstate:
        return DiskFull(
            f"There is no room left on the disk of the database {name}. Nothing was stored by this step, and nothing that "
            "was acknowledged is lost; make room and run the same command again."
        )
    if state in (psycopg.errors.LockNotAvailable.sqlstate, psycopg.errors.DeadlockDetected.sqlstate):
        return DataFolderBusy(
            f"Another process kept the catalogue {name} locked for {_BUSY_SECONDS} seconds. Try again when it is done."
        )
    if state in _CORRUPT:
        return CatalogueDamaged(
            f"The catalogue {name} is damaged ({said}). Put a backup back, by PostgreSQL's own tools or with "
            "`newsdesk restore FILE` into an empty database."
        )
    if state == psycopg.errors.InsufficientPrivilege.sqlstate:
        return DataFolderError(
            f"The user of {name} may not do what is needed ({said}). Make it the owner of the database."
        )
    if state == psycopg.errors.ReadOnlySqlTransaction.sqlstate:
        return DataFolderError(
            f"The database {name} takes no writes ({said}). Name the primary server, not a copy of it."
        )
    return DataFolderError(f"The catalogue {name} cannot be used: {said}.")


def _check_server(engine: Engine, name: str) -> None:
    """Raises DataFolderError for a server or database that cannot hold a catalogue."""
    with engine.connect() as connection:
        raw = connection.connection.dbapi_connection
        assert isinstance(raw, psycopg.Connection)
        version, encoding = raw.info.server_version, raw.info.parameter_status("server_encoding")
    if version < _OLDEST:
        raise DataFolderError(f"{name} is PostgreSQL {version // 10_000}. Use version {_OLDEST // 10_000} or newer.")
    if encoding != "UTF8":
        raise DataFolderError(
            f"The database {name} holds texts in {encoding}, which cannot hold every text. Make one with "
            "`createdb --encoding=UTF8 --template=template0 NAME`."
        )


def _migrate(engine: Engine, name: str, *, create: bool) -> None:
    """Makes the tables, or brings them up to HEAD, in one transaction: a killed migration leaves what was there before."""
    with engine.connect() as connection:
        found = revision(connection)
    if found == HEAD:
        return
    if found is None and not create:
        raise DataFolderError(
            f"There is no archive in {name}. Put articles into it with `newsdesk ingest PATH`, or correct the setting "
            "'catalogue'."
        )
    with engine.execution_options(immediate=True).begin() as connection:  # a second process waits here
        if revision(connection) is not None:
            migrate(connection, name)
            return
        # There is no database that is older than this; the first migrations speak of SQLite's numbers.
        schema.metadata.create_all(connection)
        for statement in _INDEXES:
            connection.exec_driver_sql(statement)
        note_head(connection)


def _sequences(connection: Connection) -> dict[str, str]:
    """Table -> the sequence that its numbers come from, of those that have one."""
    found = {}
    for table in schema.metadata.sorted_tables:
        column = table.primary_key.columns[0]
        query = "SELECT pg_get_serial_sequence(%s, %s)"
        sequence = connection.exec_driver_sql(query, (f'"{table.name}"', column.name)).scalar()
        if sequence is not None:
            found[table.name] = str(sequence)
    return found
