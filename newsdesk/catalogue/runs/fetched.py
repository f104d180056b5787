"""What web addresses answered: nothing is asked for twice that has not changed, and no host sooner than it allows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from sqlalchemy import Engine, delete, func, insert, select

from newsdesk.catalogue import schema
from newsdesk.catalogue.database.either import writing


@dataclass(frozen=True, slots=True)
class Fetched:
    """What an address answered when it was last asked."""

    address: str
    """In its canonical spelling; "//HOST" for a host that wants to be left alone."""
    status: int
    """0: it did not answer."""
    fetched_at: int
    """Seconds since 1970, as the next."""
    next_at: int = 0
    """Before then it is not asked again of our own accord."""
    etag: str = ""
    last_modified: str = ""
    content_hash: str = ""
    """Of what was taken in, as the two before it; "" where nothing was, so that it is fetched whole the next time."""
    article: str = ""
    """Id of the article that came of it; "" for a feed, and where none came."""


class FetchLog:
    """The answer of each address that was ever fetched, the last one alone."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def put(self, answers: Sequence[Fetched]) -> None:
        """Remembers them. Of an address that was taken in nothing is left on the list of rejects, of another the newest."""
        table, rejects = schema.fetched, schema.rejects
        with writing(self._engine).begin() as connection:
            for answer in answers:
                connection.execute(delete(table).where(table.c.address == answer.address))
                connection.execute(insert(table).values(**asdict(answer)))
                old = delete(rejects).where(rejects.c.origin == answer.address)
                if not answer.content_hash:
                    same = select(func.max(rejects.c.number)).where(rejects.c.origin == answer.address)
                    old = old.where(rejects.c.number < same.scalar_subquery())
                connection.execute(old)

    def get(self, address: str) -> Fetched | None:
        """What the address last answered; None if it was never asked."""
        with self._engine.begin() as connection:
            row = connection.execute(select(schema.fetched).where(schema.fetched.c.address == address)).first()
        return Fetched(**row._mapping) if row else None

    def holds(self, article_id: str) -> bool:
        """Whether the article is still in the archive."""
        query = select(schema.articles.c.number).where(schema.articles.c.id == article_id)
        with self._engine.begin() as connection:
            return connection.scalar(query) is not None
