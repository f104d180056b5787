"""The archive as LlamaIndex parts, used as somebody who knows LlamaIndex would."""

from __future__ import annotations

import asyncio

import pytest
from llama_index.core.base.base_query_engine import BaseQueryEngine
from llama_index.core.base.base_retriever import BaseRetriever
from llama_index.core.llms import MockLLM
from llama_index.core.query_engine import RetrieverQueryEngine
from llama_index.core.response_synthesizers import ResponseMode, get_response_synthesizer
from llama_index.core.schema import MetadataMode, NodeWithScore, QueryBundle, TextNode

from index.archive import Archive
from index.llama import ArchiveQueryEngine, ArchiveRetriever, ReadingPostprocessor, as_node, evidence_of
from newsdesk.types import Answer, Filters, Question

STRIKE = "Who conducted the joint strike on al-Bab?"


def test_the_retriever_finds_what_the_engine_finds(sample_archive: Archive) -> None:
    """A node's id is the passage id, its text the passage, and a model is shown nothing else; filters narrow it."""
    retriever: BaseRetriever = ArchiveRetriever(sample_archive.engine)
    nodes = retriever.retrieve(STRIKE)
    expected = sample_archive.engine.find(Question(STRIKE, top_k=5)).evidence
    assert [evidence_of(node) for node in nodes[:5]] == list(expected)
    text = nodes[0].node.get_content(MetadataMode.LLM)
    assert text == nodes[0].node.get_content(MetadataMode.EMBED) == expected[0].text
    [outlet] = {"Vale Observer"}
    narrowed = ArchiveRetriever(sample_archive.engine, Filters(sources=(outlet,))).retrieve(STRIKE)
    assert {node.node.metadata["source"] for node in narrowed} == {outlet}


def test_nothing_is_lost_on_the_way_through(sample_archive: Archive) -> None:
    """Evidence is made of a node again, whole."""
    for passage in sample_archive.engine.passages(Question(STRIKE)):
        assert evidence_of(as_node(passage)) == passage.evidence


def test_the_postprocessor_reads_nodes_of_any_retriever(sample_archive: Archive) -> None:
    """What answers comes first, and the nodes stay those that were handed in."""
    assert sample_archive.reader is not None
    nodes = [
        NodeWithScore(node=TextNode(id_="weather", text="Snow fell on the coast all night."), score=0.9),
        NodeWithScore(node=TextNode(id_="vote", text="Ida Brandt was chosen as head of the library."), score=0.8),
    ]
    postprocessor = ReadingPostprocessor(sample_archive.reader)
    ordered = postprocessor.postprocess_nodes(nodes, query_bundle=QueryBundle("Who was chosen to head the library?"))
    assert [each.node for each in ordered] == [nodes[1].node, nodes[0].node]


@pytest.mark.parametrize("scores", [(None, None), (-1.0, -2.0), (0.2, 0.9)])
@pytest.mark.parametrize("published", [None, "", "2022-08-01T12:00:00Z", "Aug 1, 2022"])
def test_nodes_of_any_kind_are_read(
    sample_archive: Archive, scores: tuple[float | None, float | None], published: str | None
) -> None:
    """Without scores, with logits for scores, in any order and with any metadata, every node is read."""
    assert sample_archive.reader is not None
    about = {"published": published, "authors": None, "title": None}
    texts = {"tram": "The tram was late on Friday.", "head": "Nora Quist was chosen to lead the orchestra."}
    nodes = [
        NodeWithScore(node=TextNode(id_=name, text=text, metadata=about), score=score)
        for (name, text), score in zip(texts.items(), scores, strict=True)
    ]
    query = QueryBundle("Who was chosen to lead the orchestra?")
    ordered = ReadingPostprocessor(sample_archive.reader).postprocess_nodes(nodes, query_bundle=query)
    assert [each.node.node_id for each in ordered] == ["head", "tram"]
    assert all(0 < each.get_score() < 1 for each in ordered)
    assert evidence_of(nodes[0]).title == ""


def test_the_query_engine_gives_the_whole_answer(sample_archive: Archive) -> None:
    """Its text is the response, the answer with its citations is in the metadata, the evidence are the source nodes."""
    engine: BaseQueryEngine = ArchiveQueryEngine(sample_archive.engine)
    response = engine.query(STRIKE)
    answer = (response.metadata or {})["answer"]
    assert isinstance(answer, Answer)
    assert str(response) == answer.text
    assert [node.node.node_id for node in response.source_nodes] == [item.passage_id for item in answer.evidence]
    assert str(asyncio.run(engine.aquery(STRIKE))) == answer.text


def test_retriever_and_postprocessor_fit_into_llama_index(sample_archive: Archive) -> None:
    """Its own query engine takes them, beside a synthesizer."""
    assert sample_archive.reader is not None
    engine = RetrieverQueryEngine(
        ArchiveRetriever(sample_archive.engine),
        get_response_synthesizer(llm=MockLLM(), response_mode=ResponseMode.COMPACT),
        [ReadingPostprocessor(sample_archive.reader)],
    )
    found = [evidence_of(node).passage_id for node in engine.retrieve(QueryBundle(STRIKE))]
    assert sorted(found) == sorted(
        each.evidence.passage_id for each in sample_archive.engine.passages(Question(STRIKE))
    )
