"""Spreading the passages over texts, stories and articles, so that no single one fills the page."""

from __future__ import annotations

from collections import Counter

from llama_index.core.postprocessor.types import BaseNodePostprocessor
from llama_index.core.schema import NodeWithScore, QueryBundle

from index.text.copies import are_copies
from index.text.terms import terms


class OnePerText(BaseNodePostprocessor):
    """Keeps the best of several passages with the same text (syndicated copies), in the order given."""

    @classmethod
    def class_name(cls) -> str:
        """LlamaIndex's name of the component."""
        return "OnePerText"

    def _postprocess_nodes(
        self, nodes: list[NodeWithScore], query_bundle: QueryBundle | None = None
    ) -> list[NodeWithScore]:
        seen: set[str] = set()
        kept = []
        for node in nodes:
            key = " ".join(node.node.get_content().split()).casefold()
            if key not in seen:
                seen.add(key)
                kept.append(node)
        return kept


class CopiesLast(BaseNodePostprocessor):
    """Moves near copies of a better passage behind the others: a story that was sent out must not be read ten times.

    A copy shares most of its words with a passage of another article: a wire story with another opening, a corrected
    letter. Ten of them would leave no room to read what other outlets found out themselves.
    """

    depth: int = 30
    """Passages looked at; no more are read."""

    @classmethod
    def class_name(cls) -> str:
        """LlamaIndex's name of the component."""
        return "CopiesLast"

    def _postprocess_nodes(
        self, nodes: list[NodeWithScore], query_bundle: QueryBundle | None = None
    ) -> list[NodeWithScore]:
        kept: list[tuple[str, frozenset[str]]] = []
        first: list[NodeWithScore] = []
        copies: list[NodeWithScore] = []
        for node in nodes[: self.depth]:
            article, words = node.node.metadata["article_id"], frozenset(terms(node.node.get_content()))
            if any(article != other and are_copies(words, theirs) for other, theirs in kept):
                copies.append(node)
            else:
                kept.append((article, words))
                first.append(node)
        return first + nodes[self.depth :] + copies


class FewPerArticle(BaseNodePostprocessor):
    """Moves all but the best three passages of an article behind the others: one long story must not fill the page.

    Three measured best on the questions of June and July (docs/why.md).
    """

    most: int = 3

    @classmethod
    def class_name(cls) -> str:
        """LlamaIndex's name of the component."""
        return "FewPerArticle"

    def _postprocess_nodes(
        self, nodes: list[NodeWithScore], query_bundle: QueryBundle | None = None
    ) -> list[NodeWithScore]:
        taken: Counter[str] = Counter()
        first: list[NodeWithScore] = []
        later: list[NodeWithScore] = []
        for node in nodes:
            article_id = node.node.metadata["article_id"]
            taken[article_id] += 1
            (first if taken[article_id] <= self.most else later).append(node)
        return first + later
