"""The change log, which every index follows."""

from __future__ import annotations

from collections.abc import Iterable
from secrets import randbits
from typing import Literal, NamedTuple, get_args

from sqlalchemy import Connection, Engine, delete, insert, select

from newsdesk.catalogue import schema
from newsdesk.catalogue.database.either import writing

What = Literal["text", "vector", "gone"]
"""What happened to a passage: it was added or its text, header or article changed; it got or lost a vector; it was
removed, and its vector with it."""

EVERY_KIND: tuple[What, ...] = get_args(What)


class Position(NamedTuple):
    """A place in the change log, as a view remembers how far it has followed."""

    sequence: int
    mark: int
    """Random, so that the same number in another history (a restored copy, a lost journal) is not taken for it."""


START = Position(0, 0)
"""Before the first change: what an empty view has reached."""


def log_changes(connection: Connection, passage_numbers: Iterable[int], what: What) -> None:
    """Tells the views that these passages are not what they were, and in what."""
    mark = randbits(63)
    rows = [{"passage": number, "mark": mark, "what": what} for number in passage_numbers]
    if rows:
        connection.execute(insert(schema.changes), rows)


class ChangeLog:
    """What happened to the passages, in order: the views of the archive follow it.

    A view names the kinds of change that concern it, and stands on the last one of these.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def last(self, kinds: tuple[What, ...] = EVERY_KIND) -> Position:
        """The place of the newest change of these kinds; START when there is none."""
        table = schema.changes
        query = select(table.c.sequence, table.c.mark).order_by(table.c.sequence.desc()).limit(1)
        # A query for each kind finds it in the index by kind, however long ago it was.
        queries = [query] if set(kinds) == set(EVERY_KIND) else [query.where(table.c.what == kind) for kind in kinds]
        with self._engine.begin() as connection:
            newest = [connection.execute(each).first() for each in queries]
        return max((Position(*row) for row in newest if row), default=START)

    def after(
        self, position: Position, limit: int, kinds: tuple[What, ...] = EVERY_KIND
    ) -> tuple[Position, list[int]] | None:
        """The next changes of these kinds: the place reached, and the passages concerned, each once.

        None when the log does not hold `position` (it began anew, or is another catalogue's): whatever view stands
        there has to be made anew.
        """
        table = schema.changes
        later = select(table).where(table.c.sequence > position.sequence, table.c.what.in_(kinds))
        query = later.order_by(table.c.sequence).limit(limit)
        with self._engine.begin() as connection:
            here = connection.scalar(select(table.c.mark).where(table.c.sequence == position.sequence))
            if position != START and here != position.mark:
                return None
            rows = connection.execute(query).all()
        reached = Position(rows[-1].sequence, rows[-1].mark) if rows else position
        return reached, list(dict.fromkeys(row.passage for row in rows))

    def begin_anew(self) -> None:
        """Leaves one change in the log for each passage there is, under new numbers: every view is made anew."""
        with writing(self._engine).begin() as connection:
            connection.execute(delete(schema.changes))
            log_changes(connection, connection.scalars(select(schema.passages.c.number)), "text")
