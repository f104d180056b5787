"""The passages without a vector, in parts that are given out to workers one by one.

A part is a few passages and a lease: who makes their vectors, and until when. Workers keep nothing. A part leaves when its
vectors are stored; one whose worker is lost is given out again when its lease ends.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, delete, func, insert, select, update

from newsdesk.catalogue import schema
from newsdesk.catalogue.catalogue import Catalogue
from newsdesk.catalogue.database.either import claiming, writing
from newsdesk.catalogue.leases import Process, may_live
from newsdesk.catalogue.vectors import Model, StoredVectors

LEASE_SECONDS = 120
"""For one part, which takes seconds: a worker that is held up so long has its part done by another one too."""

PASSAGES = 64
"""In one part."""

PARTS = 64
"""Made at a time: after these it is looked again what is missing, so that new articles come before the rest of old ones."""

_TRIES = 2  # of a passage: what has no vector after that is damaged, and not only changed meanwhile


@dataclass(frozen=True, slots=True)
class Part:
    """Passages that are one worker's for a while."""

    number: int
    passages: list[int]


class EmbeddingParts:
    """The parts of one model's missing vectors, given out to workers on this machine or any other."""

    def __init__(
        self,
        catalogue: Catalogue,
        model: Model,
        seconds: float = LEASE_SECONDS,
        passages: int = PASSAGES,
        parts: int = PARTS,
    ) -> None:
        """A lease lasts `seconds`; a part holds that many `passages`, and so many `parts` are made at a time."""
        self._engine = catalogue.engine
        self._vectors = StoredVectors(catalogue)
        self._model = model
        self._seconds, self._passages, self._parts = seconds, passages, parts

    def take(self, holder: Process) -> Part | None:
        """The first part that nobody has, which is the holder's now; None when there is none."""
        part = self._take_free(holder)
        if part is None and self._end_leases_of_the_dead():
            part = self._take_free(holder)
        return part

    def _take_free(self, holder: Process) -> Part | None:
        table, now = schema.embedding_parts, int(time.time())
        free = (
            select(table.c.number, table.c.passages)
            .where(table.c.model == self._model.number, table.c.expires <= now, table.c.tries < _TRIES)
            .order_by(table.c.number)
            .limit(1)
            .with_for_update(skip_locked=True)  # nothing in SQLite, where nobody else writes now
        )
        with claiming(self._engine).begin() as connection:
            row = connection.execute(free).first()
            if row is None:
                return None
            mine = {"holder": str(holder), "expires": int(now + self._seconds)}
            connection.execute(update(table).where(table.c.number == row.number).values(mine))
        return Part(row.number, list(row.passages))

    def _end_leases_of_the_dead(self) -> int:
        """Whose process, on this machine, is gone need not be waited for; how many leases that ended."""
        table = schema.embedding_parts
        out = table.c.model == self._model.number, table.c.holder != ""
        with self._engine.begin() as connection:
            holders = list(connection.scalars(select(table.c.holder).where(*out).distinct()))
        gone = [holder for holder in holders if not may_live(holder)]
        if not gone:
            return 0
        with claiming(self._engine).begin() as connection:
            ended = update(table).where(*out, table.c.holder.in_(gone)).values(holder="", expires=0)
            return connection.execute(ended).rowcount

    def missing_of(self, part: Part) -> list[int]:
        """Passages of the part that still have no vector."""
        return self._vectors.missing_among(self._model, part.passages)

    def done(self, part: Part, holder: Process) -> None:
        """The holder has done what it could: the part leaves, but for passages that have no vector all the same."""
        table = schema.embedding_parts
        left = self.missing_of(part)
        mine = table.c.number == part.number, table.c.holder == str(holder)
        with claiming(self._engine).begin() as connection:
            if left:
                again = {"passages": left, "holder": "", "expires": 0, "tries": table.c.tries + 1}
                connection.execute(update(table).where(*mine).values(again))
            else:
                connection.execute(delete(table).where(*mine))

    def fill(self) -> bool:
        """Makes parts of what is missing and is in none, how articles begin first; False when there is nothing.

        Nothing is made while parts wait that another process made meanwhile.
        """
        missing = self._vectors.missing(self._model)  # which takes a second of a large archive: nobody waits for it
        with writing(self._engine).begin() as connection:
            waiting, known = self._known(connection)
            if waiting:
                return True
            new = [number for number in missing if number not in known][: self._parts * self._passages]
            rows = [self._row(new[first : first + self._passages]) for first in range(0, len(new), self._passages)]
            if rows:
                connection.execute(insert(schema.embedding_parts), rows)
        return bool(rows)

    def _known(self, connection: Connection) -> tuple[bool, set[int]]:
        """Whether a part waits to be taken, and the passages that are in one."""
        table, now = schema.embedding_parts, int(time.time())
        query = select(table.c.passages, table.c.expires, table.c.tries).where(table.c.model == self._model.number)
        rows = connection.execute(query).all()
        waiting = any(row.expires <= now and row.tries < _TRIES for row in rows)
        return waiting, {number for row in rows for number in row.passages}

    def _row(self, passages: Sequence[int]) -> dict[str, object]:
        return {"model": self._model.number, "passages": list(passages), "holder": "", "expires": 0, "tries": 0}

    def any_left(self) -> bool:
        """Whether there are parts to be done: workers have them, or they wait for one."""
        table = schema.embedding_parts
        to_do = table.c.model == self._model.number, table.c.tries < _TRIES
        with self._engine.begin() as connection:
            return bool(connection.scalar(select(func.count()).select_from(table).where(*to_do)))

    def damaged(self) -> int:
        """How many passages no worker could give a vector, because they are damaged in the catalogue."""
        return len(self._given_up())

    def forget_damaged(self) -> None:
        """Lets what was given up be tried again."""
        table = schema.embedding_parts
        with writing(self._engine).begin() as connection:
            connection.execute(delete(table).where(table.c.model == self._model.number, table.c.tries >= _TRIES))

    def _given_up(self) -> list[int]:
        table = schema.embedding_parts
        query = select(table.c.passages).where(table.c.model == self._model.number, table.c.tries >= _TRIES)
        with self._engine.begin() as connection:
            given_up = [number for passages in connection.scalars(query) for number in passages]
        return self._vectors.missing_among(self._model, given_up)
