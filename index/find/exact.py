"""Exact search over the catalogue's vectors, in memory: serves while the Chroma view is not ready.

It is a view like the others (it follows the change log), only it lives in memory: 63 MB for 40,000
passages of 384 dimensions.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from newsdesk.catalogue.catalogue import Catalogue
from newsdesk.catalogue.changes import Position
from newsdesk.catalogue.vectors import Matrix, Model, StoredVectors

_BATCH = 20_000  # changes read at a time
_BLOCK = 16_384  # vectors of a block, or some more: 25 MB of 384 dimensions, copied in some milliseconds


def best_rows(
    matrix: Matrix, numbers: Sequence[int] | npt.NDArray[np.int64], vector: Matrix, limit: int
) -> list[tuple[int, float]]:
    """The rows most similar to `vector` (cosine of unit vectors), best first: (passage number, similarity).

    Of equally similar ones the lower number comes first, whatever the order of the rows.
    """
    if not len(numbers) or limit < 1:
        return []
    similarity = matrix @ vector
    least = np.partition(similarity, -limit)[-limit] if limit < len(similarity) else -np.inf
    rows = np.flatnonzero(similarity >= least)  # only these are put in order: a few of tens of thousands
    held = np.asarray([numbers[int(row)] for row in rows])
    best = rows[np.lexsort((held, -similarity[rows]))][:limit]
    return [(int(numbers[int(row)]), float(similarity[row])) for row in best]


@dataclass(frozen=True, slots=True)
class _Block:
    """Some of the vectors. It is never changed, only replaced, so that who is searching it need not be waited for."""

    numbers: npt.NDArray[np.int64]
    rows: Matrix

    def without(self, gone: npt.NDArray[np.int64]) -> _Block:
        keep = ~np.isin(self.numbers, gone)
        return self if keep.all() else _Block(self.numbers[keep], self.rows[keep])

    def only(self, allowed: npt.NDArray[np.int64]) -> _Block:
        keep = np.isin(self.numbers, allowed, kind="table")  # a byte a passage; to sort them takes thirty times as long
        return _Block(self.numbers[keep], self.rows[keep])

    def with_more(self, other: _Block) -> _Block:
        if not len(self.numbers):
            return other
        return _Block(np.concatenate([self.numbers, other.numbers]), np.concatenate([self.rows, other.rows]))


class ExactScan:
    """All vectors of one model, compared one by one.

    They are held in blocks: neither filling it nor a change ever needs the room of all of them twice.
    """

    def __init__(self, catalogue: Catalogue, vectors: StoredVectors, model: Model) -> None:
        self._catalogue = catalogue
        self._vectors = vectors
        self._model = model
        self._lock = threading.Lock()
        self._reached: Position | None = None
        self._blocks: list[_Block] = []

    def search(self, vector: Matrix, limit: int, among: Sequence[int] | None = None) -> list[tuple[int, float]]:
        """The nearest passages, best first: (passage number, cosine); `among` restricts them to these numbers."""
        with self._lock:
            self._catch_up()
            blocks = list(self._blocks)
        if among is not None:
            allowed = np.asarray(among, dtype=np.int64)
            blocks = [block.only(allowed) for block in blocks]
        found = [hit for block in blocks for hit in best_rows(block.rows, block.numbers, vector, limit)]
        return sorted(found, key=lambda hit: (-hit[1], hit[0]))[: max(0, limit)]

    def _catch_up(self) -> None:
        last = self._catalogue.changes.last()
        while self._reached != last:
            changes = None if self._reached is None else self._catalogue.changes.after(self._reached, _BATCH)
            if changes is None:  # for the first time, or the log began anew
                self._blocks = []
                for numbers, rows in self._vectors.batches(self._model):
                    self._add(numbers, rows)
                self._reached = last
                return
            position, changed = changes
            if position == self._reached:
                return
            self._reached = position
            gone = np.asarray(changed, dtype=np.int64)
            self._blocks = [block for each in self._blocks if len((block := each.without(gone)).numbers)]
            self._add(*self._vectors.load(self._model, changed))

    def _add(self, numbers: Sequence[int], rows: Matrix) -> None:
        if not numbers:
            return
        new = _Block(np.asarray(numbers, dtype=np.int64), rows)
        if self._blocks and len(self._blocks[-1].numbers) < _BLOCK:
            self._blocks[-1] = self._blocks[-1].with_more(new)
        else:
            self._blocks.append(new)
