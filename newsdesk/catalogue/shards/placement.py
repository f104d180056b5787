"""Where vectors lie on Chroma servers: planned here, in the catalogue, before anything is written anywhere.

Every vector of a model has one place. What a server is still to write or to delete is a row in a table, planned in one
transaction with the place reached in the change log, and leaves only when the server has done it. So whoever dies in
between, nothing is forgotten, and doing it twice harms nothing.
"""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Connection, delete, exists, func, insert, select, update

from newsdesk.catalogue import schema
from newsdesk.catalogue.catalogue import Catalogue
from newsdesk.catalogue.changes import Position
from newsdesk.catalogue.database.either import writing
from newsdesk.catalogue.rows import chunks
from newsdesk.catalogue.shards.periods import Days, in_words, quarter_of, year_of
from newsdesk.catalogue.vectors import Model

FULL = 5_000_000
"""Records in one collection at most; then it takes no new ones, and another one is opened. It is what Chroma's own hosted
service allows (docs/scale.md)."""

State = Literal["whole", "doubted", "filling", "retired"]
"""Of a shard: it holds what it should; it failed and is to be looked at; it lacked something, which is being written again;
nothing is to be found in it any more, and its collection is to be deleted."""


@dataclass(frozen=True, slots=True)
class Shard:
    """A collection on a Chroma server."""

    number: int
    model: int
    server: str
    collection: str
    first: int
    last: int
    records: int
    state: State

    @property
    def days(self) -> Days:
        """First and last day of the articles that it is for."""
        return self.first, self.last

    def __str__(self) -> str:
        return f"{in_words(self.days)} ({self.server})"


