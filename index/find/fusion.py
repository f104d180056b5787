"""Reciprocal rank fusion (Cormack, Clarke and Buettcher, SIGIR 2009)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

K = 10
"""Damps the lead of the first ranks. The paper uses 60; from 5 to 60 nothing differs here (docs/why.md)."""


def reciprocal_rank_fusion(rankings: Sequence[Sequence[int]], k: int = K) -> list[tuple[int, float]]:
    """Merges rankings (best first, each item at most once in each) into one, best first.

    An item's score is the sum over the rankings of 1 / (k + its rank), ranks from 1. Equal scores stand
    in the order in which the items were first seen.
    """
    scores: defaultdict[int, float] = defaultdict(float)
    for ranking in rankings:
        for rank, item in enumerate(ranking, start=1):
            scores[item] += 1 / (k + rank)
    return sorted(scores.items(), key=lambda pair: -pair[1])
