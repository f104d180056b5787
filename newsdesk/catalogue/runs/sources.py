"""Files that were read to their end, so that one that is as it was need not be read again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from sqlalchemy import Engine, delete, insert, select

from newsdesk.catalogue import schema
from newsdesk.catalogue.database.either import writing
from newsdesk.catalogue.rows import now


@dataclass(frozen=True, slots=True)
class Source:
    """A file as it was when everything in it had been taken in."""

    path: str
    """As the list of rejects names it."""
    size: int
    modified: int
    """Nanoseconds since 1970."""
    content_hash: bytes
    readers: str
    """By what it was read: the version of the readers, and the names of fields that they were given."""
    articles: int
    rejected: int


class Sources:
    """The files that were read."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def put(self, sources: Sequence[Source]) -> None:
        """Remembers files, when everything in them is stored."""
        table = schema.sources
        with writing(self._engine).begin() as connection:
            for source in sources:
                connection.execute(delete(table).where(table.c.path == source.path))
                connection.execute(insert(table).values(**asdict(source), read_at=now()))

    def get(self, path: str) -> Source | None:
        """The file as it was read last; None if it never was."""
        table = schema.sources
        columns = [table.c[name] for name in Source.__dataclass_fields__]
        with self._engine.begin() as connection:
            row = connection.execute(select(*columns).where(table.c.path == path)).first()
        return Source(*row) if row else None
