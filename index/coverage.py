"""How much of what a question asks about a text holds: rare words count more than common ones."""

from __future__ import annotations

from collections.abc import Mapping

from llama_index.core.postprocessor.types import BaseNodePostprocessor
from llama_index.core.schema import NodeWithScore, QueryBundle

from index.confidence import names_of
from index.followup import Standalone
from index.keyword import KeywordIndex
from index.terms import terms

NAME_WEIGHT = 1.5
"""A name or number of the question counts this much more than another word of the same rarity."""
LEAST_RARITY = 1.0
"""Added to each term's rarity: in an archive of a few passages rarity is chance."""


def term_worth(keyword: KeywordIndex, question: Standalone) -> dict[str, float]:
    """What each term of the question counts: its weight times its rarity in the archive."""
    rarity = keyword.inverse_document_frequency(list(question.weights))
    names = frozenset(terms(" ".join(names_of(question.text))))
    return {
        term: weight * (LEAST_RARITY + rarity[term]) * (NAME_WEIGHT if term in names else 1.0)
        for term, weight in question.weights.items()
    }


def coverage(worth: Mapping[str, float], found: frozenset[str]) -> float:
    """The part of the question's worth that these terms hold, 0..1."""
    return sum(value for term, value in worth.items() if term in found) / (sum(worth.values()) or 1.0)


class CoverageReranker(BaseNodePostprocessor):
    """Orders the best passages by their share of the best score plus their coverage of the question.

    Fusion sees ranks alone; this brings back that a passage holds all that the question names. The weight
    and the depth measured best on eval/sample and the questions of June and July (docs/why.md).
    """

    worth: dict[str, float]
    weight: float = 0.3
    depth: int = 20

    @classmethod
    def class_name(cls) -> str:
        """LlamaIndex's name of the component."""
        return "CoverageReranker"

    def _postprocess_nodes(
        self, nodes: list[NodeWithScore], query_bundle: QueryBundle | None = None
    ) -> list[NodeWithScore]:
        best = max((node.get_score() for node in nodes), default=0.0) or 1.0
        scored = [NodeWithScore(node=node.node, score=self._score(node, best)) for node in nodes[: self.depth]]
        rest = [NodeWithScore(node=node.node, score=node.get_score() / best) for node in nodes[self.depth :]]
        return sorted(scored, key=lambda node: -node.get_score()) + rest

    def _score(self, node: NodeWithScore, best: float) -> float:
        found = frozenset(terms(f"{node.node.metadata['title']}\n{node.node.get_content()}"))
        return node.get_score() / best + self.weight * coverage(self.worth, found)
