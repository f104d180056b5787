"""Passage vectors in the catalogue: made once per model and text, kept until no passage needs them.

A vector is keyed by model and by the hash of the embedded text, so unchanged text is never embedded
twice. The active model is the one whose vectors answer questions; another one becomes active when its
vectors are complete.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from sqlalchemy import ColumnElement, Connection, FromClause, Select, delete, exists, func, insert, select, update

from newsdesk.catalogue import schema
from newsdesk.catalogue.catalogue import Catalogue
from newsdesk.catalogue.changes import log_changes
from newsdesk.catalogue.database.either import writing
from newsdesk.errors import DataFolderError

logger = logging.getLogger("newsdesk.catalogue.catalogue")

Matrix = npt.NDArray[np.float32]

_CHUNK = 5_000
_KEY_LENGTH = 16  # characters at the end of a passage's id
_OFF_UNIT = 0.01  # of a squared length; a model's own rounding stays under 1e-5


@dataclass(frozen=True, slots=True)
class Model:
    """An embedding model known to the catalogue."""

    number: int
    key: str
    name: str


@dataclass(frozen=True, slots=True)
class Progress:
    """How many passages have a vector of the model."""

    done: int
    total: int


class StoredVectors:
    """The vectors of one catalogue. All vectors are float32 of unit length."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._engine = catalogue.engine

    # ------------------------------------------------------------------ models

    def register(self, key: str, name: str) -> Model:
        """The model with this key, made known if it is new. The first one ever is active at once."""
        table = schema.models
        with writing(self._engine).begin() as connection:
            model = _first_model(connection, table.c.key == key)
            if model is not None:
                return model
            first = connection.scalar(select(func.count()).select_from(table)) == 0
            values = insert(table).values(key=key, name=name, active=first).returning(table.c.number)
            return Model(connection.execute(values).scalar_one(), key, name)

    def known(self, key: str) -> Model | None:
        """The model with this key, if it was ever registered."""
        with self._engine.begin() as connection:
            return _first_model(connection, schema.models.c.key == key)

    def active(self) -> Model | None:
        """The model that questions are embedded with."""
        with self._engine.begin() as connection:
            return _first_model(connection, schema.models.c.active)

    def activate_if_complete(self, model: Model) -> bool:
        """Makes the model the active one if every passage has its vector; says whether it is active now."""
        table = schema.models
        with writing(self._engine).begin() as connection:
            if connection.scalar(select(table.c.active).where(table.c.number == model.number)):
                return True
            if _missing_count(connection, model):
                return False
            connection.execute(update(table).values(active=table.c.number == model.number))
        return True

    # ----------------------------------------------------------------- vectors

    def progress(self, model: Model | None) -> Progress:
        """Passages with and without a vector of the model."""
        with self._engine.begin() as connection:
            total = connection.scalar(select(func.count()).select_from(schema.passages)) or 0
            missing = _missing_count(connection, model) if model else total
        return Progress(total - missing, total)

    def missing(self, model: Model) -> list[int]:
        """One passage for each text without a vector: how articles begin comes first, longest first so that batches are even.

        The lead of a news story tells what it is about, so an archive is findable by meaning long before it is complete.
        """
        table = schema.passages
        query = (
            select(func.min(table.c.number))
            .where(~_has_vector(model))
            .group_by(table.c.embedded_hash)
            .order_by(func.min(table.c.position) > 0, func.max(table.c.embedded_length).desc())
        )
        with self._engine.begin() as connection:
            return list(connection.scalars(query))

    def missing_among(self, model: Model, numbers: Sequence[int]) -> list[int]:
        """Those of these passages that are in the archive and have no vector, in the order in which they are given."""
        table, found = schema.passages, set[int]()
        with self._engine.begin() as connection:
            for start in range(0, len(numbers), _CHUNK):
                some = table.c.number.in_(numbers[start : start + _CHUNK])
                found.update(connection.scalars(select(table.c.number).where(some, ~_has_vector(model))))
        return [number for number in numbers if number in found]

    def add(self, model: Model, vectors: Mapping[bytes, Matrix]) -> None:
        """Stores vectors by the hash of their text, and tells the views which passages now have one.

        A text that no passage holds any more is passed over. Raises DataFolderError when the model is not known any
        more, because another archive was put in this one's place.
        """
        table = schema.passages
        with writing(self._engine).begin() as connection:
            if _first_model(connection, schema.models.c.number == model.number) != model:
                raise DataFolderError(
                    "The archive was restored from a backup while its vectors were being made. Run `newsdesk embed` again; "
                    "a running service does so by itself."
                )
            used = connection.execute(
                select(table.c.number, table.c.embedded_hash).where(table.c.embedded_hash.in_(list(vectors)))
            ).all()
            hashes = {row.embedded_hash for row in used}
            same = schema.vectors.c.embedded_hash.in_(hashes), schema.vectors.c.model == model.number
            connection.execute(delete(schema.vectors).where(*same))
            if hashes:
                connection.execute(
                    insert(schema.vectors),
                    [
                        {"model": model.number, "embedded_hash": key, "vector": vectors[key].astype("<f4").tobytes()}
                        for key in hashes
                    ],
                )
            log_changes(connection, [row.number for row in used], "vector")

    def take_over(self, model: Model, numbers: Sequence[int]) -> set[int]:
        """Gives these passages the vectors that the same texts have in copies of their stories, where there are such.

        The headers of copies differ (headline, outlet, day), so each has a vector of its own; to make it anew would cost as
        much as another text. Returns the passages among `numbers` that have a vector now.
        """
        of, vectors, own = schema.passages, schema.vectors, schema.vectors.alias()
        has_one = exists().where(own.c.embedded_hash == of.c.embedded_hash, own.c.model == model.number)
        with self._engine.begin() as connection:
            query = select(of.c.embedded_hash, vectors.c.vector).where(of.c.number.in_(numbers), ~has_one)
            found = {row.embedded_hash: row.vector for row in connection.execute(_from_copies(query, model))}
        if found:
            width = max(map(len, found.values()))
            sound = {key: _row(blob) for key, blob in found.items() if len(blob) == width}
            self.add(model, sound)
        return set(self.load(model, numbers)[0]) if found else set()

    def load(self, model: Model, numbers: Sequence[int]) -> tuple[list[int], Matrix]:
        """The passages among `numbers` that have a (sound) vector, and the vectors, a row each."""
        table = schema.passages
        kept: list[int] = []
        blobs: list[bytes] = []
        with self._engine.begin() as connection:
            for start in range(0, len(numbers), _CHUNK):
                query = _of(model).where(table.c.number.in_(numbers[start : start + _CHUNK]))
                for number, blob in connection.execute(query):
                    if blob is not None:
                        kept.append(number)
                        blobs.append(blob)
        return _sound(kept, blobs)

    def batches(self, model: Model) -> Iterator[tuple[list[int], Matrix]]:
        """All passages with a vector, in rising order of their numbers, a few thousand at a time."""
        table = schema.passages
        last = 0
        while True:
            query = _of(model).where(table.c.number > last).order_by(table.c.number).limit(_CHUNK)
            with self._engine.begin() as connection:
                rows = connection.execute(query).all()
            if not rows:
                return
            last = rows[-1][0]
            made = [(number, blob) for number, blob in rows if blob is not None]
            if made:
                yield _sound([number for number, _ in made], [blob for _, blob in made])

    def drop_damaged(self) -> int:
        """Deletes vectors that are not of unit length, so that they are made again; how many there were."""
        with self._engine.begin() as connection:
            models = list(connection.scalars(select(schema.models.c.number)))
        return sum(map(self._drop_damaged_of, models))  # one by one: models differ in the length of their vectors

    def _drop_damaged_of(self, model: int) -> int:
        table = schema.vectors
        dropped, last = 0, 0
        while True:
            query = select(table).where(table.c.model == model, table.c.number > last).order_by(table.c.number)
            with self._engine.begin() as connection:
                rows = connection.execute(query.limit(_CHUNK)).all()
            if not rows:
                return dropped
            last = rows[-1].number
            sound = set(_sound([row.number for row in rows], [row.vector for row in rows])[0])
            damaged = {row.number: row.embedded_hash for row in rows if row.number not in sound}
            if damaged:
                of = schema.passages
                used = select(of.c.number).where(of.c.embedded_hash.in_(damaged.values()))
                with writing(self._engine).begin() as connection:
                    connection.execute(delete(table).where(table.c.number.in_(damaged)))
                    log_changes(connection, connection.scalars(used), "vector")
            dropped += len(damaged)


