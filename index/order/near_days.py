"""Passages of the days that a question names come first; others stay, because news looks back."""

from __future__ import annotations

from datetime import date, timedelta

from llama_index.core.postprocessor.types import BaseNodePostprocessor
from llama_index.core.schema import NodeWithScore, QueryBundle

from index.understand.days.window import TimeWindow

PRINTED_WITHIN = timedelta(3)
"""News of a day is printed on it and in the days after it."""


class NearWindow(BaseNodePostprocessor):
    """Adds to the score of passages that were published in the window or just after it; without a window, nothing.

    "Lately" and "this week" exclude nothing and so prefer nothing: every archive is about its lately.
    """

    window: TimeWindow | None
    weight: float = 0.3
    """As much as holding all that the question asks about adds (index.understand.worth). By reasoning, not measured: too few
    public questions name days."""

    @classmethod
    def class_name(cls) -> str:
        """LlamaIndex's name of the component."""
        return "NearWindow"

    def _postprocess_nodes(
        self, nodes: list[NodeWithScore], query_bundle: QueryBundle | None = None
    ) -> list[NodeWithScore]:
        if self.window is None or self.window.is_deictic:
            return nodes
        scored = [
            NodeWithScore(node=node.node, score=node.get_score() + self.weight * is_near(self.window, node))
            for node in nodes
        ]
        return sorted(scored, key=lambda node: -node.get_score())


def is_near(window: TimeWindow, node: NodeWithScore) -> bool:
    """Whether the passage was published in the window or up to PRINTED_WITHIN after it."""
    published = node.node.metadata["published"]
    last = min(window.last, date.max - PRINTED_WITHIN) + PRINTED_WITHIN
    return bool(published) and window.first.isoformat() <= published <= last.isoformat()
