"""The runs of `newsdesk ingest`: when, by whom, of what, and what came of it."""

from __future__ import annotations

import getpass
import os
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Engine, insert, select, update

from newsdesk.catalogue import schema
from newsdesk.catalogue.database.either import writing
from newsdesk.catalogue.rows import now

COUNTED = ("added", "updated", "unchanged", "older", "held", "withdrawn", "rejected", "files_unchanged", "fetched")
"""What is counted of a run."""


@dataclass(frozen=True, slots=True)
class Run:
    """One run. While it goes on, and when it was killed, its counts are those of the last time it told of itself."""

    started_at: str
    """UTC, ISO 8601."""
    ended_at: str
    """"" while it goes on, or if it was killed."""
    who: str
    """User and machine."""
    paths: list[str]
    added: int
    updated: int
    unchanged: int
    older: int
    """Versions that came late and went into the history."""
    held: int
    """Under embargo."""
    withdrawn: int
    """Kept out, because their senders took them back."""
    rejected: int
    files_unchanged: int
    """Files that were not read, because they are as they were when they were read last."""
    fetched: int
    """Web addresses."""


class Runs:
    """The log of all runs."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def begin(self, paths: Sequence[str]) -> int:
        """Notes that a run over these files, folders and addresses begins; its number."""
        values = {"started_at": now(), "ended_at": "", "who": _who(), "paths": list(paths)}
        with writing(self._engine).begin() as connection:
            query = insert(schema.runs).values(values | dict.fromkeys(COUNTED, 0)).returning(schema.runs.c.number)
            return int(connection.execute(query).scalar_one())

    def tell(self, number: int, counts: Mapping[str, int], *, ended: bool = False) -> None:
        """Notes how far the run is (COUNTED), and with `ended` that it came to its end."""
        values = {name: counts[name] for name in COUNTED} | ({"ended_at": now()} if ended else {})
        with writing(self._engine).begin() as connection:
            connection.execute(update(schema.runs).where(schema.runs.c.number == number).values(values))

    def last(self) -> Run | None:
        """The run that began last; None if there was none."""
        columns = [schema.runs.c[name] for name in Run.__dataclass_fields__]
        with self._engine.begin() as connection:
            row = connection.execute(select(*columns).order_by(schema.runs.c.number.desc()).limit(1)).first()
        return Run(*row) if row else None


def _who() -> str:
    try:
        user = getpass.getuser()
    except (OSError, KeyError, ImportError):  # a number without a name, as in a container
        user = str(os.getuid())
    return f"{user}@{socket.gethostname()}"