def _first_model(connection: Connection, condition: ColumnElement[bool]) -> Model | None:
    row = connection.execute(select(schema.models).where(condition)).first()
    return Model(row.number, row.key, row.name) if row else None


def _has_vector(model: Model) -> ColumnElement[bool]:
    table = schema.vectors
    same = table.c.embedded_hash == schema.passages.c.embedded_hash, table.c.model == model.number
    return select(table.c.number).where(*same).exists()


def _missing_count(connection: Connection, model: Model) -> int:
    return connection.scalar(select(func.count()).select_from(schema.passages).where(~_has_vector(model))) or 0


def _of(model: Model) -> Select[int, bytes | None]:
    """Passages with their vectors, None where one is missing.

    An outer join, because SQLite then goes through the passages: of an inner one it reads all vectors for each few
    thousand passages, and 33,426 vectors took ten times as long.
    """
    of, vectors = schema.passages, schema.vectors
    same = (vectors.c.embedded_hash == of.c.embedded_hash) & (vectors.c.model == model.number)
    return select(of.c.number, vectors.c.vector).outerjoin(vectors, same)


def _from_copies(query: Select[bytes, bytes], model: Model) -> Select[bytes, bytes]:
    """The query, of the vectors of passages with the same text in other articles of the same story."""
    of, copy, vectors = schema.passages, schema.passages.alias(), schema.vectors
    mine, theirs = schema.stories, schema.stories.alias()
    return (
        query.join_from(of, mine, mine.c.article == of.c.article)
        .join(theirs, (theirs.c.story == mine.c.story) & (theirs.c.article != mine.c.article))
        .join(copy, (copy.c.article == theirs.c.article) & (_text_key(copy) == _text_key(of)))
        .join(vectors, (vectors.c.embedded_hash == copy.c.embedded_hash) & (vectors.c.model == model.number))
    )


