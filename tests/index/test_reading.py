"""Passages ordered by reading them, with a model that finds a word."""

from __future__ import annotations

from llama_index.core.schema import NodeWithScore, QueryBundle, TextNode

from index.reader.reader import Reader
from index.reading import ReaderReranker, as_read
from tests.index.reader.test_reader import FindsWords

ABOUT = {
    "article_id": "a", "spans": [], "title": "News", "source": "", "authors": [], "published": "", "url": "", "sample": False,
}  # fmt: skip


def nodes(*texts: str) -> list[NodeWithScore]:
    """Passages found ever less well."""
    return [
        NodeWithScore(node=TextNode(id_=text, text=text, metadata=ABOUT), score=1 / (2 + rank))
        for rank, text in enumerate(texts)
    ]


def order(*texts: str, depth: int = 12) -> list[NodeWithScore]:
    """They, after a reader that looks for Ida has read them."""
    reranker = ReaderReranker(Reader(FindsWords({"ida": 9.0}, {"ida": 9.0})), depth=depth)
    return reranker.postprocess_nodes(nodes(*texts), query_bundle=QueryBundle("Who?"))


def test_what_answers_comes_first() -> None:
    """A passage that holds the answer passes those that were found before it; scores are probabilities."""
    found = order("A crane fell.", "Nothing here.", "It was Ida.")
    assert [node.node.node_id for node in found] == ["It was Ida.", "A crane fell.", "Nothing here."]
    assert all(0 < node.get_score() < 1 for node in found)


def test_what_was_not_read_stays_behind_in_its_order() -> None:
    """Time is bounded: only so many are read, and none is lost."""
    found = order("one", "two", "It was Ida.", "four, Ida", depth=3)
    assert [node.node.node_id for node in found] == ["It was Ida.", "one", "two", "four, Ida"]
    assert [evidence.passage_id for evidence in as_read(found)[0]] == ["It was Ida.", "one", "two"]


def test_what_was_read_can_be_looked_up() -> None:
    """The spans stand with the passage, and a synthesizer or an embedding never sees them."""
    [node] = order("It was Ida.")
    [evidence], readings = as_read([node])
    first = readings[evidence.passage_id].spans[0]
    assert evidence.text[first.start : first.end] == "Ida"
    assert {"reading", "found"} <= set(node.node.excluded_llm_metadata_keys)
    assert {"reading", "found"} <= set(node.node.excluded_embed_metadata_keys)


def test_a_passage_keeps_how_it_was_found() -> None:
    """Reading orders the passages, but an answer is weighed by how its passage was found: its share of the best score."""
    evidence, _ = as_read(order("A crane fell.", "Nothing here.", "It was Ida."))
    assert {each.passage_id: round(each.score, 3) for each in evidence} == {
        "It was Ida.": 0.5, "A crane fell.": 1.0, "Nothing here.": round(2 / 3, 3),
    }  # fmt: skip


def test_nothing_found_is_nothing_read() -> None:
    """An empty archive gives no passage."""
    assert order() == []
