"""Finding passages: keyword and dense search, fused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from index.find.dense import DenseSearch
from index.find.fusion import reciprocal_rank_fusion
from index.find.keyword import KeywordIndex
from index.passage import FoundPassage, found_passage
from newsdesk.catalogue.catalogue import Catalogue
from newsdesk.types import Filters

CANDIDATES = 50
"""Passages taken from each search before fusion; more changed nothing (docs/why.md)."""


class Ranked(NamedTuple):
    """A passage's number with the scores that it was found with."""

    number: int
    score: float
    by_keyword: float
    """Against the best one's; 0 when that search did not find it."""
    by_meaning: float


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
        return self.load(self.ranked(question, weights, filters, candidates))

    def ranked(
        self, question: str, weights: Mapping[str, float], filters: Filters, candidates: int = CANDIDATES
    ) -> list[Ranked]:
        """The same as numbers, which costs a small part of the time; what the catalogue no longer holds is among them."""
        rankings = [self._keyword.search(weights, candidates, filters, near=True)]
        vector = self._dense.encode_question(question)
        if vector is not None:
            rankings.append(self._dense.search(vector, candidates, filters))
        fused = reciprocal_rank_fusion([[number for number, _ in ranking] for ranking in rankings])
        by_keyword, by_meaning = [_shares(ranking) for ranking in (*rankings, [])[:2]]
        return [
            Ranked(number, score, by_keyword.get(number, 0.0), by_meaning.get(number, 0.0)) for number, score in fused
        ]

    def load(self, ranked: Sequence[Ranked]) -> list[FoundPassage]:
        """The passages, looked up in the catalogue; those that it no longer holds are left out."""
        stored = self._catalogue.passages([each.number for each in ranked])
        return [
            found_passage(stored[each.number], each.score, each.by_keyword, each.by_meaning)
            for each in ranked
            if each.number in stored
        ]


def _shares(ranking: Sequence[tuple[int, float]]) -> dict[int, float]:
    """Each score against the best one's."""
    best = max((score for _, score in ranking), default=0.0)
    return {number: max(0.0, score / best) for number, score in ranking} if best > 0 else {}
