"""Exact search over the catalogue's vectors, in memory: serves while the Chroma view is not ready.

It is a view like the others (it follows the change log), only it lives in memory: 63 MB for 40,000
passages of 384 dimensions.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence

import numpy as np

from newsdesk.catalogue.catalogue import Catalogue
from newsdesk.catalogue.changes import Position
from newsdesk.catalogue.vectors import Matrix, Model, StoredVectors

_BATCH = 20_000  # changes read at a time


def best_rows(matrix: Matrix, numbers: Sequence[int], vector: Matrix, limit: int) -> list[tuple[int, float]]:
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
    return [(numbers[int(row)], float(similarity[row])) for row in best]


class ExactScan:
    """All vectors of one model, compared one by one."""

    def __init__(self, catalogue: Catalogue, vectors: StoredVectors, model: Model) -> None:
        self._catalogue = catalogue
        self._vectors = vectors
        self._model = model
        self._lock = threading.Lock()
        self._reached: Position | None = None
        self._numbers: list[int] = []
        self._matrix: Matrix = np.zeros((0, 0), dtype=np.float32)

    def search(self, vector: Matrix, limit: int, among: Sequence[int] | None = None) -> list[tuple[int, float]]:
        """The nearest passages, best first: (passage number, cosine); `among` restricts them to these numbers."""
        with self._lock:
            self._catch_up()
            numbers, matrix = self._numbers, self._matrix
        if among is not None:
            allowed = set(among)
            rows = [row for row, number in enumerate(numbers) if number in allowed]
            numbers, matrix = [numbers[row] for row in rows], matrix[rows]
        return best_rows(matrix, numbers, vector, limit)

    def _catch_up(self) -> None:
        last = self._catalogue.changes.last()
        while self._reached != last:
            changes = None if self._reached is None else self._catalogue.changes.after(self._reached, _BATCH)
            if changes is None:  # for the first time, or the log began anew
                parts = list(self._vectors.batches(self._model))
                self._numbers = [number for numbers, _ in parts for number in numbers]
                self._matrix = np.concatenate([rows for _, rows in parts]) if parts else np.zeros((0, 0), np.float32)
                self._reached = last
                return
            position, changed = changes
            if position == self._reached:
                return
            self._reached = position
            self._replace(changed)

    def _replace(self, changed: Sequence[int]) -> None:
        gone = set(changed)
        keep = [row for row, number in enumerate(self._numbers) if number not in gone]
        numbers, rows = self._vectors.load(self._model, changed)
        kept = self._matrix[keep]
        self._numbers = [self._numbers[row] for row in keep] + numbers
        if numbers:
            self._matrix = np.concatenate([kept, rows]) if len(kept) else rows
        else:
            self._matrix = kept
