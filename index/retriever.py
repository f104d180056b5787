"""Finding passages: keyword and dense search, fused, as LlamaIndex parts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date

from llama_index.core.base.base_retriever import BaseRetriever
from llama_index.core.postprocessor.types import BaseNodePostprocessor
from llama_index.core.schema import NodeWithScore, QueryBundle, TextNode

from index.dense import DenseSearch
from index.fusion import reciprocal_rank_fusion
from index.keyword import KeywordIndex
from index.terms import query_terms, terms
from newsdesk.catalogue import Catalogue, StoredPassage
from newsdesk.types import Evidence, Filters, Span

CANDIDATES = 50
"""Passages taken from each search before fusion; more changed nothing (docs/why.md)."""
BY_KEYWORD, BY_MEANING = "by_keyword", "by_meaning"
"""Names of the metadata in which a passage keeps each search's score against the best one's; 0: not found by it."""
SAME_STORY = 0.7
"""Two passages that share more than this part of the shorter one's terms are copies of one story."""
FEWEST_TERMS = 8
"""Passages of fewer terms share them by chance."""


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


def are_copies(one: frozenset[str], other: frozenset[str]) -> bool:
    """Whether two passages, by their terms, tell one story in the same words."""
    return len(one & other) > SAME_STORY * max(FEWEST_TERMS, min(len(one), len(other)))


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


def as_node(passage: StoredPassage, score: float, by_keyword: float = 0.0, by_meaning: float = 0.0) -> NodeWithScore:
    """The passage as LlamaIndex hands it around; `evidence_of` is the way back.

    `by_keyword` and `by_meaning` are the score of each search against the best one's.
    """
    about = passage.article
    metadata = {
        "article_id": about.id,
        "spans": [list(span) for span in passage.spans],
        "title": about.title,
        "source": about.source,
        "authors": list(about.authors),
        "published": about.published.isoformat() if about.published else "",
        "url": about.url,
        "sample": about.sample,
        BY_KEYWORD: by_keyword,
        BY_MEANING: by_meaning,
    }
    hidden = list(metadata)  # a synthesizer or an embedding sees the text alone
    node = TextNode(
        id_=passage.id,
        text=passage.text,
        metadata=metadata,
        excluded_embed_metadata_keys=hidden,
        excluded_llm_metadata_keys=hidden,
    )
    return NodeWithScore(node=node, score=score)


def evidence_of(node: NodeWithScore) -> Evidence:
    """What an answer shows of a retrieved passage."""
    about = node.node.metadata
    return Evidence(
        article_id=about["article_id"],
        passage_id=node.node.node_id,
        spans=tuple(Span(*span) for span in about["spans"]),
        text=node.node.get_content(),
        score=node.get_score(),
        title=about["title"],
        source=about["source"],
        authors=tuple(about["authors"]),
        published=date.fromisoformat(about["published"]) if about["published"] else None,
        url=about["url"],
        sample=about["sample"],
    )
