"""Orders what was found by cheap measures; the best of it are then read (index.order.by_reading)."""

from __future__ import annotations

from llama_index.core.postprocessor.types import BaseNodePostprocessor
from llama_index.core.schema import NodeWithScore, QueryBundle

from index.find.nodes import BY_KEYWORD, BY_MEANING
from index.text.terms import terms
from index.understand.worth import coverage

# Logistic regression ("does the passage hold the answer, of an article that is right") on the questions of the sample and
# of June and July, scaled to add up to 1, and then the fused ranks raised from 0.07 to 0.2, which finds the same and puts
# the right article first more often. Headline match, names missing, length and newness added nothing (docs/why.md).
_W_FUSED, _W_KEYWORD, _W_MEANING, _W_COVERAGE = 0.2, 0.2, 0.3, 0.3


class FeatureReranker(BaseNodePostprocessor):
    """Orders passages by both searches' scores, their fusion, and how much of the question a passage holds.

    Fusion sees ranks alone; this brings back how good a match was. The score is a weighted share, 0..1.
    """

    worth: dict[str, float]
    """What each term of the question counts (index.understand.worth.term_worth)."""
    depth: int = 40
    """Passages that are ordered; the rest stay behind in the order given."""

    @classmethod
    def class_name(cls) -> str:
        """LlamaIndex's name of the component."""
        return "FeatureReranker"

    def _postprocess_nodes(
        self, nodes: list[NodeWithScore], query_bundle: QueryBundle | None = None
    ) -> list[NodeWithScore]:
        best = max((node.get_score() for node in nodes), default=0.0) or 1.0
        scored = [NodeWithScore(node=node.node, score=self._score(node, best)) for node in nodes[: self.depth]]
        rest = [NodeWithScore(node=node.node, score=0.0) for node in nodes[self.depth :]]
        return sorted(scored, key=lambda node: -node.get_score()) + rest

    def _score(self, node: NodeWithScore, best: float) -> float:
        about = node.node.metadata
        found = frozenset(terms(f"{about['title']}\n{node.node.get_content()}"))
        return (
            _W_FUSED * node.get_score() / best
            + _W_KEYWORD * float(about[BY_KEYWORD])
            + _W_MEANING * float(about[BY_MEANING])
            + _W_COVERAGE * coverage(self.worth, found)
        )
