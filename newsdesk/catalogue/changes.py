"""TODO"""

from __future__ import annotations

from collections.abc import Iterable
from secrets import randbits
from typing import NamedTuple

from sqlalchemy import Connection, insert

from newsdesk.catalogue import schema


class Position(NamedTuple):
    """A place in the change log, as a view remembers how far it has followed."""

    sequence: int
    mark: int
    """Random, so that the same number in another history (a restored copy, a lost journal) is not taken for it."""


START = Position(0, 0)
"""Before the first change: what an empty view has reached."""


def log_changes(connection: Connection, passage_numbers: Iterable[int]) -> None:
    """Tells the views that these passages are not what they were."""
    mark = randbits(63)
    rows = [{"passage": number, "mark": mark} for number in passage_numbers]
    if rows:
        connection.execute(insert(schema.changes), rows)
