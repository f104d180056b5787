"""Orders passages by reading them: what the reader finds in a passage says most about whether it answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from llama_index.core.postprocessor.types import BaseNodePostprocessor
from llama_index.core.schema import NodeWithScore, QueryBundle
from pydantic import PrivateAttr

from index.find.nodes import evidence_of
from index.order.newness import newness_of
from index.read.reader import Reader, Reading, ReadSpan
from index.read.windows import Window
from index.text.odds import probability
from newsdesk.types import Evidence

READ, FOUND = "reading", "found"
"""Names of the metadata in which a passage keeps what was read, a list of [start, end, score], and how it had been found
before: its score against the best one's."""

# Logistic regression ("does the passage hold a gold answer") on the sample's questions and those of June and July.
_BIAS, _W_FOUND, _W_READ = -3.0, 5.0, 0.2
_W_OLDER = 2.0
"""Off the log-odds of what is older than the newest passage read. With 0, 0.5, 1 and 2 the first article is right in
68.9, 69.9, 71.8 and 71.8 % of the quiz of June and July, in 80.2, 80.2, 80.2 and 81.2 % of the sample, in 81.1 % of half of RGB
with all four, and in 38, 44, 44 and 51 % of half of EvoTemp (docs/why.md)."""


class ReaderReranker(BaseNodePostprocessor):
    """Reads the best passages and orders them by what was found in them, by how they were found, and the newer first.

    Each passage that was read keeps its spans in its metadata (see `as_read`). A score is the
    probability that the passage answers; what was not read stays behind, in the order given.
    """

    depth: int = 16
    least: float = 0.5
    """What was found with less than this share of the best score is not read. 16 at most and half of the best score take no more
    reading than the first 12 of all (12.6 passages of a quiz question, 6.4 of the sample's), and find more (docs/why.md)."""
    prefers_newest: bool = True
    """Not where the question names the days it is about."""
    _reader: Reader = PrivateAttr()

    def __init__(self, reader: Reader, **options: Any) -> None:
        super().__init__(**options)
        self._reader = reader

    @classmethod
    def class_name(cls) -> str:
        """LlamaIndex's name of the component."""
        return "ReaderReranker"

    def _postprocess_nodes(
        self, nodes: list[NodeWithScore], query_bundle: QueryBundle | None = None
    ) -> list[NodeWithScore]:
        if query_bundle is None or not nodes:
            return nodes
        best = nodes[0].get_score() or 1.0
        chosen = [node for node in nodes[: self.depth] if node.get_score() >= self.least * best]
        question = query_bundle.query_str
        windows = [Window(question, node.node.get_content(), node.node.metadata["title"]) for node in chosen]
        newness = newness_of(evidence_of(node) for node in chosen)
        newest = max(newness.values(), default=0.0)
        read = []
        for node, reading in zip(chosen, self._reader.read(windows), strict=True):
            found = node.get_score() / best
            older = newest - newness[node.node.metadata["article_id"]] if self.prefers_newest else 0.0
            node.node.metadata[READ] = [[span.start, span.end, span.score] for span in reading.spans]
            node.node.metadata[FOUND] = found
            node.node.excluded_embed_metadata_keys += (READ, FOUND)
            node.node.excluded_llm_metadata_keys += (READ, FOUND)
            read.append(NodeWithScore(node=node.node, score=_together(found, reading, older)))
        rest = [NodeWithScore(node=node.node, score=0.0) for node in nodes if READ not in node.node.metadata]
        return sorted(read, key=lambda node: -node.get_score()) + rest


def as_read(nodes: Sequence[NodeWithScore]) -> tuple[list[Evidence], dict[str, Reading]]:
    """The passages that were read, with how they had been found as their score, and what was read in them by passage id.

    An answer is chosen by both, so that the order, in which the reading counts already, would count it twice.
    """
    read = [node for node in nodes if READ in node.node.metadata]
    evidence = [replace(evidence_of(node), score=node.node.metadata[FOUND]) for node in read]
    return evidence, {
        node.node.node_id: Reading(tuple(ReadSpan(*span) for span in node.node.metadata[READ])) for node in read
    }


def _together(found: float, reading: Reading, older: float) -> float:
    """Probability that the passage answers, from its share of the best score, its best span, and its newness less than the newest's."""
    read = max(-12.0, min(12.0, reading.score))
    return probability(_BIAS + _W_FOUND * found + _W_READ * read - _W_OLDER * older)
