"""Bringing a catalogue's tables to the schema that this code is written for, in either database."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect

from newsdesk.errors import DataFolderError
from newsdesk.wording.quoted import quoted

if TYPE_CHECKING:
    from alembic.config import Config

MIGRATIONS = Path(__file__).parents[1] / "migrations"
HEAD = "0013"
"""The schema this code is written for: the name of the last migration."""


def revision(connection: Connection) -> str | None:
    """The name of the last migration that the catalogue went through; None when there is no catalogue."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    row = connection.exec_driver_sql("SELECT version_num FROM alembic_version").first()
    return str(row[0]) if row else None


def migrate(connection: Connection, name: str) -> None:
    """Brings the schema up to HEAD, within a transaction of the caller's, so that a killed migration leaves the old one.

    Raises DataFolderError, naming the catalogue by `name`, when a newer Newsdesk wrote it.
    """
    from alembic import command
    from alembic.util import CommandError

    try:
        command.upgrade(_config(connection), "head")
    except CommandError as error:
        raise DataFolderError(
            f"The catalogue {name} was written by a newer Newsdesk (schema {quoted(revision(connection))}, "
            f"this one knows up to {quoted(HEAD)}). Use that version, or another --data."
        ) from error


def note_head(connection: Connection) -> None:
    """Notes that tables which were made as `newsdesk.catalogue.schema` has them need no migration up to HEAD."""
    from alembic import command

    command.stamp(_config(connection), "head")


def _config(connection: Connection) -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    return config
