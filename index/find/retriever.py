"""Finding passages: keyword and dense search, fused, as LlamaIndex parts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from llama_index.core.base.base_retriever import BaseRetriever
from llama_index.core.schema import NodeWithScore, QueryBundle

from index.find.dense import DenseSearch
from index.find.fusion import reciprocal_rank_fusion
from index.find.keyword import KeywordIndex
from index.find.nodes import as_node
from index.text.terms import query_terms
from newsdesk.catalogue.catalogue import Catalogue
from newsdesk.types import Filters

CANDIDATES = 50
"""Passages taken from each search before fusion; more changed nothing (docs/why.md)."""


class HybridRetriever(BaseRetriever):
    """Passages for one question, best first, by reciprocal rank fusion of keyword and dense search.

    What a view returns is looked up in the catalogue, so a removed article is gone at once. Each node's
    id is the passage id, its text the passage, its metadata the article's particulars.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        keyword: KeywordIndex,
        dense: DenseSearch,
        filters: Filters | None = None,
        weights: Mapping[str, float] | None = None,
        candidates: int = CANDIDATES,
    ) -> None:
        """`weights` gives the keyword search its terms and their weights; without it, the question's own, each 1."""
        super().__init__()
        self._catalogue = catalogue
        self._keyword = keyword
        self._dense = dense
        self._filters = filters or Filters()
        self._weights = weights
        self._candidates = candidates

    def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        question = query_bundle.query_str
        weights = self._weights or dict.fromkeys(query_terms(question), 1.0)
        rankings = [self._keyword.search(weights, self._candidates, self._filters, near=True)]
        vector = self._dense.encode_question(question)
        if vector is not None:
            rankings.append(self._dense.search(vector, self._candidates, self._filters))
        fused = reciprocal_rank_fusion([[number for number, _ in ranking] for ranking in rankings])
        stored = self._catalogue.passages([number for number, _ in fused])
        by_keyword, by_meaning = [_shares(ranking) for ranking in (*rankings, [])[:2]]
        return [
            as_node(stored[number], score, by_keyword.get(number, 0.0), by_meaning.get(number, 0.0))
            for number, score in fused
            if number in stored
        ]


def _shares(ranking: Sequence[tuple[int, float]]) -> dict[int, float]:
    """Each score against the best one's."""
    best = max((score for _, score in ranking), default=0.0)
    return {number: max(0.0, score / best) for number, score in ranking} if best > 0 else {}