def _text_key(passages: FromClause) -> ColumnElement[str]:
    """The end of a passage's id, which is made from its text (ingest.passages)."""
    return func.substr(passages.c.id, func.length(passages.c.id) - (_KEY_LENGTH - 1))


def _row(blob: bytes) -> Matrix:
    return np.frombuffer(blob, dtype="<f4").astype(np.float32, copy=False)


def _sound(numbers: Sequence[int], blobs: Sequence[bytes]) -> tuple[list[int], Matrix]:
    """The vectors as rows of a matrix, with their numbers; those that were damaged on the disk are left out.

    Every vector was stored with unit length. A flipped bit either changes the length or changes nothing that matters.
    """
    if not blobs:
        return [], np.zeros((0, 0), dtype=np.float32)
    # One flipped bit can make anything of a vector, also what is not of bytes.
    sizes = [len(blob) if isinstance(blob, bytes) and len(blob) % 4 == 0 else 0 for blob in blobs]
    [(size, _)] = Counter(sizes).most_common(1)
    whole = [place for place, found in enumerate(sizes) if found == size > 0]
    joined = b"".join(blobs[place] for place in whole)
    rows = np.frombuffer(joined, dtype="<f4").reshape(len(whole), size // 4).astype(np.float32, copy=False)
    with np.errstate(over="ignore", invalid="ignore"):
        good = np.abs(np.einsum("ij,ij->i", rows, rows) - 1) < _OFF_UNIT
    if good.all() and len(whole) == len(blobs):
        return list(numbers), rows
    kept = np.flatnonzero(good)
    logger.warning(
        "%d vectors are damaged in the catalogue and are passed over; `newsdesk check` drops them, to be made again.",
        len(blobs) - len(kept),
    )
    return [numbers[whole[place]] for place in kept], rows[kept]
