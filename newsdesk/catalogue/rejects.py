"""The list of rejects: sources that were not taken in, and why."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, Row, and_, delete, insert, select

from newsdesk.catalogue import schema
from newsdesk.catalogue.database.either import writing
from newsdesk.catalogue.rows import chunks, now
from newsdesk.types import Rejected


@dataclass(frozen=True, slots=True)
class ListedReject:
    """Something on the list of rejects, with its number there."""

    number: int
    origin: str
    id: str
    reason: str
    rejected_at: str
    """UTC, ISO 8601."""
    mapping: str = ""
    """What `--map` said when it was read."""


_AT_ONCE = 1_000  # rows
_IN_FILE = r":\d+|!/.*| https?://.*"


class Rejects:
    """The list of what was not taken in, each with its reason."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def put(self, rejected: Sequence[Rejected], mapping: str = "") -> None:
        """Puts sources that were not taken in on the list; what is on it already becomes the newest.

        `mapping` is what `--map` said when they were read: whoever reads them again needs it.
        """
        table = schema.rejects
        with writing(self._engine).begin() as connection:
            for item in rejected:
                same = and_(table.c.origin == item.origin, table.c.id == item.id, table.c.reason == item.reason)
                connection.execute(delete(table).where(same))
                said = {"origin": item.origin, "id": item.id, "reason": item.reason}
                connection.execute(insert(table).values(**said, rejected_at=now(), mapping=mapping))

    def forget(self, numbers: Sequence[int]) -> None:
        """Takes these off the list."""
        table = schema.rejects
        for chunk in chunks(numbers):
            with writing(self._engine).begin() as connection:
                connection.execute(delete(table).where(table.c.number.in_(chunk)))

    def newest(self, limit: int) -> list[Rejected]:
        """What was not taken in and why, last first."""
        table = schema.rejects
        query = select(table.c.origin, table.c.id, table.c.reason).order_by(table.c.number.desc()).limit(limit)
        with self._engine.begin() as connection:
            return [Rejected(*row) for row in connection.execute(query)]

    def every(self) -> Iterator[ListedReject]:
        """The whole list, last first, read piece by piece."""
        table = schema.rejects
        newest_first = select(table).order_by(table.c.number.desc()).limit(_AT_ONCE)
        rows: Sequence[Row[Any]] = []
        while True:
            query = newest_first.where(table.c.number < rows[-1].number) if rows else newest_first
            with self._engine.begin() as connection:
                rows = connection.execute(query).all()
            for row in rows:
                yield ListedReject(row.number, row.origin, row.id, row.reason, row.rejected_at, row.mapping)
            if len(rows) < _AT_ONCE:
                return

    def of(self, origins: Iterable[str]) -> list[int]:
        """Numbers of the rejects that are these files, stand in them ("FILE:LINE", "FILE!/MEMBER", "FILE ADDRESS"), or are
        below these folders; of a web address, those that are it or stand in it.

        One that comes on the list again gets another number, so these can be forgotten after the sources were read.
        """
        table = schema.rejects
        numbers: list[int] = []
        with self._engine.begin() as connection:
            for origin in origins:
                on_the_web = re.match("https?://", origin, re.IGNORECASE)  # where nothing is "below"
                stem = origin if on_the_web else origin.rstrip("/")
                inside = _IN_FILE if on_the_web else f"/.*|{_IN_FILE}"
                near = table.c.origin.between(stem, stem + ";")  # the first character behind "/", the digits and ":"
                for number, found in connection.execute(select(table.c.number, table.c.origin).where(near)):
                    if re.fullmatch(f"(?:{inside})?", found.removeprefix(stem), re.DOTALL):
                        numbers.append(number)
        return numbers
