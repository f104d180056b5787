"""The retriever and its postprocessors, as parts of LlamaIndex."""

from __future__ import annotations

from pathlib import Path

import pytest
from llama_index.core.base.base_retriever import BaseRetriever
from llama_index.core.schema import MetadataMode, NodeWithScore

from index.find.dense import DenseSearch
from index.find.keyword import KeywordIndex
from index.find.nodes import as_node, evidence_of
from index.find.retriever import HybridRetriever
from index.order.spread import FewPerArticle, OnePerText
from newsdesk.catalogue.catalogue import Catalogue
from newsdesk.types import Filters
from tests.support import article, day, one_each


@pytest.fixture
def retriever(catalogue: Catalogue, tmp_path: Path) -> HybridRetriever:
    """Over three articles, by keyword alone."""
    catalogue.put(
        [
            article("raid", "Nine jets bombed al-Bab.", "Snow fell.", authors=("A. Writer",), url="u"),
            article("copy", "nine JETS bombed  al-Bab.", published=day("2017-01-18")),
            article("tram", "The tram is late."),
        ],
        one_each,
    )
    keyword = KeywordIndex(tmp_path, catalogue)
    keyword.catch_up()
    return HybridRetriever(catalogue, keyword, DenseSearch(tmp_path, catalogue))


def ids(nodes: list[NodeWithScore]) -> list[str]:
    """Articles of the nodes."""
    return [evidence_of(node).article_id for node in nodes]


def test_it_is_a_llama_index_retriever(retriever: HybridRetriever, catalogue: Catalogue) -> None:
    """A node's id is the passage id, its text the passage, and a model is shown nothing else."""
    assert isinstance(retriever, BaseRetriever)
    [node] = retriever.retrieve("tram")
    [stored] = [p for p in catalogue.passages(range(1, 9)).values() if p.article.id == "tram"]
    assert node.node.node_id == stored.id
    assert node.node.get_content(MetadataMode.LLM) == node.node.get_content(MetadataMode.EMBED) == "The tram is late."


def test_evidence_is_the_way_back(catalogue: Catalogue, retriever: HybridRetriever) -> None:
    """Nothing of a passage or its article is lost on the way through LlamaIndex."""
    for stored in catalogue.passages(catalogue.passage_numbers(Filters())).values():
        found = evidence_of(as_node(stored, 0.5))
        about = stored.article
        assert (found.article_id, found.passage_id, found.spans) == (about.id, stored.id, stored.spans)
        assert (found.text, found.score, found.title, found.source) == (stored.text, 0.5, about.title, about.source)
        assert (found.authors, found.published, found.url) == (about.authors, about.published, about.url)


def test_a_removed_article_is_gone_at_once(retriever: HybridRetriever, catalogue: Catalogue) -> None:
    """Though the view still knows it: what a view returns is looked up in the catalogue."""
    assert ids(retriever.retrieve("tram")) == ["tram"]
    catalogue.remove(["tram"])
    assert retriever.retrieve("tram") == []


def test_a_question_without_words_finds_nothing(retriever: HybridRetriever) -> None:
    """And does not fail."""
    assert retriever.retrieve("?!") == []


def test_the_same_text_is_kept_once(retriever: HybridRetriever) -> None:
    """Syndicated copies fall together, the best stays, whatever their case and white space."""
    nodes = retriever.retrieve("jets")
    assert sorted(ids(nodes)) == ["copy", "raid"]
    assert OnePerText().postprocess_nodes(nodes) == nodes[:1]
    assert OnePerText().postprocess_nodes([]) == []


def test_one_long_story_does_not_fill_the_page(catalogue: Catalogue) -> None:
    """Its passages beyond the third stand behind the others; none is lost, and order is kept among both."""
    catalogue.put([article("long", *(f"Text {n}." for n in range(6))), article("short", "One.", "Two.")], one_each)
    stored = sorted(catalogue.passages(catalogue.passage_numbers(Filters())).values(), key=lambda p: p.number)
    nodes = [as_node(passage, 1 / (1 + place)) for place, passage in enumerate(stored)]
    moved = FewPerArticle().postprocess_nodes(nodes)
    assert ids(moved) == ["long"] * 3 + ["short"] * 2 + ["long"] * 3
    assert moved == [*nodes[:3], *nodes[6:], *nodes[3:6]]
