"""Passages ordered by reading them, with a model that finds a word."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest
from typing import Any

from llama_index.core.schema import NodeWithScore, QueryBundle, TextNode

from index.order.by_reading import ReaderReranker, as_read
from index.read.reader import Reader
from tests.index.read.test_reader import FindsWords

ABOUT = {
    "article_id": "a", "spans": [], "title": "News", "source": "", "authors": [], "published": "", "url": "", "sample": False,
}  # fmt: skip


def nodes(*texts: str, published: Sequence[str] = ()) -> list[NodeWithScore]:
    """Passages found ever less well, each of an article of its own."""
    return [
        NodeWithScore(
            node=TextNode(id_=text, text=text, metadata=ABOUT | {"article_id": text, "published": day}),
            score=1 / (2 + rank),
        )
        for rank, (text, day) in enumerate(zip_longest(texts, published, fillvalue=""))
    ]


def order(*texts: str, published: Sequence[str] = (), **options: Any) -> list[NodeWithScore]:
    """They, after a reader that looks for Ida has read them."""
    reranker = ReaderReranker(Reader(FindsWords({"ida": 9.0}, {"ida": 9.0})), **options)
    return reranker.postprocess_nodes(nodes(*texts, published=published), query_bundle=QueryBundle("Who?"))


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


def test_what_was_found_badly_is_not_read() -> None:
    """Where one passage is found far better than the rest, it alone is read; the others stay behind it, in their order."""
    found = order("one", "two", "three", "It was Ida.", least=0.6)
    assert [node.node.node_id for node in found] == ["one", "two", "three", "It was Ida."]
    assert [evidence.passage_id for evidence in as_read(found)[0]] == ["one", "two"]


def test_of_equals_the_newer_comes_first_unless_days_are_named() -> None:
    """The older one is what was known before; in a question about days of its own, its age says nothing."""
    texts, days = ("Ida in May.", "Ida in July."), ("2015-05-01", "2022-07-01")
    assert [node.node.node_id for node in order(*texts, published=days)] == ["Ida in July.", "Ida in May."]
    named = order(*texts, published=days, prefers_newest=False)
    assert [node.node.node_id for node in named] == ["Ida in May.", "Ida in July."]


def test_articles_without_a_day_are_ordered_as_before() -> None:
    """Nothing is taken off where nothing is dated."""
    dated, undated = order("Ida.", "one", published=("2021-05-01", "2021-05-01")), order("Ida.", "one")
    assert [node.get_score() for node in dated] == [node.get_score() for node in undated]
