"""Finding passages: keyword and dense search, fused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from index.find.dense import DenseSearch
from index.find.fusion import reciprocal_rank_fusion
from index.find.keyword import KeywordIndex
from index.passage import FoundPassage, found_passage
from newsdesk.catalogue.catalogue import Catalogue
from newsdesk.types import Filters

CANDIDATES = 50
"""Passages taken from each search before fusion; more changed nothing (docs/why.md)."""


class HybridRetriever:
    """Finds passages by reciprocal rank fusion of keyword and dense search.

    What an index returns is looked up in the catalogue, so a removed article is gone at once.
    """

    def __init__(self, catalogue: Catalogue, keyword: KeywordIndex, dense: DenseSearch) -> None:
        self._catalogue = catalogue
        self._keyword = keyword
        self._dense = dense

    def find(
        self, question: str, weights: Mapping[str, float], filters: Filters, candidates: int = CANDIDATES
    ) -> list[FoundPassage]:
        """Passages for one question, best first.

        `weights` are the terms of the keyword search with what each counts; the question is searched for by meaning.
        """
        rankings = [self._keyword.search(weights, candidates, filters, near=True)]
        vector = self._dense.encode_question(question)
        if vector is not None:
            rankings.append(self._dense.search(vector, candidates, filters))
        fused = reciprocal_rank_fusion([[number for number, _ in ranking] for ranking in rankings])
        stored = self._catalogue.passages([number for number, _ in fused])
        by_keyword, by_meaning = [_shares(ranking) for ranking in (*rankings, [])[:2]]
        return [
            found_passage(stored[number], score, by_keyword.get(number, 0.0), by_meaning.get(number, 0.0))
            for number, score in fused
            if number in stored
        ]


def _shares(ranking: Sequence[tuple[int, float]]) -> dict[int, float]:
    """Each score against the best one's."""
    best = max((score for _, score in ranking), default=0.0)
    return {number: max(0.0, score / best) for number, score in ranking} if best > 0 else {}