class Placement:
    """The places of vectors. One process at a time plans (a lease sees to that); any may look."""

    def __init__(self, catalogue: Catalogue, full: int = FULL) -> None:
        self._catalogue = catalogue
        self._engine = catalogue.engine
        self._full = full
        self._filled_up_to = 0  # passages, in the first filling

    # ----------------------------------------------------------------- looking

    def shards(self, model: Model | None = None, days: Days | None = None) -> list[Shard]:
        """The shards in use, or only those of one model, or that may hold articles of these days."""
        table = schema.shards
        query = select(table).where(table.c.state != "retired").order_by(table.c.first, table.c.number)
        if model is not None:
            query = query.where(table.c.model == model.number)
        if days is not None:
            query = query.where(table.c.first <= days[1], table.c.last >= days[0])
        with self._engine.begin() as connection:
            return [Shard(*row) for row in connection.execute(query)]

    def retired(self) -> list[Shard]:
        """Shards whose collections are to be deleted."""
        with self._engine.begin() as connection:
            query = select(schema.shards).where(schema.shards.c.state == "retired")
            return [Shard(*row) for row in connection.execute(query)]

    def reached(self, model: Model) -> tuple[Position, bool] | None:
        """The last change that was planned for, and whether the first filling was finished; None before it began."""
        table = schema.shard_progress
        with self._engine.begin() as connection:
            row = connection.execute(select(table).where(table.c.model == model.number)).first()
        return (Position(row.sequence, row.mark), bool(row.filled)) if row else None

    def work(self, shard: Shard, limit: int) -> tuple[list[int], list[int]]:
        """Passages that the shard's server is still to write, and to delete: the next ones."""
        work, placed = schema.shard_work, schema.placed
        query = (
            select(work.c.passage, placed.c.passage.label("written"))
            .outerjoin(placed, (placed.c.shard == work.c.shard) & (placed.c.passage == work.c.passage))
            .where(work.c.shard == shard.number)
            .order_by(work.c.passage)
            .limit(limit)
        )
        with self._engine.begin() as connection:
            rows = connection.execute(query).all()
        return [row.passage for row in rows if row.written is not None], [
            row.passage for row in rows if row.written is None
        ]

    def shards_with_work(self) -> set[int]:
        """Numbers of the shards whose servers have something to do."""
        with self._engine.begin() as connection:
            waiting = exists().where(schema.shard_work.c.shard == schema.shards.c.number)
            return set(connection.scalars(select(schema.shards.c.number).where(waiting)))

    def waiting(self, shard: Shard, up_to: int | None = None) -> int | None:
        """The newest passage, of all or of those `up_to` one, that the shard's server has something to do about; None without."""
        work = schema.shard_work
        query = select(func.max(work.c.passage)).where(work.c.shard == shard.number)
        if up_to is not None:
            query = query.where(work.c.passage <= up_to)
        with self._engine.begin() as connection:
            newest: int | None = connection.scalar(query)
        return newest

    def held(self, shard: Shard) -> list[int]:
        """Passages that the server must hold by now: they are placed, and nothing is to be done about them."""
        placed, work = schema.placed, schema.shard_work
        waits = exists().where(work.c.shard == placed.c.shard, work.c.passage == placed.c.passage)
        query = select(placed.c.passage).where(placed.c.shard == shard.number, ~waits)
        with self._engine.begin() as connection:
            return list(connection.scalars(query))

    def sample(self, shard: Shard, size: int) -> list[int]:
        """Some passages that are placed in the shard, from all over it."""
        of = schema.placed
        here = of.c.shard == shard.number
        with self._engine.begin() as connection:
            low, high = connection.execute(select(func.min(of.c.passage), func.max(of.c.passage)).where(here)).one()
            if low is None:
                return []
            marks = {low + (high - low) * place // size for place in range(size)} | {high}
            next_after = (select(func.min(of.c.passage)).where(here, of.c.passage >= mark) for mark in marks)
            return sorted({connection.execute(query).scalar_one() for query in next_after})

    def described(self, numbers: Sequence[int]) -> dict[int, tuple[int, str]]:
        """Day (0: none) and outlet of the articles of those of these passages that there still are."""
        of, about = schema.passages, schema.articles
        query = select(of.c.number, about.c.day, about.c.source).join(about, about.c.number == of.c.article)
        with self._engine.begin() as connection:
            rows = [row for chunk in chunks(numbers) for row in connection.execute(query.where(of.c.number.in_(chunk)))]
        return {row.number: (row.day, row.source) for row in rows}

    # ---------------------------------------------------------------- planning

    def plan(self, model: Model, servers: Sequence[str], limit: int) -> bool:
        """Plans the next places; False when there is nothing more to plan now.

        New shards are opened on that of the `servers` which has the fewest records.
        """
        last = self._catalogue.changes.last()
        known = self.reached(model)
        if known is None:
            with writing(self._engine).begin() as connection:
                connection.execute(
                    insert(schema.shard_progress).values(
                        model=model.number, sequence=last.sequence, mark=last.mark, filled=False
                    )
                )
            return True
        reached, filled = known
        if not filled:
            return self._fill(model, servers, limit)
        changes = self._catalogue.changes.after(reached, limit)
        if changes is None:
            self.begin_anew(model)
            return True
        position, numbers = changes
        if position == reached:
            return False
        table = schema.shard_progress
        with writing(self._engine).begin() as connection:
            # Only from where it was read: the archive may have been put back from a backup meanwhile.
            here = table.c.model == model.number, table.c.sequence == reached.sequence, table.c.mark == reached.mark
            moved = connection.execute(update(table).where(*here).values(sequence=position[0], mark=position[1]))
            if moved.rowcount:
                for chunk in chunks(numbers):
                    self._place(connection, model, servers, chunk)
        return True

    def _fill(self, model: Model, servers: Sequence[str], limit: int) -> bool:
        """Places the next vectors that have no place yet; when all have one and were written, it is filled."""
        placed, of = schema.placed, schema.passages
        has_place = exists().where(placed.c.model == model.number, placed.c.passage == of.c.number)
        query = select(of.c.number).where(of.c.number > self._filled_up_to, ~has_place).order_by(of.c.number)
        with writing(self._engine).begin() as connection:
            numbers = list(connection.scalars(query.limit(limit)))
            self._place(connection, model, servers, numbers)
        if numbers:
            self._filled_up_to = numbers[-1]
            return True
        self._filled_up_to = 0
        if self.shards_with_work() & {shard.number for shard in self.shards(model)}:
            return False
        self._set_filled(model, True)
        return True

    def _set_filled(self, model: Model, filled: bool) -> None:
        table = schema.shard_progress
        with writing(self._engine).begin() as connection:
            connection.execute(update(table).where(table.c.model == model.number).values(filled=filled))

    def _place(self, connection: Connection, model: Model, servers: Sequence[str], numbers: Sequence[int]) -> None:
        """Gives these passages their places, or takes them away where they have no vector; and notes what is to be done."""
        days = _days_of_vectors(connection, model, numbers)
        places = _places(connection, model.number, numbers)
        shards = {shard.number: shard for shard in _shards_of(connection, model)}
        came, left = Counter[int](), Counter[int]()
        places_now: dict[int, int] = {}
        work: set[tuple[int, int]] = set()
        for number in numbers:
            old, day = places.get(number), days.get(number)
            if old is not None:
                work.add((old, number))
            if day is None:
                left.update([old] if old is not None else [])
                continue
            if old is not None and shards[old].first <= day <= shards[old].last:
                places_now[number] = old
                continue
            new = self._open_shard(connection, model, day, shards, came, servers)
            left.update([old] if old is not None else [])
            came[new] += 1
            places_now[number] = new
            work.add((new, number))
        _set_places(connection, model, numbers, places_now)
        _add_work(connection, work)
        table = schema.shards
        for number in came.keys() | left.keys():
            grown = update(table).where(table.c.number == number)
            connection.execute(grown.values(records=table.c.records + (came[number] - left[number])))

    def _open_shard(
        self,
        connection: Connection,
        model: Model,
        day: int,
        shards: dict[int, Shard],
        came: Counter[int],
        servers: Sequence[str],
    ) -> int:
        """The shard that takes a new vector of the day; opened if there is none with room."""
        full = False
        for shard in shards.values():
            if shard.first <= day <= shard.last:
                if shard.records + came[shard.number] < self._full:
                    return shard.number
                full = True
        large = full or _passages_of_year(connection, day) > self._full
        first, last = quarter_of(day) if large else year_of(day)
        records = dict.fromkeys(servers, 0)
        for shard in shards.values():
            if shard.server in records:
                records[shard.server] += shard.records + came[shard.number] + 1  # so that empty ones count too
        values = {
            "model": model.number,
            "server": min(servers, key=lambda server: records[server]),
            "collection": _new_name(model),
            "first": first,
            "last": last,
            "records": 0,
            "state": "whole",
        }
        made = insert(schema.shards).values(**values).returning(schema.shards.c.number)
        number = int(connection.execute(made).scalar_one())
        shards[number] = Shard(number, **values)  # type: ignore[arg-type]
        return number

    # ----------------------------------------------------------------- mending

    def done(self, shard: Shard, numbers: Sequence[int]) -> None:
        """The server has done what was to be done about these passages."""
        table = schema.shard_work
        with writing(self._engine).begin() as connection:
            for chunk in chunks(numbers):
                connection.execute(delete(table).where(table.c.shard == shard.number, table.c.passage.in_(chunk)))

    def again(self, shard: Shard, numbers: Iterable[int]) -> None:
        """The server lacks these passages, or holds what it should not: they are to be written, or deleted."""
        with writing(self._engine).begin() as connection:
            _add_work(connection, {(shard.number, number) for number in numbers})

    def renew(self, shard: Shard) -> None:
        """Gives the shard a new collection, into which everything is written; the old one is to be deleted."""
        table, placed, work = schema.shards, schema.placed, schema.shard_work
        old = {"model": shard.model, "server": shard.server, "collection": shard.collection}
        with writing(self._engine).begin() as connection:
            now = {"collection": _new_name(shard.model), "state": "filling"}
            connection.execute(update(table).where(table.c.number == shard.number).values(**now))
            connection.execute(insert(table).values(**old, first=0, last=0, records=0, state="retired"))
            connection.execute(delete(work).where(work.c.shard == shard.number))
            everything = select(placed.c.shard, placed.c.passage).where(placed.c.shard == shard.number)
            connection.execute(insert(work).from_select(["shard", "passage"], everything))

    def set_state(self, shard: Shard, state: State) -> None:
        """Notes how the shard is; a retired one stays retired."""
        table = schema.shards
        with writing(self._engine).begin() as connection:
            here = table.c.number == shard.number, table.c.state != "retired"
            connection.execute(update(table).where(*here).values(state=state))

    def retire(self, shards: Sequence[Shard]) -> None:
        """Takes these shards out of use; their vectors are without a place until the next filling."""
        table, placed, work = schema.shards, schema.placed, schema.shard_work
        with writing(self._engine).begin() as connection:
            for shard in shards:
                connection.execute(update(table).where(table.c.number == shard.number).values(state="retired"))
                connection.execute(delete(placed).where(placed.c.shard == shard.number))
                connection.execute(delete(work).where(work.c.shard == shard.number))
                of = schema.shard_progress
                connection.execute(update(of).where(of.c.model == shard.model).values(filled=False))
        self._filled_up_to = 0

    def begin_anew(self, model: Model) -> None:
        """Takes all shards of the model out of use; everything is placed and written again, elsewhere."""
        self.retire(self.shards(model))
        self.forget(model)

    def forget(self, model: Model) -> None:
        """The model is followed no longer, or from its beginning."""
        table = schema.shard_progress
        with writing(self._engine).begin() as connection:
            connection.execute(delete(table).where(table.c.model == model.number))

    def drop(self, shard: Shard) -> None:
        """The collection of a retired shard is deleted."""
        with writing(self._engine).begin() as connection:
            connection.execute(delete(schema.shards).where(schema.shards.c.number == shard.number))


# -------------------------------------------------------------------- private


def _new_name(model: Model | int) -> str:
    """Of a collection; random, so that what an older history of the archive left under a name is never met again."""
    number = model if isinstance(model, int) else model.number
    return f"newsdesk-{number}-{secrets.token_hex(8)}"


def _shards_of(connection: Connection, model: Model) -> list[Shard]:
    table = schema.shards
    query = select(table).where(table.c.model == model.number, table.c.state != "retired").order_by(table.c.number)
    return [Shard(*row) for row in connection.execute(query)]


def _days_of_vectors(connection: Connection, model: Model, numbers: Sequence[int]) -> dict[int, int]:
    """Passage -> day of its article, of those that have a vector."""
    of, about, vectors = schema.passages, schema.articles, schema.vectors
    made = exists().where(vectors.c.embedded_hash == of.c.embedded_hash, vectors.c.model == model.number)
    query = select(of.c.number, about.c.day).join(about, about.c.number == of.c.article)
    return {row.number: row.day for row in connection.execute(query.where(of.c.number.in_(numbers), made))}


def _places(connection: Connection, model: int, numbers: Sequence[int]) -> dict[int, int]:
    table = schema.placed
    found: dict[int, int] = {}
    for chunk in chunks(numbers):
        query = select(table.c.passage, table.c.shard).where(table.c.model == model, table.c.passage.in_(chunk))
        found.update({row.passage: row.shard for row in connection.execute(query)})
    return found


def _set_places(connection: Connection, model: Model, numbers: Sequence[int], places: dict[int, int]) -> None:
    table = schema.placed
    connection.execute(delete(table).where(table.c.model == model.number, table.c.passage.in_(numbers)))
    rows = [{"model": model.number, "passage": passage, "shard": shard} for passage, shard in places.items()]
    if rows:
        connection.execute(insert(table), rows)


def _add_work(connection: Connection, work: Iterable[tuple[int, int]]) -> None:
    table = schema.shard_work
    rows = [{"shard": shard, "passage": passage} for shard, passage in sorted(work)]
    for some in chunks(rows):
        of: dict[int, list[int]] = {}
        for row in some:
            of.setdefault(row["shard"], []).append(row["passage"])
        for shard, passages in of.items():
            connection.execute(delete(table).where(table.c.shard == shard, table.c.passage.in_(passages)))
        connection.execute(insert(table), list(some))


def _passages_of_year(connection: Connection, day: int) -> int:
    of, about = schema.passages, schema.articles
    joined = select(func.count()).select_from(of.join(about, about.c.number == of.c.article))
    return connection.scalar(joined.where(about.c.day.between(*year_of(day)))) or 0
